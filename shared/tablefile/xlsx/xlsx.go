// Package xlsx writes stored tables as an Excel workbook, by the rules of
// docs/flattening.md, section 4. What Excel cannot hold is refused with a
// sentence, never cut.
//
// It stands apart from tablefile because its library is too large for the
// browser. Functions may be called concurrently.
package xlsx

import (
	"context"
	"io"
	"strconv"

	"github.com/xuri/excelize/v2"

	"ret/shared/fault"
	"ret/shared/tablefile"
)

// Excel's limits.
const (
	maxRows      = 1_048_576 // of a sheet, the header included
	maxColumns   = 16_384
	maxCellUnits = 32_767 // UTF-16 units of a text
)

// Sheet is a table to be written.
type Sheet struct {
	Name  string
	Table *tablefile.Table
}

// Write writes a workbook with a sheet for each table, or more where one has too
// many rows. Rows that do not fit into memory wait in files in tempDir ("" is the
// system's folder), which are removed. It fails with fault.TooLarge where a table
// has too many columns or a text is too long for Excel; then w holds no workbook.
func Write(ctx context.Context, w io.Writer, tempDir string, sheets []Sheet) (err error) {
	b := newBook(tempDir, maxRows)
	defer func() {
		if closeErr := b.file.Close(); err == nil {
			err = closeErr
		}
	}()
	for _, s := range sheets {
		if err := b.addTable(ctx, s); err != nil {
			return err
		}
	}
	return b.writeTo(w)
}

// book is a workbook being written.
type book struct {
	file      *excelize.File
	names     sheetNames
	sheets    int
	sheetRows int // rows that fit on one sheet; smaller in tests
}

func newBook(tempDir string, sheetRows int) *book {
	return &book{file: excelize.NewFile(excelize.Options{TmpDir: tempDir}), names: sheetNames{}, sheetRows: sheetRows}
}

// addTable reads the table twice: a column is numeric only as a whole.
func (b *book) addTable(ctx context.Context, s Sheet) error {
	if len(s.Table.Columns) > maxColumns {
		return fault.New(fault.TooLarge, "The table %s has %d columns, but Excel holds at most %d. Use CSV instead.", s.Name, len(s.Table.Columns), maxColumns)
	}
	numeric, err := survey(ctx, s)
	if err != nil {
		return err
	}
	t := &tableWriter{book: b, sheet: s, numeric: numeric, values: make([]any, len(s.Table.Columns))}
	if err := t.begin(); err != nil {
		return err
	}
	if err := s.Table.Each(ctx, t.row); err != nil {
		return err
	}
	return t.stream.Flush()
}

// tableWriter writes one table onto one sheet after the other.
type tableWriter struct {
	book    *book
	sheet   Sheet
	numeric []bool
	values  []any

	stream *excelize.StreamWriter
	part   int // sheets begun
	rows   int // on the current sheet
}

// begin starts a sheet with its header.
func (t *tableWriter) begin() error {
	t.part++
	name := t.sheet.Name
	if t.part > 1 {
		name = t.book.names.part(name, t.part)
	}
	stream, err := t.book.addSheet(name)
	if err != nil {
		return err
	}
	t.stream, t.rows = stream, 0
	for i, column := range t.sheet.Table.Columns {
		t.values[i] = textCell(column)
	}
	return t.write()
}

func (t *tableWriter) row(_ int64, cells [][]byte) error {
	if t.rows == t.book.sheetRows {
		if err := t.stream.Flush(); err != nil {
			return err
		}
		if err := t.begin(); err != nil {
			return err
		}
	}
	for i, cell := range cells {
		switch {
		case cell == nil:
			t.values[i] = nil
		case t.numeric[i]:
			t.values[i] = numberCell(cell)
		default:
			t.values[i] = textCell(string(cell))
		}
	}
	return t.write()
}

func (t *tableWriter) write() error {
	t.rows++
	return t.stream.SetRow("A"+strconv.Itoa(t.rows), t.values)
}

// addSheet starts a sheet under the first free name like name.
func (b *book) addSheet(name string) (*excelize.StreamWriter, error) {
	name = b.names.unique(name)
	b.sheets++
	if b.sheets == 1 { // a new workbook comes with one
		if err := b.file.SetSheetName(b.file.GetSheetName(0), name); err != nil {
			return nil, err
		}
	} else if _, err := b.file.NewSheet(name); err != nil {
		return nil, err
	}
	return b.file.NewStreamWriter(name)
}
