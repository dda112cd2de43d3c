package wire_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"ret/shared/fault"
	"ret/shared/wire"
)

// vector is an element of frames.json and refused.json.
type vector struct {
	Name  string
	From  string // "client" or "server"
	Text  string
	Means json.RawMessage // of frames.json: the frame as it is encoded
}

func vectors[V any](t testing.TB, name string) []V {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var list []V
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&list); err != nil || len(list) == 0 {
		t.Fatalf("%d vectors, %v", len(list), err)
	}
	return list
}

func decode(from, text string) (wire.Frame, error) {
	if from == "client" {
		return wire.DecodeClient([]byte(text))
	}
	return wire.DecodeServer([]byte(text))
}

func TestFramesMeanWhatTheVectorsSay(t *testing.T) {
	seen := make(map[string]bool)
	for _, v := range vectors[vector](t, "frames.json") {
		frame, err := decode(v.From, v.Text)
		if err != nil {
			t.Errorf("%s: %v", v.Name, err)
			continue
		}
		seen[frame.Type()] = true
		text, err := wire.Encode(frame)
		if err != nil {
			t.Errorf("%s: %v", v.Name, err)
		}
		if !sameJSON(t, text, v.Means) {
			t.Errorf("%s: encoded as\n%s\nexpected\n%s", v.Name, text, v.Means)
		}
	}
	if len(seen) != 9 {
		t.Errorf("the vectors lack a type of frame: they have %v", seen)
	}
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	return reflect.DeepEqual(x, y)
}

func TestRefusedFramesAreRefused(t *testing.T) {
	for _, v := range vectors[vector](t, "refused.json") {
		frame, err := decode(v.From, v.Text)
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %+v, %v", v.Name, frame, err)
		}
	}
}

func TestDeltasChainAsTheVectorsSay(t *testing.T) {
	type chain struct {
		Name   string
		Cursor int64
		Deltas [][2]int64 // from, to
		Steps  []wire.Step
		Ends   int64 // the cursor after them
	}
	for _, v := range vectors[chain](t, "chains.json") {
		at := v.Cursor
		for i, d := range v.Deltas {
			step := wire.Follow(at, d[0], d[1])
			if step != v.Steps[i] {
				t.Errorf("%s: delta %d is %q, expected %q", v.Name, i, step, v.Steps[i])
			}
			if step == wire.Apply {
				at = d[1]
			}
		}
		if at != v.Ends {
			t.Errorf("%s: ends at %d", v.Name, at)
		}
	}
}

func TestFrameOfAMegabyteIsTheLongest(t *testing.T) {
	frame := func(size int) string {
		head, tail := `{"type":"mutate","client":"c","n":1,"name":"x","args":{"a":"`, `"}}`
		return head + strings.Repeat("x", size-len(head)-len(tail)) + tail
	}
	if _, err := wire.DecodeClient([]byte(frame(wire.MaxFrameBytes))); err != nil {
		t.Errorf("1 MiB: %v", err)
	}
	if _, err := wire.DecodeClient([]byte(frame(wire.MaxFrameBytes + 1))); !fault.Is(err, fault.Invalid) {
		t.Errorf("a byte more: %v", err)
	}
	if _, err := wire.DecodeClient([]byte("{\"type\":\"hello\",\"client\":\"\xff\",\"cursor\":0,\"view\":\"data\"}")); !fault.Is(err, fault.Invalid) {
		t.Errorf("no UTF-8: %v", err)
	}
}

// What is decoded can be encoded, and is the same frame again.
func FuzzDecode(f *testing.F) {
	for _, name := range []string{"frames.json", "refused.json"} {
		for _, v := range vectors[vector](f, name) {
			f.Add(v.From == "client", v.Text)
		}
	}
	f.Fuzz(func(t *testing.T, fromClient bool, text string) {
		from := "server"
		if fromClient {
			from = "client"
		}
		frame, err := decode(from, text)
		if err != nil {
			if !fault.Is(err, fault.Invalid) || frame != nil && !reflect.ValueOf(frame).IsValid() {
				t.Fatalf("%v", err)
			}
			return
		}
		again, err := wire.Encode(frame)
		if err != nil {
			t.Fatal(err)
		}
		same, err := decode(from, string(again))
		if err != nil {
			t.Fatalf("%v: %s", err, again)
		}
		if third, err := wire.Encode(same); err != nil || !bytes.Equal(third, again) {
			t.Fatalf("%v\n%s\n%s", err, again, third)
		}
	})
}
