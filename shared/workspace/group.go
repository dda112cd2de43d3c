package workspace

import (
	"context"

	"ret/shared/fold"
	"ret/shared/sqlite"
)

// Group counts the tables of one group. Groups that are equal without regard to
// case are one.
type Group struct {
	Name   string
	Tables int64
	Rows   int64
	Bytes  int64
}

const groupFigures = `"group", count(*), sum(rows), sum(bytes)`

// Groups counts the tables of each group, by name.
func (w *Workspace) Groups(ctx context.Context) ([]Group, error) {
	return w.groups(ctx, `SELECT `+groupFigures+` FROM tables GROUP BY group_folded`)
}

// GroupsNamed counts the tables of these groups, leaving out those without any.
func (w *Workspace) GroupsNamed(ctx context.Context, names []string) ([]Group, error) {
	list, err := jsonList(foldAll(names))
	if err != nil {
		return nil, err
	}
	return w.groups(ctx, `SELECT `+groupFigures+` FROM tables
		WHERE group_folded IN (SELECT value FROM json_each(?)) GROUP BY group_folded`, list)
}

func foldAll(names []string) []string {
	folded := make([]string, len(names))
	for i, name := range names {
		folded[i] = fold.String(name)
	}
	return folded
}

// GroupsWith counts, by group, the tables whose name or source contains text,
// without regard to case.
func (w *Workspace) GroupsWith(ctx context.Context, text string) ([]Group, error) {
	return w.groups(ctx, `SELECT `+groupFigures+` FROM tables t WHERE `+nameOrSource+` GROUP BY group_folded`, fold.String(text))
}

func (w *Workspace) groups(ctx context.Context, sql string, args ...any) (groups []Group, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		groups = nil
		for row, err := range c.Query(sql, args...) {
			if err != nil {
				return err
			}
			groups = append(groups, Group{Name: row.Text(0), Tables: row.Int64(1), Rows: row.Int64(2), Bytes: row.Int64(3)})
		}
		return nil
	})
	return groups, err
}

// nameOrSource matches tables t against a text that is folded.
const nameOrSource = `(instr(fold(t.name), ?1) OR instr(fold(t.source), ?1))`
