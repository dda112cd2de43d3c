package files

import (
	"fmt"
	"os"
	"path"

	"github.com/google/uuid"
)

// Scratch is a file of a running job. It has no name once it is open, so nothing
// of it outlives the process.
type Scratch struct {
	*os.File
	disk *disk
}

// CreateScratch opens an empty scratch file.
func (f *Folder) CreateScratch() (Scratch, error) {
	name := path.Join(extracted, uuid.Must(uuid.NewV7()).String())
	file, err := f.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return Scratch{}, fmt.Errorf("create scratch: %w", classify(err))
	}
	if err := f.root.Remove(name); err != nil {
		_ = file.Close()
		return Scratch{}, fmt.Errorf("unlink scratch: %w", err)
	}
	return Scratch{file, f.space.disk}, nil
}

// Write appends p. A full disk is fault.NoSpace.
func (s Scratch) Write(p []byte) (int, error) {
	if err := s.disk.take(int64(len(p))); err != nil {
		return 0, err
	}
	n, err := s.File.Write(p)
	return n, classify(err)
}
