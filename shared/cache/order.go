package cache

import (
	"hash/maphash"
	"sync"

	"ret/shared/fault"
)

var errClosed = fault.New(fault.Unavailable, "This session's cache is closed. Please sign in again.")

// order keeps memory in the order of commits.
//
// A write changes memory in its commit's callback, so writes are applied in the
// order in which the store has them. What is left is to keep reads from bringing
// back what a write has overtaken: a read takes a ticket, and what it found is
// kept only if no write of that key was committed since. A value that was loaded
// from elsewhere is also given up if a write is under way, since the load may
// have begun before it.
//
// A write behind is in memory at once and in behind until it is committed; it is
// then the newest, whatever else is committed in between.
type order struct {
	space *space

	mu     sync.Mutex
	closed bool
	slots  [64]slot // by hash of the key
	ranges slot     // writes of many keys at once
	behind map[string]*item
	bytes  int64 // of what is behind
}

// slot counts the writes of the keys that fall into it.
type slot struct {
	version  uint64 // raised by every write that became visible
	underway int
}

// ticket says what a reader had seen when it began.
type ticket struct{ key, ranges uint64 }

var slotSeed = maphash.MakeSeed()

func (o *order) slot(key string) *slot {
	return &o.slots[maphash.String(slotSeed, key)%uint64(len(o.slots))]
}

func (o *order) ticket(key string) ticket {
	return ticket{o.slot(key).version, o.ranges.version}
}

// read begins a read that memory could not answer: it returns what is behind, or
// else a ticket to read the store with. open is false once the cache is closed.
func (o *order) read(key string) (behind *item, t ticket, open bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.behind[key], o.ticket(key), !o.closed
}

// keep puts what a read found into memory, if it is still the newest.
func (o *order) keep(t ticket, it *item) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	it.touched.Store(true)
	if o.behind[it.key] == nil && o.ticket(it.key) == t {
		o.space.memory.put(it)
	}
	o.space.remember(it)
}

// begin announces a write of a key, of which something may be behind; end must
// follow.
func (o *order) begin(key string) (behind bool, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return false, errClosed
	}
	o.slot(key).underway++
	return o.behind[key] != nil, nil
}

func (o *order) end(key string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.slot(key).underway--
}

func (o *order) beginRange() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return errClosed
	}
	o.ranges.underway++
	return nil
}

func (o *order) endRange() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ranges.underway--
}

// committed makes a write visible; a nil item is a deletion.
func (o *order) committed(key string, it *item) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.slot(key).version++
	switch {
	case o.closed || o.behind[key] != nil:
	case it == nil:
		o.space.remove(key)
	default:
		o.space.memory.put(it)
	}
}

// dropped makes the removal of many keys visible.
func (o *order) dropped(keys []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ranges.version++
	for _, key := range keys {
		if o.behind[key] == nil {
			o.space.remove(key)
		}
	}
}

// close ends all writes and keeps memory as it is from now on.
func (o *order) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
}

// discard gives up what is behind.
func (o *order) discard() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.behind = nil
	o.bytes = 0
}
