package xlsx

import (
	"bufio"
	"context"
	"io"
	"strconv"

	"github.com/xuri/excelize/v2"
)

const (
	sheetStart = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n" +
		`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`
	sheetEnd = `</sheetData></worksheet>`
)

// writeTo writes the sheet's own XML.
func (p part) writeTo(ctx context.Context, w io.Writer) error {
	columns := []string{"table", "row", "column", "part", "text"}
	if !p.isLong {
		columns = p.table.Columns
	}
	s := sheetWriter{w: bufio.NewWriterSize(w, 64<<10), letters: make([]string, len(columns)), styles: p.styles}
	for i := range s.letters {
		letters, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		s.letters[i] = letters
	}
	s.string(sheetStart)
	s.header(columns)
	err := s.body(ctx, p)
	if err != nil {
		return err
	}
	s.string(sheetEnd)
	if s.err != nil {
		return s.err
	}
	return s.w.Flush()
}

// body writes the rows below the header.
func (s *sheetWriter) body(ctx context.Context, p part) error {
	if p.isLong {
		return s.writeLong(ctx, p.long)
	}
	long := p.long
	return p.table.Range(ctx, p.first, p.end, func(row int64, cells [][]byte) error {
		for len(long) > 0 && long[0].row == row {
			cells[long[0].column] = seeLong(long[0])
			long = long[1:]
		}
		s.row(cells, p.numeric)
		return s.err
	})
}

// sheetWriter writes rows; its first error sticks.
type sheetWriter struct {
	w       *bufio.Writer
	letters []string // of the columns
	styles  []int    // of numbers, by their decimals
	rows    int64
	number  []byte // of the row
	err     error
}

func (s *sheetWriter) header(columns []string) {
	s.beginRow()
	for i, name := range columns {
		s.text(i, []byte(name))
	}
	s.string(`</row>`)
}

func (s *sheetWriter) row(cells [][]byte, numeric []bool) {
	s.beginRow()
	for i, cell := range cells {
		switch {
		case cell == nil:
		case numeric[i]:
			s.numeral(i, cell, s.styles[decimals(cell)])
		default:
			s.text(i, cell)
		}
	}
	s.string(`</row>`)
}

func (s *sheetWriter) beginRow() {
	s.rows++
	s.number = strconv.AppendInt(s.number[:0], s.rows, 10)
	s.string(`<row r="`)
	s.bytes(s.number)
	s.string(`">`)
}

func (s *sheetWriter) beginCell(column int) {
	s.string(`<c r="`)
	s.string(s.letters[column])
	s.bytes(s.number)
}

// numeral writes a number in one of the workbook's styles; 0 is the usual one.
func (s *sheetWriter) numeral(column int, cell []byte, style int) {
	s.beginCell(column)
	if style > 0 {
		s.string(`" s="`)
		s.string(strconv.Itoa(style))
	}
	s.string(`"><v>`)
	s.bytes(cell)
	s.string(`</v></c>`)
}

func (s *sheetWriter) text(column int, cell []byte) {
	s.beginCell(column)
	if hasSpaceAtEnds(cell) {
		s.string(`" t="inlineStr"><is><t xml:space="preserve">`)
	} else {
		s.string(`" t="inlineStr"><is><t>`)
	}
	s.escaped(cell)
	s.string(`</t></is></c>`)
}

func hasSpaceAtEnds(text []byte) bool {
	return len(text) > 0 && (text[0] <= ' ' || text[len(text)-1] <= ' ')
}

// escaped writes text so that XML and then Excel, which reads _xHHHH_ as a
// character, give it back.
func (s *sheetWriter) escaped(text []byte) {
	written := 0
	for i, b := range text {
		var instead string
		switch b {
		case '&':
			instead = "&amp;"
		case '<':
			instead = "&lt;"
		case '>':
			instead = "&gt;"
		case '\r':
			instead = "&#13;"
		case '_':
			if !isEscape(text[i:]) {
				continue
			}
			instead = "_x005F_"
		default:
			continue
		}
		s.bytes(text[written:i])
		s.string(instead)
		written = i + 1
	}
	s.bytes(text[written:])
}

// isEscape reports whether text begins as _xHHHH_ does.
func isEscape(text []byte) bool {
	if len(text) < 7 || text[1] != 'x' || text[6] != '_' {
		return false
	}
	for _, b := range text[2:6] {
		if !('0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'f') {
			return false
		}
	}
	return true
}

func (s *sheetWriter) string(text string) {
	if s.err == nil {
		_, s.err = s.w.WriteString(text)
	}
}

func (s *sheetWriter) bytes(text []byte) {
	if s.err == nil {
		_, s.err = s.w.Write(text)
	}
}
