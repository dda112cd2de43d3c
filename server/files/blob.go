package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"ret/shared/fault"
)

// Blob is content on its way to disk: written, then committed or aborted. It is
// used by one goroutine at a time.
type Blob struct {
	root *os.Root
	name string
	file *os.File
	size int64
}

// Name is what the content is called once it is committed.
func (b *Blob) Name() string { return b.name }

// Size is how many bytes were written.
func (b *Blob) Size() int64 { return b.size }

// Write appends p. A full disk is fault.NoSpace.
func (b *Blob) Write(p []byte) (int, error) {
	n, err := b.file.Write(p)
	b.size += int64(n)
	return n, classify(err)
}

// Commit syncs the content and gives it its name.
func (b *Blob) Commit() error {
	err := b.file.Sync()
	err = errors.Join(err, b.file.Close())
	if err == nil {
		err = b.root.Rename(b.name+partSuffix, b.name)
	}
	if err != nil {
		_ = b.root.Remove(b.name + partSuffix) // Sweep does it otherwise
		return fmt.Errorf("commit blob: %w", classify(err))
	}
	return nil
}

// Abort drops what was written. After Commit it does nothing.
func (b *Blob) Abort() {
	_ = b.file.Close()
	_ = b.root.Remove(b.name + partSuffix) // not there after Commit
}

// Discard drops the content whether or not it was committed.
func (b *Blob) Discard() {
	b.Abort()
	_ = b.root.Remove(b.name) // Sweep does it otherwise
}

// classify gives the operating system's errors the kinds that callers know.
func classify(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		return fault.Wrap(fault.NoSpace, err, "The server's disk is full: nothing was kept of this. Delete files you no longer need, or tell whoever runs this server.")
	case errors.Is(err, fs.ErrNotExist):
		return fault.Wrap(fault.NotFound, err, "This content is not there any more.")
	default:
		return err
	}
}
