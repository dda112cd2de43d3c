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
// the item, golang-lru's list element, its map slot and the index.
const entryOverheadBytes = 350

// shardCount spreads writers over locks. The bounds hold over all shards, so the
// number does not change what stays in memory.
const shardCount = 16

// usedGrain is how exactly the time of a use is kept. A hit that is closer to the
// one before writes nothing.
const usedGrain = time.Millisecond

// Memory is the memory tier of all sessions of a process.
type Memory struct {
	limits Limits
	seed   maphash.Seed
	index  index
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

// item is an entry in memory.
type item struct {
	Entry
	space   *space
	key     string
	hash    uint64
	expires int64 // Unix nanoseconds, math.MaxInt64 if never

	used    atomic.Int64 // when last used, in Unix nanoseconds
	touched atomic.Bool  // in the list of its space's uses
	placed  int64        // the use that its place in the LRU stands for; guarded by the shard
}

func (it *item) name() name { return name{it.space.number, it.key} }

func (it *item) weight() int64 { return int64(len(it.key)+len(it.Value)) + entryOverheadBytes }

// NewMemory returns an empty memory tier; limits below one are none at all, and
// everything is then read from disk.
func NewMemory(limits Limits) *Memory {
	m := &Memory{limits: limits, seed: maphash.MakeSeed(), index: newIndex(limits.Entries)}
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

func (m *Memory) hash(n name) uint64 {
	return maphash.String(m.seed, n.key) ^ n.space*0x9E3779B97F4A7C15
}

func (m *Memory) shard(hash uint64) *shard { return &m.shards[hash>>32%shardCount] }

// find returns the item of a key, expired or not, or nil.
func (m *Memory) find(s *space, key string) *item {
	n := name{s.number, key}
	hash := m.hash(n)
	if it := m.index.find(hash, s, key); it != nil {
		return it
	}
	sh := m.shard(hash)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	it, ok := sh.lru.Peek(n)
	if ok {
		m.index.add(it)
	}
	return it
}

// put adds or replaces an item and makes room for it.
func (m *Memory) put(it *item) {
	if m.limits.Entries < 1 || it.weight() > m.limits.Bytes {
		m.remove(it.name())
		return
	}
	m.admit.Lock()
	defer m.admit.Unlock()
	n := it.name()
	it.hash, it.placed = m.hash(n), it.used.Load()
	sh := m.shard(it.hash)
	sh.mu.Lock()
	if old, ok := sh.lru.Peek(n); ok {
		m.index.remove(old)
		m.count(old, -1)
	}
	sh.lru.Add(n, it) // in the place of the old one
	m.index.add(it)
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
		if it := sh.oldest(); it != nil && it.placed < oldest {
			from, oldest = sh, it.placed
		}
		sh.mu.Unlock()
	}
	if from == nil {
		return
	}
	from.mu.Lock()
	if it := from.oldest(); it != nil {
		m.drop(from, it)
	}
	from.mu.Unlock()
}

// oldest returns the item that was used the longest ago. Hits do not move items,
// so those that were used since they got their place get their new one here.
func (sh *shard) oldest() *item {
	for range sh.lru.Len() {
		n, it, _ := sh.lru.GetOldest()
		used := it.used.Load()
		if used == it.placed {
			return it
		}
		it.placed = used
		sh.lru.Get(n)
	}
	_, it, _ := sh.lru.GetOldest()
	return it
}

// remove drops a key.
func (m *Memory) remove(n name) {
	sh := m.shard(m.hash(n))
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if it, ok := sh.lru.Peek(n); ok {
		m.drop(sh, it)
	}
}

// expire drops an item that has expired, unless a newer one has its place.
func (m *Memory) expire(it *item) {
	sh := m.shard(it.hash)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if now, ok := sh.lru.Peek(it.name()); ok && now == it {
		m.drop(sh, it)
	}
}

// drop removes it from its shard, whose lock is held.
func (m *Memory) drop(sh *shard, it *item) {
	sh.lru.Remove(it.name())
	m.index.remove(it)
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
