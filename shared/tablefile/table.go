package tablefile

import (
	"context"
	"io"
	"math"
)

// Table is a stored table, open for reading. Its methods may be called
// concurrently if content may be read so.
type Table struct {
	Columns []string

	content  io.ReaderAt
	index    Index
	sortRoom sortRoom
	partRows int64 // of a part of a whole scan, a multiple of indexEvery
}

// Open reads the header of a stored table. The caller keeps content open while it
// uses the Table, and closes it.
func Open(content io.ReaderAt, index Index) (*Table, error) {
	t := &Table{content: content, index: index, sortRoom: usualSortRoom, partRows: usualPartRows}
	s := newScannerOf(io.NewSectionReader(content, 0, index.Bytes), 0, shortRead)
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
	return t.Range(ctx, 0, t.index.Rows, f)
}

// Range is Each for the rows from first up to, but without, end.
func (t *Table) Range(ctx context.Context, first, end int64, f func(row int64, cells [][]byte) error) error {
	return t.scan(ctx, first, end, func(row int64, s *scanner) error { return f(row, s.cells) })
}

func (t *Table) scan(ctx context.Context, first, end int64, f func(row int64, s *scanner) error) error {
	from := func(offset int64) *scanner {
		foreseen := t.foresee(first, end)
		buffer := min(foreseen+shortRead, usualBuffer)
		return newScannerOf(&foreseenReads{t.from(offset), foreseen}, offset, buffer)
	}
	return t.scanWith(ctx, from, first, end, len(t.Columns), f)
}

// foresee is about how long the rows from first up to end are, with those before them in
// their indexed block, if the rows of a block are of like length.
func (t *Table) foresee(first, end int64) int64 {
	begin, behind := first/indexEvery, (end+indexEvery-1)/indexEvery
	rows, bytes := behind*indexEvery, t.index.Bytes
	if behind < int64(len(t.index.offsets)) {
		bytes = t.index.offsets[behind]
	} else {
		rows = t.index.Rows
	}
	rows, bytes = rows-begin*indexEvery, bytes-t.index.offsets[begin]
	return int64(float64(bytes) * float64(end-begin*indexEvery) / float64(rows))
}

// scanWith scans rows by a scanner that from begins at an offset. Of each row, only so many
// columns are looked at.
func (t *Table) scanWith(ctx context.Context, from func(offset int64) *scanner, first, end int64, columns int, f func(row int64, s *scanner) error) error {
	end = min(end, t.index.Rows)
	if first >= end {
		return ctx.Err()
	}
	row := first - first%indexEvery
	s := from(t.index.offsets[first/indexEvery])
	for ; row < end; row++ {
		if row%indexEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := t.nextCells(s, columns); err != nil {
			return err
		}
		if row < first {
			continue
		}
		if err := f(row, s); err != nil {
			return err
		}
	}
	return nil
}

// from is the table from a place on.
func (t *Table) from(offset int64) io.Reader {
	return io.NewSectionReader(t.content, offset, t.index.Bytes-offset)
}

// nextRow advances s; what is no row of this table is damage.
func (t *Table) nextRow(s *scanner) error { return t.nextCells(s, len(t.Columns)) }

// nextCells is nextRow for the first columns. Of a row that is looked at whole it is
// noticed that it has too many cells.
func (t *Table) nextCells(s *scanner, columns int) error {
	line, err := s.take()
	if err == nil && columns < len(t.Columns) {
		err = s.split(line, columns)
	} else if err == nil {
		err = s.split(line, math.MaxInt)
	}
	if err != nil {
		return damaged(err)
	}
	if len(s.cells) != columns {
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
