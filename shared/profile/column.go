package profile

import (
	"bytes"
	"cmp"
	"slices"
	"unicode/utf8"

	"github.com/axiomhq/hyperloglog"
)

// column is what is known of a column so far: its different values with their counts,
// and, once they are too many, a summary of all.
type column struct {
	wide    bool // one of many
	present int64
	lengths lengths
	values  values
	rest    *rest // nil while values has all
}

// rest is what is known of a column with too many values: the summary of all, and which
// are not among those that are counted.
type rest struct {
	summary
	sketch *hyperloglog.Sketch
}

// wideColumns is from how many columns on each is estimated with a smaller sketch, whose
// usual error is 3.3 instead of 0.8 of a hundred.
const wideColumns = 256

func (c *column) init(room *Room, columns int) {
	c.values.room, c.wide = room, columns > wideColumns
}

// addShort takes a cell that is present and short. It has sixteen bytes, whatever its
// length.
func (c *column) addShort(cell []byte, length int) {
	c.present++
	id := shortIdentity(cell, length)
	hash := id.hash()
	if found := c.values.find(id, hash, nil); found != nil {
		found.count++
		return
	}
	c.addNew(id, hash, cell[:length])
}

// addLong takes any other cell that is present.
func (c *column) addLong(cell []byte) {
	c.present++
	id := longIdentity(cell)
	if found := c.values.find(id, id.low, cell); found != nil {
		found.count++
		return
	}
	c.addNew(id, id.low, cell)
}

// addNew takes a value that is not among those counted.
func (c *column) addNew(id identity, hash uint64, cell []byte) {
	c.lengths.take(cell)
	if c.rest == nil {
		if c.values.add(id, hash, cell) {
			return
		}
		c.overflow()
	}
	c.rest.sketch.InsertHash(hash)
	c.rest.take(cell[:min(len(cell), givenBytes)], len(cell), 1)
}

// overflow begins the summary: from now on no value is added to those counted.
func (c *column) overflow() {
	precision := uint8(14)
	if c.wide {
		precision = 10
	}
	sketch, _ := hyperloglog.NewSketch(precision, false) // fails on other precisions only
	c.rest = &rest{sketch: sketch, summary: newSummary()}
	for i := range c.values.list {
		sketch.InsertHash(c.values.list[i].hash())
	}
}

// profile says what is known, of a table with so many rows.
func (c *column) profile(rows int64) Column {
	p := Column{Present: c.present, Absent: rows - c.present, Distinct: int64(len(c.values.list)), Exact: c.rest == nil}
	all := newSummary()
	if c.rest != nil {
		all = c.rest.summary
		p.Distinct = max(int64(c.rest.sketch.Estimate()), int64(len(c.values.list))+1)
	}
	for i := range c.values.list {
		v := &c.values.list[i]
		all.take(c.values.given(v), int(v.length), v.count)
	}
	all.describe(&p)
	p.Shortest, p.Longest = int64(c.lengths.shortest), int64(c.lengths.longest)
	p.Top = c.values.top()
	return p
}

// top are the most frequent values, of equally frequent ones the first by their bytes.
func (v *values) top() []Frequent {
	best := make([]*counted, 0, TopValues+1)
	for i := range v.list {
		c := &v.list[i]
		if len(best) == TopValues && c.count < best[TopValues-1].count {
			continue
		}
		at, _ := slices.BinarySearchFunc(best, c, v.compareFrequent)
		if best = slices.Insert(best, at, c); len(best) > TopValues {
			best = best[:TopValues]
		}
	}
	top := make([]Frequent, len(best))
	for i, c := range best {
		text, cut := given(v.given(c), int(c.length))
		top[i] = Frequent{Value: text, Cut: cut, Count: c.count}
	}
	return top
}

func (v *values) compareFrequent(a, b *counted) int {
	return cmp.Or(cmp.Compare(b.count, a.count), bytes.Compare(v.given(a), v.given(b)), cmp.Compare(a.length, b.length))
}

// given is as much of a value as is given, without half a character at its end.
func given(beginning []byte, length int) (text string, cut bool) {
	if length <= len(beginning) {
		return string(beginning), false
	}
	for n := len(beginning); n > len(beginning)-utf8.UTFMax; n-- {
		if r, size := utf8.DecodeLastRune(beginning[:n]); r != utf8.RuneError || size != 1 {
			return string(beginning[:n]), true
		}
	}
	return string(beginning), true
}
