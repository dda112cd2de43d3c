package files_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ret/server/files"
	"ret/server/keys"
	"ret/shared/fault"
	"ret/shared/seal"
)

func openStore(t *testing.T, root string) *files.Store {
	t.Helper()
	master, err := keys.Open(root+".key", true) // beside it
	if err != nil {
		t.Fatal(err)
	}
	s, err := files.OpenStore(root, master, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func openFolder(t *testing.T, s *files.Store, id string) *files.Folder {
	t.Helper()
	f, err := s.Open(id)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func put(t *testing.T, f *files.Folder, text string) *files.Blob {
	t.Helper()
	b, err := f.CreateInput()
	if err == nil {
		_, err = io.WriteString(b, text)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// regular lists the regular files below a folder.
// regular lists the files below root but for sessions' keys.
func regular(t *testing.T, root string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && d.Name() != "key" {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestBlobIsThereOnlyOnceItIsComplete(t *testing.T) {
	s := openStore(t, t.TempDir())
	defer s.Close()
	f := openFolder(t, s, "one")
	b := put(t, f, "content")
	if _, err := f.Open(b.Name()); !fault.Is(err, fault.NotFound) {
		t.Errorf("an unfinished blob opens: %v", err)
	}
	if err := b.Commit(); err != nil {
		t.Fatal(err)
	}
	b.Abort() // too late to do anything
	file, err := f.Open(b.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if got, _ := io.ReadAll(file); string(got) != "content" || b.Size() != 7 {
		t.Errorf("%q, %d bytes", got, b.Size())
	}
}

func TestNothingLeadsOutOfTheFolder(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := openStore(t, root)
	defer s.Close()
	f := openFolder(t, s, "one")
	if err := os.Symlink(filepath.Join(root, "secret"), filepath.Join(root, "sessions", "one", "input", "link")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"../../secret", filepath.Join(root, "secret"), "input/../../../secret", "input/link", "input/\x00"} {
		if file, err := f.Open(name); err == nil {
			_ = file.Close()
			t.Errorf("%q opens", name)
		}
		_ = f.Remove(name)
	}
	if _, err := os.Stat(filepath.Join(root, "secret")); err != nil {
		t.Errorf("a file outside was removed: %v", err)
	}
}

func TestSweepLeavesWhatIsKnown(t *testing.T) {
	root := t.TempDir()
	s := openStore(t, root)
	defer s.Close()
	f := openFolder(t, s, "one")
	kept, forgotten := put(t, f, "kept"), put(t, f, "forgotten")
	if err := errors.Join(kept.Commit(), forgotten.Commit()); err != nil {
		t.Fatal(err)
	}
	put(t, f, "unfinished")
	if err := os.WriteFile(filepath.Join(root, "sessions", "one", "extracted", "left"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.Sweep(func(blob string) bool { return blob == kept.Name() }); err != nil {
		t.Fatal(err)
	}
	if left := regular(t, root); len(left) != 1 || !strings.HasSuffix(left[0], kept.Name()) {
		t.Fatalf("left %v", left)
	}
}

// What a blob holds is read from any place, in pieces of any length, which go on where the
// last one ended or do not.
func TestBlobIsReadFromAnyPlace(t *testing.T) {
	f := openFolder(t, openStore(t, t.TempDir()), "s")
	r := rand.New(rand.NewPCG(5, 6))
	text := make([]byte, 5*seal.Chunk+77)
	for i := range text {
		text[i] = byte(r.Uint32())
	}
	blob := put(t, f, string(text))
	if err := blob.Commit(); err != nil {
		t.Fatal(err)
	}
	c, err := f.OpenWhole(blob.Name(), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	at := 0
	for range 2000 {
		if r.IntN(3) == 0 || at >= len(text) {
			at = r.IntN(len(text))
		}
		got := make([]byte, r.IntN([]int{100, 3 * seal.Chunk}[r.IntN(2)]))
		n, err := c.ReadAt(got, int64(at))
		want := text[at:min(at+len(got), len(text))]
		if !bytes.Equal(got[:n], want) || (err == nil) != (n == len(got)) || err != nil && !errors.Is(err, io.EOF) {
			t.Fatalf("%d bytes at %d: %d, %v", len(got), at, n, err)
		}
		at += n
	}
}

func TestScratchLeavesNothingBehind(t *testing.T) {
	root := t.TempDir()
	s := openStore(t, root)
	defer s.Close()
	scratch, err := openFolder(t, s, "one").CreateScratch()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(scratch, "scratch"); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 7)
	if _, err := scratch.ReadAt(got, 0); err != nil || string(got) != "scratch" {
		t.Errorf("%q, %v", got, err)
	}
	if left := regular(t, root); len(left) != 0 {
		t.Errorf("it has a name: %v", left)
	}
	if err := scratch.Close(); err != nil {
		t.Fatal(err)
	}
}

// A removed session is out of reach at once, also for those who have it open
// still, and gone when the store has closed.
func TestRemoveAndTrash(t *testing.T) {
	root := t.TempDir()
	s := openStore(t, root)
	f := openFolder(t, s, "one")
	b := put(t, f, "content")
	if err := b.Commit(); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"one", "never there"} {
		if destroyed, err := s.Remove(id); err != nil || !destroyed {
			t.Fatalf("%s: key destroyed %v, %v", id, destroyed, err)
		}
	}
	if has, err := s.Has("one"); has || err != nil {
		t.Errorf("still there: %v, %v", has, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if left := regular(t, root); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

// What a crash left in the trash goes at the next start.
func TestTrashOfAnEarlierRunIsEmptied(t *testing.T) {
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "trash", "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "trash", "x", "f"), []byte("left"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := openStore(t, root).Close(); err != nil {
		t.Fatal(err)
	}
	if left := regular(t, root); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}
