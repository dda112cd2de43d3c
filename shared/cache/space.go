package cache

import (
	"sync"
	"sync/atomic"
)

// maxUses bounds how many uses a session remembers before they are written down;
// beyond it uses are forgotten, and the order of eviction is a little off.
const maxUses = 8192

// space is one session's part of the memory tier.
type space struct {
	memory  *Memory
	number  uint64
	entries atomic.Int64
	hits    tally

	mu   sync.Mutex
	used []*item // since the last takeUses
}

func (m *Memory) newSpace() *space {
	return &space{memory: m, number: m.spaces.Add(1)}
}

// get returns what memory holds under key and has not expired.
func (s *space) get(key string, now int64) *item {
	it := s.memory.find(s, key)
	if it == nil {
		return nil
	}
	if it.expires <= now {
		s.memory.expire(it)
		return nil
	}
	if now-it.used.Load() >= int64(usedGrain) {
		it.used.Store(now)
	}
	if !it.touched.Load() && it.touched.CompareAndSwap(false, true) {
		s.remember(it)
	}
	s.hits.add()
	return it
}

func (s *space) remove(key string) { s.memory.remove(name{s.number, key}) }

// remember notes that a stored entry was used; its touched is set.
func (s *space) remember(it *item) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.used) >= maxUses {
		it.touched.Store(false)
		return
	}
	s.used = append(s.used, it)
}

// use says when a key was last used, in Unix nanoseconds.
type use struct {
	key string
	at  int64
}

// takeUses returns what was used since the last call.
func (s *space) takeUses() []use {
	s.mu.Lock()
	items := s.used
	s.used = nil
	s.mu.Unlock()
	uses := make([]use, len(items))
	for i, it := range items {
		it.touched.Store(false)
		uses[i] = use{it.key, it.used.Load()}
	}
	return uses
}

// drop removes everything of the session from memory.
func (s *space) drop() {
	for i := range s.memory.shards {
		s.dropFrom(&s.memory.shards[i])
	}
	s.takeUses()
}

func (s *space) dropFrom(sh *shard) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for _, n := range sh.lru.Keys() {
		if n.space != s.number {
			continue
		}
		if it, ok := sh.lru.Peek(n); ok {
			s.memory.drop(sh, it)
		}
	}
}
