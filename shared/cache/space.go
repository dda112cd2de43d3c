package cache

import (
	"sync"
	"sync/atomic"
)

// maxTouches bounds how many uses a session remembers before they are written
// down; beyond it uses are forgotten, and the order of eviction is a little off.
const maxTouches = 8192

// space is one session's part of the memory tier.
type space struct {
	memory  *Memory
	number  uint64
	entries atomic.Int64
	hits    stripes

	mu      sync.Mutex
	touched []*item // used since the last takeUses
}

// stripes count without making all callers write one cache line.
type stripes [16]struct {
	atomic.Int64
	_ [56]byte
}

func (s *stripes) add(key string) {
	i := len(key)
	if i > 0 {
		i += int(key[i-1])
	}
	s[i%len(s)].Add(1)
}

func (s *stripes) sum() (n int64) {
	for i := range s {
		n += s[i].Load()
	}
	return n
}

func (m *Memory) newSpace() *space {
	return &space{memory: m, number: m.spaces.Add(1)}
}

func (s *space) get(key string, now int64) (Entry, bool) {
	it, first, ok := s.memory.get(name{s.number, key}, now)
	if !ok {
		return Entry{}, false
	}
	if first {
		s.touch(it)
	}
	s.hits.add(key)
	return it.Entry, true
}

func (s *space) remove(key string) { s.memory.remove(name{s.number, key}) }

// touch remembers that a stored entry was used.
func (s *space) touch(it *item) {
	s.mu.Lock()
	fits := len(s.touched) < maxTouches
	if fits {
		s.touched = append(s.touched, it)
	}
	s.mu.Unlock()
	if !fits {
		s.untouch(it)
	}
}

// untouch returns when it was last used, and has its next use remembered again.
func (s *space) untouch(it *item) (used int64) {
	sh := s.memory.shard(name{s.number, it.key})
	sh.mu.Lock()
	defer sh.mu.Unlock()
	it.touched = false
	return it.used
}

// use says when a key was last used, in Unix nanoseconds.
type use struct {
	key string
	at  int64
}

// takeUses returns what was used since the last call.
func (s *space) takeUses() []use {
	s.mu.Lock()
	items := s.touched
	s.touched = nil
	s.mu.Unlock()
	uses := make([]use, len(items))
	for i, it := range items {
		uses[i] = use{it.key, s.untouch(it)}
	}
	return uses
}

// drop removes everything of the session from memory.
func (s *space) drop() {
	for i := range s.memory.shards {
		sh := &s.memory.shards[i]
		sh.mu.Lock()
		for _, n := range sh.lru.Keys() {
			if n.space != s.number {
				continue
			}
			if it, ok := sh.lru.Peek(n); ok {
				s.memory.drop(sh, n, it)
			}
		}
		sh.mu.Unlock()
	}
	s.mu.Lock()
	s.touched = nil
	s.mu.Unlock()
}
