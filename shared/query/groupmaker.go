package query

import (
	"slices"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

// groupMaker finds the groups of a table by one pass over it, on which it keeps the used
// cells for as long as they have room.
type groupMaker struct {
	table *table
	by    []sqlite3.IndexOrderBy
	ids   map[string]uint32
	keys  []string // by id
	bytes []int64  // by id
	of    []uint32 // id by row
	key   []byte

	rows *keptRows // nil: there was no room
	room int64     // for rows
}

func newGroupMaker(t *table, by []sqlite3.IndexOrderBy, used uint64) *groupMaker {
	return &groupMaker{
		table: t, by: by, ids: map[string]uint32{}, of: make([]uint32, 0, t.opened.Rows.Rows()),
		rows: &keptRows{columns: columnsUsed(used, len(t.columns))},
	}
}

// make is the grouping, or nil.
func (m *groupMaker) make() *grouping {
	t := m.table
	if t.of.room -= t.opened.Rows.Rows() * 4; t.of.room < 0 {
		return nil
	}
	m.room = t.of.room / 2
	columns, room := m.rows.columns, m.room
	err := t.scan(max(width(columns), keyWidth(m.by)), func(cells [][]byte) error {
		id, ok := m.id(cells)
		if !ok {
			return errNoRoom
		}
		m.of = append(m.of, id)
		m.bytes[id] += keptRoom(columns, cells) + 8
		if m.rows != nil && m.rows.add(&room, cells) != nil {
			m.rows = nil
		}
		return nil
	})
	if err != nil {
		return nil // whoever reads the table hears of it
	}
	return m.grouping(room)
}

// id is the number of a row's group, in the order in which they came; false if there is
// no room for another one.
func (m *groupMaker) id(cells [][]byte) (id uint32, ok bool) {
	m.key = m.table.appendKey(m.key[:0], m.by, cells)
	if id, ok = m.ids[string(m.key)]; ok {
		return id, true
	}
	room := &m.table.of.room
	if *room -= groupBytes + int64(len(m.key)); *room < m.room || len(m.keys) == m.table.of.limits.mostGroups {
		return 0, false
	}
	id = uint32(len(m.keys))
	key := string(m.key)
	m.ids[key], m.keys, m.bytes = id, append(m.keys, key), append(m.bytes, 0)
	return id, true
}

// grouping puts the groups into their order. room is what was left for rows.
func (m *groupMaker) grouping(room int64) *grouping {
	ids := make([]uint32, len(m.keys))
	for i := range ids {
		ids[i] = uint32(i)
	}
	slices.SortFunc(ids, func(a, b uint32) int { return strings.Compare(m.keys[a], m.keys[b]) })
	places, g := make([]uint32, len(ids)), &grouping{of: m.of, bytes: make([]int64, len(ids)), room: m.room}
	all := int64(0)
	for place, id := range ids {
		places[id], g.bytes[place] = uint32(place), m.bytes[id]
		all += m.bytes[id]
	}
	for row, id := range g.of {
		g.of[row] = places[id]
	}
	if m.rows != nil && room >= int64(len(g.of))*8 {
		m.rows.begins = append(m.rows.begins, uint32(len(m.rows.data)))
		g.room = m.room - room + int64(len(g.of))*8
		g.lot = &lot{end: uint32(len(ids)), rows: *m.rows}
		g.lot.numbers = make([]uint32, len(g.of))
		for row := range g.lot.numbers {
			g.lot.numbers[row] = uint32(row)
		}
		g.lot.arrange(g.of)
	} else if all > mostLots*m.room {
		return nil
	}
	m.table.of.room -= g.room
	return g
}
