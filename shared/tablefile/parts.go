package tablefile

import (
	"context"
	"io"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// usualPartRows is how many rows one part of a whole scan has: a question over a table is
// answered part by part, as many at once as there are processors.
const usualPartRows = 32 * indexEvery

// partScan takes the rows of one part after the other. Each goroutine has its own.
type partScan[P any] struct {
	row func(row int64, cells [][]byte) error // takes a row; the cells are only borrowed
	end func() P                              // gives what came of a part, and begins the next
}

// parts are the rows from first up to, but without, end, of which only the first columns
// are looked at.
type parts struct {
	table      *Table
	first, end int64
	columns    int
}

// wholeInParts are all rows with all columns up to the last of those that are needed.
func (t *Table) wholeInParts(columns int) parts { return parts{t, 0, t.index.Rows, columns} }

func (p parts) count() int64 { return (p.end - p.first + p.table.partRows - 1) / p.table.partRows }

func (p parts) scan(ctx context.Context, part int64, row func(row int64, cells [][]byte) error) error {
	t := p.table
	first := p.first + part*t.partRows
	last := min(first+t.partRows, p.end)
	from := func(offset int64) *scanner {
		end := t.index.Bytes
		if next := (last + indexEvery - 1) / indexEvery; next < int64(len(t.index.offsets)) {
			end = t.index.offsets[next]
		}
		s := newScanner(io.NewSectionReader(t.content, offset, end-offset), offset)
		s.buf = make([]byte, min(partBuffer, end-offset+1))
		return s
	}
	return t.scanWith(ctx, from, first, last, p.columns, func(n int64, s *scanner) error { return row(n, s.cells) })
}

// partBuffer is how much is read at once: several of the chunks that are sealed each by itself.
const partBuffer = 256 << 10

// scanParts scans rows, and hands over what came of each part in the parts' order, to one
// goroutine at a time.
func scanParts[P any](ctx context.Context, p parts, begin func() partScan[P], take func(P) error) error {
	workers := min(int64(runtime.GOMAXPROCS(0)), p.count())
	if workers <= 1 {
		return scanInTurn(ctx, p, begin(), take)
	}
	group, ctx := errgroup.WithContext(ctx)
	found := make([]chan P, workers) // each worker's parts come in order, and one waits at most
	for worker := range workers {
		found[worker] = make(chan P, 1)
		scan := begin()
		group.Go(func() error { return scanEach(ctx, p, worker, workers, scan, found[worker]) })
	}
	group.Go(func() error {
		for part := range p.count() {
			select {
			case came := <-found[part%workers]:
				if err := take(came); err != nil {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	return group.Wait()
}

// scanEach scans every so many-th part.
func scanEach[P any](ctx context.Context, p parts, first, every int64, scan partScan[P], to chan<- P) error {
	for part := first; part < p.count(); part += every {
		if err := p.scan(ctx, part, scan.row); err != nil {
			return err
		}
		select {
		case to <- scan.end():
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func scanInTurn[P any](ctx context.Context, p parts, scan partScan[P], take func(P) error) error {
	for part := range p.count() {
		if err := p.scan(ctx, part, scan.row); err != nil {
			return err
		}
		if err := take(scan.end()); err != nil {
			return err
		}
	}
	return ctx.Err()
}
