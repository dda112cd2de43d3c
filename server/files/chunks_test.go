package files_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"ret/server/files"
	"ret/shared/seal"
)

// storeTable stores a table of so many bytes.
func storeTable(t *testing.T, f *files.Folder, size int) (content []byte, blob string) {
	t.Helper()
	content = make([]byte, size)
	for i := range content {
		content[i] = byte(rand.Uint32())
	}
	b, err := f.CreateTable()
	if err == nil {
		_, err = b.Write(content)
	}
	if err == nil {
		err = b.Commit()
	}
	if err != nil {
		t.Fatal(err)
	}
	return content, b.Name()
}

// Two tables that are read here and there, by several at once, in reads of any length,
// give what was stored, each its own.
func TestTablesAreReadFromMemoryToo(t *testing.T) {
	f := openFolder(t, openStore(t, t.TempDir()), "one")
	var all sync.WaitGroup
	for _, size := range []int{3 * seal.Chunk, 20*seal.Chunk + 77} {
		want, blob := storeTable(t, f, size)
		c, err := f.OpenWhole(blob, int64(size))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for range 3 {
			all.Go(func() {
				for range 300 {
					at, b := rand.IntN(size), make([]byte, rand.IntN(6*seal.Chunk))
					n, err := c.ReadAt(b, int64(at))
					if !bytes.Equal(b[:n], want[at:min(size, at+len(b))]) || err != nil && !errors.Is(err, io.EOF) {
						t.Errorf("%d bytes from %d on: %d, %v", len(b), at, n, err)
						return
					}
				}
			})
		}
	}
	all.Wait()
}

// What has changed on the disk is noticed though it is remembered. And what is remembered nobody
// reads who has closed the table, nor who has no key any more.
func TestWhatIsRememberedEnds(t *testing.T) {
	root := t.TempDir()
	f := openFolder(t, openStore(t, root), "one")
	_, blob := storeTable(t, f, 100)
	var open [2]*files.Content
	for i := range open {
		var err error
		if open[i], err = f.OpenWhole(blob, 100); err != nil {
			t.Fatal(err)
		}
		defer open[i].Close()
		if _, err := open[i].ReadAt(make([]byte, 100), 0); err != nil {
			t.Fatal(err)
		}
	}
	flip := func() {
		file, err := os.OpenFile(filepath.Join(root, "sessions", "one", blob), os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		b := make([]byte, 1)
		_, err = file.ReadAt(b, 77)
		b[0] ^= 1
		if _, writeErr := file.WriteAt(b, 77); err != nil || writeErr != nil {
			t.Fatal(err, writeErr)
		}
	}
	flip()
	if _, err := open[0].ReadAt(make([]byte, 1), 0); !errors.Is(err, files.ErrDamaged) {
		t.Errorf("a changed bit: %v", err)
	}
	flip()
	_ = open[0].Close()
	if _, err := open[0].ReadAt(make([]byte, 1), 0); err == nil {
		t.Error("what is closed is read")
	}
	f.Revoke()
	if _, err := open[1].ReadAt(make([]byte, 1), 0); !errors.Is(err, seal.ErrDestroyed) {
		t.Errorf("what is remembered is read without a key: %v", err)
	}
}
