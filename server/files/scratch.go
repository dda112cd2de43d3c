package files

import (
	"fmt"
	"os"
	"path"
	"sync"

	"github.com/google/uuid"

	"ret/shared/seal"
)

// Scratch is a file of a running job: written, then read. It has no name once it is
// open and a key of its own that nobody keeps, so nothing of it outlives the process.
// It is written by one goroutine and may then be read by several.
type Scratch struct {
	disk   *disk
	file   *os.File
	key    *seal.Key
	sealed *sealedWriter

	finish  func() // ends writing, once
	content *Content
	err     error // of that
}

// CreateScratch opens an empty scratch file.
func (f *Folder) CreateScratch() (*Scratch, error) {
	name := path.Join(extracted, uuid.Must(uuid.NewV7()).String())
	file, err := f.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create scratch: %w", classify(err))
	}
	s := &Scratch{disk: f.space.disk, file: file, key: seal.NewKey()}
	if err = f.root.Remove(name); err == nil {
		s.sealed, err = newSealedWriter(s.key, file, nil)
	}
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("create scratch: %w", classify(err))
	}
	s.finish = sync.OnceFunc(func() {
		if s.err = s.sealed.Close(); s.err == nil {
			s.content, s.err = openContent(s.key, s.file, "")
		}
	})
	return s, nil
}

// Write appends p. A full disk is fault.NoSpace.
func (s *Scratch) Write(p []byte) (int, error) {
	if err := s.disk.take(int64(len(p))); err != nil {
		return 0, err
	}
	n, err := s.sealed.Write(p)
	return n, classify(err)
}

// Content ends writing and returns what was written. It lives until the scratch is
// closed.
func (s *Scratch) Content() (*Content, error) {
	s.finish()
	if s.err != nil {
		return nil, fmt.Errorf("finish scratch: %w", classify(s.err))
	}
	return s.content, nil
}

// ReadAt implements io.ReaderAt, and ends writing.
func (s *Scratch) ReadAt(p []byte, at int64) (int, error) {
	c, err := s.Content()
	if err != nil {
		return 0, err
	}
	return c.ReadAt(p, at)
}

// Close forgets what was written.
func (s *Scratch) Close() error {
	s.key.Destroy()
	return s.file.Close()
}
