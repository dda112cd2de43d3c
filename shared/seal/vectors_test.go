package seal_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"ret/shared/seal"
)

// vector is a sealed part; the browser's scripts read the same ones (seal.test.js).
type vector struct {
	Secret []byte // of 32 bytes
	Bytes  int    // of the content, which is the bytes 0, 7, 14 … modulo 256
	Sealed []byte
}

func (v vector) content() []byte {
	b := make([]byte, v.Bytes)
	for i := range b {
		b[i] = byte(7 * i)
	}
	return b
}

// RET_WRITE_VECTORS=1 makes them anew.
func TestVectors(t *testing.T) {
	const file = "testdata/parts.json"
	if os.Getenv("RET_WRITE_VECTORS") != "" {
		writeVectors(t, file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var list []vector
	if err := json.Unmarshal(text, &list); err != nil || len(list) < 4 {
		t.Fatalf("%d vectors: %v", len(list), err)
	}
	for _, v := range list {
		got, err := read(seal.KeyOf([seal.KeySize]byte(v.Secret)), v.Sealed, nil)
		if err != nil || !bytes.Equal(got, v.content()) {
			t.Errorf("%d bytes are not read: %v", v.Bytes, err)
		}
	}
}

func writeVectors(t *testing.T, file string) {
	t.Helper()
	var list []vector
	for _, n := range []int{0, 1, seal.Chunk, seal.Chunk + 1} {
		v := vector{Secret: content(seal.KeySize), Bytes: n}
		v.Sealed = sealed(t, seal.KeyOf([seal.KeySize]byte(v.Secret)), v.content(), nil)
		list = append(list, v)
	}
	text, err := json.Marshal(list)
	if err == nil {
		err = os.WriteFile(file, append(text, '\n'), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
