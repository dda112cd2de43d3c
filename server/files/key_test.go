package files_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ret/server/files"
	"ret/shared/seal"
)

const canary = "canary-that-sings"

// everything is all bytes and names below a folder.
func everything(t *testing.T, root string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		all.WriteString(name)
		if e.Type().IsRegular() {
			b, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			all.Write(b)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// Nothing of what is stored stands on the disk in clear: not in a blob on its way or
// complete, nor in pieces.
func TestNothingIsStoredInClear(t *testing.T) {
	root := t.TempDir()
	s := openStore(t, root)
	defer s.Close()
	f := openFolder(t, s, "one")
	text := strings.Repeat(canary+" ", 5000)
	blob := put(t, f, text)
	p, err := f.TakePartial(t.Context(), "0190a0a0-0000-7000-8000-000000000001", true, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Append(strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	p.Release()
	if strings.Contains(everything(t, root), canary) {
		t.Error("on its way: the canary is read from the disk")
	}
	if err := blob.Commit(); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(everything(t, root), canary) {
		t.Error("complete: the canary is read from the disk")
	}
	c, err := f.OpenWhole(blob.Name(), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got, err := io.ReadAll(c); err != nil || string(got) != text {
		t.Errorf("read %d bytes: %v", len(got), err)
	}
}

// A copy of the key file that was made before does not help: it is another file's
// bytes. What was overwritten is the one that the server would read.
func TestKeyIsOverwrittenInPlace(t *testing.T) {
	root := t.TempDir()
	s := openStore(t, root)
	defer s.Close()
	f := openFolder(t, s, "one")
	file, err := os.Open(filepath.Join(root, "sessions", "one", "key"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	before, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	if destroyed, err := s.Remove("one"); !destroyed || err != nil {
		t.Fatal(destroyed, err)
	}
	after := make([]byte, len(before))
	if _, err := file.ReadAt(after, 0); err != nil {
		t.Fatal(err)
	}
	for i := 0; i+8 <= len(before); i += 8 {
		if bytes.Contains(after, before[i:i+8]) {
			t.Errorf("bytes %d to %d of the key are left", i, i+8)
		}
	}
	_ = f.Close()
}

// A folder that has lost its key is never given a new one, nor one of another
// session.
func TestNoNewKeyOverOldData(t *testing.T) {
	root := t.TempDir()
	s := openStore(t, root)
	defer s.Close()
	for _, id := range []string{"one", "two"} {
		if err := openFolder(t, s, id).Close(); err != nil {
			t.Fatal(err)
		}
	}
	one, two := filepath.Join(root, "sessions", "one", "key"), filepath.Join(root, "sessions", "two", "key")
	stolen, err := os.ReadFile(two)
	if err != nil {
		t.Fatal(err)
	}
	for what, spoil := range map[string]func() error{
		"missing":   func() error { return os.Remove(one) },
		"empty":     func() error { return os.WriteFile(one, nil, 0o600) },
		"another's": func() error { return os.WriteFile(one, stolen, 0o600) },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Open("one"); !errors.Is(err, files.ErrNoKey) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Whatever bit of a blob changes, reading it says so; blobs that change places are
// not taken for each other.
func TestChangedBlobIsDamaged(t *testing.T) {
	root := t.TempDir()
	s := openStore(t, root)
	defer s.Close()
	f := openFolder(t, s, "one")
	text := strings.Repeat("content ", 5000)
	a, b := put(t, f, text), put(t, f, text)
	if err := errors.Join(a.Commit(), b.Commit()); err != nil {
		t.Fatal(err)
	}
	path := func(name string) string { return filepath.Join(root, "sessions", "one", name) }
	stored, err := os.ReadFile(path(a.Name()))
	if err != nil {
		t.Fatal(err)
	}
	for range 200 {
		changed := bytes.Clone(stored)
		bit := rand.IntN(8 * len(changed))
		changed[bit/8] ^= 1 << (bit % 8)
		if err := os.WriteFile(path(a.Name()), changed, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readBlob(f, a.Name(), len(text)); !errors.Is(err, files.ErrDamaged) {
			t.Fatalf("bit %d: %v", bit, err)
		}
	}
	if got, err := readBlob(f, b.Name(), len(text)); err != nil || got != text {
		t.Errorf("the other blob: %v", err)
	}
	if err := os.Rename(path(b.Name()), path(a.Name())); err != nil {
		t.Fatal(err)
	}
	if _, err := readBlob(f, a.Name(), len(text)); !errors.Is(err, files.ErrDamaged) {
		t.Errorf("another blob in its place: %v", err)
	}
}

func readBlob(f *files.Folder, name string, size int) (string, error) {
	c, err := f.OpenWhole(name, int64(size))
	if err != nil {
		return "", err
	}
	defer c.Close()
	b, err := io.ReadAll(c)
	return string(b), err
}

// An upload in pieces survives a crash with all pieces that were acknowledged, each
// sealed by itself, and none twice; a piece that changes, is missing or changes places
// is noticed.
func TestPieces(t *testing.T) {
	const id = "0190a0a0-0000-7000-8000-000000000001"
	root := t.TempDir()
	s := openStore(t, root)
	f := openFolder(t, s, "one")
	var want strings.Builder
	var ends []int64
	file := filepath.Join(root, "sessions", "one", "partial", id)
	for i := range 20 {
		text := strings.Repeat(string(rune('a'+i)), rand.IntN(2*seal.Chunk))
		p, err := f.TakePartial(t.Context(), id, true, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Append(strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
		p.Release()
		want.WriteString(text)
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, info.Size())
		// What the next piece leaves when it is cut short is not a piece.
		if err := appendTo(file, strings.Repeat("x", rand.IntN(100))); err != nil {
			t.Fatal(err)
		}
		if i%5 == 4 {
			_ = f.Close()
			f = openFolder(t, s, "one")
		}
	}
	size, err := f.PartialSize(id)
	if err != nil || size != int64(want.Len()) {
		t.Fatalf("%d bytes of %d are kept: %v", size, want.Len(), err)
	}
	p, err := f.TakePartial(t.Context(), id, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	blob, err := p.Blob()
	if err != nil {
		t.Fatal(err)
	}
	if err := blob.Commit(); err != nil {
		t.Fatal(err)
	}
	if got, err := readBlob(f, blob.Name(), want.Len()); err != nil || got != want.String() {
		t.Fatalf("read %d bytes: %v", len(got), err)
	}
	stored, err := os.ReadFile(filepath.Join(root, "sessions", "one", blob.Name()))
	if err != nil {
		t.Fatal(err)
	}
	a, b := ends[3], ends[4]
	for what, changed := range map[string][]byte{
		"a bit":        flipped(stored[:ends[19]]),
		"a piece less": append(bytes.Clone(stored[:a]), stored[b:]...),
		"cut off":      stored[:ends[18]],
		"twice":        append(append(bytes.Clone(stored[:b]), stored[a:b]...), stored[b:]...),
	} {
		if err := os.WriteFile(filepath.Join(root, "sessions", "one", blob.Name()), changed, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readBlob(f, blob.Name(), want.Len()); !errors.Is(err, files.ErrDamaged) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func flipped(b []byte) []byte {
	b = bytes.Clone(b)
	b[rand.IntN(len(b))] ^= 1
	return b
}

func appendTo(file, text string) error {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
