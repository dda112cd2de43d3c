package tablefile

import (
	"cmp"
	"context"
	"math"
	"slices"

	"ret/shared/fault"
)

// View is what a question makes of a table: the numbers of its rows, in order. It
// holds nothing of their content and is never changed.
type View struct{ rows []uint32 }

// Len is the number of rows.
func (v *View) Len() int64 { return int64(len(v.rows)) }

// from returns the numbers in the table of n rows from a place on.
func (v *View) from(place, n int64) ([]uint32, error) { return v.rows[place : place+n], nil }

func (v *View) bytes() int64 { return int64(cap(v.rows))*4 + 128 }

// numbers are those of a view's rows, wherever they are kept.
type numbers interface {
	Len() int64
	from(place, n int64) ([]uint32, error)
}

// question is a Query that was understood: which rows, in which order, and what of
// them is shown.
type question struct {
	filters []filter
	by      []order // the first counts most; none: as stored
	shown   []int   // columns; nil: all

	again func() []filter // the same filters for another goroutine
	reach int             // how many columns of a row filters and orders look at, from the first
}

func (t *Table) parse(q Query) (asked question, err error) {
	if q.Offset < 0 || q.Limit < 0 {
		return asked, fault.New(fault.Invalid, "Offset and limit must not be negative.")
	}
	if asked, err = parseQuery(q, t.Columns); err != nil {
		return asked, err
	}
	if t.index.Rows > math.MaxUint32 && len(asked.by) > 0 {
		return asked, fault.New(fault.TooLarge, "This table has too many rows to be sorted.")
	}
	return asked, nil
}

func parseQuery(q Query, columns []string) (asked question, err error) {
	if asked.filters, err = parseFilters(q, columns); err != nil {
		return asked, err
	}
	asked.again = func() []filter {
		filters, _ := parseFilters(q, columns) // as before
		return filters
	}
	if asked.by, err = parseOrders(q.Sorts, columns); err != nil {
		return asked, err
	}
	asked.reach = reach(asked.filters, asked.by, len(columns))
	if asked.shown, err = parseHidden(q.Hidden, columns); err != nil {
		return asked, err
	}
	asked.shown, err = q.columnWindow(asked.shown, len(columns))
	return asked, err
}

// reach is how many columns one must look at, from the first on.
func reach(filters []filter, by []order, columns int) (reach int) {
	for _, f := range filters {
		if f.column == anyColumn {
			return columns
		}
		reach = max(reach, f.column+1)
	}
	for _, o := range by {
		reach = max(reach, o.column+1)
	}
	return reach
}

// columnWindow leaves of the columns that are not hidden, nil for all, those that the
// query's window has.
func (q Query) columnWindow(shown []int, columns int) ([]int, error) {
	if q.FirstColumn == 0 && q.Columns == 0 {
		return shown, nil
	}
	if q.FirstColumn < 0 || q.Columns < 0 {
		return nil, fault.New(fault.Invalid, "A window of columns begins at 0 or behind it.")
	}
	if shown == nil {
		shown = make([]int, columns)
		for i := range shown {
			shown[i] = i
		}
	}
	first := min(q.FirstColumn, len(shown))
	last := len(shown)
	if q.Columns > 0 {
		last = first + min(q.Columns, len(shown)-first)
	}
	return shown[first:last], nil
}

// parseHidden gives the columns that are left.
func parseHidden(hidden, columns []string) (shown []int, err error) {
	for _, name := range hidden {
		if !slices.Contains(columns, name) {
			return nil, fault.New(fault.Invalid, "There is no column %q to be hidden.", name)
		}
	}
	if len(hidden) == 0 {
		return nil, nil
	}
	shown = []int{}
	for i, name := range columns {
		if !slices.Contains(hidden, name) {
			shown = append(shown, i)
		}
	}
	if len(shown) == 0 {
		return nil, fault.New(fault.Invalid, "At least one column must be shown.")
	}
	return shown, nil
}

// names are the columns that are shown.
func (q question) names(columns []string) []string {
	if q.shown == nil {
		return columns
	}
	return pick(q.shown, columns)
}

// cells leaves of a row what is shown.
func (q question) cells(row [][]byte) [][]byte {
	if q.shown == nil {
		return row
	}
	return pick(q.shown, row)
}

func pick[T any](which []int, list []T) []T {
	chosen := make([]T, len(which))
	for i, k := range which {
		chosen[i] = list[k]
	}
	return chosen
}

// plain reports whether the rows are those of the table, as they stand.
func (q question) plain() bool { return len(q.by) == 0 && len(q.filters) == 0 }

// sorting is a question with a single order. Where rows tie, they stand as ties says,
// or in row order.
type sorting struct {
	filters []filter
	again   func() []filter // the same for another goroutine
	reach   int             // see question
	by      order
	ties    []uint32 // by row: its place among those that tie; nil: its number
}

// sorting sorts by all orders but the first, the last of them first, so that each one's
// places tell apart what ties in the one before it.
func (t *Table) sorting(ctx context.Context, q question) (sorting, error) {
	s := sorting{filters: q.filters, again: q.again, reach: q.reach, by: q.by[0]}
	for _, by := range slices.Backward(q.by[1:]) {
		places := make([]uint32, t.index.Rows)
		place := uint32(0)
		later := sorting{filters: q.filters, again: q.again, reach: q.reach, by: by, ties: s.ties}
		_, err := t.sorted(ctx, later, math.MaxInt64, func(row uint32) {
			places[row] = place
			place++
		})
		if err != nil {
			return s, err
		}
		s.ties = places
	}
	return s, nil
}

// compareTied orders rows that are equal otherwise.
func (s *sorting) compareTied(a, b uint32) int {
	if s.ties != nil {
		return cmp.Compare(s.ties[a], s.ties[b])
	}
	return cmp.Compare(a, b)
}

// view makes the view of a question: memory grows with the rows that it has, four
// bytes each, and is bounded beyond that.
func (t *Table) view(ctx context.Context, q question) (*View, error) {
	if len(q.by) > 0 && t.sortsWhole(math.MaxInt64) {
		s, err := t.sorting(ctx, q)
		if err != nil {
			return nil, err
		}
		sorted, err := t.sortWhole(ctx, s)
		if err != nil {
			return nil, err
		}
		return &View{rows: sorted.rows()}, nil
	}
	if len(q.by) == 0 && t.index.Rows <= math.MaxUint32 {
		return t.filtered(ctx, q)
	}
	v := &View{}
	if len(q.filters) == 0 {
		v.rows = make([]uint32, 0, t.index.Rows)
	}
	_, err := t.choose(ctx, q, math.MaxInt64, func(row uint32) { v.rows = append(v.rows, row) })
	return v, err
}

// filtered makes the view of a question without an order.
func (t *Table) filtered(ctx context.Context, q question) (*View, error) {
	v := &View{}
	begin := func() partScan[[]uint32] {
		var rows []uint32
		filters := q.again()
		return partScan[[]uint32]{
			row: func(row int64, cells [][]byte) error {
				if matchAll(filters, cells) {
					rows = append(rows, uint32(row))
				}
				return nil
			},
			end: func() []uint32 {
				found := rows
				rows = nil
				return found
			},
		}
	}
	err := scanParts(ctx, t.wholeInParts(q.reach), begin, func(rows []uint32) error {
		v.rows = append(v.rows, rows...)
		return nil
	})
	return v, err
}

// sortsWhole reports whether the rows are better sorted all at once: there is room,
// and many are wanted.
func (t *Table) sortsWhole(wanted int64) bool {
	return t.index.Rows <= t.sortRoom.whole && wanted >= t.index.Rows/4
}

// choose calls f with the rows of a question in order, at most the first wanted
// ones, and returns how many there are in all. What it holds is bounded, whatever
// the table, but for four bytes a row where it is sorted by several columns; a table
// with more to sort by is read several times.
func (t *Table) choose(ctx context.Context, q question, wanted int64, f func(row uint32)) (total int64, err error) {
	if len(q.by) > 0 {
		s, err := t.sorting(ctx, q)
		if err != nil {
			return 0, err
		}
		return t.sorted(ctx, s, wanted, f)
	}
	err = t.Each(ctx, func(row int64, cells [][]byte) error {
		if matchAll(q.filters, cells) {
			if total++; total <= wanted {
				f(uint32(row))
			}
		}
		return nil
	})
	return total, err
}

// sorted is choose for a single order.
func (t *Table) sorted(ctx context.Context, s sorting, wanted int64, f func(row uint32)) (total int64, err error) {
	if t.sortsWhole(wanted) {
		sorted, err := t.sortWhole(ctx, s)
		if err != nil {
			return 0, err
		}
		for _, k := range sorted.keys[:min(wanted, int64(len(sorted.keys)))] {
			f(k.row)
		}
		return int64(len(sorted.keys)), nil
	}
	return t.sortedInPasses(ctx, s, wanted, f)
}
