package index

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"

	"ret/shared/search"
	"ret/shared/tablefile"
	"ret/shared/workspace"
)

// Work is how the index is brought up to date: by a job, which gives way to others.
type Work struct {
	// Open opens a blob of so many bytes; each read of it may wait for others' turn.
	Open func(ctx context.Context, blob string, size int64) (Content, error)

	// Rest is called between pieces of work of a second at most, with nothing held that others
	// need.
	Rest func(ctx context.Context) error

	// Outside does what needs no worker: it waits for another job. Others have the worker
	// meanwhile, the one that is waited for among them.
	Outside func(ctx context.Context, do func() error) error

	// Report says how many rows of how many are done.
	Report func(done, total int64)
}

// Content is a stored table, open for reading.
type Content interface {
	io.ReaderAt
	io.Closer
}

const (
	// segmentRows is from how many rows on a segment is closed, so that what was done is
	// there to be used, and stays when the job ends early.
	segmentRows = 16 * chunkRows

	// So many small segments are made one, so that a question needs to open few.
	smallRows     = 4 * chunkRows
	smallSegments = 8
)

// Update has the index know all tables, and puts their profiles where people look for them:
// first those of large tables, which somebody may be about to open. Only one at a time
// is at the index; others wait. What is finished stays, also if it fails.
func (x *Index) Update(ctx context.Context, w Work) error {
	if err := x.learnAhead(ctx, w); err != nil {
		return err
	}
	end, err := x.updating.Begin(ctx, w.Outside)
	if err != nil {
		return err
	}
	defer end()
	u := update{index: x, work: w, builder: newBuilder()}
	for {
		batch, err := x.batch(ctx)
		if err != nil || len(batch) == 0 {
			return err
		}
		if err := u.segment(ctx, batch); err != nil {
			return err
		}
	}
}

// batch are the tables of the next segment, the oldest first; none if the index is up to
// date.
func (x *Index) batch(ctx context.Context) ([]workspace.SearchedTable, error) {
	list, where, err := x.known(ctx)
	if err != nil {
		return nil, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	again := x.smallOnes()
	var todo []workspace.SearchedTable
	rows, bytes, news := int64(0), int64(0), false
	for i := len(list) - 1; i >= 0; i-- {
		if where[i] != nil && !again[where[i]] {
			continue
		}
		news = news || where[i] == nil
		todo = append(todo, list[i])
		rows += list[i].Rows
		bytes += list[i].Bytes
		if rows >= segmentRows {
			break
		}
	}
	if !news {
		return nil, nil
	}
	shelf := x.folder.IndexShelf()
	if x.full = shelf.Bytes()+bytes+bytes/4 > shelf.Room(); x.full {
		return nil, nil
	}
	return todo, nil
}

// smallOnes are the segments that are made one, if there are many.
func (x *Index) smallOnes() map[*segment]bool {
	small := make(map[*segment]bool)
	for _, s := range x.segments {
		if s.rows < smallRows {
			small[s] = true
		}
	}
	if len(small) < smallSegments {
		return nil
	}
	return small
}

// publish has a segment used from now on, in the place of those that know its tables
// already.
func (x *Index) publish(s *segment) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.segments = append(x.segments, s)
	for id := range s.tables {
		x.where[id] = s
	}
	x.seq = 0 // have tables read anew, and what is not used any more let go
}

// name is one for the next segment.
func (x *Index) name() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.made++
	return "segment " + strconv.Itoa(x.made)
}

// update is one run of Update.
type update struct {
	index   *Index
	work    Work
	builder *builder

	done, total int64 // rows
	text        []byte
}

// segment makes one of some tables.
func (u *update) segment(ctx context.Context, tables []workspace.SearchedTable) error {
	s := &segment{name: u.index.name(), tables: make(map[string][]run)}
	u.total = u.done
	for i := range tables {
		u.total += tables[i].Rows
	}
	err := u.index.folder.IndexShelf().Keep("", s.name, func(w io.Writer) error {
		to := &counted{to: w}
		for i := range tables {
			if err := u.table(ctx, s, &tables[i], to); err != nil {
				return err
			}
		}
		return u.chunk(ctx, s, to)
	})
	if err != nil {
		return fmt.Errorf("make index: %w", err)
	}
	u.index.publish(s)
	return nil
}

// counted knows how much was written.
type counted struct {
	to io.Writer
	n  int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	c.n += int64(n)
	return n, err
}

// table opens a table; the caller closes its content.
func (w Work) table(ctx context.Context, t *workspace.SearchedTable) (*tablefile.Table, Content, error) {
	return openTable(t, func(blob string, size int64) (Content, error) { return w.Open(ctx, blob, size) })
}

// table adds a table's rows to a segment, and keeps its profile.
func (u *update) table(ctx context.Context, s *segment, t *workspace.SearchedTable, to *counted) error {
	s.tables[t.ID] = nil // it is known, also where it has no rows
	stored, content, err := u.work.table(ctx, t)
	if err != nil {
		return unlessGone(err)
	}
	defer content.Close()
	learnt := u.index.beginProfile(t)
	defer learnt.end()
	err = stored.Places(ctx, func(row, place int64, cells [][]byte) error {
		learnt.row(cells)
		return u.row(ctx, s, t, row, place, cells, to)
	})
	if err != nil {
		return err
	}
	learnt.keep()
	return nil
}

// row adds a row to the segment's present chunk.
func (u *update) row(ctx context.Context, s *segment, t *workspace.SearchedTable, row, place int64, cells [][]byte, to *counted) error {
	text := u.text[:0]
	for _, cell := range cells {
		if len(cell) > 0 {
			text = search.AppendPlain(text, cell)
		}
	}
	u.text = text
	begins := s.place(t.ID, int(u.builder.rows), row, place)
	u.builder.add(text, uint32(place-begins))
	if u.done++; u.done%reportRows == 0 {
		u.work.Report(u.done, u.total)
	}
	if !u.builder.full() {
		return nil
	}
	return u.chunk(ctx, s, to)
}

// reportRows is how many rows are done between two reports.
const reportRows = 4096

// place notes that the next row of a table, which begins at a place, is in the present
// chunk. It returns where the first of the table's rows there begins.
func (s *segment) place(table string, at int, row, place int64) (begins int64) {
	s.rows++
	runs := s.tables[table]
	if n := len(runs); n > 0 && runs[n-1].chunk == len(s.chunks) {
		runs[n-1].rows++
		return runs[n-1].place
	}
	s.tables[table] = append(runs, run{chunk: len(s.chunks), from: at, first: row, place: place, rows: 1})
	return place
}

// chunk ends the present chunk, if there is anything in it, and lets others have their
// turn.
func (u *update) chunk(ctx context.Context, s *segment, to *counted) error {
	if u.builder.rows == 0 {
		return nil
	}
	at := to.n
	begins, err := u.builder.write(to)
	if err != nil {
		return err
	}
	s.chunks = append(s.chunks, chunk{at, slices.Clip(begins)})
	u.work.Report(u.done, u.total)
	return u.work.Rest(ctx)
}
