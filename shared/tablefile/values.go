package tablefile

import (
	"context"
	"encoding/json"
	"errors"
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

// Values reads the rows that the query's filters let through, and counts the values of one
// column, exactly. It fails with fault.Invalid on a column that is not there and on what is
// no filter, and with fault.TooLarge where the different values take more than 64 MiB.
func (t *Table) Values(ctx context.Context, q ValuesQuery) (ColumnValues, error) {
	counts, err := t.columnCounts(ctx, q)
	if err != nil {
		return ColumnValues{}, err
	}
	return counts.page(q.ByCount, q.Offset, q.Limit), nil
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
	counts, err := t.columnCounts(ctx, q)
	if err != nil {
		finished()
		done()
		return ColumnValues{}, err
	}
	page := counts.page(q.ByCount, q.Offset, q.Limit)
	keep := func() {
		defer done()
		defer finished()
		if shelf != nil {
			_ = shelf.Keep(key.text(), counts.first(q.ByCount, counts.length()).write) // they are known already
		}
	}
	if counts.length() > valuesOfBlock {
		go keep() // a person waits for these; who asks for more of them waits for that
	} else {
		keep()
	}
	return page, nil
}

// columnValues are all of a column's, in order.
type columnValues []ColumnValue

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

// columnCounts counts the values that a query asks for.
func (t *Table) columnCounts(ctx context.Context, q ValuesQuery) (*valueCounts, error) {
	asked, err := parseQuery(q.Rows.filtersOnly(), t.Columns)
	if err != nil {
		return nil, err
	}
	column := slices.Index(t.Columns, q.Column)
	if column < 0 {
		return nil, fault.New(fault.Invalid, "There is no column %q.", q.Column)
	}
	return t.countValues(ctx, asked, column, q.Contains)
}

// countValues counts by all processors, each of which counts for itself; where that takes
// too much room, by one.
func (t *Table) countValues(ctx context.Context, asked question, column int, part string) (*valueCounts, error) {
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
	if err == nil {
		err = joinCounts(all)
	}
	if errors.Is(err, errManyValues) && len(all) > 1 {
		room.bytes.Store(0)
		all = nil
		err = scanInTurn(ctx, rows, begin(), nothing)
	}
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// joinCounts adds all others to the first.
func joinCounts(all []*valueCounts) error {
	for _, other := range all[1:] {
		if err := all[0].join(other); err != nil {
			return err
		}
	}
	return nil
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
