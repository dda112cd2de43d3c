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

// NewestOfGroups returns the newest tables of each of these groups, at most perGroup
// of each, by group and the newest first: of those that GroupsWith counts; text is
// "" for all.
func (w *Workspace) NewestOfGroups(ctx context.Context, groups []string, text string, perGroup int) ([]TableBrief, error) {
	list, err := jsonList(foldAll(groups))
	if err != nil {
		return nil, err
	}
	// The tables of each group are numbered by an index alone, and those are read
	// that are asked for.
	return w.tableBriefs(ctx, `SELECT `+tableBriefColumns+` JOIN (
			SELECT t.n, row_number() OVER (PARTITION BY t.group_folded ORDER BY t.n DESC) AS place FROM tables t WHERE `+inGroupsWith+`
		) newest ON newest.n = t.n
		WHERE newest.place <= ?3 ORDER BY t.group_folded, t.n DESC`, fold.String(text), list, perGroup)
}

// TableIDs returns the ids of all tables of a group, and of them those that
// GroupsWith counts; text is "" for all.
func (w *Workspace) TableIDs(ctx context.Context, group, text string) (ids []string, err error) {
	list, err := jsonList([]string{fold.String(group)})
	if err != nil {
		return nil, err
	}
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		ids, err = texts(c, `SELECT t.id FROM tables t WHERE `+inGroupsWith+` ORDER BY t.n`, fold.String(text), list)
		return err
	})
	return ids, err
}

// inGroupsWith matches tables t against a folded text, and their groups against a
// list of folded names.
const inGroupsWith = `(?1 = '' OR ` + nameOrSource + `) AND t.group_folded IN (SELECT value FROM json_each(?2))`

// NewestInGroup returns a page of one group, the newest first: of the tables that
// GroupsWith counts; text is "" for all.
func (w *Workspace) NewestInGroup(ctx context.Context, group, text string, page Page) (list List[TableBrief], err error) {
	limit, after, err := page.bounds(1 << 62)
	if err != nil {
		return list, err
	}
	only, err := jsonList([]string{fold.String(group)})
	if err != nil {
		return list, err
	}
	tables, err := w.tableBriefs(ctx, `SELECT `+tableBriefColumns+`
		WHERE `+inGroupsWith+` AND t.n < ?3 ORDER BY t.n DESC LIMIT ?4`, fold.String(text), only, after, limit+1)
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

// TablesOfJob returns a page of the tables that a job made, in their order.
func (w *Workspace) TablesOfJob(ctx context.Context, jobID string, page Page) (list List[TableBrief], err error) {
	limit, after, err := page.bounds(0)
	if err != nil {
		return list, err
	}
	tables, err := w.tableBriefs(ctx, `SELECT `+tableBriefColumns+` WHERE t.job_id = ? AND t.n > ? ORDER BY t.n LIMIT ?`, jobID, after, limit+1)
	out := newListed[TableBrief](limit)
	for _, t := range tables {
		if !out.add(t, t.N) {
			break
		}
	}
	return out.list, err
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
