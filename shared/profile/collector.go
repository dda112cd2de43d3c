// Package profile says what is in the columns of a table: of which kind its values are,
// how many there are, which are frequent, and how they are spread.
//
// A Collector learns it from the rows as they come, in bounded memory. What it says is
// exact, but for columns of more than ExactValues different values (or of fewer, where
// they are long and the columns many): of those it estimates how many there are, and
// counts the values that came first.
package profile

import "math"

// Collector learns the columns of one table. It is used by one goroutine at a time.
type Collector struct {
	columns []column
	batch   batch
	rows    int64
	begun   bool // rows have left the batch
}

// New begins a table with so many columns. The room is for all tables that are learnt at
// the same time.
func New(columns int, room *Room) *Collector {
	c := &Collector{columns: make([]column, columns), batch: batch{columns: columns}}
	for i := range c.columns {
		c.columns[i].init(room, columns)
	}
	return c
}

// Row takes the next row, whose cells are copied; a nil cell is absent.
func (c *Collector) Row(cells [][]byte) {
	c.batch.add(cells)
	if c.batch.full() {
		c.learn(&c.batch)
	}
}

// Join takes rows that were gathered elsewhere. They are empty then.
func (c *Collector) Join(g *Gathered) {
	c.learn(&c.batch)
	for i := range g.full {
		c.learn(&g.full[i])
		g.spare = append(g.spare, g.full[i])
	}
	g.full = g.full[:0]
	c.learn(&g.last)
}

// Small reports whether so little has come that it costs nothing to learn it later, by
// reading the table again. Then nothing was spent on it yet.
func (c *Collector) Small() bool { return !c.begun }

// Profile says what was learnt. Nothing is to be done with the collector after that.
func (c *Collector) Profile() Profile {
	c.learn(&c.batch)
	p := Profile{Rows: c.rows, Columns: make([]Column, len(c.columns))}
	for i := range c.columns {
		p.Columns[i] = c.columns[i].profile(c.rows)
	}
	return p
}

// learn takes a batch column by column, so that what is known of one is at hand for all
// its cells.
func (c *Collector) learn(b *batch) {
	if b.rows == 0 {
		return
	}
	c.begun = true
	c.rows += int64(b.rows)
	for i := range c.columns {
		column := &c.columns[i]
		for at := i; at < len(b.cells); at += b.columns {
			if cell := b.cells[at]; cell != absentCell {
				column.add(b.bytes[cell>>lengthBits : cell>>lengthBits+cell&lengthMask])
			}
		}
	}
	for _, long := range b.long {
		c.columns[long.column].add(long.text)
	}
	b.reset()
}

// batch are rows that wait to be learnt.
type batch struct {
	columns int
	rows    int
	bytes   []byte
	cells   []uint64 // where each cell begins in bytes, and its length
	long    []longCell
}

// longCell is one that has no place in a batch. It counts as absent there.
type longCell struct {
	column int
	text   []byte
}

const (
	lengthBits = 32
	lengthMask = 1<<lengthBits - 1
	absentCell = math.MaxUint64

	batchBytes = 64 << 10
	batchCells = 32 << 10
)

func (b *batch) add(cells [][]byte) {
	b.rows++
	for i, cell := range cells {
		switch {
		case cell == nil:
			b.cells = append(b.cells, absentCell)
		case len(cell) > batchBytes:
			b.cells = append(b.cells, absentCell)
			b.long = append(b.long, longCell{i, append([]byte(nil), cell...)})
		default:
			b.cells = append(b.cells, uint64(len(b.bytes))<<lengthBits|uint64(len(cell)))
			b.bytes = append(b.bytes, cell...)
		}
	}
}

func (b *batch) full() bool {
	return len(b.bytes) >= batchBytes || len(b.cells) >= batchCells || len(b.long) > 0
}

func (b *batch) reset() {
	b.rows, b.bytes, b.cells, b.long = 0, b.bytes[:0], b.cells[:0], nil
}

// Gathered are rows that a Collector takes later, for one goroutine at a time.
type Gathered struct {
	full, spare []batch
	last        batch
}

// Gather begins rows of a table with so many columns.
func Gather(columns int) *Gathered { return &Gathered{last: batch{columns: columns}} }

// Row takes the next row, whose cells are copied.
func (g *Gathered) Row(cells [][]byte) {
	g.last.add(cells)
	if !g.last.full() {
		return
	}
	g.full = append(g.full, g.last)
	g.last = batch{columns: g.last.columns}
	if n := len(g.spare); n > 0 {
		g.last, g.spare = g.spare[n-1], g.spare[:n-1]
	}
}
