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
	csv    *xmltable.CSV
	index  Index
	begins []int64 // of a fork: where each of its rows begins
	isFork bool
}

// NewWriter begins a table on w, which it never closes.
func NewWriter(w io.Writer, columns []xmltable.Column) *Writer {
	return &Writer{csv: xmltable.NewCSV(w, columns, xmltable.CSVOptions{KeepAbsent: true})}
}

// Row appends a row; a nil cell is absent.
func (w *Writer) Row(cells [][]byte) error {
	if w.isFork {
		w.begins = append(w.begins, w.csv.Bytes())
		return w.csv.Row(cells)
	}
	w.begin(w.csv.Bytes())
	return w.csv.Row(cells)
}

// begin notes where the next row begins.
func (w *Writer) begin(at int64) {
	if w.index.Rows%indexEvery == 0 {
		w.index.offsets = append(w.index.offsets, at)
	}
	w.index.Rows++
}

// Fork returns a Writer for rows that Join takes later. It may be called
// concurrently.
func (w *Writer) Fork() *Writer { return &Writer{csv: w.csv.Fork(), isFork: true} }

// Join appends the rows of a fork, which is then empty.
func (w *Writer) Join(fork *Writer) error {
	at := w.csv.Bytes()
	for _, begin := range fork.begins {
		w.begin(at + begin)
	}
	fork.begins = fork.begins[:0]
	return w.csv.Join(fork.csv)
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
