package query

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"slices"

	"github.com/ncruces/go-sqlite3"
)

// orderMaker sorts the rows of a table.
type orderMaker struct {
	table *table
	by    []sqlite3.IndexOrderBy
	keys  []byte
	rows  []sortedRow
	bytes []int64 // by row, as in grouping
}

// sortedRow is a row with its key, of which the first bytes are here.
type sortedRow struct {
	begin  uint64
	key    uint32 // where it is in keys
	length uint32
	row    uint32
}

const (
	sortedRowBytes = 24
	orderedBytes   = 12 // of each row in a grouping

	// firstRows is how many rows are read of an order at first: often no more are wanted.
	firstRows = 256
)

// make is the grouping, or nil.
func (m *orderMaker) make(used uint64) *grouping {
	t, rows := m.table, m.table.opened.Rows.Rows()
	room := t.of.room - rows*(sortedRowBytes+orderedBytes)
	if room < 0 {
		return nil
	}
	columns := columnsUsed(used, len(t.columns))
	m.rows, m.bytes = make([]sortedRow, 0, rows), make([]int64, 0, rows)
	all := int64(0)
	err := t.scan(max(width(columns), keyWidth(m.by)), func(cells [][]byte) error {
		m.add(cells)
		bytes := keptRoom(columns, cells) + 8
		m.bytes = append(m.bytes, bytes)
		all += bytes
		if int64(len(m.keys))*5/4 > min(room, math.MaxUint32) {
			return errNoRoom
		}
		return nil
	})
	if err != nil {
		return nil // whoever reads the table hears of it
	}
	slices.SortFunc(m.rows, m.compare)
	g := &grouping{of: make([]uint32, rows), bytes: make([]int64, rows), begins: firstRows}
	for place, r := range m.rows {
		g.of[r.row], g.bytes[place] = uint32(place), m.bytes[r.row]
	}
	t.of.room -= rows * orderedBytes
	if g.room = t.of.room / 2; all > mostLots*g.room {
		return nil
	}
	t.of.room -= g.room
	return g
}

// add takes the next row.
func (m *orderMaker) add(cells [][]byte) {
	at := len(m.keys)
	m.keys = m.table.appendKey(m.keys, m.by, cells)
	r := sortedRow{key: uint32(at), length: uint32(len(m.keys) - at), row: uint32(len(m.rows))}
	var begin [8]byte
	copy(begin[:], m.keys[at:])
	r.begin = binary.BigEndian.Uint64(begin[:])
	m.rows = append(m.rows, r)
}

// compare has rows that are the same stay in their order.
func (m *orderMaker) compare(a, b sortedRow) int {
	if a.begin != b.begin {
		return cmp.Compare(a.begin, b.begin)
	}
	return cmp.Or(bytes.Compare(m.keys[a.key:a.key+a.length], m.keys[b.key:b.key+b.length]), cmp.Compare(a.row, b.row))
}

// keyWidth is how many cells of a row its key is made of.
func keyWidth(by []sqlite3.IndexOrderBy) (cells int) {
	for _, b := range by {
		cells = max(cells, b.Column+1)
	}
	return cells
}

// appendKey appends the values of columns so that bytes compare as rows are to be sorted.
func (t *table) appendKey(key []byte, by []sqlite3.IndexOrderBy, cells [][]byte) []byte {
	for _, b := range by {
		begin := len(key)
		key = appendOrdered(key, t.columns[b.Column].as, cells[b.Column])
		if b.Desc {
			for i := range key[begin:] {
				key[begin+i] ^= 0xff
			}
		}
	}
	return key
}

// appendOrdered appends a cell's value so that bytes compare as SQLite compares values, and
// are the same where these are: absent ones, then numbers, then texts.
func appendOrdered(key []byte, as class, cell []byte) []byte {
	if cell == nil {
		return append(key, 0)
	}
	switch as {
	case asInteger:
		if n, ok := integerOf(cell); ok {
			return binary.BigEndian.AppendUint64(append(key, 1), uint64(n)^1<<63)
		}
	case asReal:
		if f, ok := realOf(cell); ok {
			return binary.BigEndian.AppendUint64(append(key, 1), orderedBits(f))
		}
	}
	key = append(key, 2)
	for _, b := range cell {
		if key = append(key, b); b == 0 {
			key = append(key, 0xff)
		}
	}
	return append(key, 0, 0) // less than whatever goes on
}

// orderedBits compare as the numbers do.
func orderedBits(f float64) uint64 {
	if f == 0 {
		f = 0 // not its negative
	}
	bits := math.Float64bits(f)
	if bits>>63 == 1 {
		return ^bits
	}
	return bits | 1<<63
}
