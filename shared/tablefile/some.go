package tablefile

import (
	"context"
	"io"
	"iter"
)

// Some is Each for some rows, which must come in order; those beyond the last are none.
// Of a block of rows no more is read than up to the last of them.
func (t *Table) Some(ctx context.Context, rows iter.Seq[int64], f func(row int64, cells [][]byte) error) error {
	var s *scanner
	at := int64(0) // the row that s is at
	for row := range rows {
		if row >= t.index.Rows {
			break
		}
		if s == nil || row/indexEvery != at/indexEvery {
			if err := ctx.Err(); err != nil {
				return err
			}
			at = row - row%indexEvery
			s = t.scanShortly(s, t.index.offsets[row/indexEvery])
		}
		for ; at < row; at++ {
			if err := s.skip(); err != nil {
				return damaged(err)
			}
		}
		if err := t.nextRow(s); err != nil {
			return err
		}
		at++
		if err := f(row, s.cells); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// scanShortly is scanFrom for who reads a few rows only, with what another scanner had.
func (t *Table) scanShortly(before *scanner, offset int64) *scanner {
	from := shortReads{io.NewSectionReader(t.content, offset, t.index.Bytes-offset)}
	if before == nil {
		return newScanner(from, offset)
	}
	*before = scanner{r: from, buf: before.buf, cells: before.cells, offset: offset}
	return before
}

// shortReads reads little at once, since the rest may not be wanted.
type shortReads struct{ from io.Reader }

const shortRead = 4 << 10

func (r shortReads) Read(p []byte) (int, error) { return r.from.Read(p[:min(len(p), shortRead)]) }
