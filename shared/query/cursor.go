package query

import (
	"errors"
	"io"
	"math/bits"
	"slices"

	"github.com/ncruces/go-sqlite3"

	"ret/shared/sqlite/sandbox"
	"ret/shared/tablefile"
)

// cursor goes through the rows that a plan finds.
type cursor struct {
	table *table
	plan  *plan
	tests []test

	// Where rows come from: numbers of rows, or all of them; from memory, or from the
	// stored table.
	list   []uint32 // numbers from 0, in order
	listed bool
	kept   *keptRows
	groups *groupedRows
	stored *tablefile.Cursor
	opened *plan // that stored was opened for
	next   int64 // row, or place in list

	row   int64 // from 0
	cells [][]byte
	eof   bool
	steps int
}

// Filter implements sqlite3.VTabCursor: it goes to the first row.
func (c *cursor) Filter(idxNum int, _ string, arg ...sqlite3.Value) error {
	c.plan = c.table.plans[idxNum]
	c.plan.reads++
	c.list, c.listed, c.kept, c.next, c.eof, c.tests = c.list[:0], false, nil, 0, false, c.tests[:0]
	c.groups = nil
	if err := c.begin(arg); err != nil {
		return c.fail(err)
	}
	return c.Next()
}

// begin finds out where the rows come from.
func (c *cursor) begin(arg []sqlite3.Value) error {
	p := c.plan
	if p.way != byScan {
		if err := c.look(arg[0]); err != nil {
			return err
		}
		arg = arg[1:]
	}
	for i, f := range p.filters {
		t, err := c.newTest(f, arg[i])
		if err != nil {
			return err
		}
		if t.never {
			c.eof = true
		}
		c.tests = append(c.tests, t)
	}
	if c.eof {
		return nil
	}
	return c.source()
}

// look finds the rows that have a value.
func (c *cursor) look(arg sqlite3.Value) error {
	if c.plan.in {
		return c.lookNumbers(arg)
	}
	wanted := valueArg(arg)
	if wanted.null {
		c.eof = true
		return nil
	}
	if c.plan.way == byRow {
		c.listed = true
		if row, ok := wanted.rowNumber(c.table.opened.Rows.Rows()); ok {
			c.list = append(c.list, row)
		}
		return nil
	}
	kept, err := c.table.keep(c.plan.used)
	if err != nil {
		return err
	}
	l, err := c.table.lookup(c.plan.column, kept)
	if err != nil {
		return err
	}
	if l != nil {
		c.list, c.listed = l.find(wanted, c.list), true
		return nil
	}
	c.tests = append(c.tests, test{column: c.plan.column, op: sqlite3.INDEX_CONSTRAINT_EQ, wanted: wanted})
	return nil
}

// lookNumbers finds the rows that have one of several numbers.
func (c *cursor) lookNumbers(arg sqlite3.Value) error {
	c.listed = true
	err := eachOf(arg, func(wanted wantedValue) {
		if row, ok := wanted.rowNumber(c.table.opened.Rows.Rows()); ok {
			c.list = append(c.list, row)
		}
	})
	slices.Sort(c.list)
	c.list = slices.Compact(c.list)
	return err
}

// rowReads is after how many reads of single rows all are worth keeping.
const rowReads = 64

// source opens what rows are read from.
func (c *cursor) source() error {
	if c.plan.groups != nil {
		c.groups = c.table.groupedRows(c.plan)
		return nil
	}
	again := c.plan.reads > 1
	switch c.plan.way {
	case byRow:
		again = c.plan.reads > rowReads
	case byLookup:
		again = true
	}
	if again {
		kept, err := c.table.keep(c.plan.used)
		if err != nil {
			return err
		}
		c.kept = kept
	}
	if c.kept != nil {
		if len(c.cells) < len(c.table.columns) {
			c.cells = make([][]byte, len(c.table.columns))
		}
		return nil
	}
	if c.stored == nil || !c.listed || c.opened != c.plan { // an OR goes several plans with one cursor
		c.stored, c.opened = c.table.opened.Rows.Cursor(c.width()), c.plan
	}
	return nil
}

// width is how many cells of a row are looked at.
func (c *cursor) width() int {
	width := bits.Len64(c.plan.used)
	if width == 64 {
		width = len(c.table.columns)
	}
	for _, t := range c.tests {
		width = max(width, t.column+1)
	}
	return min(width, len(c.table.columns))
}

// Next implements sqlite3.VTabCursor.
func (c *cursor) Next() error {
	for !c.eof {
		if c.steps++; c.steps%256 == 0 && c.table.of.ctx.Err() != nil {
			return sqlite3.INTERRUPT
		}
		if err := c.read(); errors.Is(err, io.EOF) {
			c.eof = true
		} else if err != nil {
			return c.fail(err)
		} else if c.passes() {
			return nil
		}
	}
	return nil
}

// read reads the next row, whether or not it passes; io.EOF after the last one.
func (c *cursor) read() (err error) {
	if c.groups != nil {
		c.row, c.cells, err = c.groups.next()
		return err
	}
	c.row = c.next
	if c.listed {
		if c.next >= int64(len(c.list)) {
			return io.EOF
		}
		c.row = int64(c.list[c.next])
	} else if c.next >= c.table.opened.Rows.Rows() {
		return io.EOF
	}
	c.next++
	if c.kept != nil {
		c.kept.read(c.row, c.cells)
		return nil
	}
	if c.listed {
		if err := c.stored.GoTo(c.row); err != nil {
			return err
		}
	} else if c.width() == 0 {
		return nil // rows are only counted
	}
	c.cells, err = c.stored.Next()
	return err
}

func (c *cursor) passes() bool {
	for i := range c.tests {
		if !c.tests[i].passes(c.cells) {
			return false
		}
	}
	return true
}

// fail keeps an error for whoever asked, and hands SQLite its code.
func (c *cursor) fail(err error) error {
	if c.table.of.ctx.Err() != nil {
		return sqlite3.INTERRUPT
	}
	if errors.Is(err, sqlite3.NOMEM) {
		return sqlite3.NOMEM
	}
	c.table.of.failed = err
	return sqlite3.IOERR
}

// EOF implements sqlite3.VTabCursor.
func (c *cursor) EOF() bool { return c.eof }

// RowID implements sqlite3.VTabCursor.
func (c *cursor) RowID() (int64, error) { return c.row + 1, nil }

// Column implements sqlite3.VTabCursor.
func (c *cursor) Column(ctx sqlite3.Context, n int) error {
	return sandbox.Memory(func() { c.column(ctx, n) })
}

func (c *cursor) column(ctx sqlite3.Context, n int) {
	if n < len(c.table.columns) {
		give(ctx, c.table.columns[n].as, c.cells[n])
		return
	}
	switch c.table.hidden[n-len(c.table.columns)] {
	case tableColumn:
		ctx.ResultText(c.table.name)
	default:
		ctx.ResultText(c.table.opened.Source)
	}
}
