package tablefile

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// Query chooses rows. The zero value with a Limit gives the first rows as stored.
type Query struct {
	Offset  int64
	Limit   int
	Sort    string   // "" as stored; a column's name, with "-" before it turned round
	Filters []string // "price>=10", "title~go", "isbn=" (empty), "isbn!" (absent); all must hold
}

// Check fails with fault.Invalid where the query names a column that is not among
// these, or has what is no filter.
func (q Query) Check(columns []string) error {
	if _, err := parseFilters(q.Filters, columns); err != nil {
		return err
	}
	if q.Sort == "" {
		return nil
	}
	_, err := parseOrder(q.Sort, columns)
	return err
}

// Page is an answer to a Query.
type Page struct {
	Columns []string    `json:"columns"`
	Rows    [][]*string `json:"rows"` // nil is absent
	Offset  int64       `json:"offset"`
	Total   int64       `json:"total"` // rows that the filters let through
}

// Page reads rows. Memory is bounded, whatever the table and the offset; time grows
// with the table unless neither sorted nor filtered. It fails with fault.Invalid on a
// column that is not there and on what is no filter. Views.Page remembers what was
// sorted.
func (t *Table) Page(ctx context.Context, q Query) (Page, error) {
	asked, err := t.parse(q)
	if err != nil {
		return Page{}, err
	}
	return t.page(ctx, q, asked)
}

// page finds out which rows the page has, then reads them.
func (t *Table) page(ctx context.Context, q Query, asked question) (Page, error) {
	page := t.emptyPage(q, t.index.Rows)
	if asked.plain() {
		err := t.stored(ctx, q, &page)
		return page, err
	}
	first, rows := q.Offset, []uint32(nil)
	place := int64(0)
	total, err := t.choose(ctx, asked, min(first, math.MaxInt64-int64(q.Limit))+int64(q.Limit), func(row uint32) {
		if place >= first {
			rows = append(rows, row)
		}
		place++
	})
	if err != nil {
		return Page{}, err
	}
	page.Total = total
	err = t.readRows(ctx, rows, &page)
	return page, err
}

// pageOf reads a page of a view.
func (t *Table) pageOf(ctx context.Context, q Query, v *View) (Page, error) {
	page := t.emptyPage(q, v.Len())
	first := min(q.Offset, v.Len())
	err := t.readRows(ctx, v.rows[first:min(first+int64(q.Limit), v.Len())], &page)
	return page, err
}

func (t *Table) emptyPage(q Query, total int64) Page {
	return Page{Columns: t.Columns, Rows: [][]*string{}, Offset: q.Offset, Total: total}
}

// stored reads a page as it stands, by the index.
func (t *Table) stored(ctx context.Context, q Query, page *Page) error {
	first := min(q.Offset, t.index.Rows)
	return t.Range(ctx, first, first+int64(q.Limit), func(_ int64, cells [][]byte) error {
		page.Rows = append(page.Rows, cellTexts(cells))
		return nil
	})
}

// readRows reads rows that stand here and there. Those of one indexed block are read
// in one go, so the table is read once at most, however long its rows are.
func (t *Table) readRows(ctx context.Context, rows []uint32, page *Page) error {
	places := make([]int, len(rows)) // in the order in which they are stored
	for i := range places {
		places[i] = i
	}
	slices.SortFunc(places, func(a, b int) int { return cmp.Compare(rows[a], rows[b]) })
	page.Rows = append(page.Rows, make([][]*string, len(rows))...)
	for len(places) > 0 {
		block := rows[places[0]] / indexEvery
		n := 1
		for n < len(places) && rows[places[n]]/indexEvery == block {
			n++
		}
		first, last := int64(rows[places[0]]), int64(rows[places[n-1]])
		err := t.Range(ctx, first, last+1, func(row int64, cells [][]byte) error {
			for len(places) > 0 && int64(rows[places[0]]) == row {
				page.Rows[places[0]] = cellTexts(cells)
				places = places[1:]
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// cellTexts copies a row out of the scanner.
func cellTexts(cells [][]byte) []*string {
	texts := make([]*string, len(cells))
	for i, cell := range cells {
		if cell != nil {
			text := string(cell)
			texts[i] = &text
		}
	}
	return texts
}
