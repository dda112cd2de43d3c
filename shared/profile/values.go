package profile

import "bytes"

// values counts different values: the first ExactValues of them, in the order in which
// they came.
type values struct {
	room  *Room
	list  []counted
	bytes []byte   // of all, each as far as it is given
	slots []uint32 // where a hash leads: a part of the hash, and a place in list plus 1
}

// counted is a value. Its bytes are known as far as they are given: two longer ones are
// taken for the same if their lengths, their hashes and their beginnings are.
type counted struct {
	hash   uint64
	count  int64
	begin  uint32 // in bytes
	length uint32 // of the whole value
}

const (
	placeBits = 14 // enough for ExactValues
	placeMask = 1<<placeBits - 1

	firstSlots = 16
)

// find returns the place of a value, or -1.
func (v *values) find(hash uint64, value []byte) int {
	if len(v.slots) == 0 {
		return -1
	}
	mask := uint32(len(v.slots) - 1)
	tag := uint32(hash>>32) &^ placeMask
	for at := uint32(hash) & mask; ; at = (at + 1) & mask {
		slot := v.slots[at]
		if slot == 0 {
			return -1
		}
		if slot&^placeMask == tag {
			place := int(slot&placeMask) - 1
			if v.is(place, hash, value) {
				return place
			}
		}
	}
}

func (v *values) is(place int, hash uint64, value []byte) bool {
	c := &v.list[place]
	return c.hash == hash && int(c.length) == len(value) && bytes.Equal(v.given(c), value[:min(len(value), givenBytes)])
}

// given is a value as far as it is given.
func (v *values) given(c *counted) []byte {
	return v.bytes[c.begin : c.begin+min(c.length, givenBytes)]
}

// add adds a value that is not there. It fails where there is no room for another.
func (v *values) add(hash uint64, value []byte) (place int, ok bool) {
	if len(v.list) == ExactValues || !v.grow(min(len(value), givenBytes)) {
		return -1, false
	}
	begin := len(v.bytes)
	v.bytes = append(v.bytes, value[:min(len(value), givenBytes)]...)
	v.list = append(v.list, counted{hash: hash, begin: uint32(begin), length: uint32(len(value))})
	v.put(hash, len(v.list))
	return len(v.list) - 1, true
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
		larger := max(2*cap(v.list), firstSlots/2)
		if !v.room.take(int64(larger-cap(v.list)) * 24) {
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
		v.put(v.list[i].hash, i+1)
	}
	return true
}
