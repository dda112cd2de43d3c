package seal_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"ret/shared/seal"
)

// What is known of a chunk is what was stored, is not decrypted again, and does not hide
// what has changed since: a bit, the end, the key.
func TestKnow(t *testing.T) {
	for _, n := range lengths[1:] {
		key, plain := seal.NewKey(), content(n)
		b := sealed(t, key, plain, []byte("here"))
		p, err := key.Open(bytes.NewReader(b), int64(len(b)), []byte("here"))
		if err != nil {
			t.Fatal(err)
		}
		for start := 0; start < n; start += seal.Chunk {
			end := min(n, start+seal.Chunk)
			first, err := p.Know(int64(start), nil)
			if err != nil || !bytes.Equal(first.Plain, plain[start:end]) {
				t.Fatalf("%d bytes, from %d on: %v", n, start, err)
			}
			if again, err := p.Know(int64(start), first); again != first || err != nil {
				t.Errorf("%d bytes, from %d on: it is decrypted again: %v", n, start, err)
			}
			// Of the chunk that follows one byte counts: whether there is one.
			from := 32 + start/seal.Chunk*(seal.Chunk+16)
			at := from + rand.IntN(min(seal.Chunk+16, len(b)-from))
			b[at] ^= 1
			if _, err := p.Know(int64(start), first); !errors.Is(err, seal.ErrDamaged) {
				t.Errorf("%d bytes, from %d on: byte %d has changed: %v", n, start, at, err)
			}
			b[at] ^= 1
			if start > 0 {
				if _, err := p.Know(0, first); err != nil {
					t.Errorf("%d bytes: what is known of another chunk is in the way: %v", n, err)
				}
			}
		}
		first, err := p.Know(0, nil)
		if err != nil {
			t.Fatal(err)
		}
		key.Destroy()
		if _, err := p.Know(0, first); !errors.Is(err, seal.ErrDestroyed) {
			t.Errorf("with a destroyed key: %v", err)
		}
	}
}

func BenchmarkKnow(b *testing.B) {
	key := seal.NewKey()
	var to bytes.Buffer
	w, _ := key.NewWriter(&to, nil)
	_, _ = w.Write(make([]byte, 4*seal.Chunk))
	_ = w.Close()
	p, err := key.Open(bytes.NewReader(to.Bytes()), int64(to.Len()), nil)
	if err != nil {
		b.Fatal(err)
	}
	known, _ := p.Know(0, nil)
	b.SetBytes(seal.Chunk)
	for _, before := range []*seal.Known{nil, known} {
		b.Run(map[bool]string{true: "anew", false: "again"}[before == nil], func(b *testing.B) {
			b.SetBytes(seal.Chunk)
			for b.Loop() {
				_, _ = p.Know(0, before)
			}
		})
	}
}
