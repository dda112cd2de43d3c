package files

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"ret/shared/fault"
)

var errFull = errors.New("full")

// Many who take room at once get what there is, and no byte more.
func TestSpaceIsNotPassedInParallel(t *testing.T) {
	s := newSpace(&disk{})
	s.Limit(1000, errFull, func() (int64, error) { return 300, nil })
	var got atomic.Int64
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			for range 100 {
				if s.take(7) == nil {
					got.Add(7)
				}
			}
		})
	}
	all.Wait()
	if n := got.Load(); n != 700 || s.Taken() != 700 {
		t.Errorf("%d of 700 bytes were taken", n)
	}
	s.give(7)
	if err := s.take(7); err != nil {
		t.Errorf("what was given back: %v", err)
	}
}

// A blob's room is its own until a row counts it, and never both.
func TestBlobsSettle(t *testing.T) {
	rows := int64(0)
	s := newSpace(&disk{})
	s.Limit(100, errFull, func() (int64, error) { return rows, nil })
	if err := s.take(60); err != nil {
		t.Fatal(err)
	}
	s.settle("a", 60)
	if err := s.take(41); !errors.Is(err, errFull) {
		t.Errorf("while it settles: %v", err)
	}
	rows = 60
	s.settled([]string{"a"})
	s.settled([]string{"a"}) // removed later
	if err := s.take(41); !errors.Is(err, errFull) {
		t.Errorf("with its row: %v", err)
	}
	rows = 0
	s.Changed()
	if err := s.take(100); err != nil {
		t.Errorf("when it is deleted: %v", err)
	}
}

// The reserve of a disk is not for blobs, however fast they come.
func TestDiskKeepsAReserve(t *testing.T) {
	const total = 1 << 30
	asked := 0
	d := &disk{space: func() (int64, int64, error) { asked++; return maxReserve + 1000, total, nil }}
	if err := d.check(1001); !fault.Is(err, fault.NoSpace) {
		t.Errorf("more than there is: %v", err)
	}
	for range 10 {
		if err := d.take(100); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.take(1001); !fault.Is(err, fault.NoSpace) {
		t.Errorf("one that does not fit: %v", err)
	}
	small := &disk{space: func() (int64, int64, error) { return 800, 8000, nil }}
	if err := small.take(1); !fault.Is(err, fault.NoSpace) {
		t.Errorf("an eighth of a small disk: %v", err)
	}
}
