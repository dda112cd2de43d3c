package tablefile

import (
	"context"
	"io"
	"iter"
)

// Places is Each that also says where in the table each row begins, which Some wants to know.
func (t *Table) Places(ctx context.Context, f func(row, place int64, cells [][]byte) error) error {
	return t.scan(ctx, 0, t.index.Rows, func(row int64, s *scanner) error { return f(row, s.rowOffset, s.cells) })
}

// Some is Each for some rows and where each of them begins, which must come in order; those
// beyond the last are none. Little else is read.
func (t *Table) Some(ctx context.Context, rows iter.Seq2[int64, int64], f func(row int64, cells [][]byte) error) error {
	var s *scanner
	looked := 0
	for row, place := range rows {
		if row >= t.index.Rows {
			break
		}
		if looked++; looked%indexEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		s = t.shortly(s, place)
		if err := t.nextRow(s); err != nil {
			return err
		}
		if err := f(row, s.cells); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// shortly is a scanner that reads on from a place, with what it has read already, for who
// wants a row only.
func (t *Table) shortly(s *scanner, place int64) *scanner {
	if s == nil {
		s = newScanner(nil, place)
	} else if ahead := place - s.offset; ahead >= 0 && ahead < int64(s.end-s.start) {
		s.start += int(ahead)
		s.offset = place
		return s
	}
	s.restart(&foreseenReads{from: t.from(place)}, place)
	return s
}

// foreseenReads reads what is foreseen to be wanted, and then little at once, since the rest
// may not be.
type foreseenReads struct {
	from     io.Reader
	foreseen int64
}

const shortRead = 1 << 10

func (r *foreseenReads) Read(p []byte) (int, error) {
	n, err := r.from.Read(p[:min(int64(len(p)), max(r.foreseen, shortRead))])
	r.foreseen -= int64(n)
	return n, err
}
