// Package xlsx writes stored tables as an Excel workbook, by the rules of
// docs/flattening.md, section 4. What Excel cannot hold is refused with a
// sentence, never cut.
//
// The workbook around the sheets is made by the excelize library; the sheets
// themselves are written here, because its streaming writer drops texts such as
// _xD800_, puts the cells unencrypted into temporary files, and packs the whole
// workbook in memory. Here they go straight from the table to the output.
//
// The package stands apart from tablefile because the library is too large for
// the browser. Functions may be called concurrently.
package xlsx

import (
	"context"
	"fmt"
	"io"
	"strings"

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
// many rows, and a last sheet for texts that are too long for a cell. It fails with
// fault.TooLarge where a table has too many columns, and then has written nothing.
func Write(ctx context.Context, w io.Writer, sheets []Sheet) error {
	return write(ctx, w, sheets, maxRows)
}

func write(ctx context.Context, w io.Writer, sheets []Sheet, sheetRows int64) (err error) {
	file := excelize.NewFile()
	defer func() {
		if closeErr := file.Close(); err == nil {
			err = closeErr
		}
	}()
	b := book{file: file, names: newSheetNames(), parts: map[string]part{}, sheetRows: sheetRows}
	if b.styles, err = numberStyles(file); err != nil {
		return err
	}
	for _, s := range sheets {
		if err := b.addTable(ctx, s); err != nil {
			return err
		}
	}
	if err := b.addLong(); err != nil {
		return err
	}
	return b.writeTo(ctx, w)
}

// numberStyles makes a style for each number of decimals: 0, 0.0, 0.00, …, so that
// Excel shows a number as it is written.
func numberStyles(file *excelize.File) ([]int, error) {
	styles := make([]int, maxDigits)
	for n := range styles {
		format := "0"
		if n > 0 {
			format = "0." + strings.Repeat("0", n)
		}
		var err error
		if styles[n], err = file.NewStyle(&excelize.Style{CustomNumFmt: &format}); err != nil {
			return nil, err
		}
	}
	return styles, nil
}

// book is a workbook being planned: which rows go to which of its sheets.
type book struct {
	file  *excelize.File
	names sheetNames
	parts map[string]part // by path in the workbook

	sheetRows int64 // of a sheet
	long      []longText
	longRows  int64 // that they take
	styles    []int // of numbers, by their decimals
}

// part is what one sheet holds of a table.
type part struct {
	table      *tablefile.Table
	name       string
	numeric    []bool
	first, end int64      // rows
	long       []longText // those of the rows
	isLong     bool       // it holds those texts, and no table's rows
	styles     []int      // of numbers, by their decimals
}

// addTable gives a table as many sheets as it needs, each with the header.
func (b *book) addTable(ctx context.Context, s Sheet) error {
	if len(s.Table.Columns) > maxColumns {
		return fault.New(fault.TooLarge, "The table %s has %d columns, but Excel holds at most %d. Use CSV instead.", s.Name, len(s.Table.Columns), maxColumns)
	}
	numeric, long, err := survey(ctx, s)
	if err != nil {
		return err
	}
	if long, err = b.placeLong(long); err != nil {
		return err
	}
	rows := b.sheetRows - 1
	for n := int64(0); n == 0 || n*rows < s.Table.Rows(); n++ {
		name := s.Name
		if n > 0 {
			name = partName(name, n+1)
		}
		p := part{table: s.Table, name: s.Name, numeric: numeric, styles: b.styles, first: n * rows, end: min((n+1)*rows, s.Table.Rows())}
		for len(long) > 0 && long[0].row < p.end {
			p.long, long = append(p.long, long[0]), long[1:]
		}
		if err := b.addSheet(b.names.unique(name), p); err != nil {
			return err
		}
	}
	return nil
}

// addSheet adds a sheet to the workbook; the library numbers their files.
func (b *book) addSheet(name string, p part) error {
	defer func() { b.parts[fmt.Sprintf("xl/worksheets/sheet%d.xml", len(b.parts)+1)] = p }()
	if len(b.parts) == 0 { // a new workbook comes with one
		return b.file.SetSheetName(b.file.GetSheetName(0), name)
	}
	_, err := b.file.NewSheet(name)
	return err
}
