package xmltable

import "strconv"

// A row gathers the cells of one table's open row. There is never more than one:
// an element cannot stand in another of the same path.
type row struct {
	table   *table
	columns []Column // as Table has them
	own     int      // how many of them come before what the document brings

	id, parent, position int64
	in                   []byte
	file                 []byte

	base     int    // bytes of the rows that were open when this one began
	gathered int    // of bytes, those of whole texts and markup
	bytes    []byte // what the cells hold
	cells    []cell // of the document's columns
	numbers  []byte // what the cells of the table's own columns hold
	unsolid  int    // cells that are no value of the document though they are not blank
	out      [][]byte
}

// cell is bytes[begin:end] of its row; absent if end is 0.
type cell struct{ begin, end int }

// keptBytes is how large a buffer may be to serve again: of the others there could
// be one for each table or level.
const keptBytes = 1 << 20

// cellsBegin keeps the end of a present cell from being 0.
const cellsBegin = 1

func newRow(t *table, described Table, file string) *row {
	return &row{
		table: t, columns: described.Columns, own: len(described.Columns) - len(t.columns),
		file:  []byte(file),
		bytes: make([]byte, cellsBegin, 1<<10),
		cells: make([]cell, len(t.columns)),
		out:   make([][]byte, len(described.Columns)),
	}
}

// begin starts the row of the element that p has just counted.
func (r *row) begin(parent, around *row, p *path) {
	r.table.lastID++
	r.id, r.position = r.table.lastID, p.run
	if parent != nil {
		r.parent = parent.id
	}
	r.base, r.gathered = 0, 0
	if around != nil {
		r.base = around.size()
	}
	r.bytes = reused(r.bytes)[:cellsBegin]
	r.unsolid = 0
	clear(r.cells)
	if r.table.hasIn {
		r.in = appendPositions(r.in[:0], p.parent)
	}
}

// size is how much r and the rows around it hold, but for what mixed elements
// hold again.
func (r *row) size() int { return r.base + len(r.bytes) - r.gathered }

// reused is b to be filled again, or a small buffer instead of a large one.
func reused(b []byte) []byte {
	if cap(b) > keptBytes {
		return make([]byte, 0, 1<<10)
	}
	return b[:0]
}

// appendPositions appends the positions of p and the elements above it, as far
// as they repeat, outermost first.
func appendPositions(dst []byte, p *path) []byte {
	if p == nil {
		return dst
	}
	dst = appendPositions(dst, p.parent)
	if p.most <= 1 || p.parent == nil || p.parent.parent == nil {
		return dst
	}
	if len(dst) > 0 {
		dst = append(dst, '/')
	}
	return strconv.AppendInt(dst, p.run, 10)
}

// set gives a column its value.
func (r *row) set(column int, value []byte) {
	begin := len(r.bytes)
	r.bytes = appendShort(r.bytes, value)
	r.cells[column] = cell{begin, len(r.bytes)}
}

// setRest gives a column what was appended to bytes from begin on.
func (r *row) setRest(column, begin int, trimmed bool) {
	end := len(r.bytes)
	if trimmed {
		for begin < end && space(r.bytes[begin]) {
			begin++
		}
		for end > begin && space(r.bytes[end-1]) {
			end--
		}
	}
	r.cells[column] = cell{begin, end}
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
	return r.out
}

func (r *row) ownCell(k Kind) []byte {
	switch k {
	case File:
		return r.file
	case ID:
		return r.number(r.id)
	case Parent:
		return r.number(r.parent)
	case Position:
		return r.number(r.position)
	}
	if len(r.in) == 0 {
		return nil // the record stands below repeated elements only elsewhere
	}
	return r.in
}

// number is n in decimal. It is valid until the row is finished again.
func (r *row) number(n int64) []byte {
	begin := len(r.numbers)
	r.numbers = strconv.AppendInt(r.numbers, n, 10)
	return r.numbers[begin:]
}

// values counts the cells that are values of the document, from what the cells
// are and not from what the scanner said of them.
func (r *row) values(cells [][]byte) int64 {
	n := -int64(r.unsolid)
	for i, c := range cells {
		if len(c) == 0 {
			continue
		}
		if k := r.columns[i].Kind; k != Text && k != Attribute {
			continue
		}
		if !space(c[0]) || !blank(c) {
			n++
		}
	}
	return n
}
