package files_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ret/server/files"
	"ret/shared/seal"
)

// shelved is what a shelf gives back, or "".
func shelved(t *testing.T, s *files.Shelf, blob, key string) string {
	t.Helper()
	c, err := s.Kept(blob, key)
	if err != nil {
		t.Fatal(err)
	}
	if c == nil {
		return ""
	}
	defer c.Close()
	b, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func writes(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

// onShelf lists the files of all shelves below a folder.
func onShelf(t *testing.T, root string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, "sessions", "*", "index", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// What is on the shelf is sealed, goes with what it was made of, and does not outlive
// the process.
func TestShelfKeepsWhatWasMade(t *testing.T) {
	root := t.TempDir()
	store := openStore(t, root)
	f := openFolder(t, store, "s")
	shelf := f.Shelf()
	for blob, text := range map[string]string{"output/a": "secret of a", "output/b": "secret of b"} {
		if err := shelf.Keep(blob, "sorted", writes(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := shelf.Keep("output/a", "sorted", writes("the secret newer of a")); err != nil {
		t.Fatal(err)
	}
	if a, b := shelved(t, shelf, "output/a", "sorted"), shelved(t, shelf, "output/b", "sorted"); a != "the secret newer of a" || b != "secret of b" {
		t.Errorf("gives back %q and %q", a, b)
	}
	if got := shelved(t, shelf, "output/a", "other"); got != "" {
		t.Errorf("another key gives %q", got)
	}
	if all := everything(t, root); strings.Contains(all, "secret") || len(onShelf(t, root)) != 2 {
		t.Error("what is on the shelf is not sealed, or is there twice")
	}
	if err := f.Remove("output/a"); err != nil {
		t.Fatal(err)
	}
	if got := shelved(t, shelf, "output/a", "sorted"); got != "" || len(onShelf(t, root)) != 1 {
		t.Errorf("what was made of a removed blob is %q, %d files", got, len(onShelf(t, root)))
	}
	open, err := shelf.Kept("output/b", "sorted")
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := open.ReadAt(make([]byte, 1), 0); !errors.Is(err, seal.ErrDestroyed) {
		t.Errorf("after the key is gone: %v", err)
	}
	if err := openFolder(t, store, "s").Sweep(func(string) bool { return true }); err != nil || len(onShelf(t, root)) != 0 {
		t.Errorf("a new process leaves %d files, %v", len(onShelf(t, root)), err)
	}
}

// A shelf holds what it has room for, and what was used last.
func TestShelfIsBounded(t *testing.T) {
	root := t.TempDir()
	shelf := openFolder(t, openStore(t, root), "s").Shelf()
	large := bytes.Repeat([]byte{'x'}, files.ShelfBytes/4)
	for _, key := range []string{"1", "2", "3", "4"} {
		if err := shelf.Keep("b", key, writes(string(large))); err != nil {
			t.Fatal(err)
		}
	}
	_ = shelved(t, shelf, "b", "1")
	if err := shelf.Keep("b", "5", writes("x")); err != nil {
		t.Fatal(err)
	}
	if shelved(t, shelf, "b", "2") != "" || shelved(t, shelf, "b", "1") == "" || shelved(t, shelf, "b", "5") != "x" || len(onShelf(t, root)) != 4 {
		t.Errorf("the shelf has %d files, or others than those used last", len(onShelf(t, root)))
	}
}

// What cannot be written or read is not there.
func TestShelfDamaged(t *testing.T) {
	root := t.TempDir()
	shelf := openFolder(t, openStore(t, root), "s").Shelf()
	broken := errors.New("broken")
	err := shelf.Keep("b", "1", func(w io.Writer) error {
		_, _ = io.WriteString(w, strings.Repeat("x", 1<<20))
		return broken
	})
	if !errors.Is(err, broken) || len(onShelf(t, root)) != 0 || shelved(t, shelf, "b", "1") != "" {
		t.Errorf("half a thing is kept: %v, %d files", err, len(onShelf(t, root)))
	}
	if err := shelf.Keep("b", "1", writes("whole")); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(onShelf(t, root)[0], 10); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if got := shelved(t, shelf, "b", "1"); got != "" || len(onShelf(t, root)) != 0 {
		t.Errorf("a damaged thing is %q", got)
	}
}
