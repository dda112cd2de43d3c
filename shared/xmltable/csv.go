package xmltable

import (
	"bytes"
	"io"
)

// CSVOptions are the switches of docs/flattening.md, section 4; all off is the
// format as it stands there.
type CSVOptions struct {
	BOM       bool // begin with a byte order mark
	CRLF      bool // end lines with CR LF
	ExcelSafe bool // a leading ' before = + - @ tab and CR

	// KeepAbsent writes an absent cell of a single-column table as an empty line
	// instead of "". A stored table can so tell the two apart.
	KeepAbsent bool
}

// CSV writes one table. It may be used by one goroutine at a time.
type CSV struct {
	w       io.Writer
	opts    CSVOptions
	columns int
	buf     []byte
	flushed int64
}

const (
	csvBytes = 64 << 10 // written at once
	csvSmall = 2 << 10  // what a small table needs
)

// NewCSV returns a writer that has the header line waiting.
func NewCSV(w io.Writer, columns []Column, opts CSVOptions) *CSV {
	c := &CSV{w: w, opts: opts, columns: len(columns), buf: make([]byte, 0, csvSmall)}
	if opts.BOM {
		c.buf = append(c.buf, "\xEF\xBB\xBF"...)
	}
	for i, column := range columns {
		if i > 0 {
			c.buf = append(c.buf, ',')
		}
		c.field([]byte(column.Name))
	}
	c.endLine()
	return c
}

// Row writes one line. A nil cell is absent.
func (c *CSV) Row(cells [][]byte) error {
	for i, cell := range cells {
		if i > 0 {
			c.buf = append(c.buf, ',')
		}
		if cell != nil {
			c.field(cell)
		}
	}
	if c.columns == 1 && cells[0] == nil && !c.opts.KeepAbsent {
		c.buf = append(c.buf, `""`...)
	}
	c.endLine()
	if len(c.buf) < csvBytes {
		return nil
	}
	return c.Flush()
}

// Flush passes on what is waiting.
func (c *CSV) Flush() error {
	n, err := c.w.Write(c.buf)
	c.flushed += int64(n)
	c.buf = c.buf[:0]
	return err
}

// Bytes returns how many bytes the table has so far.
func (c *CSV) Bytes() int64 { return c.flushed + int64(len(c.buf)) }

func (c *CSV) endLine() {
	if c.opts.CRLF {
		c.buf = append(c.buf, '\r')
	}
	c.buf = append(c.buf, '\n')
}

// field writes a cell that is present. Most are short, need no quotes, and take
// the quick way: sixteen bytes are looked at and moved at once.
func (c *CSV) field(cell []byte) {
	n, length := len(c.buf), len(cell)
	if length == 0 || length > shortBytes || cap(cell) < shortBytes || cap(c.buf)-n < shortBytes || c.opts.ExcelSafe {
		c.fieldSlowly(cell)
		return
	}
	wide := cell[:shortBytes]
	low, high := load(wide, 0), load(wide, 8)
	if suspicious(padded(low, length)) || length > 8 && suspicious(padded(high, length-8)) {
		c.fieldSlowly(cell)
		return
	}
	to := c.buf[n : n+shortBytes]
	store(to, 0, low)
	store(to, 8, high)
	c.buf = c.buf[:n+length]
}

// padded is x with spaces for all bytes but the first n.
func padded(x uint64, n int) uint64 {
	if n >= 8 {
		return x
	}
	used := uint64(1)<<(8*n) - 1
	return x&used | everySpace&^used
}

// fieldSlowly writes any cell that is present.
func (c *CSV) fieldSlowly(cell []byte) {
	switch {
	case len(cell) == 0:
		c.buf = append(c.buf, `""`...)
	case c.opts.ExcelSafe && startsFormula(cell[0]):
		c.quoted(append([]byte{'\''}, cell...))
	case maybeQuoted(cell):
		c.quoted(cell)
	default:
		c.buf = append(c.buf, cell...)
	}
}

// quoted writes a cell in quotes, if it needs them.
func (c *CSV) quoted(cell []byte) {
	if !needsQuotes(cell) {
		c.buf = append(c.buf, cell...)
		return
	}
	c.buf = append(c.buf, '"')
	for {
		n := bytes.IndexByte(cell, '"')
		if n < 0 {
			break
		}
		c.buf = append(append(c.buf, cell[:n]...), `""`...)
		cell = cell[n+1:]
	}
	c.buf = append(append(c.buf, cell...), '"')
}

func startsFormula(b byte) bool {
	switch b {
	case '=', '+', '-', '@', '\t', '\r':
		return true
	}
	return false
}

// needsQuotes reports whether cell holds a quote, a comma, CR or LF.
func needsQuotes(cell []byte) bool {
	for _, b := range cell {
		if classes[b]&quotedInCSV != 0 {
			return true
		}
	}
	return false
}

const (
	everyQuote = everyByte * '"'
	everyComma = everyByte * ','
	everySpace = everyByte * ' '
)

// maybeQuoted is false only if needsQuotes is. It looks at eight bytes at a time,
// as textStop does, and takes all control characters for CR or LF.
func maybeQuoted(cell []byte) bool {
	for len(cell) >= 8 {
		if suspicious(load(cell, 0)) {
			return true
		}
		cell = cell[8:]
	}
	return needsQuotes(cell)
}

func suspicious(x uint64) bool {
	quote, comma := x^everyQuote, x^everyComma
	return ((quote-everyByte)&^quote|(comma-everyByte)&^comma|(x-everySpace)&^x)&highBits != 0
}
