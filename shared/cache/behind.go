package cache

import (
	"context"
	"time"

	"ret/shared/entries"
)

// What may be behind; SetBehind then waits for a flush.
const (
	maxBehindEntries = 4096
	maxBehindBytes   = 16 << 20
)

// SetBehind stores value under key and returns before it is on disk. Reads see
// it at once. A crash may lose what was set in the last milliseconds; so may a
// failing database, of which the log then hears. Close brings everything to
// disk.
func (c *Cache) SetBehind(key string, value []byte, ttl time.Duration) error {
	it, err := c.newItem(key, value, ttl)
	if err != nil {
		return err
	}
	full, err := c.order.putBehind(it)
	if err != nil {
		return err
	}
	c.sawBehind(full)
	return nil
}

// sawBehind has what is behind written soon, or now if there is too much of it.
func (c *Cache) sawBehind(full bool) {
	if full {
		c.flush()
		return
	}
	c.upkeep.wake()
}

// flush writes all that is behind when it is called.
func (c *Cache) flush() {
	c.flushing.Lock()
	defer c.flushing.Unlock()
	items := c.order.allBehind()
	for len(items) > 0 {
		n := min(len(items), 512)
		c.flushSome(items[:n])
		items = items[n:]
	}
}

func (c *Cache) flushSome(items []*item) {
	ctx := context.Background() // nobody is left to give up
	err := c.update(ctx, func(tx *entries.Tx) error {
		for _, it := range items {
			if err := tx.Put(it.stored()); err != nil {
				return err
			}
		}
		tx.AfterCommit(func() { c.order.caughtUp(items) })
		return c.makeRoom(tx)
	})
	if err != nil {
		c.order.lost(items)
	}
}

// putBehind makes a write visible that the store does not have yet.
func (o *order) putBehind(it *item) (full bool, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return false, errClosed
	}
	return o.addBehind(it), nil
}

func (o *order) addBehind(it *item) (full bool) {
	if o.behind == nil {
		o.behind = make(map[string]*item)
	}
	if old := o.behind[it.key]; old != nil {
		o.bytes -= old.weight()
	}
	o.behind[it.key] = it
	o.bytes += it.weight()
	o.slot(it.key).version++
	o.space.memory.put(it)
	return len(o.behind) >= maxBehindEntries || o.bytes >= maxBehindBytes
}

// loaded is putBehind for a value that a read has loaded from elsewhere: it
// gives way to every write since the ticket, finished or under way.
func (o *order) loaded(t ticket, it *item) (full bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	overtaken := o.ticket(it.key) != t || o.slot(it.key).underway > 0 || o.ranges.underway > 0 || o.behind[it.key] != nil
	if o.closed || overtaken {
		return false
	}
	return o.addBehind(it)
}

func (o *order) allBehind() []*item {
	o.mu.Lock()
	defer o.mu.Unlock()
	items := make([]*item, 0, len(o.behind))
	for _, it := range o.behind {
		items = append(items, it)
	}
	return items
}

// caughtUp says that the store has items.
func (o *order) caughtUp(items []*item) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, it := range items {
		o.forget(it)
	}
}

// lost gives up items that could not be stored.
func (o *order) lost(items []*item) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, it := range items {
		if o.forget(it) {
			o.slot(it.key).version++
			o.space.remove(it.key)
		}
	}
}

// forget takes it out of behind, unless a newer one stands there.
func (o *order) forget(it *item) bool {
	if o.behind[it.key] != it {
		return false
	}
	delete(o.behind, it.key)
	o.bytes -= it.weight()
	return true
}
