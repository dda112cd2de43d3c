package workspace

import (
	"context"
	"time"

	"ret/shared/fold"
	"ret/shared/sqlite"
)

// TableBrief is a table as lists show it.
type TableBrief struct {
	ID        string
	Name      string
	Group     string
	FileID    string // "" where several files were merged
	Source    string
	Parent    string // the parent table's name; "" for none
	Columns   int    // how many
	Rows      int64
	Bytes     int64
	CreatedAt time.Time
	N         int64 // order of arrival: what comes after it in a list of the newest has less
}

const tableBriefColumns = `t.id, t.name, t."group", t.file_id, t.source, p.name, json_array_length(t.columns), t.rows, t.bytes, t.created_at, t.n
	FROM tables t LEFT JOIN tables p ON p.id = t.parent_id`

// NewestByGroup returns the newest tables of every group, at most perGroup of
// each, by group and the newest first.
func (w *Workspace) NewestByGroup(ctx context.Context, perGroup int) ([]TableBrief, error) {
	return w.tableBriefs(ctx, newestByGroup(""), perGroup)
}

// NewestByGroupWith is NewestByGroup of the tables that GroupsWith counts.
func (w *Workspace) NewestByGroupWith(ctx context.Context, text string, perGroup int) ([]TableBrief, error) {
	return w.tableBriefs(ctx, newestByGroup("WHERE "+nameOrSource), fold.String(text), perGroup)
}

// newestByGroup numbers the tables of each group by an index alone, and reads
// those that are asked for.
func newestByGroup(where string) string {
	return `SELECT ` + tableBriefColumns + ` JOIN (
			SELECT t.n, row_number() OVER (PARTITION BY t.group_folded ORDER BY t.n DESC) AS place FROM tables t ` + where + `
		) newest ON newest.n = t.n
		WHERE newest.place <= ? ORDER BY t.group_folded, t.n DESC`
}

// NewestInGroup returns a page of one group, the newest first.
func (w *Workspace) NewestInGroup(ctx context.Context, group string, page Page) (list List[TableBrief], err error) {
	limit, after, err := page.bounds(1 << 62)
	if err != nil {
		return list, err
	}
	tables, err := w.tableBriefs(ctx, `SELECT `+tableBriefColumns+`
		WHERE t.group_folded = ?1 AND t.n < ?2 ORDER BY t.n DESC LIMIT ?3`, fold.String(group), after, limit+1)
	out := newListed[TableBrief](limit)
	for _, t := range tables {
		if !out.add(t, t.N) {
			break
		}
	}
	return out.list, err
}

// TableBriefs returns the tables of these ids that are there, the newest first.
func (w *Workspace) TableBriefs(ctx context.Context, ids []string) ([]TableBrief, error) {
	list, err := jsonList(ids)
	if err != nil {
		return nil, err
	}
	return w.tableBriefs(ctx, `SELECT `+tableBriefColumns+` WHERE t.id IN (SELECT value FROM json_each(?)) ORDER BY t.n DESC`, list)
}

// TablesOfJob returns the first tables that a job made.
func (w *Workspace) TablesOfJob(ctx context.Context, jobID string, limit int) ([]TableBrief, error) {
	return w.tableBriefs(ctx, `SELECT `+tableBriefColumns+` WHERE t.job_id = ? ORDER BY t.n LIMIT ?`, jobID, limit)
}

func (w *Workspace) tableBriefs(ctx context.Context, sql string, args ...any) (tables []TableBrief, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		tables = nil
		for row, err := range c.Query(sql, args...) {
			if err != nil {
				return err
			}
			var t TableBrief
			err = row.Scan(&t.ID, &t.Name, &t.Group, &t.FileID, &t.Source, &t.Parent, &t.Columns, &t.Rows, &t.Bytes, &t.CreatedAt, &t.N)
			if err != nil {
				return err
			}
			tables = append(tables, t)
		}
		return nil
	})
	return tables, err
}
