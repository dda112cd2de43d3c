package xmltable

import (
	"strconv"
	"strings"
)

// A row gathers the cells of one row of a table while its element is open.
type row struct {
	table   *table
	columns []Column // as Table has them
	own     int      // how many of them come before what the document brings
	counts  []bool   // which of the document's columns hold values

	id, parent, position int64
	in                   []byte // nil is absent
	place                []byte // the same, to be filled again
	file                 []byte
	xml                  []byte // the record as written
	flat                 []*row // of the elements above, by group

	around  int    // size of the row that was open when this one began, less the whole texts and markup in bytes
	bytes   []byte // what the cells hold
	cells   []cell // of the document's columns
	numbers []byte // what the cells of the table's own columns hold
	mixed   []mixedCell
	out     [][]byte
	inOrder [][]byte // the same in the order of a recipe

	above   bool // with --flat: a record has begun inside it
	settled int  // cells that were present by then
}

// cell is bytes[begin:end] of its row; absent if end is 0.
type cell struct{ begin, end int }

// keptBytes is how large a buffer may be to serve again: of the others there could
// be one for each table or level.
const keptBytes = 1 << 20

// cellsBegin keeps the end of a present cell from being 0.
const cellsBegin = 1

func newRow(t *table, columns []Column, own int, file string) *row {
	r := &row{
		table: t, columns: columns, own: own,
		file:   []byte(file),
		bytes:  make([]byte, cellsBegin, 1<<10),
		cells:  make([]cell, len(t.columns)),
		counts: make([]bool, len(t.columns)),
		out:    make([][]byte, len(columns)),
		place:  []byte{},
	}
	for i, c := range t.columns {
		r.counts[i] = c.kind == Text || c.kind == Attribute
	}
	return r
}

// begin starts the row of an element that is the position-th of its name. Its
// parent's row has the number parent, or 0.
func (r *row) begin(position, parent int64, around *row) {
	r.table.lastID++
	r.id, r.position, r.parent = r.table.lastID, position, parent
	r.around = 0
	if around != nil {
		r.around = around.size()
	}
	r.bytes = reused(r.bytes)[:cellsBegin]
	r.xml, r.in, r.mixed = reused(r.xml), nil, r.mixed[:0]
	r.above = false
	clear(r.cells)
}

// size is how much r and the rows around it hold, but for what mixed elements
// hold again.
func (r *row) size() int { return r.around + len(r.bytes) }

// reused is b to be filled again, or a small buffer instead of a large one.
func reused(b []byte) []byte {
	if cap(b) > keptBytes {
		return make([]byte, 0, 1<<10)
	}
	return b[:0]
}

// appendIn appends the place of an element that is open: names from the root's
// children down.
func (p *Plan) appendIn(dst []byte, of *path) []byte {
	if of.parent.parent == nil {
		return dst
	}
	if dst = p.appendIn(dst, of.parent); len(dst) > 0 {
		dst = append(dst, '.')
	}
	dst = append(dst, strings.ReplaceAll(of.label, ".", `\.`)...)
	if n := p.runOf(of); n > 1 {
		dst = append(strconv.AppendInt(append(dst, '['), n, 10), ']')
	}
	return dst
}

// set gives a column its value.
func (r *row) set(column int, value []byte) {
	begin := len(r.bytes)
	r.bytes = appendShort(r.bytes, value)
	r.cells[column] = cell{begin, len(r.bytes)}
}

// setRest gives a column what was appended to bytes from begin on, less the layout
// by a rule; all of it where rule is nil.
func (r *row) setRest(column, begin int, rule *layoutRule) {
	if rule == nil {
		r.cells[column] = cell{begin, len(r.bytes)}
		return
	}
	text := r.bytes[begin:]
	left := rule.strip(text)
	begin += cap(text) - cap(left)
	r.cells[column] = cell{begin, begin + len(left)}
}

// cell returns a column's cell: nil is absent.
func (r *row) cell(column int) []byte {
	c := r.cells[column]
	if c.end == 0 {
		return nil
	}
	return r.bytes[c.begin:c.end]
}

// finish returns all cells. They are valid until the row begins again.
func (r *row) finish() [][]byte {
	r.numbers = r.numbers[:0]
	for i := range r.own {
		r.out[i] = r.ownCell(r.columns[i].Kind)
	}
	document := r.out[r.own:]
	for i, c := range r.cells {
		if c.end == 0 {
			document[i] = nil
			continue
		}
		document[i] = r.bytes[c.begin:c.end]
	}
	if last := document[len(r.cells):]; len(last) > 0 {
		r.finishLast(last)
	}
	return r.out
}

// arranged puts cells in the order of a recipe.
func (r *row) arranged(cells [][]byte) [][]byte {
	if r.table.order == nil {
		return cells
	}
	if r.inOrder == nil {
		r.inOrder = make([][]byte, len(cells))
	}
	for to, from := range r.table.order {
		r.inOrder[to] = cells[from]
	}
	return r.inOrder
}

// finishLast fills the cells that come after what the record brings.
func (r *row) finishLast(last [][]byte) {
	for i, c := range r.table.flat {
		last[i] = nil
		if above := r.flat[c.group]; above != nil {
			last[i] = above.cell(c.column)
		}
	}
	if r.table.withXML {
		last[len(last)-1] = r.xml
	}
}

func (r *row) ownCell(k Kind) []byte {
	switch k {
	case File:
		return r.file
	case ID:
		return r.number(r.id)
	case Parent:
		if r.parent == 0 {
			return nil
		}
		return r.number(r.parent)
	case Position:
		return r.number(r.position)
	}
	return r.in
}

// number is n in decimal. It is valid until the row is finished again.
func (r *row) number(n int64) []byte {
	begin := len(r.numbers)
	r.numbers = strconv.AppendInt(r.numbers, n, 10)
	return r.numbers[begin:]
}
