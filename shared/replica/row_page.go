package replica

import (
	"context"
	"encoding/json"

	"ret/shared/sqlite"
)

// RowsOfPage is how many rows one page of a table's rows has; its last page may
// have less.
const RowsOfPage = 100

// RowPage is a page of a table's rows as a replica keeps it.
type RowPage struct {
	Page int64  // it begins with row Page * RowsOfPage
	Rows []byte // JSON: a list of cells a row, null is absent
}

// KeepRowPages keeps pages that a person looks at. Pages that were not looked at
// for the longest time go, those nobody looked at yet first, until all that is
// left has at most budget bytes. Pages of a table that is gone are dropped.
func (r *Replica) KeepRowPages(ctx context.Context, tableID string, pages []RowPage, budget int64) error {
	return r.Write(ctx, func(c *sqlite.Conn) error {
		if err := putRowPages(c, tableID, pages, `(SELECT coalesce(max(used), 0) + 1 FROM row_pages)`); err != nil {
			return err
		}
		return dropRowPages(c, budget)
	})
}

// AddRowPages keeps pages ahead of need, if there is room for them without
// dropping others.
func (r *Replica) AddRowPages(ctx context.Context, tableID string, pages []RowPage, budget int64) (kept bool, err error) {
	err = r.Write(ctx, func(c *sqlite.Conn) error {
		total, err := rowBytes(c)
		for _, p := range pages {
			total += int64(len(p.Rows))
		}
		if kept = total <= budget; err != nil || !kept {
			return err
		}
		return putRowPages(c, tableID, pages, `0`)
	})
	return kept, err
}

func putRowPages(c *sqlite.Conn, tableID string, pages []RowPage, used string) error {
	for _, p := range pages {
		// A table never changes, so a page that is there needs no new rows.
		_, err := c.Exec(`INSERT INTO row_pages (table_id, page, rows, bytes, used)
			SELECT id, ?2, ?3, ?4, `+used+` FROM tables WHERE id = ?1
			ON CONFLICT (table_id, page) DO UPDATE SET used = max(used, excluded.used)`, tableID, p.Page, string(p.Rows), len(p.Rows))
		if err != nil {
			return err
		}
	}
	return nil
}

func dropRowPages(c *sqlite.Conn, budget int64) error {
	for {
		total, err := rowBytes(c)
		if err != nil || total <= budget {
			return err
		}
		n, err := c.Exec(`DELETE FROM row_pages WHERE n = (SELECT n FROM row_pages ORDER BY used, n LIMIT 1)`)
		if err != nil || n == 0 {
			return err
		}
	}
}

// RowPages returns the pages of a table from first to last that are kept, in
// order, and notes that someone looks at them.
func (r *Replica) RowPages(ctx context.Context, tableID string, first, last int64) (pages []RowPage, err error) {
	err = r.Write(ctx, func(c *sqlite.Conn) error {
		pages = nil
		for row, err := range c.Query(`SELECT page, rows FROM row_pages
				WHERE table_id = ? AND page BETWEEN ? AND ? ORDER BY page`, tableID, first, last) {
			if err != nil {
				return err
			}
			pages = append(pages, RowPage{row.Int64(0), []byte(row.Text(1))})
		}
		_, err := c.Exec(`UPDATE row_pages SET used = (SELECT max(used) + 1 FROM row_pages)
			WHERE table_id = ? AND page BETWEEN ? AND ?`, tableID, first, last)
		return err
	})
	return pages, err
}

// RowPagesKept says from which page on a table's pages are missing, counted from
// the first, and how many are kept in all.
func (r *Replica) RowPagesKept(ctx context.Context, tableID string) (firstMissing, kept int64, err error) {
	err = r.Read(ctx, func(c *sqlite.Conn) error {
		firstMissing, kept = 0, 0
		for row, err := range c.Query(`SELECT page FROM row_pages WHERE table_id = ? ORDER BY page`, tableID) {
			if err != nil {
				return err
			}
			if kept++; row.Int64(0) == firstMissing {
				firstMissing++
			}
		}
		return nil
	})
	return firstMissing, kept, err
}

// KeptRows is how much of a table's rows is kept.
type KeptRows struct {
	TableID string
	Rows    int64 // that the table has
	Pages   int64 // that are kept of them
	Local   bool  // it was made here, with all of its rows
}

// KeptRows returns how much is kept of those of the tables that are there.
func (r *Replica) KeptRows(ctx context.Context, tableIDs []string) (list []KeptRows, err error) {
	ids, err := json.Marshal(tableIDs)
	if err != nil {
		return nil, err
	}
	err = r.Read(ctx, func(c *sqlite.Conn) error {
		list = nil
		for row, err := range c.Query(`SELECT t.id, t.rows, (SELECT count(*) FROM row_pages WHERE table_id = t.id),
				EXISTS (SELECT 1 FROM local_tables WHERE table_id = t.id)
				FROM json_each(?) JOIN tables t ON t.id = value`, string(ids)) {
			if err != nil {
				return err
			}
			list = append(list, KeptRows{row.Text(0), row.Int64(1), row.Int64(2), row.Int64(3) == 1})
		}
		return nil
	})
	return list, err
}

// RowBytes is what all kept rows take.
func (r *Replica) RowBytes(ctx context.Context) (total int64, err error) {
	err = r.Read(ctx, func(c *sqlite.Conn) error {
		total, err = rowBytes(c)
		return err
	})
	return total, err
}

func rowBytes(c *sqlite.Conn) (total int64, err error) {
	err = c.QueryRow(`SELECT bytes FROM row_total`, nil, &total)
	return total, err
}
