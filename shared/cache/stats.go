package cache

import (
	"context"
	"fmt"
)

// Stats say what a session's cache holds and did. Entries, Bytes and Evictions
// are the stored tier's; the others count since the cache was opened.
type Stats struct {
	Entries       int64 `json:"entries"`
	Bytes         int64 `json:"bytes"` // of keys and values
	MemoryEntries int64 `json:"memory_entries"`
	Hits          int64 `json:"hits"`
	Misses        int64 `json:"misses"`
	Evictions     int64 `json:"evictions"` // dropped for room, in the session's life
}

// Stats counts both tiers.
func (c *Cache) Stats(ctx context.Context) (Stats, error) {
	c.flush()
	if err := c.maintain(c.settle); err != nil {
		return Stats{}, fmt.Errorf("settle cache: %w", err)
	}
	total, err := c.store.Totals(ctx, c.at())
	c.reading.saw(ctx, err)
	if err != nil {
		return Stats{}, fmt.Errorf("count cache entries: %w", err)
	}
	return Stats{
		Entries:       total.Entries,
		Bytes:         total.Bytes,
		MemoryEntries: c.space.entries.Load(),
		Hits:          c.space.hits.sum(),
		Misses:        c.misses.Load(),
		Evictions:     total.Evictions,
	}, nil
}
