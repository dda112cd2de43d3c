package files

import (
	"sync"
	"time"
)

// disk keeps a reserve of the runtime folder's disk free of blobs, so that the
// databases can still be written on a full disk: signing in and out, and deleting.
type disk struct {
	space func() (free, total int64, err error) // what the system says; nil where nobody can

	mu   sync.Mutex
	left int64 // beyond the reserve, less what was taken since asked
	at   time.Time
}

const (
	maxReserve   = 64 << 20
	reserveShare = 8 // of the whole disk, where that is less
	askDiskEvery = 200 * time.Millisecond
)

// Disk says how many bytes of the runtime folder's disk are free and how many it has in
// all; 0 and 0 where nobody can be asked.
func (s *Store) Disk() (free, total int64) {
	if s.disk.space == nil {
		return 0, 0
	}
	free, total, err := s.disk.space()
	if err != nil {
		return 0, 0
	}
	return free, total
}

// take takes n bytes, or fails with NoSpace.
func (d *disk) take(n int64) error { return d.room(n, n) }

// check reports whether there is room for n bytes.
func (d *disk) check(n int64) error { return d.room(n, 0) }

func (d *disk) room(n, take int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.space == nil {
		return nil
	}
	if n > d.left || time.Since(d.at) > askDiskEvery {
		free, total, err := d.space()
		if err != nil {
			return nil // a disk that cannot be asked says itself when it is full
		}
		d.left, d.at = free-min(maxReserve, total/reserveShare), time.Now()
	}
	if n > d.left {
		return errNoSpace
	}
	d.left -= take
	return nil
}
