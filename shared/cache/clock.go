package cache

import (
	"sync/atomic"
	"time"
)

// clock gives Unix nanoseconds.
type clock interface{ now() int64 }

// givenClock is the clock of a test.
type givenClock func() time.Time

func (c givenClock) now() int64 { return c().UnixNano() }

// wallClock reads only the monotonic clock, at half the cost of time.Now, which
// is most of what a hit costs. Upkeep resets it, so that it follows a wall clock
// that was set, and time spent asleep.
type wallClock struct {
	start time.Time
	shift atomic.Int64 // from the monotonic reading to Unix nanoseconds
}

func newWallClock() *wallClock {
	c := &wallClock{start: time.Now()}
	c.reset()
	return c
}

func (c *wallClock) now() int64 { return int64(time.Since(c.start)) + c.shift.Load() }

func (c *wallClock) reset() {
	now := time.Now()
	c.shift.Store(now.UnixNano() - int64(now.Sub(c.start)))
}
