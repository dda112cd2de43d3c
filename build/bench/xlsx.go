package main

import (
	"bytes"
	"fmt"
	"io"
	"strconv"

	"github.com/xuri/excelize/v2"

	"ret/shared/tablefile"
	"ret/shared/tablefile/xlsx"
	"ret/shared/xmltable"
)

const workbookRows = 50_000

var workbookColumns = []string{"id", "name", "city", "date", "amount", "state"}

// workbookRow is a row of which two columns are numbers.
func workbookRow(i int) [][]byte {
	return [][]byte{
		strconv.AppendInt(nil, int64(i), 10), fmt.Appendf(nil, "Customer %d of the north", i*7919), []byte("Zürich"),
		fmt.Appendf(nil, "2026-%02d-%02d", 1+i%12, 1+i%28), fmt.Appendf(nil, "%d.%02d", i*31, 1+i%9), []byte("open"),
	}
}

// workbooks measures writing a stored table as an Excel workbook, beside the
// streaming writer of the library.
func (b *xmlBench) workbooks() error {
	table, err := storedTable()
	if err != nil {
		return err
	}
	own, rival, err := sideBySide(1, 4*measured, func(int, int) error {
		return xlsx.Write(b.ctx, io.Discard, []xlsx.Sheet{{Name: "row", Table: table}})
	}, func(int, int) error { return b.streamWorkbook(table) })
	if err != nil {
		return err
	}
	b.report(result{
		Name: "xlsx_rows", Value: own * workbookRows, Unit: "rows/s",
		Rival: "excelize_stream", RivalValue: rival * workbookRows, Allocs: -1,
	})
	return nil
}

func storedTable() (*tablefile.Table, error) {
	var stored bytes.Buffer
	columns := make([]xmltable.Column, len(workbookColumns))
	for i, name := range workbookColumns {
		columns[i] = xmltable.Column{Name: name, Kind: xmltable.Text}
	}
	w := tablefile.NewWriter(&stored, columns)
	for i := range workbookRows {
		if err := w.Row(workbookRow(i)); err != nil {
			return nil, err
		}
	}
	index, err := w.Close()
	if err != nil {
		return nil, err
	}
	return tablefile.Open(bytes.NewReader(stored.Bytes()), index)
}

// streamWorkbook does the same job but for one thing: it takes each cell by itself
// for a number or not, where the rule asks for whole columns.
func (b *xmlBench) streamWorkbook(table *tablefile.Table) error {
	file := excelize.NewFile()
	defer file.Close()
	w, err := file.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	cells := make([]any, len(table.Columns))
	for i, name := range table.Columns {
		cells[i] = name
	}
	if err := w.SetRow("A1", cells); err != nil {
		return err
	}
	err = table.Each(b.ctx, func(row int64, values [][]byte) error {
		for i, value := range values {
			cells[i] = workbookCell(string(value))
		}
		return w.SetRow("A"+strconv.FormatInt(row+2, 10), cells)
	})
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		return err
	}
	return file.Write(io.Discard)
}

func workbookCell(value string) any {
	if n, err := strconv.ParseFloat(value, 64); err == nil {
		return n
	}
	return value
}
