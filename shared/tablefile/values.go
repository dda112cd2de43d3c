package tablefile

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"sync/atomic"

	"ret/shared/fault"
)

// ValuesQuery asks which values a column has in the rows that a view's filters let
// through, and how often.
type ValuesQuery struct {
	Column   string
	Contains string // in each of the values, whatever its case; "": all, absent cells too
	ByCount  bool   // the most frequent first; else in the order in which rows are sorted
	Offset   int
	Limit    int
	Rows     Query // its filters
}

// ColumnValue is a value of a column and in how many rows it stands.
type ColumnValue struct {
	Value *string `json:"value"` // nil: the cell is absent
	Count int64   `json:"count"`
}

// ColumnValues are a column's values from Offset on. Absent cells come last; they are no
// value, so Distinct does not count them.
type ColumnValues struct {
	Items    []ColumnValue `json:"items"`
	Next     *string       `json:"next"` // what asks for the values after these; nil: there are none
	Distinct int64         `json:"distinct"`
}

const (
	// valuesRoom is what the different values of a column may take while they are counted.
	valuesRoom = 64 << 20

	// countedValueBytes is what one takes beside its text.
	countedValueBytes = 96
)

// Values reads the rows that the query's filters let through, and counts the values of one
// column, exactly. It fails with fault.Invalid on a column that is not there and on what is
// no filter, and with fault.TooLarge where the different values take more than 64 MiB.
func (t *Table) Values(ctx context.Context, q ValuesQuery) (ColumnValues, error) {
	all, err := t.allValues(ctx, q)
	return all.from(q.Offset, q.Limit), err
}

// Values is Table.Values with what is kept on the shelf, which may be nil.
func (v *Views) Values(ctx context.Context, shelf Shelf, name string, t *Table, q ValuesQuery) (ColumnValues, error) {
	asked, err := json.Marshal([]any{"values", name, q.Column, q.Contains, q.ByCount})
	if err != nil {
		return ColumnValues{}, err
	}
	key := newViewKey(string(asked), q.Rows.filtersOnly())
	done, err := v.alone(ctx, key)
	if err != nil {
		return ColumnValues{}, err
	}
	if found, ok := shelvedValues(shelf, key, q.Offset, q.Limit); ok {
		done()
		return found, nil
	}
	finished, err := v.takeWork(ctx, min(2*t.index.Bytes+smallWork, valuesRoom))
	if err != nil {
		done()
		return ColumnValues{}, err
	}
	all, err := t.allValues(ctx, q)
	keep := func() {
		defer done()
		defer finished()
		if err == nil && shelf != nil {
			_ = shelf.Keep(key.text(), all.write) // they are known already
		}
	}
	if len(all) > valuesOfBlock {
		go keep() // a person waits for these; who asks for more of them waits for that
	} else {
		keep()
	}
	return all.from(q.Offset, q.Limit), err
}

// columnValues are all of a column's, in order.
type columnValues []ColumnValue

func (c columnValues) from(offset, limit int) ColumnValues {
	first := min(max(offset, 0), len(c))
	last := first + min(max(limit, 0), len(c)-first)
	return valuesPage(c[first:last], last, len(c), c.distinct())
}

func (c columnValues) distinct() int64 {
	if len(c) > 0 && c[len(c)-1].Value == nil {
		return int64(len(c)) - 1
	}
	return int64(len(c))
}

// valuesPage are values up to the place last, of so many in all.
func valuesPage(items []ColumnValue, last, all int, distinct int64) ColumnValues {
	v := ColumnValues{Items: append([]ColumnValue{}, items...), Distinct: distinct}
	if last < all {
		next := strconv.Itoa(last)
		v.Next = &next
	}
	return v
}

func (t *Table) allValues(ctx context.Context, q ValuesQuery) (columnValues, error) {
	asked, err := parseQuery(q.Rows.filtersOnly(), t.Columns)
	if err != nil {
		return nil, err
	}
	column := slices.Index(t.Columns, q.Column)
	if column < 0 {
		return nil, fault.New(fault.Invalid, "There is no column %q.", q.Column)
	}
	counts, err := t.countValues(ctx, asked, column, q.Contains)
	if err != nil {
		return nil, err
	}
	return counts.ordered(q.ByCount), nil
}

// valueCounts counts values as they come.
type valueCounts struct {
	places map[string]uint32 // of the values, in counts
	counts []int64
	absent int64
	room   *valueRoom
}

// soonCounted is for how many values there is room at once: to make more costs as much as to count.
const soonCounted = 1 << 15

func newValueCounts(room *valueRoom) *valueCounts {
	return &valueCounts{places: make(map[string]uint32, soonCounted), room: room}
}

// valueRoom is what those who count at the same time have taken.
type valueRoom struct{ bytes atomic.Int64 }

// countValues counts by all processors, each of which counts for itself; where that takes
// too much room, by one.
func (t *Table) countValues(ctx context.Context, asked question, column int, part string) (valueCounts, error) {
	room := &valueRoom{}
	var all []*valueCounts
	begin := func() partScan[struct{}] {
		counts := newValueCounts(room)
		all = append(all, counts)
		return counts.scan(asked.again(), column, part)
	}
	nothing := func(struct{}) error { return nil }
	rows := t.wholeInParts(max(asked.reach, column+1))
	err := scanParts(ctx, rows, begin, nothing)
	if errors.Is(err, errManyValues) && len(all) > 1 {
		room.bytes.Store(0)
		all = nil
		err = scanInTurn(ctx, rows, begin(), nothing)
	}
	if err != nil {
		return valueCounts{}, err
	}
	for _, other := range all[1:] {
		all[0].join(other)
	}
	return *all[0], nil
}

// scan counts the values of rows that filters let through.
func (c *valueCounts) scan(filters []filter, column int, part string) partScan[struct{}] {
	wanted := func([]byte) bool { return true }
	if part != "" {
		wanted = contains(part)
	}
	return partScan[struct{}]{
		row: func(_ int64, cells [][]byte) error {
			if !matchAll(filters, cells) || !wanted(cells[column]) {
				return nil
			}
			return c.add(cells[column])
		},
		end: func() struct{} { return struct{}{} },
	}
}

// join adds what another has counted, who counts no more.
func (c *valueCounts) join(other *valueCounts) {
	c.absent += other.absent
	for text, place := range other.places {
		if known, ok := c.places[text]; ok {
			c.counts[known] += other.counts[place]
		} else {
			c.places[text] = uint32(len(c.counts))
			c.counts = append(c.counts, other.counts[place])
		}
	}
}

var errManyValues = fault.New(fault.TooLarge, "This column has too many different values to be listed. Filter the rows, or look for a part of the values.")

func (c *valueCounts) add(cell []byte) error {
	if cell == nil {
		c.absent++
		return nil
	}
	if place, known := c.places[string(cell)]; known {
		c.counts[place]++
		return nil
	}
	if c.room.bytes.Add(int64(len(cell))+countedValueBytes) > valuesRoom {
		return errManyValues
	}
	c.places[string(cell)] = uint32(len(c.counts))
	c.counts = append(c.counts, 1)
	return nil
}

func (c *valueCounts) ordered(byCount bool) columnValues {
	type counted struct {
		value
		name  *string
		count int64
	}
	list := make([]counted, 0, len(c.places))
	names := make([]string, 0, len(c.places)) // which the values point into
	var texts []byte
	for name, place := range c.places {
		names = append(names, name)
		texts = append(texts, name...)
		text := texts[len(texts)-len(name):]
		list = append(list, counted{parseValue(text[:len(text):len(text)]), &names[len(names)-1], c.counts[place]})
	}
	sortAtOnce(list, func(a, b counted) int {
		if byCount && a.count != b.count {
			return cmp.Compare(b.count, a.count)
		}
		if order := compareSorted(a.value, b.value); order != 0 {
			return order
		}
		return bytes.Compare(a.text, b.text) // 1 and 1.0
	})
	values := make(columnValues, 0, len(list)+1)
	for _, v := range list {
		values = append(values, ColumnValue{v.name, v.count})
	}
	if c.absent > 0 {
		values = append(values, ColumnValue{Count: c.absent})
	}
	return values
}
