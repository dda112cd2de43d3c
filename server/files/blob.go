package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"ret/shared/fault"
	"ret/shared/seal"
)

// Blob is content on its way to disk: written, closed, then committed; or discarded
// at any time. It belongs to whoever created it until the rows of a transaction
// refer to it and Folder.Recorded says so: whoever owns it when things go wrong
// discards it. What a crash leaves is Sweep's. It is used by one goroutine at a time.
type Blob struct {
	root   *os.Root
	space  *Space
	name   string
	part   string // where it lies until it is committed
	keep   bool   // what is not committed stays there, and its room is another's
	file   *os.File
	sealed *sealedWriter // nil where the pieces of an upload are sealed already
	size   int64
	taken  int64 // of space, until it settles

	closed   bool
	closeErr error
}

// Name is what the content is called once it is committed.
func (b *Blob) Name() string { return b.name }

// Size is how many bytes were written.
func (b *Blob) Size() int64 { return b.size }

// Write appends p. A full disk is fault.NoSpace, a full session what Space.Limit
// says.
func (b *Blob) Write(p []byte) (int, error) {
	if err := b.space.take(int64(len(p))); err != nil {
		return 0, err
	}
	b.taken += int64(len(p))
	n, err := b.sealed.Write(p)
	b.size += int64(n)
	return n, classify(err)
}

// Close syncs the content and lets go of its descriptor. Commit does so too.
func (b *Blob) Close() error {
	if b.closed {
		return b.closeErr
	}
	b.closed = true
	var err error
	if b.sealed != nil {
		err = b.sealed.Close()
	}
	if err == nil {
		err = b.file.Sync()
	}
	if err = errors.Join(err, b.file.Close()); err != nil {
		b.closeErr = fmt.Errorf("close blob: %w", classify(err))
	}
	return b.closeErr
}

// Commit gives the content its name. The name is durable once SyncInputs or
// SyncTables has returned, which is called before rows refer to it.
func (b *Blob) Commit() error {
	if err := b.Close(); err != nil {
		return err
	}
	if err := b.root.Rename(b.part, b.name); err != nil {
		return fmt.Errorf("commit blob: %w", classify(err))
	}
	if !b.keep {
		b.space.settle(b.name, b.taken)
		b.taken = 0
	}
	return nil
}

// Abort drops what was written. After Commit it does nothing.
func (b *Blob) Abort() {
	if !b.closed {
		b.closed = true
		_ = b.file.Close()
	}
	if !b.keep {
		_ = b.root.Remove(b.part) // not there after Commit; Sweep does it otherwise
	}
	b.space.give(b.taken)
	b.taken = 0
}

// Revoke lets nothing more be written: Write and Commit fail from now on. Unlike all
// else it may be called while another goroutine uses the blob.
func (b *Blob) Revoke() { _ = b.file.Close() }

// Discard drops the content whether or not it was committed. That of an upload in
// pieces goes back to where it waits for another try.
func (b *Blob) Discard() {
	b.Abort()
	if b.keep {
		_ = b.root.Rename(b.name, b.part) // not there before Commit; Sweep removes it otherwise
		return
	}
	_ = b.root.Remove(b.name) // Sweep does it otherwise
	b.space.settled([]string{b.name})
}

var errNoSpace = fault.New(fault.NoSpace, "The server's disk is full: nothing was kept of this. Delete files you no longer need, or tell whoever runs this server.")

// classify gives the operating system's errors the kinds that callers know. They
// are the server's: no request can mend one but by waiting or deleting.
func classify(err error) error {
	switch {
	case err == nil, errors.Is(err, io.EOF):
		return err
	case errors.Is(err, seal.ErrDestroyed), errors.Is(err, seal.ErrDamaged):
		return err
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		return fault.Wrap(fault.NoSpace, err, "%s", errNoSpace.Message)
	case errors.Is(err, fs.ErrNotExist):
		return fault.Wrap(fault.NotFound, err, "This content is not there any more.")
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return fault.Wrap(fault.Unavailable, err, "The server has too many files open just now. Please try again in a moment.")
	default:
		return fault.Wrap(fault.Internal, err, "The server could not read or write on its disk. Please try again; if it stays, tell whoever runs this server.")
	}
}
