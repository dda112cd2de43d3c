package view

import (
	"context"

	"ret/shared/fault"
	"ret/shared/profile"
	"ret/shared/tablefile"
	"ret/shared/workspace"
	"ret/web/page"
)

// Table is a table as lists show it.
func Table(t workspace.TableBrief) page.Table {
	return page.Table{
		ID: t.ID, Name: t.Name, Group: t.Group, FileID: t.FileID, Source: t.Source, Parent: t.Parent,
		Rows: t.Rows, Columns: t.Columns, Bytes: t.Bytes, CreatedAt: t.CreatedAt,
	}
}

func tableItems(tables []workspace.TableBrief) []page.Table {
	items := make([]page.Table, len(tables))
	for i, t := range tables {
		items[i] = Table(t)
	}
	return items
}

// ReadRows reads a page of a table's rows from wherever its content lies.
type ReadRows func(ctx context.Context, t *workspace.Table, q tablefile.Query) (tablefile.Page, error)

// ReadProfile says what is in the columns of the rows that a query's filters let through.
type ReadProfile func(ctx context.Context, t *workspace.Table, q tablefile.Query) (profile.Profile, error)

// TableDetail reads the page /tables/{id}; NotFound if there is no such table. A
// filter or an order that names no column of it is left out, and said so.
func TableDetail(ctx context.Context, ws *workspace.Workspace, id string, q page.TableQuery, read ReadRows, learn ReadProfile) (v page.TableView, err error) {
	t, err := ws.Table(ctx, id)
	if err != nil {
		return v, err
	}
	v = page.TableView{Query: q, Table: wholeTable(t)}
	for _, c := range t.Columns {
		v.Columns = append(v.Columns, page.GridColumn(c))
	}
	if err := layOut(t, &v); err != nil {
		return v, err
	}
	if v.Table.Number, err = ws.TableNumber(ctx, id); err != nil {
		return v, err
	}
	if err := addRelatives(ctx, ws, t, &v); err != nil {
		return v, err
	}
	if err := addOrigin(ctx, ws, t, &v); err != nil {
		return v, err
	}
	asked := tablefile.Query{Offset: q.Offset, Limit: int(q.Limit), Sorts: q.Sorts, Filters: q.Filters, In: q.In, Regex: q.Regex, Text: q.Text}
	if len(t.Columns) > 0 {
		asked, v.Wrong = sound(asked, columnNames(t))
	}
	v.Asked = asked.Values().Encode()
	rows, err := read(ctx, t, asked)
	if err != nil {
		return v, err
	}
	v.Rows, v.Total = gridRows(rows), rows.Total
	if rows.Next != nil {
		v.Next = *rows.Next
	}
	if q.Columns {
		p, err := learn(ctx, t, asked)
		if err != nil {
			return v, err
		}
		v.Total, v.Profile = p.Rows, columnProfiles(p)
	}
	return v, nil
}

// layOut has a page show the columns as they were left, unless its address says which ones
// are hidden.
func layOut(t *workspace.Table, v *page.TableView) (err error) {
	v.LaidOut = len(v.Query.Hide) == 0 && !v.Query.HideNone
	if t.Layout == nil {
		return nil
	}
	if v.Layout, err = workspace.LayoutText(t.Layout); err != nil {
		return err
	}
	v.Order = t.Layout.Shown(len(t.Columns))
	if !v.LaidOut {
		return nil
	}
	for _, column := range t.Layout.Hidden {
		if column < len(t.Columns) {
			v.Query.Hide = append(v.Query.Hide, t.Columns[column].Name)
		}
	}
	return nil
}

func columnProfiles(p profile.Profile) []page.ColumnProfile {
	list := make([]page.ColumnProfile, len(p.Columns))
	for i, c := range p.Columns {
		v := page.ColumnProfile{
			Kind: kindWords[c.Kind], Present: c.Present, Empty: c.Empty, Absent: c.Absent, Distinct: c.Distinct, Estimated: !c.Exact,
		}
		if c.Min != nil && c.Max != nil {
			v.Least, v.Greatest = *c.Min, *c.Max
		}
		for _, top := range c.Top {
			v.Top = append(v.Top, page.ValueCount{Value: top.Value, Count: top.Count})
		}
		for _, bin := range c.Histogram {
			v.Spread = append(v.Spread, bin.Count)
		}
		list[i] = v
	}
	return list
}

// kindWords are what a person calls the kinds.
var kindWords = map[profile.Kind]string{
	profile.Integer: "whole number", profile.Decimal: "number", profile.Date: "date", profile.Time: "time",
	profile.DateTime: "date and time", profile.Boolean: "yes or no", profile.Text: "text",
}

// sound leaves of a query what names columns of the table, and says what does not.
func sound(q tablefile.Query, columns []string) (tablefile.Query, []page.Wrong) {
	var wrong []page.Wrong
	leave := func(list []string, alone func(string) tablefile.Query, why func(string) page.Wrong) (kept []string) {
		for _, part := range list {
			if alone(part).Check(columns) == nil {
				kept = append(kept, part)
			} else {
				wrong = append(wrong, why(part))
			}
		}
		return kept
	}
	q.Filters = leave(q.Filters, func(f string) tablefile.Query { return tablefile.Query{Filters: []string{f}} }, page.WrongFilter)
	q.In = leave(q.In, func(f string) tablefile.Query { return tablefile.Query{In: []string{f}} }, page.WrongFilter)
	q.Regex = leave(q.Regex, func(f string) tablefile.Query { return tablefile.Query{Regex: []string{f}} }, page.WrongFilter)
	q.Sorts = leave(q.Sorts, func(s string) tablefile.Query { return tablefile.Query{Sorts: []string{s}} }, page.WrongSort)
	return q, wrong
}

func columnNames(t *workspace.Table) []string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return names
}

func wholeTable(t *workspace.Table) page.Table {
	v := page.Table{
		ID: t.ID, Name: t.Name, Group: t.Group, Source: t.Source,
		Rows: t.Rows, Columns: len(t.Columns), Bytes: t.Bytes, CreatedAt: t.CreatedAt,
	}
	if t.FileID != nil {
		v.FileID = *t.FileID
	}
	return v
}

// addRelatives adds the tables whose rows own this one's, and are owned by it.
func addRelatives(ctx context.Context, ws *workspace.Workspace, t *workspace.Table, v *page.TableView) error {
	if t.ParentID != nil {
		parents, err := ws.TableBriefs(ctx, []string{*t.ParentID})
		if err != nil {
			return err
		}
		for _, p := range parents {
			v.Parent, v.Table.Parent = &page.TableLink{ID: p.ID, Name: p.Name, Rows: p.Rows}, p.Name
		}
	}
	children, err := ws.Children(ctx, t.ID)
	for _, c := range children {
		v.Children = append(v.Children, page.TableLink{ID: c.ID, Name: c.Name, Rows: c.Rows})
	}
	return err
}

// addOrigin adds the account of the document that the table comes from; of all
// that its job converted if several were merged, also if they were in one file.
func addOrigin(ctx context.Context, ws *workspace.Workspace, t *workspace.Table, v *page.TableView) error {
	d, err := ws.Document(ctx, t.JobID, t.Source)
	if fault.Is(err, fault.NotFound) {
		j, err := ws.JobBrief(ctx, t.JobID)
		v.Account = page.Account{In: j.ValuesIn, Out: j.ValuesOut}
		return err
	}
	if err != nil {
		return err
	}
	v.Account = page.Account{In: d.ValuesIn, Out: d.ValuesOut}
	if d.Message != "" {
		v.Partial = fileError(d)
	}
	return nil
}

func gridRows(p tablefile.Page) []page.Row {
	rows := make([]page.Row, len(p.Rows))
	for i, cells := range p.Rows {
		rows[i] = page.Row{Number: p.Offset + int64(i) + 1, Cells: make([]page.Cell, len(cells))}
		if i < len(p.Numbers) {
			rows[i].Stored = p.Numbers[i]
		}
		for k, text := range cells {
			if text == nil {
				rows[i].Cells[k].Absent = true
			} else {
				rows[i].Cells[k].Text = *text
			}
		}
	}
	return rows
}
