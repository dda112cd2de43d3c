package workspace

import (
	"cmp"
	"context"
	"slices"
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
	Class     string // of its documents; "" if they are of none
	Merged    bool   // it has the rows of the whole class
	N         int64  // order of arrival: what comes after it in a list of the newest has less
}

const tableBriefColumns = `t.id, t.name, t."group", t.file_id, t.source, p.name, json_array_length(t.columns), t.rows, t.bytes, t.created_at, t.class, t.merged, t.n
	FROM tables t LEFT JOIN tables p ON p.id = t.parent_id`

// NewestOfGroups returns the newest tables of each of these groups, at most perGroup
// of each, by group and the newest first: of those that GroupsWith counts; text is
// "" for all. Those of the classes that are left out are not among them.
func (w *Workspace) NewestOfGroups(ctx context.Context, groups []string, text string, leftOut []string, perGroup int) ([]TableBrief, error) {
	list, err := jsonList(foldAll(groups))
	if err != nil {
		return nil, err
	}
	without, err := jsonList(leftOut)
	if err != nil {
		return nil, err
	}
	// The tables of each group are numbered by an index alone, and those are read
	// that are asked for.
	return w.tableBriefs(ctx, `SELECT `+tableBriefColumns+` JOIN (
			SELECT t.n, row_number() OVER (PARTITION BY t.group_folded ORDER BY t.n DESC) AS place FROM tables t WHERE `+inGroupsWith+` AND t.class NOT IN (SELECT value FROM json_each(?4))
		) newest ON newest.n = t.n
		WHERE newest.place <= ?3 ORDER BY t.group_folded, t.n DESC`, fold.String(text), list, perGroup, without)
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

// Listing is which tables of a group a list shows, and how.
type Listing struct {
	Group   string
	Text    string   // of them those that GroupsWith counts; "" for all
	Class   string   // of them those that documents of this class have of their own; "" for all
	LeftOut []string // without the tables of these classes
	Order   TableOrder
	Down    bool // from the greatest, or the newest, on

	Offset, Limit int64 // how many are passed over, and how many are shown at most
}

// TableOrder is what a list of tables is sorted by; those that tie stand in the order in
// which they came.
type TableOrder string

// The orders; the zero value is ByTime.
const (
	ByTime    TableOrder = "time" // of their arrival
	ByName    TableOrder = "name" // whatever the case
	BySource  TableOrder = "source"
	ByRows    TableOrder = "rows"
	ByColumns TableOrder = "columns"
	BySize    TableOrder = "size"
)

var tableOrders = map[TableOrder]string{
	ByTime: `t.n`, ByName: `fold(t.name)`, BySource: `fold(t.source)`, ByRows: `t.rows`, ByColumns: `json_array_length(t.columns)`, BySize: `t.bytes`,
}

// Valid reports whether tables can be listed so.
func (o TableOrder) Valid() bool { return tableOrders[o] != "" }

// ListTables returns a part of a group's tables, and how many there are in all parts.
func (w *Workspace) ListTables(ctx context.Context, l Listing) (tables []TableBrief, total int64, err error) {
	only, err := jsonList([]string{fold.String(l.Group)})
	if err != nil {
		return nil, 0, err
	}
	without, err := jsonList(l.LeftOut)
	if err != nil {
		return nil, 0, err
	}
	listed := inGroupsWith + ` AND (?3 = '' OR t.class = ?3 AND t.merged = 0) AND t.class NOT IN (SELECT value FROM json_each(?4))`
	args := []any{fold.String(l.Text), only, l.Class, without}
	order := tableOrders[cmp.Or(l.Order, ByTime)]
	if l.Down {
		order += ` DESC`
	}
	// What a list says of a table is read of those alone that it shows.
	tables, err = w.tableBriefs(ctx, `SELECT `+tableBriefColumns+` JOIN (
			SELECT t.n FROM tables t WHERE `+listed+` ORDER BY `+order+`, t.n LIMIT ?5 OFFSET ?6
		) shown ON shown.n = t.n ORDER BY `+order+`, t.n`, append(slices.Clone(args), l.Limit, l.Offset)...)
	if err != nil {
		return nil, 0, err
	}
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		return c.QueryRow(`SELECT count(*) FROM tables t WHERE `+listed, args, &total)
	})
	return tables, total, err
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
			err = row.Scan(&t.ID, &t.Name, &t.Group, &t.FileID, &t.Source, &t.Parent, &t.Columns, &t.Rows, &t.Bytes, &t.CreatedAt, &t.Class, &t.Merged, &t.N)
			if err != nil {
				return err
			}
			tables = append(tables, t)
		}
		return nil
	})
	return tables, err
}
