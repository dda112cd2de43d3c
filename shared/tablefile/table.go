package tablefile

import (
	"context"
	"io"
)

// Table is a stored table, open for reading. Its methods may be called
// concurrently if content may be read so.
type Table struct {
	Columns []string

	content io.ReaderAt
	index   Index
}

// Open reads the header of a stored table. The caller keeps content open while it
// uses the Table, and closes it.
func Open(content io.ReaderAt, index Index) (*Table, error) {
	t := &Table{content: content, index: index}
	s := t.scanFrom(0)
	if err := s.next(); err != nil {
		return nil, damaged(err)
	}
	for _, name := range s.cells {
		t.Columns = append(t.Columns, string(name))
	}
	return t, nil
}

// Rows is the number of rows without the header; Bytes the table's length.
func (t *Table) Rows() int64  { return t.index.Rows }
func (t *Table) Bytes() int64 { return t.index.Bytes }

// Each calls f for every row in order, the first being 0. The cells are only
// valid during the call: a nil cell is absent, an empty non-nil one is empty.
func (t *Table) Each(ctx context.Context, f func(row int64, cells [][]byte) error) error {
	return t.eachFrom(ctx, 0, func(row int64, s *scanner) error { return f(row, s.cells) })
}

// eachFrom calls f from a row on; f ends the walk with io.EOF.
func (t *Table) eachFrom(ctx context.Context, first int64, f func(row int64, s *scanner) error) error {
	indexed := first / indexEvery
	row := indexed * indexEvery
	s := t.scanFrom(t.index.offsets[indexed])
	for ; row < t.index.Rows; row++ {
		if row%indexEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := t.nextRow(s); err != nil {
			return err
		}
		if row < first {
			continue
		}
		if err := f(row, s); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
	return nil
}

func (t *Table) scanFrom(offset int64) *scanner {
	return newScanner(io.NewSectionReader(t.content, offset, t.index.Bytes-offset), offset)
}

// nextRow advances s; what is no row of this table is damage.
func (t *Table) nextRow(s *scanner) error {
	if err := s.next(); err != nil {
		return damaged(err)
	}
	if len(s.cells) != len(t.Columns) {
		return errDamaged
	}
	return nil
}

// damaged makes an early end an error of its own.
func damaged(err error) error {
	if err == io.EOF {
		return errDamaged
	}
	return err
}
