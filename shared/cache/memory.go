package cache

import (
	"hash/maphash"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Entry is what the cache holds under a key.
type Entry struct {
	Value     []byte // not to be changed
	StoredAt  time.Time
	ExpiresAt time.Time // zero if it does not end
}

// Limits bound the memory tier; both hold at once.
type Limits struct {
	Entries int
	Bytes   int64 // of keys, values and what holds them
}

// entryOverheadBytes is what an entry costs in memory beside its key and value:
// the item, golang-lru's list element and its map slot. Measured by the bench.
const entryOverheadBytes = 320

// shardCount spreads callers over locks. The bounds hold over all shards, so the
// number does not change what stays in memory.
const shardCount = 64

// Memory is the memory tier of all sessions of a process.
type Memory struct {
	limits Limits
	seed   maphash.Seed
	shards [shardCount]shard
	spaces atomic.Uint64

	admit   sync.Mutex // held while room is made, so that the bounds are not overrun
	entries atomic.Int64
	bytes   atomic.Int64
}

// shard is a part of the memory tier that one lock guards. The padding keeps two
// locks off one cache line.
type shard struct {
	mu  sync.Mutex
	lru *simplelru.LRU[name, *item]
	_   [128 - 16]byte
}

// name is a key within a session.
type name struct {
	space uint64
	key   string
}

// item is an entry in memory. Its shard's lock guards the last two fields; the
// others do not change.
type item struct {
	Entry
	space   *space
	key     string
	expires int64 // Unix nanoseconds, math.MaxInt64 if never

	used    int64 // Unix nanoseconds
	touched bool  // in the list of its space's touches
}

func (it *item) weight() int64 { return int64(len(it.key)+len(it.Value)) + entryOverheadBytes }

// NewMemory returns an empty memory tier; limits below one are none at all, and
// everything is then read from disk.
func NewMemory(limits Limits) *Memory {
	m := &Memory{limits: limits, seed: maphash.MakeSeed()}
	for i := range m.shards {
		// The shard's own bound is never reached: room is made over all shards.
		lru, err := simplelru.NewLRU[name, *item](math.MaxInt, nil)
		if err != nil {
			panic(err) // the size is a constant
		}
		m.shards[i].lru = lru
	}
	return m
}

func (m *Memory) shard(n name) *shard {
	h := maphash.String(m.seed, n.key) ^ n.space*0x9E3779B97F4A7C15
	return &m.shards[h>>32%shardCount]
}

// get returns the item of a key and marks it as used now. first says that this
// is its first use since the last look at what was touched.
func (m *Memory) get(n name, now int64) (it *item, first, ok bool) {
	sh := m.shard(n)
	sh.mu.Lock()
	it, ok = sh.lru.Get(n)
	if ok {
		if it.expires <= now {
			m.drop(sh, n, it)
			sh.mu.Unlock()
			return nil, false, false
		}
		it.used = now
		first = !it.touched
		it.touched = true
	}
	sh.mu.Unlock()
	return it, first, ok
}

// put adds or replaces an item and makes room for it.
func (m *Memory) put(it *item) {
	n := name{it.space.number, it.key}
	if m.limits.Entries < 1 || it.weight() > m.limits.Bytes {
		m.remove(n)
		return
	}
	m.admit.Lock()
	defer m.admit.Unlock()
	sh := m.shard(n)
	sh.mu.Lock()
	if old, ok := sh.lru.Peek(n); ok {
		m.drop(sh, n, old)
	}
	sh.lru.Add(n, it)
	m.count(it, +1)
	sh.mu.Unlock()
	for m.entries.Load() > int64(m.limits.Entries) || m.bytes.Load() > m.limits.Bytes {
		m.evict()
	}
}

// evict drops the item that was used the longest ago: the oldest of all shards'
// oldest.
func (m *Memory) evict() {
	var from *shard
	oldest := int64(math.MaxInt64)
	for i := range m.shards {
		sh := &m.shards[i]
		sh.mu.Lock()
		if _, it, ok := sh.lru.GetOldest(); ok && it.used < oldest {
			from, oldest = sh, it.used
		}
		sh.mu.Unlock()
	}
	if from == nil {
		return
	}
	from.mu.Lock()
	if _, it, ok := from.lru.RemoveOldest(); ok {
		m.count(it, -1)
	}
	from.mu.Unlock()
}

// remove drops a key.
func (m *Memory) remove(n name) {
	sh := m.shard(n)
	sh.mu.Lock()
	if it, ok := sh.lru.Peek(n); ok {
		m.drop(sh, n, it)
	}
	sh.mu.Unlock()
}

// drop removes it from its shard, whose lock is held.
func (m *Memory) drop(sh *shard, n name, it *item) {
	sh.lru.Remove(n)
	m.count(it, -1)
}

func (m *Memory) count(it *item, by int64) {
	m.entries.Add(by)
	m.bytes.Add(by * it.weight())
	it.space.entries.Add(by)
}

// Held returns how many entries are in memory, and what they weigh.
func (m *Memory) Held() Limits {
	m.admit.Lock()
	defer m.admit.Unlock()
	return Limits{Entries: int(m.entries.Load()), Bytes: m.bytes.Load()}
}
