package jobs

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"ret/server/ask"
	"ret/server/files"
	"ret/server/queue"
	"ret/shared/fault"
	"ret/shared/profile"
	"ret/shared/query"
	"ret/shared/search"
	"ret/shared/tablefile"
	"ret/shared/workspace"
)

// askData is what a question reaches of its session: it reads tables, and nothing else.
type askData struct {
	run  *Runner
	task *queue.Task
	hold *hold

	names map[string]string // of tables by id, as SQL knows them; nil: not asked yet
}

// Bounds of what is told of tables before anything is asked. Those beyond them are named
// without what is in their columns.
const (
	askTables   = 200
	profileRows = 2_000_000
)

// Tables implements ask.Data: the newest first.
func (d *askData) Tables(ctx context.Context) (tables []ask.Table, err error) {
	list, err := d.run.Workspace.NewestTables(ctx, workspace.TableFilter{}, workspace.Page{Limit: askTables})
	if err != nil {
		return nil, err
	}
	if err := d.name(ctx); err != nil {
		return nil, err
	}
	left := int64(profileRows)
	for _, t := range list.Items {
		told := ask.Table{Name: d.names[t.ID], Rows: t.Rows}
		if t.ParentID != nil {
			told.Parent = d.names[*t.ParentID]
		}
		if left -= t.Rows; left >= 0 {
			told.Columns, err = d.profiled(ctx, t)
		} else {
			told.Columns = named(t)
		}
		if err != nil {
			return nil, err
		}
		tables = append(tables, told)
	}
	return tables, nil
}

// name learns what SQL calls the tables.
func (d *askData) name(ctx context.Context) error {
	tables, err := d.run.Workspace.TableNames(ctx)
	if err != nil {
		return err
	}
	list := make([]query.Listed, len(tables))
	for i, t := range tables {
		list[i] = query.Listed(t)
	}
	d.names = make(map[string]string, len(list))
	for i, name := range query.Names(list) {
		d.names[list[i].ID] = name
	}
	return nil
}

func (d *askData) shelf(t *workspace.Table) tableShelf {
	return tableShelf{d.run.Folder.Shelf(), t.Blob}
}

// viewName is a stored table's, as pages know it: what they have found out is not found
// out anew.
func viewName(t *workspace.Table) string { return t.ID + " " + t.Blob }

func named(t *workspace.Table) (columns []ask.Column) {
	for _, c := range t.Columns {
		columns = append(columns, ask.Column{Name: c.Name})
	}
	return columns
}

// profiled are a table's columns with what is in them.
func (d *askData) profiled(ctx context.Context, t *workspace.Table) ([]ask.Column, error) {
	stored, content, err := d.open(ctx, t)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	p, err := d.run.Asking.views.Profile(ctx, d.shelf(t), viewName(t), stored, tablefile.Query{})
	if err != nil {
		return nil, err
	}
	columns := make([]ask.Column, len(p.Columns))
	for i, c := range p.Columns {
		columns[i] = ask.Column{Name: c.Name, Kind: string(c.Kind), Present: c.Present, Absent: c.Absent, Distinct: c.Distinct, Min: c.Min, Max: c.Max, Top: frequent(c)}
	}
	return columns, nil
}

// frequent are the values that say something by being there often.
func frequent(c profile.Column) (values []string) {
	for _, f := range c.Top {
		if f.Count > 1 && f.Value != "" {
			values = append(values, f.Value)
		}
	}
	return values
}

// open opens a stored table through the run's hold, which is a checkpoint at each read.
func (d *askData) open(ctx context.Context, t *workspace.Table) (*tablefile.Table, io.Closer, error) {
	var index tablefile.Index
	if err := index.UnmarshalBinary(t.RowIndex); err != nil {
		return nil, nil, err
	}
	content, err := d.hold.stored(ctx, t.Blob, index.Bytes)
	if err != nil {
		return nil, nil, err
	}
	stored, err := tablefile.Open(content, index)
	if err != nil {
		_ = content.Close()
		return nil, nil, fmt.Errorf("open table: %w", err)
	}
	return stored, content, nil
}

// tableShelf is the part of a session's shelf that keeps what is known of one table.
type tableShelf struct {
	*files.Shelf
	blob string
}

// Keep implements tablefile.Shelf.
func (s tableShelf) Keep(key string, write func(io.Writer) error) error {
	return s.Shelf.Keep(s.blob, key, write)
}

// Kept implements tablefile.Shelf.
func (s tableShelf) Kept(key string) (tablefile.Kept, error) {
	content, err := s.Shelf.Kept(s.blob, key)
	if content == nil || err != nil {
		return nil, err
	}
	return content, nil
}

// searchWithin is how long a search may look through rows.
const searchWithin = 5 * time.Second

// Search implements ask.Data.
func (d *askData) Search(ctx context.Context, words string, limit int) ([]ask.Hit, error) {
	if err := d.hold.checkpoint(ctx); err != nil {
		return nil, err
	}
	q, err := search.Parse(words, false)
	if err != nil {
		return nil, err
	}
	if q.Empty() {
		return nil, fault.New(fault.Invalid, "There is no word to search for.")
	}
	found, err := d.run.Index.Find(ctx, search.Question{Query: q, Limit: limit, Within: searchWithin})
	if err != nil {
		return nil, err
	}
	hits := make([]ask.Hit, 0, len(found.Hits))
	for _, h := range found.Hits {
		hits = append(hits, ask.Hit{TableID: h.TableID, Table: d.names[h.TableID], Row: h.Row, Column: h.Column, Text: snippetText(h.Snippet)})
	}
	return hits, nil
}

func snippetText(snippet string) string {
	var b strings.Builder
	for _, part := range search.Unmarked(snippet) {
		b.WriteString(part.Text)
	}
	return b.String()
}

// Query implements ask.Data.
func (d *askData) Query(ctx context.Context, sql string, limit int) (ask.Result, error) {
	var found *query.Result
	err := d.task.Outside(ctx, func() (err error) { // queries have places of their own
		found, err = d.run.Query(ctx, sql, limit)
		return err
	})
	if err != nil {
		return ask.Result{}, err
	}
	result := ask.Result{Cut: found.Truncated, Columns: make([]string, len(found.Columns)), Rows: make([][]*string, len(found.Rows))}
	for i, c := range found.Columns {
		result.Columns[i] = c.Name
	}
	for i, row := range found.Rows {
		for _, value := range row {
			result.Rows[i] = append(result.Rows[i], valueText(value))
		}
	}
	return result, nil
}

// valueText writes a value of an answer; nil is absent.
func valueText(value any) *string {
	var text string
	switch v := value.(type) {
	case nil:
		return nil
	case int64:
		text = strconv.FormatInt(v, 10)
	case float64:
		text = strconv.FormatFloat(v, 'f', -1, 64)
	default:
		text = fmt.Sprint(v)
	}
	return &text
}
