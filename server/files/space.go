package files

import (
	"sync"
	"sync/atomic"
)

// Space is the room that a session's blobs may take. Every byte takes its room
// before it is written, in whatever request or job, so that no number of writers at
// once passes the limit; it counts here until a row that refers to it counts it.
type Space struct {
	disk *disk

	mu       sync.Mutex
	limit    int64                 // 0 is none
	full     error                 // what is said over it
	held     func() (int64, error) // what the rows come to
	known    int64                 // the last answer
	taken    int64                 // by bytes that no row counts: on their way, in pieces, settling
	settling map[string]int64      // by blob: complete, and not known to have a row

	current atomic.Bool // known is what the rows come to
}

func newSpace(d *disk) *Space { return &Space{disk: d, settling: map[string]int64{}} }

// Limit sets what rows and blobs together may come to; full is the error of more.
// held says what the rows come to, and is asked again after Changed.
func (s *Space) Limit(limit int64, full error, held func() (int64, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limit, s.full, s.held = limit, full, held
	s.current.Store(false)
}

// Changed says that the rows may have changed. It does not wait.
func (s *Space) Changed() { s.current.Store(false) }

// Check reports whether n more bytes would fit now, without taking their room.
func (s *Space) Check(n int64) error {
	if err := s.disk.check(n); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fits(n)
}

// CheckDisk is Check without regard to the session's limit, for what does not count
// against it.
func (s *Space) CheckDisk(n int64) error { return s.disk.check(n) }

// take takes room for n bytes, in the session and on the disk.
func (s *Space) take(n int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fits(n); err != nil {
		return err
	}
	if err := s.disk.take(n); err != nil {
		return err
	}
	s.taken += n
	return nil
}

func (s *Space) fits(n int64) error {
	if s.limit == 0 || s.held == nil {
		return nil
	}
	if !s.current.Swap(true) {
		known, err := s.held()
		if err != nil {
			s.current.Store(false)
			return err
		}
		s.known = known
	}
	if s.known+s.taken+n > s.limit {
		return s.full
	}
	return nil
}

// give gives room back.
func (s *Space) give(n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken -= n
}

// settle keeps the room of a complete blob until it has a row or is removed.
func (s *Space) settle(blob string, n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settling[blob] = n
}

// settled gives back the room of blobs that were settling.
func (s *Space) settled(blobs []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, blob := range blobs {
		s.taken -= s.settling[blob]
		delete(s.settling, blob)
	}
	s.current.Store(false)
}

// Taken is what bytes come to that no row counts yet.
func (s *Space) Taken() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken
}
