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
	ExcelSafe bool // a leading ' before = + - @ tab and CR, but not before a number
	Delimiter byte // ';', '\t' or '|'; 0 means ','

	// KeepAbsent writes an absent cell of a single-column table as an empty line
	// instead of "". A stored table can so tell the two apart.
	KeepAbsent bool
}

// CSV writes one table. It may be used by one goroutine at a time, but for Fork.
type CSV struct {
	w          io.Writer // nil for a fork, which keeps all in buf
	opts       CSVOptions
	delimiters uint64 // eight of them
	columns    int
	buf        []byte
	flushed    int64
	failure    error // of writing in the middle of a line
}

const (
	csvBytes = 64 << 10 // written at once
	csvSmall = 2 << 10  // what a small table needs
)

// NewCSV returns a writer that has the header line waiting.
func NewCSV(w io.Writer, columns []Column, opts CSVOptions) *CSV {
	def(&opts.Delimiter, ',')
	c := &CSV{w: w, delimiters: everyByte * uint64(opts.Delimiter), opts: opts, columns: len(columns), buf: make([]byte, 0, csvSmall)}
	if opts.BOM {
		c.buf = append(c.buf, "\xEF\xBB\xBF"...)
	}
	for i, column := range columns {
		if i > 0 {
			c.buf = append(c.buf, c.opts.Delimiter)
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
			c.buf = append(c.buf, c.opts.Delimiter)
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
		return c.takeFailure()
	}
	return c.Flush()
}

// takeFailure is what writing a long cell met.
func (c *CSV) takeFailure() error {
	err := c.failure
	c.failure = nil
	return err
}

// Fork returns a CSV that keeps its rows until Join takes them.
func (c *CSV) Fork() *CSV {
	return &CSV{delimiters: c.delimiters, opts: c.opts, columns: c.columns}
}

// Join takes the rows of a fork, which is then empty.
func (c *CSV) Join(fork *CSV) error {
	rows := fork.buf
	fork.buf = rows[:0]
	if len(rows) < csvBytes {
		c.append(rows)
		return c.takeFailure()
	}
	if err := c.Flush(); err != nil {
		return err
	}
	n, err := c.w.Write(rows)
	c.flushed += int64(n)
	return err
}

// Flush passes on what is waiting.
func (c *CSV) Flush() error {
	if err := c.takeFailure(); err != nil || c.w == nil {
		return err
	}
	n, err := c.w.Write(c.buf)
	c.flushed += int64(n)
	c.buf = c.buf[:0]
	return err
}

// append adds to the line. What is long goes through in pieces, so that the
// buffer stays small however long a cell is.
func (c *CSV) append(b []byte) {
	for len(b) > csvBytes {
		c.buf = append(c.buf, b[:csvBytes]...)
		b = b[csvBytes:]
		c.failure = c.Flush()
	}
	c.buf = append(c.buf, b...)
	if len(c.buf) > 2*csvBytes {
		c.failure = c.Flush()
	}
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
// the quick way: sixteen or thirty-two bytes are looked at and moved at once.
func (c *CSV) field(cell []byte) {
	n, length := len(c.buf), len(cell)
	if length == 0 || length > shortBytes || cap(cell) < shortBytes || cap(c.buf)-n < shortBytes || c.opts.ExcelSafe {
		c.fieldSlowly(cell)
		return
	}
	wide := cell[:shortBytes]
	low, high := load(wide, 0), load(wide, 8)
	if (c.suspicious(low) || c.suspicious(high)) && // what lies behind the cell counts only then
		(c.suspicious(padded(low, length)) || length > 8 && c.suspicious(padded(high, length-8))) {
		c.fieldSlowly(cell)
		return
	}
	to := c.buf[n : n+shortBytes]
	if length > shortBytes/2 {
		third, fourth := load(wide, 16), load(wide, 24)
		if c.suspicious(padded(third, length-16)) || length > 24 && c.suspicious(padded(fourth, length-24)) {
			c.fieldSlowly(cell)
			return
		}
		store(to, 16, third)
		store(to, 24, fourth)
	}
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
	case c.opts.ExcelSafe && startsFormula(cell[0]) && !isNumber(cell):
		c.quoted("'", cell)
	case c.maybeQuoted(cell):
		c.quoted("", cell)
	default:
		c.append(cell)
	}
}

// quoted writes a cell behind prefix, in quotes if it needs them.
func (c *CSV) quoted(prefix string, cell []byte) {
	if !c.needsQuotes(cell) {
		c.buf = append(c.buf, prefix...)
		c.append(cell)
		return
	}
	c.buf = append(c.buf, '"')
	c.buf = append(c.buf, prefix...)
	for {
		n := bytes.IndexByte(cell, '"')
		if n < 0 {
			break
		}
		c.append(cell[:n])
		c.buf = append(c.buf, `""`...)
		cell = cell[n+1:]
	}
	c.append(cell)
	c.buf = append(c.buf, '"')
}

func startsFormula(b byte) bool {
	switch b {
	case '=', '+', '-', '@', '\t', '\r':
		return true
	}
	return false
}

// isNumber reports whether cell is one, as [+-]?[0-9]+([.,][0-9]+)* says.
func isNumber(cell []byte) bool {
	if cell[0] == '+' || cell[0] == '-' {
		cell = cell[1:]
	}
	digits := 0
	for _, b := range cell {
		switch {
		case '0' <= b && b <= '9':
			digits++
		case (b == '.' || b == ',') && digits > 0:
			digits = 0
		default:
			return false
		}
	}
	return digits > 0
}

// needsQuotes reports whether cell holds a quote, a delimiter, CR or LF.
func (c *CSV) needsQuotes(cell []byte) bool {
	for _, b := range cell {
		if b == c.opts.Delimiter || b == '"' || b == '\r' || b == '\n' {
			return true
		}
	}
	return false
}

const (
	everyQuote = everyByte * '"'
	everySpace = everyByte * ' '
)

// maybeQuoted is false only if needsQuotes is. It looks at eight bytes at a time,
// as textStop does, and takes all control characters for CR or LF.
func (c *CSV) maybeQuoted(cell []byte) bool {
	for len(cell) >= 8 {
		if c.suspicious(load(cell, 0)) {
			return true
		}
		cell = cell[8:]
	}
	return c.needsQuotes(cell)
}

func (c *CSV) suspicious(x uint64) bool {
	quote, comma := x^everyQuote, x^c.delimiters
	return ((quote-everyByte)&^quote|(comma-everyByte)&^comma|(x-everySpace)&^x)&highBits != 0
}
