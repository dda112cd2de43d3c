package main

import (
	"time"

	"ret/wasm/opfs"
)

// spent is what handles have taken up to now: the browser's part and the disk's.
type spent struct{ in time.Duration }

// timed is a handle whose calls are timed.
type timed struct {
	opfs.Handle
	spent *spent
}

// timedHandles are handles that share one count.
func timedHandles(handles []opfs.Handle, s *spent) []opfs.Handle {
	list := make([]opfs.Handle, len(handles))
	for i, h := range handles {
		list[i] = &timed{h, s}
	}
	return list
}

// since counts a call that began then.
func (t *timed) since(start time.Time) {
	t.spent.in += time.Since(start)
}

// ReadAt implements opfs.Handle.
func (t *timed) ReadAt(p []byte, off int64) (int, error) {
	defer t.since(time.Now())
	return t.Handle.ReadAt(p, off)
}

// WriteAt implements opfs.Handle.
func (t *timed) WriteAt(p []byte, off int64) (int, error) {
	defer t.since(time.Now())
	return t.Handle.WriteAt(p, off)
}

// Truncate implements opfs.Handle.
func (t *timed) Truncate(size int64) error {
	defer t.since(time.Now())
	return t.Handle.Truncate(size)
}

// Flush implements opfs.Handle.
func (t *timed) Flush() error {
	defer t.since(time.Now())
	return t.Handle.Flush()
}

// Size implements opfs.Handle.
func (t *timed) Size() (int64, error) {
	defer t.since(time.Now())
	return t.Handle.Size()
}
