package gathervfs

import (
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// memory remembers blocks of files as they are in clear, as many as it may: those that
// were used last. Who changes a file has it locked meanwhile, and who reads it as well.
type memory struct {
	mu     sync.Mutex // content of blocks is copied under it too
	blocks *simplelru.LRU[place, *[block]byte]
	spare  *[block]byte // of a block that had to go
}

// place is where a block lies.
type place struct {
	file *shared
	at   int64
}

func newMemory(blocks int) *memory {
	m := &memory{}
	m.blocks, _ = simplelru.NewLRU(max(blocks, 1), func(_ place, b *[block]byte) { m.spare = b }) // fails on sizes below 1 only
	return m
}

// read fills p if all blocks are remembered that it lies in.
func (m *memory) read(f *shared, p []byte, at int64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for n := 0; n < len(p); {
		within := (at + int64(n)) % block
		b, ok := m.blocks.Get(place{f, at + int64(n) - within})
		if !ok {
			return false
		}
		n += copy(p[n:], b[within:])
	}
	return true
}

// keep remembers whole blocks.
func (m *memory) keep(f *shared, content []byte, at int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for ; len(content) > 0; content, at = content[block:], at+block {
		m.put(place{f, at}, (*[block]byte)(content))
	}
}

func (m *memory) put(where place, content *[block]byte) {
	if b, ok := m.blocks.Get(where); ok {
		*b = *content
		return
	}
	b := m.spare
	if m.spare = nil; b == nil {
		b = new([block]byte)
	}
	*b = *content
	m.blocks.Add(where, b)
}

// written takes the place of what was remembered where something was written: by it, if
// so it stands there now; of blocks that it does not fill nothing is known.
func (m *memory) written(f *shared, content []byte, at int64, so bool) {
	end := at + int64(len(content))
	first, last := (at+block-1)/block*block, end/block*block
	if !so || first >= last {
		m.drop(f, at/block*block, end)
		return
	}
	m.drop(f, at/block*block, first)
	m.keep(f, content[first-at:last-at], first)
	m.drop(f, last, end)
}

// drop forgets the blocks that begin from a place on and before an end.
func (m *memory) drop(f *shared, from, end int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for at := from; at < end; at += block {
		m.blocks.Remove(place{f, at})
	}
}

// forget keeps nothing of a file.
func (m *memory) forget(f *shared) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, where := range m.blocks.Keys() {
		if where.file == f {
			m.blocks.Remove(where)
		}
	}
	m.spare = nil
}
