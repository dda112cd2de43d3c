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
	part string // where it lies until it is committed
	keep bool   // what is not committed stays there
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
		err = b.root.Rename(b.part, b.name)
	}
	if err != nil {
		b.removePart()
		return fmt.Errorf("commit blob: %w", classify(err))
	}
	return nil
}

// Abort drops what was written. After Commit it does nothing.
func (b *Blob) Abort() {
	_ = b.file.Close()
	b.removePart()
}

// Revoke lets nothing more be written: Write and Commit fail from now on. Unlike all
// else it may be called while another goroutine uses the blob.
func (b *Blob) Revoke() { _ = b.file.Close() }

func (b *Blob) removePart() {
	if !b.keep {
		_ = b.root.Remove(b.part) // not there after Commit; Sweep does it otherwise
	}
}

// Discard drops the content whether or not it was committed. That of an upload in
// pieces goes back to where it waits for another try.
func (b *Blob) Discard() {
	b.Abort()
	if b.keep {
		_ = b.root.Rename(b.name, b.part) // not there before Commit; Sweep removes it otherwise
		return
	}
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
