package view

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/a-h/templ"

	"ret/shared/fault"
	"ret/shared/profile"
	"ret/shared/query"
	"ret/shared/workspace"
	"ret/web/page"
)

// RunQuery answers a statement with so many rows at most.
type RunQuery func(ctx context.Context, sql string, rows int) (*query.Result, error)

// KnownKinds are the kinds of a table's columns, where they are known without reading it;
// else nil.
type KnownKinds func(t *workspace.Table) []profile.Kind

// Bounds of the page /query.
const (
	queryRows   = 500
	queryTables = 100
)

// queryPage draws the page /query. A statement stands in its address, where it cannot be
// read, and is run each time the page is drawn.
func (d drawing) queryPage(f page.Frame) (templ.Component, error) {
	v := page.SQLView{SQL: d.query.Get("sql")}
	if err := d.askable(&v, f.Viewer.Holdings.Tables); err != nil {
		return nil, err
	}
	if strings.TrimSpace(v.SQL) != "" {
		if err := d.runQuery(&v); err != nil {
			return nil, err
		}
	}
	return page.Query(f, v), nil
}

// askable lists the tables that can be asked, the first of so many.
func (d drawing) askable(v *page.SQLView, tables int64) error {
	list, err := d.ws.Tables(d.ctx, workspace.TableFilter{}, workspace.Page{Limit: queryTables})
	if err != nil {
		return err
	}
	listed := make([]query.Listed, len(list.Items))
	for i, t := range list.Items {
		listed[i] = query.Listed{ID: t.ID, Name: t.Name}
	}
	for i, name := range query.Names(listed) {
		t := list.Items[i]
		table := page.SQLTable{ID: t.ID, Written: query.Written(name), Rows: t.Rows}
		for _, c := range query.Columns(t.Columns, d.around.Kinds(t)) {
			table.Columns = append(table.Columns, page.SQLColumn{Name: c.Name, Written: query.Written(c.Name), Kind: string(c.Kind)})
		}
		v.Tables = append(v.Tables, table)
	}
	v.More = max(tables-int64(len(list.Items)), 0)
	return nil
}

// runQuery puts the answer into the view, or what is wrong with the statement.
func (d drawing) runQuery(v *page.SQLView) error {
	began := time.Now()
	result, err := d.around.Query(d.ctx, v.SQL, queryRows)
	if err != nil {
		v.Wrong, err = wrongQuery(v.SQL, err)
		return err
	}
	v.Asked, v.Took, v.Truncated = true, time.Since(began), result.Truncated
	for _, c := range result.Columns {
		v.Columns = append(v.Columns, page.SQLColumn{Name: c.Name, Kind: string(c.Kind)})
	}
	for _, row := range result.Rows {
		cells := make([]page.Cell, len(row))
		for i, value := range row {
			text, there := query.Text(value)
			cells[i] = page.Cell{Absent: !there, Text: text}
		}
		v.Rows = append(v.Rows, cells)
	}
	return nil
}

// wrongQuery is what a person is told beside the statement. Anything else that went wrong
// is no answer of this page.
func wrongQuery(sql string, err error) (*page.SQLWrong, error) {
	w := &page.SQLWrong{Message: fault.Message(err)}
	if wrong, ok := errors.AsType[*query.Error](err); ok && fault.Is(err, fault.Malformed) {
		w.Line, w.Column = wrong.Line, wrong.Column
		line := []rune(strings.TrimRight(strings.Split(sql, "\n")[w.Line-1], "\r"))
		at := min(w.Column-1, len(line))
		w.Before, w.At = string(line[:at]), string(line[at:])
		return w, nil
	}
	switch fault.KindOf(err) {
	case fault.TimedOut, fault.TooLarge, fault.TooMany:
		return w, nil
	}
	return nil, err
}
