package opfs_test

import (
	"math/rand/v2"

	"ret/wasm/opfs"
)

// disk is an origin's disk in memory, of which a power cut keeps what was flushed
// and, of the rest, any sectors. All its operations that change something are
// counted, so that the power can be cut between any two.
type disk struct {
	files  []*image
	ops    int
	cutAt  int   // the operation that finds the power cut; 0 for never
	quota  int64 // bytes of all files; 0 for no limit
	short  bool  // a write that goes over the quota writes what fits, without an error
	lostAt int   // from this operation on handles are lost; 0 for never
	key    []byte
}

func newDisk(files int) *disk {
	d := &disk{key: make([]byte, 32)}
	for range files {
		d.files = append(d.files, &image{disk: d})
	}
	return d
}

// handles are those of the disk's files, encrypted as the browser has them.
func (d *disk) handles() []opfs.Handle {
	var handles []opfs.Handle
	for _, f := range d.files {
		handles = append(handles, f)
	}
	return opfs.Seal(handles, d.key)
}

// alive counts an operation, or says why it cannot be done.
func (d *disk) alive() error {
	d.ops++
	if d.cutAt > 0 && d.ops >= d.cutAt || d.lostAt > 0 && d.ops >= d.lostAt {
		return opfs.ErrLost
	}
	return nil
}

func (d *disk) bytes() (total int64) {
	for _, f := range d.files {
		total += int64(len(f.data))
	}
	return total
}

// afterCut is the disk that is found when the power is back.
func (d *disk) afterCut(random *rand.Rand) *disk {
	left := newDisk(len(d.files))
	for i, f := range d.files {
		data := append([]byte(nil), f.flushed...)
		for _, c := range f.pending {
			for _, part := range c.sectors() {
				if random.IntN(2) == 0 {
					data = part.apply(data)
				}
			}
		}
		left.files[i].data, left.files[i].flushed = data, append([]byte(nil), data...)
	}
	return left
}

// image is a file of the disk; it is an opfs.Handle.
type image struct {
	disk    *disk
	data    []byte // as programs see it
	flushed []byte
	pending []change
}

// change is a write, or without data a truncation to off.
type change struct {
	off  int64
	data []byte
}

const sectorBytes = 512

func (c change) sectors() (parts []change) {
	if c.data == nil {
		return []change{c}
	}
	for off, data := c.off, c.data; len(data) > 0; {
		n := min(int64(len(data)), sectorBytes-off%sectorBytes)
		parts = append(parts, change{off, data[:n]})
		off, data = off+n, data[n:]
	}
	return parts
}

func (c change) apply(to []byte) []byte {
	end := c.off + int64(len(c.data))
	if c.data == nil && int64(len(to)) > end {
		return to[:end]
	}
	if grow := end - int64(len(to)); grow > 0 {
		to = append(to, make([]byte, grow)...)
	}
	copy(to[c.off:], c.data)
	return to
}

func (f *image) change(c change) {
	f.data = c.apply(f.data)
	f.pending = append(f.pending, c)
}

func (f *image) ReadAt(p []byte, off int64) (int, error) {
	if d := f.disk; d.lostAt > 0 && d.ops >= d.lostAt || d.cutAt > 0 && d.ops >= d.cutAt {
		return 0, opfs.ErrLost
	}
	if off >= int64(len(f.data)) {
		return 0, nil
	}
	return copy(p, f.data[off:]), nil
}

func (f *image) WriteAt(p []byte, off int64) (int, error) {
	if err := f.disk.alive(); err != nil {
		return 0, err
	}
	if quota := f.disk.quota; quota > 0 {
		grown := max(0, off+int64(len(p))-int64(len(f.data)))
		if over := f.disk.bytes() + grown - quota; over > 0 && grown > 0 {
			if !f.disk.short {
				return 0, opfs.ErrQuota
			}
			p = p[:max(0, int64(len(p))-over)]
		}
	}
	f.change(change{off, append([]byte{}, p...)})
	return len(p), nil
}

func (f *image) Truncate(size int64) error {
	if err := f.disk.alive(); err != nil {
		return err
	}
	f.change(change{off: size})
	return nil
}

func (f *image) Flush() error {
	if err := f.disk.alive(); err != nil {
		return err
	}
	for _, c := range f.pending {
		f.flushed = c.apply(f.flushed)
	}
	f.pending = nil
	return nil
}

func (f *image) Size() (int64, error) { return int64(len(f.data)), nil }
