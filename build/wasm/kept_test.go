package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
)

// keptFiles are those of a folder.
func keptFiles(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// What has been compressed is taken again where it is the content's, and only there.
func TestCompressedIsKept(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "module")
	content := bytes.Repeat([]byte("the same again, "), 1000)
	first, err := byBrotli(folder, content, quickLevel)
	if err != nil {
		t.Fatal(err)
	}
	files := keptFiles(t, folder)
	if len(files) != 1 {
		t.Fatalf("kept are %q", files)
	}
	put := func(kept []byte) {
		t.Helper()
		if err := os.WriteFile(files[0], kept, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	taken := func() []byte {
		t.Helper()
		got, err := byBrotli(folder, content, quickLevel)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}

	// The same content, but not as this level makes it, so that it shows which is taken.
	other, err := compress(content, func(w io.Writer) io.WriteCloser { return brotli.NewWriterLevel(w, 0) })
	if err != nil || bytes.Equal(other, first) {
		t.Fatalf("level 0 makes the same: %v", err)
	}
	put(other)
	if got := taken(); !bytes.Equal(got, other) {
		t.Error("it is compressed again")
	}
	longer, err := byBrotli("", append(content, 'x'), quickLevel)
	if err != nil {
		t.Fatal(err)
	}
	for what, wrong := range map[string][]byte{"cut off": first[:len(first)/2], "nothing": {}, "no brotli": []byte("no brotli at all"), "another content's": longer} {
		put(wrong)
		if got := taken(); !bytes.Equal(got, first) {
			t.Errorf("%s: %d bytes come of it", what, len(got))
		}
		if kept, err := os.ReadFile(files[0]); err != nil || !bytes.Equal(kept, first) {
			t.Errorf("%s: it is not kept anew: %v", what, err)
		}
	}
}

// What no build has asked for in a long time goes when something new comes.
func TestUnusedIsDropped(t *testing.T) {
	folder := t.TempDir()
	for name, age := range map[string]time.Duration{"old": keptFor + time.Hour, "used": keptFor - time.Hour} {
		path, then := filepath.Join(folder, name), time.Now().Add(-age)
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, then, then)); err != nil {
			t.Fatal(err)
		}
	}
	if err := keep(filepath.Join(folder, "new"), []byte("new")); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, path := range keptFiles(t, folder) {
		names = append(names, filepath.Base(path))
	}
	if got := strings.Join(names, " "); got != "new used" {
		t.Errorf("left are %s", got)
	}
}
