package tablefile

import (
	"context"
	"io"

	"ret/shared/xmltable"
)

// WriteCSV gives the table out as CSV, byte for byte as "ret convert" writes it
// with the same options; KeepAbsent is ignored. Without options the stored bytes
// are copied, because they are the same.
func (t *Table) WriteCSV(ctx context.Context, w io.Writer, opts xmltable.CSVOptions) error {
	opts.KeepAbsent = false
	if opts == (xmltable.CSVOptions{}) && len(t.Columns) > 1 {
		return t.copyTo(ctx, w)
	}
	columns := make([]xmltable.Column, len(t.Columns))
	for i, name := range t.Columns {
		columns[i].Name = name
	}
	csv := xmltable.NewCSV(w, columns, opts)
	err := t.Each(ctx, func(_ int64, cells [][]byte) error { return csv.Row(cells) })
	if err != nil {
		return err
	}
	return csv.Flush()
}

const copyBytes = 1 << 20 // between two looks at the context

func (t *Table) copyTo(ctx context.Context, w io.Writer) error {
	r := io.NewSectionReader(t.content, 0, t.index.Bytes)
	for left := t.index.Bytes; left > 0; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := io.CopyN(w, r, min(left, copyBytes))
		if left -= n; err != nil {
			return damaged(err) // it ends before it should
		}
	}
	return nil
}
