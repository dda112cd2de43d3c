package files

import (
	"bytes"
	"testing"

	"ret/shared/seal"
)

// A file takes several chunks at a time, in whatever portions it is written, and nothing
// of it is missing once it is closed.
func TestChunksAreWrittenTogether(t *testing.T) {
	key, plain := seal.NewKey(), bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	for _, portion := range []int{1000, seal.Chunk, len(plain)} {
		var file bytes.Buffer
		writes := 0
		w, err := newSealedWriter(key, writerFunc(func(p []byte) (int, error) {
			writes++
			return file.Write(p)
		}), nil)
		if err != nil {
			t.Fatal(err)
		}
		for rest := plain; len(rest) > 0; rest = rest[min(portion, len(rest)):] {
			if _, err := w.Write(rest[:min(portion, len(rest))]); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if most := file.Len()/gatheredBytes + 1; writes > most {
			t.Errorf("portions of %d bytes: the file is written %d times, not %d", portion, writes, most)
		}
		p, err := key.Open(bytes.NewReader(file.Bytes()), int64(file.Len()), nil)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(plain))
		if n, err := p.ReadAt(got, 0); n != len(plain) || err != nil || !bytes.Equal(got, plain) {
			t.Errorf("portions of %d bytes: %d come back, %v", portion, n, err)
		}
	}
}
