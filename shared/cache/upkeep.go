package cache

import (
	"context"
	"errors"
	"sync"
	"time"

	"ret/shared/entries"
)

const (
	// settleAfter is how long no write may have come before the log is settled;
	// settleLatest is when it is settled all the same. The more is settled at
	// once, the less it costs.
	settleAfter  = 25 * time.Millisecond
	settleLatest = time.Second
	// sweepEvery is how often expired entries are reclaimed.
	sweepEvery = 15 * time.Second
	// sweepBatch is how many of them one transaction takes.
	sweepBatch = 256
	// usesEvery is how many sweeps pass before uses are written down: after a
	// crash the order of eviction is that old.
	usesEvery = 4
)

// upkeep is the goroutine that each cache owns: it writes what is behind,
// settles the log and sweeps.
type upkeep struct {
	woken chan struct{}
	stop  chan struct{}
	done  chan struct{}
	once  sync.Once
}

// wake says that something was written.
func (u *upkeep) wake() {
	select {
	case u.woken <- struct{}{}:
	default:
	}
}

func (u *upkeep) end() {
	u.once.Do(func() { close(u.stop) })
	<-u.done
}

func (c *Cache) startUpkeep() {
	c.upkeep.woken = make(chan struct{}, 1)
	c.upkeep.stop = make(chan struct{})
	c.upkeep.done = make(chan struct{})
	go c.keepUp()
}

func (c *Cache) keepUp() {
	defer close(c.upkeep.done)
	sweep := time.NewTicker(sweepEvery)
	defer sweep.Stop()
	var quiet quietTimer
	for round := 1; ; {
		select {
		case <-c.upkeep.stop:
			return
		case <-c.upkeep.woken:
			c.flush()
			quiet.busy()
		case <-quiet.fires:
			if quiet.done() {
				_ = c.maintain(c.settle) // tried again after the next write
			}
		case <-sweep.C:
			c.sweepOnce(round)
			round++
		}
	}
}

// quietTimer waits until no write has come for settleAfter, or for settleLatest
// in all. It is not reset at every write, which would cost more than the write.
type quietTimer struct {
	fires       <-chan time.Time // nil while nothing has been written
	first, last time.Time        // writes since it was done
}

func (q *quietTimer) busy() {
	q.last = time.Now()
	if q.fires == nil {
		q.first = q.last
		q.fires = time.After(settleAfter)
	}
}

// done says whether the wait is over, or goes on with it.
func (q *quietTimer) done() bool {
	now := time.Now()
	if now.Sub(q.last) < settleAfter && now.Sub(q.first) < settleLatest {
		q.fires = time.After(settleAfter)
		return false
	}
	q.fires = nil
	return true
}

func (c *Cache) sweepOnce(round int) {
	if w, ok := c.clock.(*wallClock); ok {
		w.reset()
	}
	if round%usesEvery == 0 {
		_ = c.maintain(c.writeUses)
	}
	_ = c.Sweep() // tried again at the next tick
}

// Sweep reclaims what has expired, a few entries at a time, and gives free room
// back to the file system. The cache does so by itself every few seconds.
func (c *Cache) Sweep() error {
	for n := sweepBatch; n == sweepBatch; {
		err := c.maintain(func(tx *entries.Tx) error {
			keys, err := tx.Sweep(c.at(), sweepBatch)
			tx.AfterCommit(func() { c.order.dropped(keys) })
			n = len(keys)
			return err
		})
		if err != nil {
			return err
		}
	}
	return c.shrink()
}

// shrink makes the file about as small as what it holds.
func (c *Cache) shrink() error {
	for rounds := 0; ; rounds++ {
		done := false
		err := c.maintain(func(tx *entries.Tx) (err error) {
			done, err = tx.Vacuum()
			return err
		})
		switch {
		case err != nil || done && rounds == 0:
			return err
		case done:
			return c.store.Checkpoint(context.Background())
		}
	}
}

// maintain runs one transaction of upkeep.
func (c *Cache) maintain(fn func(*entries.Tx) error) error {
	ctx := context.Background()
	err := c.store.Write(ctx, fn)
	c.writing.saw(ctx, err)
	return err
}

// Close brings to disk what is not there yet, and lets go of the session's
// memory. The store stays open. Calls after it are misses and errors.
func (c *Cache) Close() error {
	c.order.close()
	c.upkeep.end()
	c.flush()
	err := errors.Join(c.maintain(c.writeUses), c.maintain(c.settle))
	c.space.drop()
	return err
}

// Purge ends the cache of a session that is erased: when it returns nothing of
// it is in memory, and what was not on disk never gets there.
func (c *Cache) Purge() {
	c.order.close()
	c.order.discard()
	c.upkeep.end()
	c.space.drop()
}
