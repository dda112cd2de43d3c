package tablefile

import (
	"bytes"
	"cmp"
	"container/heap"
	"slices"
	"strings"

	"ret/shared/fault"
)

// order is the column to sort by.
type order struct {
	column     int
	descending bool
}

// parseOrder reads a column's name, or "-" and a name.
func parseOrder(text string, columns []string) (order, error) {
	if i := slices.Index(columns, text); i >= 0 {
		return order{column: i}, nil
	}
	if name, ok := strings.CutPrefix(text, "-"); ok {
		if i := slices.Index(columns, name); i >= 0 {
			return order{column: i, descending: true}, nil
		}
	}
	return order{}, fault.New(fault.Invalid, "There is no column %q to sort by.", text)
}

// sortKey is a row as sorting sees it.
type sortKey struct {
	value  value // of the sorted column; text is nil where absent
	row    int64
	offset int64 // of the row in the table
}

// compare orders numbers before text, turned round if descending; then, whatever
// the direction, absent last and ties in row order.
func (o order) compare(a, b sortKey) int {
	if c := compareBool(a.value.text == nil, b.value.text == nil); c != 0 {
		return c
	}
	c := compareBool(!a.value.number, !b.value.number)
	if c == 0 {
		c = compareValues(a.value, b.value)
	}
	if o.descending {
		c = -c
	}
	return cmp.Or(c, cmp.Compare(a.row, b.row))
}

// compareBool orders false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// firsts keeps the first rows of an order, at most limit of them: a heap with the
// last of those kept on top.
type firsts struct {
	order order
	limit int
	keys  []sortKey
}

// offer takes a row in if it is among the first so far. The key's text is only
// borrowed.
func (f *firsts) offer(k sortKey) {
	if len(f.keys) < f.limit {
		k.value.text = bytes.Clone(k.value.text)
		heap.Push(f, k)
		return
	}
	if f.limit > 0 && f.order.compare(k, f.keys[0]) < 0 {
		k.value.text = bytes.Clone(k.value.text)
		f.keys[0] = k
		heap.Fix(f, 0)
	}
}

// sorted empties the heap in order.
func (f *firsts) sorted() []sortKey {
	slices.SortFunc(f.keys, f.order.compare)
	return f.keys
}

// Len, Less, Swap, Push and Pop are for container/heap.
func (f *firsts) Len() int           { return len(f.keys) }
func (f *firsts) Less(i, j int) bool { return f.order.compare(f.keys[i], f.keys[j]) > 0 }
func (f *firsts) Swap(i, j int)      { f.keys[i], f.keys[j] = f.keys[j], f.keys[i] }
func (f *firsts) Push(k any)         { f.keys = append(f.keys, k.(sortKey)) }

func (f *firsts) Pop() any {
	last := f.keys[len(f.keys)-1]
	f.keys = f.keys[:len(f.keys)-1]
	return last
}
