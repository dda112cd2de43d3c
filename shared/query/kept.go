package query

import (
	"encoding/binary"
	"errors"
	"hash/maphash"
	"math"
	"math/bits"
)

// keptRows are the used columns of a table in memory.
type keptRows struct {
	columns []int
	begins  []uint32 // of each row in data, and the end
	data    []byte   // of each cell its length and one, 0 for absent; then its bytes
}

// errNoRoom says that a table has no room in memory.
var errNoRoom = errors.New("no room")

// keep reads the columns of a plan into memory; nil where they have no room, then and
// ever after.
func (t *table) keep(used uint64) (*keptRows, error) {
	if kept, tried := t.kept[used]; tried {
		return kept, nil
	}
	k := &keptRows{columns: columnsUsed(used, len(t.columns))}
	before := t.of.room
	err := t.scan(width(k.columns), func(cells [][]byte) error { return k.add(&t.of.room, cells) })
	if errors.Is(err, errNoRoom) {
		t.of.room = before
		t.kept[used] = nil
		return nil, nil
	}
	k.begins = append(k.begins, uint32(len(k.data)))
	t.kept[used] = k
	return k, err
}

// width is how many cells of a row are looked at for some columns, which are in order.
func width(columns []int) int {
	if len(columns) == 0 {
		return 0
	}
	return columns[len(columns)-1] + 1
}

// columnsUsed are the columns that bits stand for.
func columnsUsed(used uint64, columns int) (list []int) {
	for ; used != 0; used &= used - 1 {
		column := bits.TrailingZeros64(used)
		if column == 63 {
			for ; column < columns; column++ {
				list = append(list, column)
			}
			return list
		}
		if column < columns {
			list = append(list, column)
		}
	}
	return list
}

func (k *keptRows) add(room *int64, cells [][]byte) error {
	begin := len(k.data)
	k.begins = append(k.begins, uint32(begin))
	for _, column := range k.columns {
		cell := cells[column]
		if cell == nil {
			k.data = append(k.data, 0)
			continue
		}
		k.data = binary.AppendUvarint(k.data, uint64(len(cell))+1)
		k.data = append(k.data, cell...)
	}
	*room -= rowRoom(len(k.data) - begin)
	if *room < 0 || len(k.data) > math.MaxUint32 {
		return errNoRoom
	}
	return nil
}

// rowRoom is what a row takes that has so many bytes: an array that grows is not full.
func rowRoom(bytes int) int64 { return 5 + int64(bytes)*5/4 }

// keptRoom is what a row takes of which these columns are kept.
func keptRoom(columns []int, cells [][]byte) int64 {
	bytes := 0
	for _, column := range columns {
		bytes++
		if cell := cells[column]; cell != nil {
			bytes += len(cell)
			for length := len(cell) + 1; length >= 0x80; length >>= 7 {
				bytes++
			}
		}
	}
	return rowRoom(bytes)
}

// read puts a row's cells at their places.
func (k *keptRows) read(row int64, cells [][]byte) {
	data := k.data[k.begins[row]:k.begins[row+1]]
	for _, column := range k.columns {
		length, n := uint64(data[0]), 1
		if length >= 0x80 {
			length, n = binary.Uvarint(data)
		}
		data = data[n:]
		if length == 0 {
			cells[column] = nil
			continue
		}
		cells[column], data = data[:length-1:length-1], data[length-1:]
	}
}

// lookup finds the rows that have a value in a column: by a hash of the value, so that
// a few others come with them.
type lookup struct {
	seed  maphash.Seed
	heads []uint32 // first row of a bucket, and one
	next  []uint32 // the row after it, and one
	tags  []uint32 // more of each row's hash
}

// lookupRowBytes is what a row takes of a lookup.
const lookupRowBytes = 16

// lookup makes a column's lookup when it is first asked for, from the rows that are kept of
// a plan's columns, if they are; nil where it has no room.
func (t *table) lookup(column int, kept *keptRows) (*lookup, error) {
	if l, tried := t.lookups[column]; tried {
		return l, nil
	}
	t.lookups[column] = nil
	rows := t.opened.Rows.Rows()
	if rows > math.MaxUint32/2 || t.of.room < rows*lookupRowBytes {
		return nil, nil
	}
	t.of.room -= rows * lookupRowBytes
	l := &lookup{seed: maphash.MakeSeed(), heads: make([]uint32, 1<<bits.Len64(uint64(rows))), next: make([]uint32, rows), tags: make([]uint32, rows)}
	hashes, row := make([]uint32, rows), 0
	err := t.scanKept(kept, column+1, func(cells [][]byte) error {
		if cell := cells[column]; cell != nil {
			h := l.hash(cell)
			l.tags[row], hashes[row] = uint32(h>>32)|1, uint32(h)
		}
		row++
		return nil
	})
	if err != nil {
		return nil, err
	}
	for row := len(hashes) - 1; row >= 0; row-- { // so that the first row is found first
		if l.tags[row] != 0 {
			head := &l.heads[int(hashes[row])&(len(l.heads)-1)]
			l.next[row], *head = *head, uint32(row)+1
		}
	}
	t.lookups[column] = l
	return l, nil
}

// hash is the same for all that SQLite may find equal.
func (l *lookup) hash(cell []byte) uint64 {
	if f, ok := looksNumeric(cell); ok {
		return l.hashNumber(f)
	}
	return maphash.Bytes(l.seed, cell)
}

func (l *lookup) hashNumber(f float64) uint64 { return maphash.Comparable(l.seed, roundly(f)) }

// find appends the rows that may have a value, in order.
func (l *lookup) find(wanted wantedValue, rows []uint32) []uint32 {
	h := uint64(0)
	if wanted.numeric {
		h = l.hashNumber(wanted.number)
	} else {
		h = maphash.Bytes(l.seed, wanted.text)
	}
	tag := uint32(h>>32) | 1
	for row := l.heads[int(uint32(h))&(len(l.heads)-1)]; row != 0; row = l.next[row-1] {
		if l.tags[row-1] == tag {
			rows = append(rows, row-1)
		}
	}
	return rows
}

// scanKept is scan over rows that are kept, unless there are none.
func (t *table) scanKept(kept *keptRows, width int, each func(cells [][]byte) error) error {
	if kept == nil {
		return t.scan(width, each)
	}
	cells := make([][]byte, len(t.columns))
	for row := range t.opened.Rows.Rows() {
		kept.read(row, cells)
		if err := each(cells); err != nil {
			return err
		}
	}
	return nil
}

// scan reads so many of the first cells of all rows.
func (t *table) scan(width int, each func(cells [][]byte) error) error {
	from := t.opened.Rows.Cursor(width)
	for row := range t.opened.Rows.Rows() {
		if row%256 == 0 && t.of.ctx.Err() != nil {
			return t.of.ctx.Err()
		}
		cells, err := from.Next()
		if err != nil {
			return err
		}
		if err := each(cells); err != nil {
			return err
		}
	}
	return nil
}
