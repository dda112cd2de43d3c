package live

import (
	"context"
	"sync"
	"time"
)

// heartbeat sends the pings of all sockets from one goroutine, a few at a time:
// each socket has its slot in a wheel that turns once in PingEvery.
type heartbeat struct {
	every time.Duration // between slots

	mu    sync.Mutex
	slots []map[*client]struct{}
	next  int // slot for the next socket
}

// wheelSlots is how many shares the pings are sent in.
const wheelSlots = 32

func newHeartbeat(pingEvery time.Duration) *heartbeat {
	b := &heartbeat{every: max(time.Millisecond, pingEvery/wheelSlots), slots: make([]map[*client]struct{}, wheelSlots)}
	for i := range b.slots {
		b.slots[i] = make(map[*client]struct{})
	}
	return b
}

// add gives a client its pings; remove, which must follow, ends them.
func (b *heartbeat) add(c *client) (remove func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	slot := b.slots[b.next]
	b.next = (b.next + 1) % wheelSlots
	slot[c] = struct{}{}
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(slot, c)
	}
}

func (b *heartbeat) run(ctx context.Context) {
	ticker := time.NewTicker(b.every)
	defer ticker.Stop()
	for turn := 0; ; turn = (turn + 1) % wheelSlots {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		for _, c := range b.clients(turn) {
			c.ping()
		}
	}
}

func (b *heartbeat) clients(slot int) []*client {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := make([]*client, 0, len(b.slots[slot]))
	for c := range b.slots[slot] {
		list = append(list, c)
	}
	return list
}
