// Package profile says what is in the columns of a table: of which kind its values are,
// how many there are, which are frequent, and how they are spread.
//
// A Collector learns it from the rows as they come, in bounded memory. What it says is
// exact, but for columns of more than ExactValues different values (or of fewer, where
// they are long and the columns many): of those it estimates how many there are, and
// counts the values that came first.
package profile

import (
	"math"
	"sync"
)

// Collector learns the columns of one table. It is used by one goroutine at a time.
type Collector struct {
	columns []column
	batch   batch
	rows    int64

	full, free chan batch // see LearnAside
	end        func()
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
	switch {
	case !c.batch.full():
	case c.end != nil:
		c.full <- c.batch
		c.batch = <-c.free
	default:
		c.learn(&c.batch)
	}
}

// LearnAside has what was taken be learnt by a goroutine of its own, while further rows
// come: for who has a processor to spare. What is learnt is the same. The goroutine ends by
// Profile or, where nobody wants to know any more, by end.
func (c *Collector) LearnAside() (end func()) {
	c.full, c.free = make(chan batch), make(chan batch, 1)
	c.free <- batch{columns: len(c.columns)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for b := range c.full {
			c.learn(&b)
			c.free <- b
		}
	}()
	c.end = sync.OnceFunc(func() {
		close(c.full)
		<-ended
	})
	return c.end
}

// Profile says what was learnt. Nothing is to be done with the collector after that.
func (c *Collector) Profile() Profile {
	if c.end != nil {
		c.end()
	}
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
	c.rows += int64(b.rows)
	bytes := b.bytes[:cap(b.bytes)] // behind the last cell as well
	for i := range c.columns {
		column := &c.columns[i]
		for at := i; at < len(b.cells); at += b.columns {
			cell := b.cells[at]
			if cell == absentCell {
				continue
			}
			begin, length := cell>>lengthBits, cell&lengthMask
			if length <= shortBytes {
				column.addShort(bytes[begin:begin+shortBytes], int(length))
			} else {
				column.addLong(bytes[begin : begin+length])
			}
		}
	}
	for _, long := range b.long {
		c.columns[long.column].addLong(long.text)
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
		n := len(b.bytes)
		switch {
		case cell == nil:
			b.cells = append(b.cells, absentCell)
			continue
		case len(cell) > batchBytes:
			b.cells = append(b.cells, absentCell)
			b.long = append(b.long, longCell{i, append([]byte(nil), cell...)})
			continue
		case len(cell) <= shortBytes && cap(cell) >= shortBytes && cap(b.bytes)-n >= 2*shortBytes:
			copy(b.bytes[n:n+shortBytes], cell[:shortBytes]) // whatever its length: two registers
			b.bytes = b.bytes[:n+len(cell)]
		default:
			b.append(cell)
		}
		b.cells = append(b.cells, uint64(n)<<lengthBits|uint64(len(cell)))
	}
}

// append leaves room behind a cell, since short ones are read as if they were longer.
func (b *batch) append(cell []byte) {
	if need := len(b.bytes) + len(cell) + shortBytes; need > cap(b.bytes) {
		b.bytes = append(make([]byte, 0, max(2*cap(b.bytes), need, 512)), b.bytes...)
	}
	b.bytes = append(b.bytes, cell...)
}

func (b *batch) full() bool {
	return len(b.bytes) >= batchBytes || len(b.cells) >= batchCells || len(b.long) > 0
}

func (b *batch) reset() {
	b.rows, b.bytes, b.cells, b.long = 0, b.bytes[:0], b.cells[:0], nil
}
