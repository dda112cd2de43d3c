package profile

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/cespare/xxhash/v2"
)

// identity is what tells a value from others: its length, and the value itself where it
// is short. Two longer ones are taken for the same if their hashes and their beginnings
// are, as far as these are given.
type identity struct {
	low, high uint64 // the bytes of a short value; else the hash and nothing
	length    uint32
}

// shortBytes is how long a short value is at most.
const shortBytes = 16

// shortMasks leave of sixteen bytes the first ones.
var shortMasks = func() (masks [shortBytes + 1][2]uint64) {
	for n := range masks {
		masks[n] = [2]uint64{^uint64(0) >> (64 - 8*min(n, 8)), ^uint64(0) >> (64 - 8*max(n-8, 0))}
	}
	return masks
}()

// shortIdentity reads a short value, which has sixteen bytes whatever its length.
func shortIdentity(value []byte, length int) identity {
	mask := &shortMasks[length]
	return identity{binary.LittleEndian.Uint64(value) & mask[0], binary.LittleEndian.Uint64(value[8:]) & mask[1], uint32(length)}
}

func longIdentity(value []byte) identity {
	return identity{low: xxhash.Sum64(value), length: uint32(len(value))}
}

// hash is spread evenly. It is the same in every run: what is estimated depends on it.
func (id identity) hash() uint64 {
	if id.length > shortBytes {
		return id.low
	}
	const a, b = 0xa0761d6478bd642f, 0xe7037ed1a0b428db
	high, low := bits.Mul64(id.low^a, id.high^b^uint64(id.length)<<32)
	high, low = bits.Mul64(high^b, low^a)
	return high ^ low
}

// values counts different values: the first ExactValues of them, in the order in which
// they came.
type values struct {
	room  *Room
	list  []counted
	bytes []byte   // of all, each as far as it is given
	slots []uint32 // where a hash leads: a part of the hash, and a place in list plus 1
}

// counted is a value and how often it came.
type counted struct {
	identity
	begin uint32 // in bytes
	count int64
}

const (
	countedBytes = 32

	placeBits = 14 // enough for ExactValues
	placeMask = 1<<placeBits - 1

	firstSlots = 16
)

// find returns a value, or nil.
func (v *values) find(id identity, hash uint64, value []byte) *counted {
	if len(v.slots) == 0 {
		return nil
	}
	mask := uint32(len(v.slots) - 1)
	tag := uint32(hash>>32) &^ placeMask
	for at := uint32(hash) & mask; ; at = (at + 1) & mask {
		slot := v.slots[at]
		if slot == 0 {
			return nil
		}
		if slot&^placeMask != tag {
			continue
		}
		c := &v.list[slot&placeMask-1]
		if c.identity == id && (id.length <= shortBytes || bytes.Equal(v.given(c), value[:min(len(value), givenBytes)])) {
			return c
		}
	}
}

// given is a value as far as it is given.
func (v *values) given(c *counted) []byte {
	return v.bytes[c.begin : c.begin+min(c.length, givenBytes)]
}

// add adds a value that is not there. It fails where there is no room for another.
func (v *values) add(id identity, hash uint64, value []byte) bool {
	n := min(len(value), givenBytes)
	if len(v.list) == ExactValues || !v.grow(n) {
		return false
	}
	v.list = append(v.list, counted{identity: id, begin: uint32(len(v.bytes)), count: 1})
	v.bytes = append(v.bytes, value[:n]...)
	v.put(hash, len(v.list))
	return true
}

func (v *values) put(hash uint64, place int) {
	mask := uint32(len(v.slots) - 1)
	at := uint32(hash) & mask
	for v.slots[at] != 0 {
		at = (at + 1) & mask
	}
	v.slots[at] = uint32(hash>>32)&^placeMask | uint32(place)
}

// grow makes room for a value of so many bytes. What is grown is doubled.
func (v *values) grow(n int) bool {
	if len(v.bytes)+n > cap(v.bytes) {
		larger := max(2*cap(v.bytes), len(v.bytes)+n, 64)
		if !v.room.take(int64(larger - cap(v.bytes))) {
			return false
		}
		v.bytes = append(make([]byte, 0, larger), v.bytes...)
	}
	if len(v.list) == cap(v.list) {
		larger := min(max(2*cap(v.list), firstSlots/2), ExactValues)
		if !v.room.take(int64(larger-cap(v.list)) * countedBytes) {
			return false
		}
		v.list = append(make([]counted, 0, larger), v.list...)
	}
	if 3*len(v.list) >= 2*len(v.slots) {
		return v.growSlots()
	}
	return true
}

func (v *values) growSlots() bool {
	larger := max(2*len(v.slots), firstSlots)
	if !v.room.take(int64(larger-len(v.slots)) * 4) {
		return false
	}
	v.slots = make([]uint32, larger)
	for i := range v.list {
		v.put(v.list[i].hash(), i+1)
	}
	return true
}
