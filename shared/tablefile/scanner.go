package tablefile

import (
	"bytes"
	"errors"
	"io"
	"math"

	"ret/shared/fault"
)

// scanner splits stored CSV into rows and cells. It differs from encoding/csv in
// what RET needs: a quoted empty field is not an unquoted one, no byte of a value
// is changed, and a row tells where it stands.
type scanner struct {
	r      io.Reader
	buf    []byte
	start  int   // of the row in buf
	end    int   // of what is read
	offset int64 // of buf[start] in the table
	eof    bool

	rowOffset int64
	cells     [][]byte
}

// usualBuffer is how much is read at once where much will be.
const usualBuffer = 32 << 10

func newScanner(r io.Reader, offset int64) *scanner { return newScannerOf(r, offset, usualBuffer) }

// newScannerOf reads so many bytes at once.
func newScannerOf(r io.Reader, offset, bytes int64) *scanner {
	return &scanner{r: r, buf: make([]byte, bytes), offset: offset}
}

// next reads the next row into cells, which hold until the next call: a nil cell
// is absent. It returns io.EOF after the last row.
func (s *scanner) next() error {
	line, err := s.take()
	if err != nil {
		return err
	}
	return s.split(line, math.MaxInt)
}

// take returns the next row without its line end, and goes on behind it.
func (s *scanner) take() ([]byte, error) {
	line, err := s.line()
	if err != nil {
		return nil, err
	}
	s.rowOffset = s.offset
	s.start += len(line) + 1
	s.offset += int64(len(line)) + 1
	return line, nil
}

// restart reads on from elsewhere.
func (s *scanner) restart(r io.Reader, offset int64) {
	s.r, s.start, s.end, s.offset, s.eof = r, 0, 0, offset, false
}

// line returns the next row without its line end. A line end within quotes is
// part of a value, so the row is whole when its quotes are even.
func (s *scanner) line() ([]byte, error) {
	searched, quotes := s.start, 0
	for {
		if i := bytes.IndexByte(s.buf[searched:s.end], '\n'); i >= 0 {
			quotes += bytes.Count(s.buf[searched:searched+i], quote)
			searched += i
			if quotes%2 == 0 {
				return s.buf[s.start:searched], nil
			}
			searched++
			continue
		}
		quotes += bytes.Count(s.buf[searched:s.end], quote)
		moved := s.end - s.start
		if s.eof {
			return nil, s.atEnd(moved)
		}
		if err := s.fill(); err != nil {
			return nil, err
		}
		searched = s.start + moved
	}
}

var quote = []byte{'"'}

var errDamaged = fault.New(fault.Damaged, "The stored table is damaged. Convert the file again.")

func (s *scanner) atEnd(left int) error {
	if left > 0 {
		return errDamaged
	}
	return io.EOF
}

// fill reads more, moving the row to the front and growing the buffer for a row
// that is larger.
func (s *scanner) fill() error {
	if s.start > 0 {
		s.end = copy(s.buf, s.buf[s.start:s.end])
		s.start = 0
	}
	if s.end == len(s.buf) {
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	n, err := s.r.Read(s.buf[s.end:])
	s.end += n
	if errors.Is(err, io.EOF) {
		s.eof, err = true, nil
	}
	return err
}

// split cuts a row into cells, undoing quotes in place. It stops after so many.
func (s *scanner) split(line []byte, most int) error {
	s.cells = s.cells[:0]
	for len(s.cells) < most {
		if len(line) > 0 && line[0] == '"' {
			cell, rest, ok := unquote(line)
			if !ok {
				return errDamaged
			}
			s.cells, line = append(s.cells, cell), rest
		} else {
			i := bytes.IndexByte(line, ',')
			if i < 0 {
				i = len(line)
			}
			s.cells, line = append(s.cells, present(line[:i])), line[i:]
		}
		if len(line) == 0 {
			return nil
		}
		line = line[1:] // the comma
	}
	return nil
}

// present makes an unquoted empty field absent.
func present(field []byte) []byte {
	if len(field) == 0 {
		return nil
	}
	return field
}

// unquote reads a quoted field, which is never absent, and gives what follows it.
func unquote(line []byte) (cell, rest []byte, ok bool) {
	out, in := 1, 1
	for {
		i := bytes.IndexByte(line[in:], '"')
		if i < 0 {
			return nil, nil, false
		}
		if out != in {
			copy(line[out:], line[in:in+i])
		}
		out, in = out+i, in+i+1
		if in == len(line) || line[in] == ',' {
			return line[1:out:out], line[in:], true
		}
		if line[in] != '"' {
			return nil, nil, false
		}
		line[out] = '"'
		out, in = out+1, in+1
	}
}
