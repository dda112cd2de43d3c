package engine

import (
	"context"
	"time"

	"ret/shared/replica"
	"ret/shared/search"
	"ret/shared/tablefile"
	"ret/shared/xmltable"
	"ret/web/view"
)

// searchTime is how long rows are looked through for one question: the engine does
// nothing else meanwhile.
const searchTime = time.Second

// search answers a question over the tables that are here whole, row by row.
func (e *Engine) search(ctx context.Context, q search.Question) (found view.Found, err error) {
	all, _, err := e.cfg.Replica.SearchedTables(ctx)
	if err != nil {
		return found, err
	}
	ids := make([]string, len(all))
	for i := range all {
		ids[i] = all[i].ID
	}
	kept, err := e.cfg.Pages.Rows.Kept(ctx, ids)
	if err != nil {
		return found, err
	}
	var tables []search.Table
	for _, t := range all {
		if kept[t.ID] == replica.KeptWhole {
			tables = append(tables, search.Table{ID: t.ID, N: t.N, Columns: t.Columns, Rows: e.keptRows(t.ID, t.Rows)})
		}
	}
	q.Within = searchTime
	found.Searched = int64(len(tables))
	found.Answer, err = search.Find(ctx, tables, q)
	return found, err
}

// rowsAtOnce is how many rows are read together.
const rowsAtOnce = 10 * replica.RowsOfPage

// keptRows reads the rows of a table that is here whole.
func (e *Engine) keptRows(tableID string, rows int64) func(context.Context, int64, func(int64, [][]byte) error) error {
	return func(ctx context.Context, from int64, f func(int64, [][]byte) error) error {
		t, err := e.cfg.Replica.Table(ctx, tableID)
		for from < rows && err == nil {
			var page tablefile.Page
			if page, err = e.cfg.Pages.Rows.Read(ctx, t, tablefile.Query{Offset: from, Limit: rowsAtOnce}); err != nil {
				break
			}
			err = each(page, f)
			from += int64(len(page.Rows))
			if len(page.Rows) == 0 {
				break
			}
		}
		return err
	}
}

func each(page tablefile.Page, f func(int64, [][]byte) error) error {
	for i, row := range page.Rows {
		if err := f(page.Offset+int64(i), xmltable.CellBytes(row)); err != nil {
			return err
		}
	}
	return nil
}
