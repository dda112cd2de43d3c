package cache

import "context"

// Through runs write, which changes key in the store by another way than this
// cache and returns once that is on disk, and has memory forget what it knew of
// the key. Reads that overlap with it see the old value or the new one; reads
// that begin after it see the new one.
func (c *Cache) Through(_ context.Context, key string, write func() error) error {
	if err := c.announce(key); err != nil {
		return err
	}
	defer c.order.end(key)
	err := write()
	// Also after an error: it may have come after the commit.
	c.order.committed(key, nil)
	c.upkeep.wake()
	return err
}
