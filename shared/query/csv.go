package query

import (
	"context"
	"io"

	"ret/shared/xmltable"
)

// EachRow gives out an answer as Each does, which is Each with its tables and its limits.
type EachRow func(ctx context.Context, sql string, head func([]Column) error, row func([]any) error) error

// WriteCSV writes all rows of an answer as a table is written, once begin was called, which
// is when the statement has proved right. Its errors are those of each and of the writer.
func WriteCSV(ctx context.Context, each EachRow, sql string, to io.Writer, begin func()) error {
	var rows *xmltable.CSV
	var cells [][]byte
	err := each(ctx, sql, func(columns []Column) error {
		begin()
		cells = make([][]byte, len(columns))
		rows = xmltable.NewCSV(to, TableColumns(columns), xmltable.CSVOptions{})
		return nil
	}, func(row []any) error {
		Cells(cells, row)
		return rows.Row(cells)
	})
	if err != nil {
		return err
	}
	return rows.Flush()
}

// TableColumns are an answer's columns as those of a table, whose values are texts.
func TableColumns(columns []Column) []xmltable.Column {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	list := make([]xmltable.Column, len(columns))
	for i, name := range Distinct(names) {
		list[i] = xmltable.Column{Name: name, Kind: xmltable.Text}
	}
	return list
}
