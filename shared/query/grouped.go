package query

import (
	"io"

	"ret/shared/tablefile"
)

// groupedRows reads a table group by group.
type groupedRows struct {
	table   *table
	groups  *grouping
	columns []int
	cells   [][]byte

	first, end uint32 // groups of the lot that is read
	at         int    // in its order

	alone  bool              // it is one group, which has no room
	stored *tablefile.Cursor // that it is read from
	row    int64             // that this reads next
}

func (t *table) groupedRows(p *plan) *groupedRows {
	return &groupedRows{table: t, groups: p.groups, columns: columnsUsed(p.used, len(t.columns)), cells: make([][]byte, len(t.columns))}
}

// next gives the number of the next row, from 0, and its used cells; io.EOF after the last.
func (r *groupedRows) next() (row int64, cells [][]byte, err error) {
	for {
		switch {
		case r.first == r.end:
			if !r.begin() {
				return 0, nil, io.EOF
			}
			continue
		case r.alone:
			row, cells, err = r.nextStored()
		default:
			row, cells, err = r.nextKept()
		}
		if err != io.EOF {
			return row, cells, err
		}
		r.first = r.end
	}
}

// begin goes on to the next lot; false if there is none.
func (r *groupedRows) begin() bool {
	if int(r.end) == len(r.groups.bytes) {
		return false
	}
	r.at, r.first = 0, r.end
	if r.end, r.alone = r.groups.span(r.first); r.alone {
		r.stored, r.row = r.table.opened.Rows.Cursor(width(r.columns)), 0
	}
	return true
}

func (r *groupedRows) nextKept() (row int64, cells [][]byte, err error) {
	l, err := r.groups.lotOf(r.table, r.first, r.end, r.columns)
	if err != nil {
		return 0, nil, err
	}
	if r.at == len(l.order) {
		return 0, nil, io.EOF
	}
	place := l.order[r.at]
	r.at++
	l.rows.read(int64(place), r.cells)
	return int64(l.numbers[place]), r.cells, nil
}

func (r *groupedRows) nextStored() (row int64, cells [][]byte, err error) {
	for r.row < int64(len(r.groups.of)) {
		row = r.row
		r.row++
		if cells, err = r.stored.Next(); err != nil {
			return 0, nil, err
		}
		if r.groups.of[row] == r.first {
			return row, cells, nil
		}
	}
	return 0, nil, io.EOF
}
