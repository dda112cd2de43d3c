package meaning

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"unicode"

	"ret/shared/fault"
	"ret/shared/search"
	"ret/shared/workspace"
)

// found is a row that is near to a question.
type found struct {
	table int // which of those that were looked at
	row   int64
	like  float32
}

// Find returns the rows that are nearest to a question in plain words, the nearest first,
// at most limit. None where the model may not be used, or the question is not plain
// (search.Query.Plain), or means nothing to the model, or is still being typed and the
// model is at an endpoint.
func (x *Index) Find(ctx context.Context, q search.Query, limit int) ([]search.Hit, error) {
	text, plain := q.Plain()
	if !plain || q.Typing() && !x.model.Local() { // an endpoint is not asked letter by letter
		return nil, nil
	}
	if err := x.may(ctx); errors.Is(err, ErrNotAllowed) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	vectors, err := x.model.Embed(ctx, []string{text})
	if err != nil {
		return nil, err
	}
	asked, ok := newQuestion(vectors[0])
	if !ok {
		return nil, nil
	}
	tables, err := x.within(ctx)
	if err != nil {
		return nil, err
	}
	near, err := x.nearest(ctx, asked, tables, limit)
	if err != nil {
		return nil, err
	}
	return x.hits(ctx, q, tables, near)
}

// nearest compares all vectors that there are.
func (x *Index) nearest(ctx context.Context, asked question, tables []workspace.SearchedTable, limit int) ([]found, error) {
	best := nearest{most: limit}
	for i := range tables {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		kept, err := x.folder.IndexShelf().Kept(tables[i].Blob, x.key())
		if err != nil {
			return nil, err
		}
		if kept == nil {
			continue
		}
		err = asked.compare(kept, kept.Size(), func(row int64, like float32) { best.add(found{i, row, like}) })
		_ = kept.Close()
		if err != nil && !errors.Is(err, errOtherLength) {
			return nil, err
		}
	}
	return best.sorted(), nil
}

// nearest keeps the best that it is given.
type nearest struct {
	most  int
	list  []found
	least float32 // of the list, once that is full
}

func (n *nearest) add(f found) {
	if f.like < leastLikeness || f.like <= n.least {
		return
	}
	n.list = append(n.list, f)
	if len(n.list) < 2*n.most {
		return
	}
	n.list = n.sorted()
	n.least = n.list[len(n.list)-1].like
}

// sorted are the best of all, the nearest first.
func (n *nearest) sorted() []found {
	slices.SortStableFunc(n.list, func(a, b found) int { return cmp.Compare(b.like, a.like) })
	return n.list[:min(len(n.list), n.most)]
}

// hits reads the rows that were found, to show a cell of each.
func (x *Index) hits(ctx context.Context, q search.Query, tables []workspace.SearchedTable, near []found) ([]search.Hit, error) {
	hits := make([]search.Hit, len(near))
	byTable := make(map[int][]int)
	for i, f := range near {
		byTable[f.table] = append(byTable[f.table], i)
	}
	for at, places := range byTable {
		err := x.shown(ctx, q, &tables[at], near, places, hits)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
	}
	return slices.DeleteFunc(hits, func(h search.Hit) bool { return h.TableID == "" }), nil
}

// shown fills in the hits of one table.
func (x *Index) shown(ctx context.Context, q search.Query, t *workspace.SearchedTable, near []found, places []int, hits []search.Hit) error {
	stored, content, err := x.open(t)
	if err != nil {
		return err
	}
	defer content.Close()
	m := q.Matcher(t.Columns)
	for _, i := range places {
		f := near[i]
		err := stored.Range(ctx, f.row, f.row+1, func(_ int64, cells [][]byte) error {
			c := telling(cells)
			hits[i] = search.Hit{TableID: t.ID, Row: f.row + 1, Column: t.Columns[c], Score: float64(f.like), Snippet: search.Marked(m.Snippet(c, cells[c]))}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// telling is the column of a row that says the most: the longest with words.
func telling(cells [][]byte) (column int) {
	longest := -1
	for i, cell := range cells {
		if n := min(len(cell), rowBytes); n > longest && bytes.ContainsFunc(cell[:n], unicode.IsLetter) {
			column, longest = i, n
		}
	}
	return column
}
