package tablefile

import (
	"context"
	"math"

	"ret/shared/fault"
)

// Query chooses rows. The zero value with a Limit gives the first rows as stored.
type Query struct {
	Offset  int64
	Limit   int
	Sort    string   // "" as stored; a column's name, with "-" before it turned round
	Filters []string // "price>=10", "title~go", "isbn=" (empty), "isbn!" (absent); all must hold
}

// Page is an answer to a Query.
type Page struct {
	Columns []string    `json:"columns"`
	Rows    [][]*string `json:"rows"` // nil is absent
	Offset  int64       `json:"offset"`
	Total   int64       `json:"total"` // rows that the filters let through
}

// Page reads rows. Memory is bounded by Offset+Limit when sorting, else by Limit;
// time grows with the table unless neither sorted nor filtered. It fails with
// fault.Invalid on a column that is not there and on what is no filter.
func (t *Table) Page(ctx context.Context, q Query) (Page, error) {
	page := Page{Columns: t.Columns, Rows: [][]*string{}, Offset: q.Offset, Total: t.index.Rows}
	filters, err := parseFilters(q.Filters, t.Columns)
	if err != nil {
		return Page{}, err
	}
	if q.Offset < 0 || q.Limit < 0 {
		return Page{}, fault.New(fault.Invalid, "Offset and limit must not be negative.")
	}
	switch {
	case q.Sort != "":
		err = t.sorted(ctx, q, filters, &page)
	case len(filters) > 0:
		err = t.filtered(ctx, q, filters, &page)
	default:
		err = t.stored(ctx, q, &page)
	}
	if err != nil {
		return Page{}, err
	}
	return page, nil
}

// stored reads a page as it stands, by the index.
func (t *Table) stored(ctx context.Context, q Query, page *Page) error {
	first := min(q.Offset, t.index.Rows)
	return t.Range(ctx, first, first+int64(q.Limit), func(_ int64, cells [][]byte) error {
		page.Rows = append(page.Rows, cellTexts(cells))
		return nil
	})
}

// filtered reads a page of the matching rows and counts them all.
func (t *Table) filtered(ctx context.Context, q Query, filters []filter, page *Page) error {
	page.Total = 0
	return t.Each(ctx, func(_ int64, cells [][]byte) error {
		if !matchAll(filters, cells) {
			return nil
		}
		if page.Total >= q.Offset && len(page.Rows) < q.Limit {
			page.Rows = append(page.Rows, cellTexts(cells))
		}
		page.Total++
		return nil
	})
}

// sorted finds out in one pass which rows the page has, then reads them.
func (t *Table) sorted(ctx context.Context, q Query, filters []filter, page *Page) error {
	by, err := parseOrder(q.Sort, t.Columns)
	if err != nil {
		return err
	}
	page.Total = 0
	wanted := min(q.Offset, math.MaxInt-int64(q.Limit)) + int64(q.Limit)
	first := firsts{order: by, limit: int(min(wanted, t.index.Rows))}
	err = t.scan(ctx, 0, t.index.Rows, func(row int64, s *scanner) error {
		if !matchAll(filters, s.cells) {
			return nil
		}
		page.Total++
		first.offer(sortKey{value: parseValue(s.cells[by.column]), row: row, offset: s.rowOffset})
		return nil
	})
	if err != nil {
		return err
	}
	keys := first.sorted()
	return t.readRows(ctx, keys[min(q.Offset, int64(len(keys))):], page)
}

// readRows reads rows that stand here and there.
func (t *Table) readRows(ctx context.Context, keys []sortKey, page *Page) error {
	for _, key := range keys {
		if err := ctx.Err(); err != nil {
			return err
		}
		s := t.scanFrom(key.offset)
		if err := t.nextRow(s); err != nil {
			return err
		}
		page.Rows = append(page.Rows, cellTexts(s.cells))
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
