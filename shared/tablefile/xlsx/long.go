package xlsx

import (
	"context"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"ret/shared/fault"
	"ret/shared/tablefile"
)

// longName is the sheet that holds what is too long for a cell.
const longName = "long values"

// longText is a text over what a cell holds.
type longText struct {
	table  *tablefile.Table
	name   string // of the table
	row    int64  // in the table, from 0
	column int
	parts  int64
	at     int64 // the row of the sheet "long values" where it begins
}

// placeLong gives the long texts of a table their rows on the last sheet.
func (b *book) placeLong(long []longText) ([]longText, error) {
	for i := range long {
		long[i].at = b.longRows + 2 // behind the header
		b.longRows += long[i].parts
	}
	if b.longRows >= b.sheetRows {
		return nil, fault.New(fault.TooLarge, "There are more texts of over %d characters than fit a sheet of Excel. Use CSV instead.", maxCellUnits)
	}
	b.long = append(b.long, long...)
	return long, nil
}

// addLong adds the sheet of the long texts, if there are any.
func (b *book) addLong() error {
	if len(b.long) == 0 {
		return nil
	}
	return b.addSheet(b.names.unique(longName), part{isLong: true, long: b.long})
}

// seeLong is what a cell says instead of its text.
func seeLong(l longText) []byte {
	return strconv.AppendInt([]byte("see "+longName+" "), l.at, 10)
}

// writeLong writes the rows of the long texts, reading them again.
func (s *sheetWriter) writeLong(ctx context.Context, long []longText) error {
	for len(long) > 0 && s.err == nil {
		n := 1 // those of one row
		for n < len(long) && long[n].table == long[0].table && long[n].row == long[0].row {
			n++
		}
		now := long[:n]
		err := now[0].table.Range(ctx, now[0].row, now[0].row+1, func(_ int64, cells [][]byte) error {
			for _, l := range now {
				s.longRows(l, cells[l.column])
			}
			return s.err
		})
		if err != nil {
			return err
		}
		long = long[n:]
	}
	return s.err
}

func (s *sheetWriter) longRows(l longText, text []byte) {
	for n := int64(1); len(text) > 0; n++ {
		size := pieceOf(text)
		s.beginRow()
		s.text(0, []byte(l.name))
		s.numeral(1, strconv.AppendInt(nil, l.row+1, 10), 0)
		s.text(2, []byte(l.table.Columns[l.column]))
		s.numeral(3, strconv.AppendInt(nil, n, 10), 0)
		s.text(4, text[:size])
		s.string(`</row>`)
		text = text[size:]
	}
}

// pieceOf is how much of text fits a cell; no character is cut.
func pieceOf(text []byte) int {
	units, i := 0, 0
	for i < len(text) {
		r, size := utf8.DecodeRune(text[i:])
		if units += utf16.RuneLen(r); units > maxCellUnits {
			return i
		}
		i += size
	}
	return i
}

// pieces is in how many cells text has to stand.
func pieces(text []byte) int64 {
	if len(text) <= maxCellUnits {
		return 1
	}
	n := int64(0)
	for len(text) > 0 {
		text = text[pieceOf(text):]
		n++
	}
	return n
}
