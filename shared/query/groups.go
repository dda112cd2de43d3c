package query

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/ncruces/go-sqlite3"
)

// grouping knows in which group each row of a table is, those of one group having the same
// values in some columns. GROUP BY reads rows group by group, which saves SQLite from
// sorting all of them. For ORDER BY each row is a group of its own.
//
// Rows are read group by group from memory: of all groups together if these have room,
// else some groups after the others, with one pass over the stored table for each lot. A
// group that has no room by itself is read from the stored table as it stands.
type grouping struct {
	of     []uint32 // by row
	bytes  []int64  // by group: what the used cells of its rows take in memory
	room   int64    // that a lot may take
	begins uint32   // groups of the first lot, if it is short: perhaps no more is wanted
	lot    *lot     // that was read last
}

// lot are some groups that follow each other.
type lot struct {
	first, end uint32   // groups
	rows       keptRows // as they stand in the table
	numbers    []uint32 // of these in the table
	order      []uint32 // places in rows, group by group
}

const (
	// groupedFrom is from how many rows on sorting costs more than knowing the groups.
	groupedFrom = 2000

	// groupedBeside is up to how many rows a table is grouped that is joined, and perhaps not
	// read group by group after all.
	groupedBeside = 200_000

	// mostGroups and mostLots bound what groups are known, and how often a table is read.
	mostGroups = 1 << 16
	mostLots   = 8

	// groupBytes is about what is known of a group beside its key.
	groupBytes = 96
)

// inGroups is how to read a table so that rows of one group come together, the groups in
// their order; nil where that does not pay or has no room.
func (t *table) inGroups(by []sqlite3.IndexOrderBy, used uint64) *grouping {
	if len(t.of.open) > 1 && t.opened.Rows.Rows() > groupedBeside {
		return nil
	}
	return t.madeOnce("groups", by, used, func() *grouping { return newGroupMaker(t, by, used).make() })
}

// inOrder is how to read a table in an order; nil as of inGroups. Each row is a group then.
func (t *table) inOrder(by []sqlite3.IndexOrderBy, used uint64) *grouping {
	if len(t.of.open) > 1 {
		return nil // perhaps it is not read in this order after all
	}
	return t.madeOnce("order", by, used, func() *grouping { return (&orderMaker{table: t, by: by}).make(used) })
}

// madeOnce tries to make a grouping, when it is first wanted.
func (t *table) madeOnce(what string, by []sqlite3.IndexOrderBy, used uint64, maker func() *grouping) *grouping {
	rows := t.opened.Rows.Rows()
	if rows < t.of.limits.groupedFrom || rows > math.MaxUint32/2 {
		return nil
	}
	for _, b := range by {
		if b.Column < 0 || b.Column >= len(t.columns) {
			return nil
		}
	}
	key := what + groupingKey(by, used)
	if g, tried := t.groupings[key]; tried {
		return g
	}
	before := t.of.room
	g := maker()
	if g == nil {
		t.of.room = before
	}
	t.groupings[key] = g
	return g
}

func groupingKey(by []sqlite3.IndexOrderBy, used uint64) string {
	key := binary.AppendUvarint(nil, used)
	for _, b := range by {
		key = binary.AppendVarint(key, int64(b.Column))
		if b.Desc {
			key = append(key, '-')
		}
	}
	return string(key)
}

// arrange puts the rows of a lot into the order of their groups, of which within one they
// stay as they stand.
func (l *lot) arrange(of []uint32) {
	next := make([]uint32, l.end-l.first+1)
	for _, row := range l.numbers {
		next[of[row]-l.first+1]++
	}
	for i := range next[1:] {
		next[i+1] += next[i]
	}
	l.order = make([]uint32, len(l.numbers))
	for place, row := range l.numbers {
		group := of[row] - l.first
		l.order[next[group]] = uint32(place)
		next[group]++
	}
}

// span is up to where the groups go that are read together from one on, and whether that
// is one which has no room.
func (g *grouping) span(first uint32) (end uint32, alone bool) {
	most, bytes := uint32(len(g.bytes)), g.bytes[first]
	if first == 0 && g.begins > 0 {
		most = min(most, g.begins)
	}
	for end = first + 1; end < most && bytes+g.bytes[end] <= g.room; end++ {
		bytes += g.bytes[end]
	}
	return end, bytes > g.room
}

// lotOf is the lot of some groups. There is one at a time, however many read it.
func (g *grouping) lotOf(t *table, first, end uint32, columns []int) (*lot, error) {
	if g.lot != nil && g.lot.first == first && g.lot.end == end {
		return g.lot, nil
	}
	g.lot = nil // its room is this one's
	l := &lot{first: first, end: end, rows: keptRows{columns: columns}}
	if err := l.read(t, g.of); err != nil {
		return nil, err
	}
	g.lot = l
	return l, nil
}

// read reads the rows of the lot's groups. They are known to have room.
func (l *lot) read(t *table, of []uint32) error {
	for row, group := range of {
		if group >= l.first && group < l.end {
			l.numbers = append(l.numbers, uint32(row))
		}
	}
	read := l.pass
	if int64(len(l.numbers))*jumpRows < t.opened.Rows.Rows() {
		read = l.jump
	}
	room := int64(math.MaxInt64)
	err := read(t, func(cells [][]byte) error { return l.rows.add(&room, cells) })
	if err != nil {
		return err
	}
	l.rows.begins = append(l.rows.begins, uint32(len(l.rows.data)))
	l.arrange(of)
	return nil
}

// jumpRows is about how many rows a pass reads in the time of a jump to one.
const jumpRows = 256

// pass reads the lot's rows on a pass over the table.
func (l *lot) pass(t *table, add func(cells [][]byte) error) error {
	rest, row := l.numbers, uint32(0)
	err := t.scan(width(l.rows.columns), func(cells [][]byte) error {
		if len(rest) == 0 {
			return errEnough
		}
		if row++; rest[0] != row-1 {
			return nil
		}
		rest = rest[1:]
		return add(cells)
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// jump reads the lot's rows one by one.
func (l *lot) jump(t *table, add func(cells [][]byte) error) error {
	from := t.opened.Rows.Cursor(width(l.rows.columns))
	for _, row := range l.numbers {
		if err := t.of.ctx.Err(); err != nil {
			return err
		}
		if err := from.GoTo(int64(row)); err != nil {
			return err
		}
		cells, err := from.Next()
		if err != nil {
			return err
		}
		if err := add(cells); err != nil {
			return err
		}
	}
	return nil
}
