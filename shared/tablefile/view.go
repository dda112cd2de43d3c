package tablefile

import (
	"context"
	"math"

	"ret/shared/fault"
)

// View is what a question makes of a table: the numbers of its rows, in order. It
// holds nothing of their content and is never changed.
type View struct{ rows []uint32 }

// Len is the number of rows.
func (v *View) Len() int64 { return int64(len(v.rows)) }

// Row returns the number in the table of the row that stands at a place.
func (v *View) Row(place int64) int64 { return int64(v.rows[place]) }

func (v *View) bytes() int64 { return int64(cap(v.rows))*4 + 128 }

// question is a Query that was understood: which rows, in which order.
type question struct {
	filters []filter
	by      *order // nil: as stored
}

func (t *Table) parse(q Query) (asked question, err error) {
	if q.Offset < 0 || q.Limit < 0 {
		return asked, fault.New(fault.Invalid, "Offset and limit must not be negative.")
	}
	if t.index.Rows > math.MaxUint32 && q.Sort != "" {
		return asked, fault.New(fault.TooLarge, "This table has too many rows to be sorted.")
	}
	if asked.filters, err = parseFilters(q.Filters, t.Columns); err != nil || q.Sort == "" {
		return asked, err
	}
	by, err := parseOrder(q.Sort, t.Columns)
	asked.by = &by
	return asked, err
}

// plain reports whether the rows are those of the table, as they stand.
func (q question) plain() bool { return q.by == nil && len(q.filters) == 0 }

// View makes the view of a question: memory grows with the rows that it has, four
// bytes each, and is bounded beyond that.
func (t *Table) view(ctx context.Context, q question) (*View, error) {
	if t.sortsWhole(q, math.MaxInt64) {
		sorted, err := t.sortWhole(ctx, q)
		if err != nil {
			return nil, err
		}
		return &View{rows: sorted.rows()}, nil
	}
	v := &View{}
	if len(q.filters) == 0 {
		v.rows = make([]uint32, 0, t.index.Rows)
	}
	_, err := t.choose(ctx, q, math.MaxInt64, func(row uint32) { v.rows = append(v.rows, row) })
	return v, err
}

// sortsWhole reports whether the rows are better sorted all at once: there is room,
// and many are wanted.
func (t *Table) sortsWhole(q question, wanted int64) bool {
	return q.by != nil && t.index.Rows <= t.sortRoom.whole && wanted >= t.index.Rows/4
}

// choose calls f with the rows of a question in order, at most the first wanted
// ones, and returns how many there are in all. What it holds is bounded, whatever
// the table; a table with more to sort by is read several times.
func (t *Table) choose(ctx context.Context, q question, wanted int64, f func(row uint32)) (total int64, err error) {
	if q.by == nil {
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
	if t.sortsWhole(q, wanted) {
		sorted, err := t.sortWhole(ctx, q)
		if err != nil {
			return 0, err
		}
		for _, k := range sorted.keys[:min(wanted, int64(len(sorted.keys)))] {
			f(k.row)
		}
		return int64(len(sorted.keys)), nil
	}
	var chosen int64
	for behind := (*ownKey)(nil); ; {
		keys := t.room(*q.by, wanted-chosen, behind)
		if total, err = t.offerAll(ctx, q, keys); err != nil {
			return 0, err
		}
		keys.sort()
		for _, k := range keys.keys {
			if chosen == wanted {
				return total, nil
			}
			f(k.row)
			chosen++
		}
		if keys.before == nil || chosen == wanted {
			return total, nil
		}
		behind = keys.own(keys.keys[len(keys.keys)-1])
	}
}

// room makes room for the first rows of an order, of which wanted are.
func (t *Table) room(by order, wanted int64, behind *ownKey) *sortKeys {
	most := min(t.index.Rows, t.sortRoom.keys)
	if wanted < most/2 {
		most = max(2, 2*wanted) // half of them are dropped when it is full
	}
	return &sortKeys{by: by, keys: make([]sortKey, 0, most), maxKeys: int(most), maxTexts: t.sortRoom.texts, behind: behind}
}

// offerAll makes one pass over the rows that the filters let through.
func (t *Table) offerAll(ctx context.Context, q question, keys *sortKeys) (total int64, err error) {
	err = t.Each(ctx, func(row int64, cells [][]byte) error {
		if matchAll(q.filters, cells) {
			total++
			keys.offer(uint32(row), cells[q.by.column])
		}
		return nil
	})
	return total, err
}
