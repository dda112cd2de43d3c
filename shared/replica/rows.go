package replica

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"ret/shared/fault"
	"ret/shared/profile"
	"ret/shared/tablefile"
	"ret/shared/wire"
	"ret/shared/workspace"
	"ret/shared/xmltable"
)

// Rows are the rows of tables that a replica keeps, within a budget of bytes:
// pages that a person looked at, the newest first to stay, and small tables that
// were fetched whole and ahead of need. For one goroutine at a time.
type Rows struct {
	kept   *Replica
	budget int64

	// The table that was last read as a whole, since people page through what they
	// sorted.
	opened   string // its id
	openRows *tablefile.Table

	views    *tablefile.Views       // what was sorted and filtered here
	contents map[string]io.ReaderAt // of local jobs, see local.go
}

// viewBytes is what the order of sorted and filtered tables may take: four bytes a row.
const viewBytes = 8 << 20

// MaxSorted is how many bytes long a table may be to be sorted and filtered here: it is
// read into memory, and a browser's module never gives memory back.
const MaxSorted = 16 << 20

// NewRows keeps rows in a replica, of at most budget bytes.
func NewRows(r *Replica, budget int64) *Rows {
	return &Rows{kept: r, budget: budget, views: tablefile.NewViews(viewBytes), contents: make(map[string]io.ReaderAt)}
}

// Bytes is what the rows take.
func (r *Rows) Bytes(ctx context.Context) (int64, error) { return r.kept.RowBytes(ctx) }

// MissingRows is the error of reading rows that are not kept: the server has them.
type MissingRows struct {
	TableID string
	Query   tablefile.Query // what to ask the server; its answer is for Keep
	Wanted  tablefile.Query // what was asked for: part of Query
}

func (m *MissingRows) Error() string {
	return "rows " + fmt.Sprint(m.Query.Offset) + " of table " + m.TableID + " are not kept"
}

// Read reads a page of a table's rows, exactly as the server would: sorted and
// filtered if the whole table is kept. *MissingRows if it is not.
func (r *Rows) Read(ctx context.Context, t *workspace.Table, q tablefile.Query) (tablefile.Page, error) {
	if local, err := r.local(ctx, t); local != nil || err != nil {
		return r.readLocal(ctx, t, local, q, err)
	}
	if q.Plain() && len(q.Hidden) == 0 {
		return r.stored(ctx, t, q)
	}
	whole, err := r.Whole(ctx, t)
	if err != nil {
		return tablefile.Page{}, err
	}
	if !whole || t.Bytes > MaxSorted {
		return tablefile.Page{}, &MissingRows{t.ID, q, q}
	}
	opened, err := r.open(ctx, t)
	if err != nil {
		return tablefile.Page{}, err
	}
	return r.views.Page(ctx, nil, viewName(t), opened, q)
}

// viewName is a table's, unlike that of any other.
func viewName(t *workspace.Table) string { return fmt.Sprint(t.ID, " ", t.Bytes) }

// Table is a table all of whose rows are kept, to be given out. *MissingRows if they
// are not, or are too many to be gathered here.
func (r *Rows) Table(ctx context.Context, t *workspace.Table) (*tablefile.Table, error) {
	if local, err := r.local(ctx, t); local != nil || err != nil {
		return local, err
	}
	whole, err := r.Whole(ctx, t)
	if err != nil {
		return nil, err
	}
	if !whole || t.Bytes > MaxSorted {
		return nil, &MissingRows{TableID: t.ID}
	}
	return r.open(ctx, t)
}

// Profile says what is in the columns of a table all of whose rows are kept; else as Table.
func (r *Rows) Profile(ctx context.Context, t *workspace.Table, q tablefile.Query) (profile.Profile, error) {
	opened, err := r.Table(ctx, t)
	if err != nil {
		return profile.Profile{}, err
	}
	return r.views.Profile(ctx, nil, viewName(t), opened, q)
}

// Values says which values a column has of a table all of whose rows are kept; else as
// Table.
func (r *Rows) Values(ctx context.Context, t *workspace.Table, q tablefile.ValuesQuery) (tablefile.ColumnValues, error) {
	opened, err := r.Table(ctx, t)
	if err != nil {
		return tablefile.ColumnValues{}, err
	}
	return r.views.Values(ctx, nil, viewName(t), opened, q)
}

// Whole reports whether all of a table's rows are kept as pages.
func (r *Rows) Whole(ctx context.Context, t *workspace.Table) (bool, error) {
	_, kept, err := r.kept.RowPagesKept(ctx, t.ID)
	return kept == pagesOf(t.Rows), err
}

// Kept says how much of a table's rows is kept, if any is.
type Kept string

const (
	KeptWhole Kept = "whole"
	KeptPart  Kept = "part" // pages of it
)

// Kept returns of which of the tables rows are kept.
func (r *Rows) Kept(ctx context.Context, tableIDs []string) (map[string]Kept, error) {
	list, err := r.kept.KeptRows(ctx, tableIDs)
	if err != nil {
		return nil, err
	}
	kept := make(map[string]Kept, len(list))
	for _, k := range list {
		switch {
		case k.Local || k.Pages == pagesOf(k.Rows):
			kept[k.TableID] = KeptWhole
		case k.Pages > 0:
			kept[k.TableID] = KeptPart
		}
	}
	return kept, nil
}

// pagesOf is how many pages so many rows make.
func pagesOf(rows int64) int64 { return (rows + RowsOfPage - 1) / RowsOfPage }

// stored reads rows in the order in which they are stored.
func (r *Rows) stored(ctx context.Context, t *workspace.Table, q tablefile.Query) (tablefile.Page, error) {
	page := tablefile.Page{Columns: columnNames(t), Rows: [][]*string{}, Offset: q.Offset, Total: t.Rows}
	end := min(q.Offset+int64(q.Limit), t.Rows)
	if q.Offset >= end {
		return page, nil
	}
	first, last := q.Offset/RowsOfPage, (end-1)/RowsOfPage
	rows, err := r.pages(ctx, t.ID, first, last)
	if errors.Is(err, errPageMissing) {
		return page, &MissingRows{t.ID, wholePages(q, first, last), q}
	}
	if err != nil {
		return page, err
	}
	from := q.Offset - first*RowsOfPage
	if to := from + end - q.Offset; to <= int64(len(rows)) {
		page.Rows = rows[from:to]
		return window(page, q), nil
	}
	return page, &MissingRows{t.ID, wholePages(q, first, last), q}
}

// window leaves of kept rows the columns that are asked for.
func window(page tablefile.Page, q tablefile.Query) tablefile.Page {
	if q.AllColumns() {
		return page
	}
	first := min(q.FirstColumn, len(page.Columns))
	last := len(page.Columns)
	if q.Columns > 0 {
		last = first + min(q.Columns, last-first)
	}
	page.Columns = page.Columns[first:last]
	for i, row := range page.Rows {
		page.Rows[i] = row[first:last]
	}
	return page
}

var errPageMissing = errors.New("a page of rows is not kept")

// pages reads rows of pages that follow each other.
func (r *Rows) pages(ctx context.Context, tableID string, first, last int64) (rows [][]*string, err error) {
	pages, err := r.kept.RowPages(ctx, tableID, first, last)
	if err != nil {
		return nil, err
	}
	if int64(len(pages)) != last-first+1 {
		return nil, errPageMissing
	}
	for _, p := range pages {
		var part [][]*string
		if err := json.Unmarshal(p.Rows, &part); err != nil {
			return nil, fmt.Errorf("read kept rows: %w", err)
		}
		rows = append(rows, part...)
	}
	return rows, nil
}

// wholePages is what to ask the server for: pages that can be kept, or exactly
// what was asked for if these would be too many at once.
func wholePages(q tablefile.Query, first, last int64) tablefile.Query {
	if n := (last - first + 1) * RowsOfPage; n <= workspace.MaxPage {
		return tablefile.Query{Offset: first * RowsOfPage, Limit: int(n)}
	}
	return q
}

// open reads a whole table into the form in which the server stores it, so that
// the same code sorts and filters it.
func (r *Rows) open(ctx context.Context, t *workspace.Table) (*tablefile.Table, error) {
	if r.opened == t.ID {
		return r.openRows, nil
	}
	var content bytes.Buffer
	w := tablefile.NewWriter(&content, t.Columns)
	for page := range pagesOf(t.Rows) {
		rows, err := r.pages(ctx, t.ID, page, page)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if err := w.Row(xmltable.CellBytes(row)); err != nil {
				return nil, fmt.Errorf("open kept rows: %w", err)
			}
		}
	}
	index, err := w.Close()
	if err != nil {
		return nil, fmt.Errorf("open kept rows: %w", err)
	}
	opened, err := tablefile.Open(bytes.NewReader(content.Bytes()), index)
	if err != nil {
		return nil, fmt.Errorf("open kept rows: %w", err)
	}
	r.opened, r.openRows = t.ID, opened
	return opened, nil
}

func columnNames(t *workspace.Table) []string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return names
}

// Keep keeps the server's answer to a query that a person waits for. Sorted and
// filtered rows are not kept: they are no page of the table.
func (r *Rows) Keep(ctx context.Context, t *workspace.Table, q tablefile.Query, answer tablefile.Page) error {
	pages, err := cut(t, q, answer)
	if err != nil || len(pages) == 0 {
		return err
	}
	return r.kept.KeepRowPages(ctx, t.ID, pages, r.budget)
}

// Ahead is what to ask the server for so that a small table is whole; false if
// nothing is missing.
func (r *Rows) Ahead(ctx context.Context, t *workspace.Table) (q tablefile.Query, missing bool, err error) {
	first, kept, err := r.kept.RowPagesKept(ctx, t.ID)
	if err != nil || kept == pagesOf(t.Rows) {
		return q, false, err
	}
	return tablefile.Query{Offset: first * RowsOfPage, Limit: workspace.MaxPage}, true, nil
}

// Add keeps the answer to what Ahead asked for, if there is room without giving
// up anything.
func (r *Rows) Add(ctx context.Context, t *workspace.Table, q tablefile.Query, answer tablefile.Page) (kept bool, err error) {
	pages, err := cut(t, q, answer)
	if err != nil || len(pages) == 0 {
		return false, err
	}
	return r.kept.AddRowPages(ctx, t.ID, pages, r.budget)
}

// cut makes pages of an answer. What does not begin or end where pages do is
// left out.
func cut(t *workspace.Table, q tablefile.Query, answer tablefile.Page) (pages []RowPage, err error) {
	if !q.Plain() || !q.AllColumns() || q.Offset%RowsOfPage != 0 {
		return nil, nil
	}
	if answer.Offset != q.Offset || answer.Total != t.Rows || len(answer.Rows) > q.Limit {
		return nil, fault.New(fault.Invalid, "The server's rows are not those that were asked for.")
	}
	for at := q.Offset; len(answer.Rows) > 0; at += RowsOfPage {
		n := min(RowsOfPage, t.Rows-at)
		if n <= 0 || n > int64(len(answer.Rows)) {
			break
		}
		text, err := wire.Marshal(answer.Rows[:n])
		if err != nil {
			return nil, err
		}
		pages = append(pages, RowPage{Page: at / RowsOfPage, Rows: text})
		answer.Rows = answer.Rows[n:]
	}
	return pages, nil
}
