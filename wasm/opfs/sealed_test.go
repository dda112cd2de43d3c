package opfs_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"ret/wasm/opfs"
)

// What is written at any places is read again, and lies on the disk otherwise.
func TestSealedHandleHoldsWhatIsWritten(t *testing.T) {
	d := newDisk(2)
	handles := d.handles()
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 5))
		h, want := handles[seed%2], make([]byte, 20_000)
		if err := h.Truncate(0); err != nil {
			t.Fatal(err)
		}
		write := func(off int64, p []byte) {
			if n, err := h.WriteAt(p, off); err != nil || n != len(p) {
				t.Fatalf("write %d at %d: %d, %v", len(p), off, n, err)
			}
			copy(want[off:], p)
		}
		write(0, bytes.Clone(want))
		for range 50 {
			p := make([]byte, 1+random.IntN(3000))
			for i := range p {
				p[i] = byte(random.Uint32())
			}
			write(random.Int64N(int64(len(want)-len(p))), p)
		}
		for range 50 {
			off := random.Int64N(int64(len(want)))
			p := make([]byte, 1+random.IntN(3000))
			n, err := h.ReadAt(p, off)
			if got := min(n, len(want)-int(off)); err != nil || !bytes.Equal(p[:got], want[off:int(off)+got]) || got < min(len(p), len(want)-int(off)) {
				t.Fatalf("seed %d: %d bytes at %d are not what was written: %v", seed, len(p), off, err)
			}
		}
	}
}

func TestSealedFilesHoldNothingInClear(t *testing.T) {
	d := newDisk(4)
	db := mustOpen(t, d.handles())
	if _, err := fill(db, 20); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for i, f := range d.files {
		for _, word := range []string{"replica.db", "RETopfs1", "SQLite format", "CREATE TABLE", text(12)[:64]} {
			if bytes.Contains(f.data, []byte(word)) {
				t.Errorf("file %d holds %q", i, word)
			}
		}
	}
	if bytes.Equal(d.files[0].data[:4096], d.files[1].data[:4096]) {
		t.Error("two files with the same content are encrypted alike")
	}
}

// Without the key nothing is there: the pool is free, and emptied.
func TestAnotherKeyFindsNothing(t *testing.T) {
	d := newDisk(4)
	db := mustOpen(t, d.handles())
	if _, err := fill(db, 20); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	d.key = bytes.Repeat([]byte{1}, 32)
	pool, err := opfs.NewPool(d.handles())
	if err != nil {
		t.Fatal(err)
	}
	if n := pool.Bytes(); n != 0 {
		t.Errorf("%d bytes are there", n)
	}
	for i, f := range d.files {
		if len(f.data) > 4096 {
			t.Errorf("file %d has kept %d bytes", i, len(f.data))
		}
	}
}
