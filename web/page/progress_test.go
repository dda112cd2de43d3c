package page

import (
	"encoding/json"
	"os"
	"testing"
)

// The bar moves within one large file, never says all before all is done, and never
// less than the files that are done.
func TestShareOfAJob(t *testing.T) {
	for _, c := range []struct {
		p    Progress
		want float64
	}{
		{Progress{}, 0},
		{Progress{Total: 1, BytesDone: 25, BytesTotal: 100}, 0.25},
		{Progress{Total: 1, BytesDone: 100, BytesTotal: 100}, 0.99},
		{Progress{Done: 1, Total: 1, BytesDone: 25, BytesTotal: 100}, 1},
		{Progress{Done: 3, Total: 4, BytesDone: 25, BytesTotal: 100}, 0.75},
		{Progress{Done: 1, Total: 4}, 0.25},
	} {
		if got := c.p.Share(); got != c.want {
			t.Errorf("%+v: %v, want %v", c.p, got, c.want)
		}
	}
}

// The vectors hold the page's script to the same words and the same bar.
func TestProgressIsSaidAsTheScriptSaysIt(t *testing.T) {
	text, err := os.ReadFile("testdata/format.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct{ Progress [][3]any }
	if err := json.Unmarshal(text, &vectors); err != nil || len(vectors.Progress) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, v := range vectors.Progress {
		of := func(key string) int64 {
			n, _ := v[0].(map[string]any)[key].(float64)
			return int64(n)
		}
		p := Progress{Done: of("done"), Total: of("total"), Unit: "files", BytesDone: of("bytes_done"), BytesTotal: of("bytes_total")}
		if got := progressCount(Job{State: JobRunning, Progress: p}); got != v[1] || p.Share() != v[2] {
			t.Errorf("%v: %q and %v, want %q and %v", v[0], got, p.Share(), v[1], v[2])
		}
	}
}
