package tablefile

import (
	"bytes"
	"cmp"
	"slices"
	"sync/atomic"

	"github.com/cespare/xxhash/v2"

	"ret/shared/fault"
)

// valueCounts counts texts as they come. It is a hash table of its own because of what one
// of Go's would do for each different text: allocate a string, and be at home neither with
// its hash, which joining two needs again, nor with its count.
type valueCounts struct {
	list   []countedValue
	texts  []byte   // of all values, one after the other
	slots  []uint64 // where a hash leads: its upper half, and a place in list plus 1
	absent int64
	room   *valueRoom
	taken  int64 // of the room
}

// countedValue is a value and how often it came.
type countedValue struct {
	hash          uint64
	count         int64
	begin, length uint32 // in texts
}

const (
	// valuesRoom is what the different values of a column may take while they are counted.
	valuesRoom = 64 << 20

	// countedValueBytes is what one takes beside its text.
	countedValueBytes = 96

	// firstSlots is for how many values there are slots at once.
	firstSlots = 1 << 12
)

// valueRoom is what those who count at the same time have taken.
type valueRoom struct{ bytes atomic.Int64 }

var errManyValues = fault.New(fault.TooLarge, "This column has too many different values to be listed. Filter the rows, or look for a part of the values.")

func newValueCounts(room *valueRoom) *valueCounts {
	return &valueCounts{slots: make([]uint64, firstSlots), room: room}
}

func (c *valueCounts) text(v *countedValue) []byte {
	return c.texts[v.begin : v.begin+v.length : v.begin+v.length]
}

// add counts a cell, which is borrowed; errManyValues if there is no room for another value.
func (c *valueCounts) add(cell []byte) error {
	if cell == nil {
		c.absent++
		return nil
	}
	return c.addMany(cell, xxhash.Sum64(cell), 1)
}

func (c *valueCounts) addMany(text []byte, hash uint64, count int64) error {
	mask := uint64(len(c.slots) - 1)
	at := hash & mask
	for ; c.slots[at] != 0; at = (at + 1) & mask {
		slot := c.slots[at]
		if slot>>32 != hash>>32 {
			continue
		}
		v := &c.list[uint32(slot)-1]
		if v.hash == hash && bytes.Equal(c.text(v), text) {
			v.count += count
			return nil
		}
	}
	takes := int64(len(text)) + countedValueBytes
	if c.room.bytes.Add(takes) > valuesRoom {
		return errManyValues
	}
	c.taken += takes
	c.list = append(c.list, countedValue{hash, count, uint32(len(c.texts)), uint32(len(text))})
	c.texts = append(c.texts, text...)
	c.slots[at] = hash>>32<<32 | uint64(len(c.list))
	if 2*len(c.list) > len(c.slots) {
		c.growSlots()
	}
	return nil
}

// growSlots keeps at least half of the slots empty, so that few are looked at in vain.
func (c *valueCounts) growSlots() {
	c.slots = make([]uint64, 4*len(c.slots))
	mask := uint64(len(c.slots) - 1)
	for i := range c.list {
		hash := c.list[i].hash
		at := hash & mask
		for c.slots[at] != 0 {
			at = (at + 1) & mask
		}
		c.slots[at] = hash>>32<<32 | uint64(i+1)
	}
}

// join adds what another has counted in the same room, who counts no more.
func (c *valueCounts) join(other *valueCounts) error {
	c.absent += other.absent
	c.room.bytes.Add(-other.taken)
	for i := range other.list {
		v := &other.list[i]
		if err := c.addMany(other.text(v), v.hash, v.count); err != nil {
			return err
		}
	}
	return nil
}

// orderedValue is a value as it is compared with others.
type orderedValue struct {
	value
	count int64
}

// order compares values as they are listed.
func (c *valueCounts) order(byCount bool) func(a, b orderedValue) int {
	return func(a, b orderedValue) int {
		if byCount && a.count != b.count {
			return cmp.Compare(b.count, a.count)
		}
		if order := compareSorted(a.value, b.value); order != 0 {
			return order
		}
		return bytes.Compare(a.text, b.text) // 1 and 1.0
	}
}

// first are the values that come first, in order, so many at most.
func (c *valueCounts) first(byCount bool, most int) columnValues {
	if most == 0 {
		return nil
	}
	compare := c.order(byCount)
	if most >= len(c.list)/4 {
		list := make([]orderedValue, len(c.list))
		for i := range c.list {
			list[i] = orderedValue{parseValue(c.text(&c.list[i])), c.list[i].count}
		}
		sortAtOnce(list, compare)
		return c.listed(list[:min(most, len(list))], most)
	}
	// What comes after as many others is passed over; now and then is seen what that is.
	best := make([]orderedValue, 0, 2*most)
	least := int64(0)
	for i := range c.list {
		if c.list[i].count < least {
			continue
		}
		v := orderedValue{parseValue(c.text(&c.list[i])), c.list[i].count}
		if least > 0 && compare(v, best[most-1]) > 0 {
			continue
		}
		if best = append(best, v); len(best) == cap(best) {
			slices.SortFunc(best, compare)
			best = best[:most]
			least = 1
			if byCount {
				least = best[most-1].count
			}
		}
	}
	slices.SortFunc(best, compare)
	return c.listed(best[:min(most, len(best))], most)
}

// listed are values as they are given; absent cells come last, if there is room.
func (c *valueCounts) listed(list []orderedValue, most int) columnValues {
	values := make(columnValues, 0, len(list)+1)
	var texts []byte
	for _, v := range list {
		texts = append(texts, v.text...)
	}
	all := string(texts) // which the values point into
	names := make([]string, len(list))
	for i, v := range list {
		names[i], all = all[:len(v.text)], all[len(v.text):]
		values = append(values, ColumnValue{&names[i], v.count})
	}
	if c.absent > 0 && len(values) == len(c.list) && len(values) < most {
		values = append(values, ColumnValue{Count: c.absent})
	}
	return values
}

// length is how many there are with the absent cells, if there are any.
func (c *valueCounts) length() int {
	if c.absent > 0 {
		return len(c.list) + 1
	}
	return len(c.list)
}

// page are those from a place on.
func (c *valueCounts) page(byCount bool, offset, limit int) ColumnValues {
	length := c.length()
	first := min(max(offset, 0), length)
	last := first + min(max(limit, 0), length-first)
	return valuesPage(c.first(byCount, last)[first:], last, length, int64(len(c.list)))
}
