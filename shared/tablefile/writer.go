// Package tablefile keeps tables in files: CSV that tells absent from empty, and a
// sparse index of where its rows begin. It reads them by page, sorted and
// filtered, and gives them out as CSV; package xlsx beside it as Excel workbooks.
//
// A table is written once and never changed. Memory is bounded by what is asked
// for, not by the table; Views keeps the order of sorted and filtered ones. The package knows no folder: tables are written to an
// io.Writer and read from an io.ReaderAt.
package tablefile

import (
	"io"

	"ret/shared/xmltable"
)

// Writer stores one table. Not for concurrent use.
type Writer struct {
	csv   *xmltable.CSV
	index Index
}

// NewWriter begins a table on w, which it never closes.
func NewWriter(w io.Writer, columns []xmltable.Column) *Writer {
	return &Writer{csv: xmltable.NewCSV(w, columns, xmltable.CSVOptions{KeepAbsent: true})}
}

// Row appends a row; a nil cell is absent.
func (w *Writer) Row(cells [][]byte) error {
	if w.index.Rows%indexEvery == 0 {
		w.index.offsets = append(w.index.offsets, w.csv.Bytes())
	}
	w.index.Rows++
	return w.csv.Row(cells)
}

// Close passes on what is waiting and returns the index, which belongs beside the
// table.
func (w *Writer) Close() (Index, error) {
	err := w.csv.Flush()
	w.index.Bytes = w.csv.Bytes()
	if w.index.Rows%indexEvery == 0 {
		w.index.offsets = append(w.index.offsets, w.index.Bytes)
	}
	return w.index, err
}
