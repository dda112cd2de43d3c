package faultvfs

import (
	"math/rand/v2"

	"github.com/ncruces/go-sqlite3/vfs"
)

// file is an open file; what it does to the disk its image remembers.
type file struct {
	vfs.File
	disk  *Disk
	image *image
}

// do runs an operation, unless it is made to fail, and notes it.
func (f *file) do(op Op, run func() error, note func(*image)) error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if f.disk.fail != nil {
		if err := f.disk.fail(op); err != nil {
			return err
		}
	}
	if err := run(); err != nil {
		return err
	}
	if note != nil {
		note(f.image)
	}
	return nil
}

func (f *file) ReadAt(p []byte, off int64) (n int, err error) {
	f.disk.mu.Lock()
	fail := f.disk.fail
	f.disk.mu.Unlock()
	if fail != nil {
		if err := fail(Read); err != nil {
			return 0, err
		}
	}
	return f.File.ReadAt(p, off)
}

func (f *file) WriteAt(p []byte, off int64) (n int, err error) {
	err = f.do(Write, func() (err error) {
		n, err = f.File.WriteAt(p, off)
		return err
	}, func(img *image) {
		img.pending = append(img.pending, change{off: off, data: append([]byte(nil), p...)})
	})
	return n, err
}

func (f *file) Truncate(size int64) error {
	return f.do(Truncate, func() error { return f.File.Truncate(size) }, func(img *image) {
		img.pending = append(img.pending, change{off: size})
	})
}

func (f *file) Sync(flags vfs.SyncFlag) error {
	return f.do(Sync, func() error { return f.File.Sync(flags) }, func(img *image) {
		img.sync()
		f.disk.syncs++
	})
}

// SharedMemory is the operating system's: it is not on the disk.
func (f *file) SharedMemory() vfs.SharedMemory {
	if shared, ok := f.File.(vfs.FileSharedMemory); ok {
		return shared.SharedMemory()
	}
	return nil
}

// image is what the disk knows of a file.
type image struct {
	exists  bool // its name is on the disk
	synced  []byte
	pending []change // since the last sync, in order
}

// change is a write, or without data a truncation to off.
type change struct {
	off  int64
	data []byte
}

func (img *image) sync() {
	for _, c := range img.pending {
		img.synced = c.apply(img.synced)
	}
	img.pending = nil
	img.exists = true
}

// afterCut returns what is left of the file; any sector of what was not synced
// may be if random is given.
func (img *image) afterCut(random *rand.Rand) []byte {
	left := append([]byte(nil), img.synced...)
	if random == nil {
		return left
	}
	for _, c := range img.pending {
		for _, part := range c.sectors() {
			if random.IntN(2) == 0 {
				left = part.apply(left)
			}
		}
	}
	return left
}

// sectorBytes is what a disk writes whole or not at all.
const sectorBytes = 512

// sectors splits a change at the borders of sectors.
func (c change) sectors() []change {
	if c.data == nil {
		return []change{c}
	}
	var parts []change
	for off, data := c.off, c.data; len(data) > 0; {
		n := min(int64(len(data)), sectorBytes-off%sectorBytes)
		parts = append(parts, change{off, data[:n]})
		off, data = off+n, data[n:]
	}
	return parts
}

func (c change) apply(to []byte) []byte {
	end := c.off + int64(len(c.data))
	if c.data == nil {
		return append(to[:min(int64(len(to)), end)], make([]byte, max(0, end-int64(len(to))))...)
	}
	if grow := end - int64(len(to)); grow > 0 {
		to = append(to, make([]byte, grow)...)
	}
	copy(to[c.off:], c.data)
	return to
}
