package files

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ret/server/keys"
)

// What cannot be unlinked is said, counted and tried again until it goes.
func TestTrashTriesAgain(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, trashDir, "x", "y"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, trashDir, "x", "y", "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	var said bytes.Buffer
	trash := newTrash(root, slog.New(slog.NewTextHandler(&said, nil)))
	var tries atomic.Int64
	trash.remove = func(name string) error {
		if strings.HasSuffix(name, "file") && tries.Add(1) <= 2 { // in the first round, which tries twice
			return errors.New("held by someone")
		}
		return root.Remove(name)
	}
	go trash.run()
	trash.kick()
	for end := time.Now().Add(10 * time.Second); ; {
		left, err := os.ReadDir(filepath.Join(dir, trashDir))
		if err != nil {
			t.Fatal(err)
		}
		if len(left) == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("still there after %d tries", tries.Load())
		}
		time.Sleep(10 * time.Millisecond) // only the disk can tell
	}
	trash.close()
	if trash.failures.Load() != 1 || !strings.Contains(said.String(), "held by someone") {
		t.Errorf("%d failures, said %q", trash.failures.Load(), said.String())
	}
}

// A session whose removal cannot be made durable is not removed: its row must stay as
// long as a crash may bring its folder back.
func TestRemovalIsDurable(t *testing.T) {
	master, err := keys.Open(filepath.Join(t.TempDir(), "master.key"), true)
	if err != nil {
		t.Fatal(err)
	}
	s, err := OpenStore(t.TempDir(), master, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	f, err := s.Open("one")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ill := errors.New("the disk is ill")
	s.sync = func(*os.Root, ...string) error { return ill }
	if _, err := s.Remove("one"); !errors.Is(err, ill) {
		t.Errorf("removed: %v", err)
	}
}
