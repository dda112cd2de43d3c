package tablefile

import "io"

// Cursor reads rows one after the other, for one who goes on when it suits them. It looks
// at no more cells of a row than it is asked to. For one goroutine at a time.
type Cursor struct {
	table *Table
	scan  *scanner
	row   int64 // that Next reads
	cells int
}

// Cursor stands before the first row. Of each row it gives so many of the first cells.
func (t *Table) Cursor(cells int) *Cursor {
	return &Cursor{table: t, cells: min(cells, len(t.Columns))}
}

// GoTo has Next read a row, the first being 0: one jump, and at most 255 rows that are
// read in vain.
func (c *Cursor) GoTo(row int64) error {
	if row >= c.table.index.Rows {
		c.row = c.table.index.Rows
		return nil
	}
	if c.scan == nil || row < c.row || row/indexEvery != c.row/indexEvery {
		c.row = row - row%indexEvery
		c.scanAt(c.table.index.offsets[row/indexEvery])
	}
	for c.row < row {
		if _, err := c.scan.take(); err != nil {
			return damaged(err)
		}
		c.row++
	}
	return nil
}

// scanAt reads on from a place in the table.
func (c *Cursor) scanAt(offset int64) {
	from := io.NewSectionReader(c.table.content, offset, c.table.index.Bytes-offset)
	if c.scan == nil {
		c.scan = newScanner(from, offset)
		return
	}
	c.scan.restart(from, offset)
}

// Next reads a row; io.EOF after the last one. The cells are valid until the next call: a
// nil cell is absent.
func (c *Cursor) Next() ([][]byte, error) {
	if c.row >= c.table.index.Rows {
		return nil, io.EOF
	}
	if c.scan == nil {
		if err := c.GoTo(c.row); err != nil {
			return nil, err
		}
	}
	line, err := c.scan.take()
	if err != nil {
		return nil, damaged(err)
	}
	if err := c.scan.split(line, c.cells); err != nil {
		return nil, err
	}
	if len(c.scan.cells) < c.cells {
		return nil, errDamaged
	}
	c.row++
	return c.scan.cells, nil
}

// Row is the number of the row that Next reads, the first being 0.
func (c *Cursor) Row() int64 { return c.row }
