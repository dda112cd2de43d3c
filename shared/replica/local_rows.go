package replica

import (
	"context"
	"fmt"
	"io"
	"sort"

	"ret/shared/fault"
	"ret/shared/tablefile"
	"ret/shared/workspace"
)

// SetContent says where the tables of a local job are read; nil: nowhere any more.
func (r *Rows) SetContent(jobID string, content io.ReaderAt) {
	if content == nil {
		delete(r.contents, jobID)
		r.opened, r.openRows = "", nil // it may be one of these
		return
	}
	r.contents[jobID] = content
}

// local opens a table that this browser has made itself, from what is kept of it
// until the server has finished its job; nil for others.
func (r *Rows) local(ctx context.Context, t *workspace.Table) (*tablefile.Table, error) {
	content := r.contents[t.JobID]
	if content == nil {
		return nil, nil
	}
	if r.opened == t.ID {
		return r.openRows, nil
	}
	where, err := r.kept.LocalContent(ctx, t.ID)
	if err != nil || where == nil {
		return nil, err
	}
	var index tablefile.Index
	if err := index.UnmarshalBinary(where.RowIndex); err != nil {
		return nil, fmt.Errorf("open local table: %w", err)
	}
	opened, err := tablefile.Open(newExtents(content, where.Extents), index)
	if err != nil {
		return nil, fmt.Errorf("open local table: %w", err)
	}
	r.opened, r.openRows = t.ID, opened
	return opened, nil
}

var errTooLarge = fault.New(fault.Unavailable, "This table is too large to be sorted or filtered in the browser. That works again when the server has it.")

func (r *Rows) readLocal(ctx context.Context, known *workspace.Table, t *tablefile.Table, q tablefile.Query, err error) (tablefile.Page, error) {
	if err != nil {
		return tablefile.Page{}, err
	}
	if !q.Plain() && t.Bytes() > MaxSorted {
		return tablefile.Page{}, errTooLarge
	}
	return r.views.Page(ctx, nil, viewName(known), t, q)
}

// extents read parts of some content as if they followed each other.
type extents struct {
	content io.ReaderAt
	parts   []Extent
	begins  []int64 // where each part begins in what is read
}

func newExtents(content io.ReaderAt, parts []Extent) *extents {
	e := &extents{content: content, parts: parts, begins: make([]int64, len(parts))}
	var at int64
	for i, p := range parts {
		e.begins[i] = at
		at += p.Length
	}
	return e
}

// ReadAt implements io.ReaderAt.
func (e *extents) ReadAt(p []byte, off int64) (n int, err error) {
	first := max(0, sort.Search(len(e.begins), func(i int) bool { return e.begins[i] > off })-1)
	for i := first; n < len(p); i++ {
		if i == len(e.parts) {
			return n, io.EOF
		}
		skip := off + int64(n) - e.begins[i]
		piece := min(int64(len(p)-n), e.parts[i].Length-skip)
		if piece <= 0 {
			continue
		}
		got, err := e.content.ReadAt(p[n:n+int(piece)], e.parts[i].Offset+skip)
		n += got
		if int64(got) < piece {
			return n, shortRead(err)
		}
	}
	return n, nil
}

// shortRead is the error of content that ends too early.
func shortRead(err error) error {
	if err == nil || err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
