package tablefile

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"

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
	all, err := answer(ctx, v, shelf, key, min(2*t.index.Bytes+smallWork, valuesRoom), func() (columnValues, error) { return t.allValues(ctx, q) })
	return all.from(q.Offset, q.Limit), err
}

// columnValues are all of a column's, in order.
type columnValues []ColumnValue

func (c columnValues) from(offset, limit int) ColumnValues {
	v := ColumnValues{Items: []ColumnValue{}, Distinct: int64(len(c))}
	if len(c) > 0 && c[len(c)-1].Value == nil {
		v.Distinct--
	}
	first := min(max(offset, 0), len(c))
	last := first + min(max(limit, 0), len(c)-first)
	v.Items = append(v.Items, c[first:last]...)
	if last < len(c) {
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
	counts, err := t.countValues(ctx, asked.filters, column, q.Contains)
	if err != nil {
		return nil, err
	}
	return counts.ordered(q.ByCount), nil
}

// valueCounts counts values as they come.
type valueCounts struct {
	byText map[string]*int64
	absent int64
	bytes  int64
}

func (t *Table) countValues(ctx context.Context, filters []filter, column int, part string) (valueCounts, error) {
	counts := valueCounts{byText: map[string]*int64{}}
	wanted := func([]byte) bool { return true }
	if part != "" {
		wanted = contains(part)
	}
	err := t.Each(ctx, func(_ int64, cells [][]byte) error {
		if !matchAll(filters, cells) || !wanted(cells[column]) {
			return nil
		}
		return counts.add(cells[column])
	})
	return counts, err
}

func (c *valueCounts) add(cell []byte) error {
	if cell == nil {
		c.absent++
		return nil
	}
	if count := c.byText[string(cell)]; count != nil {
		*count++
		return nil
	}
	if c.bytes += int64(len(cell)) + countedValueBytes; c.bytes > valuesRoom {
		return fault.New(fault.TooLarge, "This column has too many different values to be listed. Filter the rows, or look for a part of the values.")
	}
	count := int64(1)
	c.byText[string(cell)] = &count
	return nil
}

func (c *valueCounts) ordered(byCount bool) columnValues {
	type counted struct {
		value
		count int64
	}
	list := make([]counted, 0, len(c.byText))
	for text, count := range c.byText {
		list = append(list, counted{parseValue([]byte(text)), *count})
	}
	slices.SortFunc(list, func(a, b counted) int {
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
		text := string(v.text)
		values = append(values, ColumnValue{&text, v.count})
	}
	if c.absent > 0 {
		values = append(values, ColumnValue{Count: c.absent})
	}
	return values
}
