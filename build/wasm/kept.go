package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/andybalholm/brotli"
)

// keptFor is how long what no build has asked for is kept.
const keptFor = 30 * 24 * time.Hour

// byBrotli is content by brotli. At the highest level that takes a minute and a half of a
// processor, so it is kept in a folder, "" for none, where a later build finds it: one
// of another clone too, for the same sources make the same module.
func byBrotli(folder string, content []byte, level int) ([]byte, error) {
	pack := func() ([]byte, error) {
		return compress(content, func(w io.Writer) io.WriteCloser { return brotli.NewWriterLevel(w, level) })
	}
	if folder == "" {
		return pack()
	}
	path := filepath.Join(folder, fmt.Sprintf("%x-%d-%s.br", sha256.Sum256(content), level, encoder()))
	if kept := readKept(path, content); kept != nil {
		return kept, nil
	}
	packed, err := pack()
	if err == nil {
		_ = keep(path, packed) // who cannot keep it compresses again the next time
	}
	return packed, err
}

// keptFolder is where it is kept, beside what other tests keep; "" if the user has no folder
// for such things.
func keptFolder() string {
	folder, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(folder, "ret", "module")
}

// encoder is the version of the library that compresses: another one may make more of it.
func encoder() string {
	info, _ := debug.ReadBuildInfo()
	for _, dep := range info.Deps {
		if dep.Path == "github.com/andybalholm/brotli" {
			return dep.Version
		}
	}
	return "unknown"
}

// readKept is what a file keeps, or nil. It is unpacked and compared, so a damaged file, or
// one that somebody else has put there, counts as none.
func readKept(path string, content []byte) []byte {
	kept, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	unpacked, err := io.ReadAll(io.LimitReader(brotli.NewReader(bytes.NewReader(kept)), int64(len(content))+1))
	if err != nil || !bytes.Equal(unpacked, content) {
		return nil
	}
	now := time.Now()
	_ = os.Chtimes(path, now, now) // it is used; if that cannot be noted it is made anew some day
	return kept
}

// keep writes a file at once or not at all, and drops those that are no longer used.
func keep(path string, kept []byte) error {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(folder, "new-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // if it has not been renamed
	_, err = f.Write(kept)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return err
	}
	return dropOld(folder, time.Now().Add(-keptFor))
}

func dropOld(folder string, before time.Time) error {
	files, err := os.ReadDir(folder)
	for _, f := range files {
		if info, infoErr := f.Info(); infoErr == nil && info.ModTime().Before(before) && err == nil {
			err = os.Remove(filepath.Join(folder, f.Name()))
		}
	}
	return err
}
