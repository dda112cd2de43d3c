package cache

import (
	"math/bits"
	"sync/atomic"
)

// window is how many slots a key may lie in: a cache line of pointers.
const window = 8

// index finds items without a lock or a write, which on several cores is what a
// hit costs most: the elements of an LRU list are written by every reader.
//
// It holds most of what golang-lru holds and never anything else. Slots change
// only under the lock of their item's shard; a key that finds none is looked up
// there.
type index struct {
	slots []atomic.Pointer[item]
}

// newIndex returns an index for about that many entries.
func newIndex(entries int) index {
	entries = min(max(entries, 0), 1<<20)
	return index{make([]atomic.Pointer[item], window<<bits.Len(uint(2*entries/window)))}
}

// at returns the slots of a hash, wrapping around.
func (x *index) at(hash uint64, i uint64) *atomic.Pointer[item] {
	return &x.slots[(hash+i)&uint64(len(x.slots)-1)]
}

func (x *index) find(hash uint64, s *space, key string) *item {
	for i := range uint64(window) {
		it := x.at(hash, i).Load()
		if it != nil && it.hash == hash && it.space == s && it.key == key {
			return it
		}
	}
	return nil
}

// add puts it into a free slot, or else takes its first one from another item.
func (x *index) add(it *item) {
	for i := range uint64(window) {
		slot := x.at(it.hash, i)
		there := slot.Load()
		if there == it || there == nil && slot.CompareAndSwap(nil, it) {
			return
		}
	}
	x.at(it.hash, 0).Store(it)
}

func (x *index) remove(it *item) {
	for i := range uint64(window) {
		if slot := x.at(it.hash, i); slot.Load() == it {
			slot.CompareAndSwap(it, nil)
		}
	}
}
