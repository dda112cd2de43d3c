package view

import (
	"cmp"
	"context"
	"slices"
	"sort"
	"strconv"

	"ret/shared/fault"
	"ret/shared/tablefile"
	"ret/shared/workspace"
	"ret/shared/xmltable"
	"ret/web/page"
)

// Origin is the XML that a row came from, and where that stands.
type Origin struct {
	Path  string // of the document
	Line  int64
	Bytes int64
	XML   string
}

// ReadOrigin finds it, by the row's number in its table.
type ReadOrigin func(ctx context.Context, t *workspace.Table, row int64) (Origin, error)

var errNoRow = fault.New(fault.NotFound, "There is no such row in this table.")

// rowDetail reads the page of a row; NotFound if there is no such table or row.
func (d drawing) rowDetail(n int64, q page.RowQuery) (v page.RowView, err error) {
	t, err := d.ws.Table(d.ctx, d.id)
	if err != nil {
		return v, err
	}
	if n < 1 || n > t.Rows {
		return v, errNoRow
	}
	if len(t.Columns) == 0 && d.around.Replica {
		return v, ErrElsewhere // more columns than a frame has room for
	}
	v = page.RowView{Table: wholeTable(t), Number: n, Column: q.Column, Addresses: d.addresses}
	for _, c := range t.Columns {
		v.Columns = append(v.Columns, page.GridColumn(c))
	}
	if v.Table.Number, err = d.ws.TableNumber(d.ctx, t.ID); err != nil {
		return v, err
	}
	cells, err := d.cells(t, n)
	if err != nil {
		return v, err
	}
	v.Cells = cells
	if v.Parent, err = d.parentRow(t, v.Cells); err != nil {
		return v, err
	}
	if v.Children, err = d.childRows(t, n); err != nil {
		return v, err
	}
	if q.XML {
		v.Origin, err = d.origin(t, v)
	}
	return v, err
}

// cells are those of one row.
func (d drawing) cells(t *workspace.Table, n int64) ([]page.Cell, error) {
	rows, err := d.around.Rows(d.ctx, t, tablefile.Query{Offset: n - 1, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(rows.Rows) == 0 {
		return nil, errNoRow
	}
	return gridRows(rows)[0].Cells, nil
}

// elsewhere reports whether rows are only missing in a replica.
func (d drawing) elsewhere(err error) bool { return err != nil && d.around.Replica }

func columnOf(t *workspace.Table, kind xmltable.Kind) int {
	return slices.IndexFunc(t.Columns, func(c xmltable.Column) bool { return c.Kind == kind })
}

// parentRow is the row that owns another: of the parent table or, where records lie
// within records, of the same one. There may be none.
func (d drawing) parentRow(t *workspace.Table, cells []page.Cell) (*page.RelatedRow, error) {
	at := columnOf(t, xmltable.Parent)
	if at < 0 || cells[at].Absent {
		return nil, nil
	}
	n, err := strconv.ParseInt(cells[at].Text, 10, 64)
	if err != nil {
		return nil, nil
	}
	parent := t
	if t.ParentID != nil {
		if parent, err = d.ws.Table(d.ctx, *t.ParentID); fault.Is(err, fault.NotFound) {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
	}
	related := &page.RelatedRow{Table: page.TableLink{ID: parent.ID, Name: parent.Name, Rows: parent.Rows}, Number: n}
	owner, err := d.cells(parent, n)
	if d.elsewhere(err) {
		return related, nil
	}
	for i, c := range owner {
		if c.Text != "" && len(related.Values) < page.RelatedCells && i < len(parent.Columns) {
			related.Values = append(related.Values, page.NamedCell{Column: parent.Columns[i].Name, Text: c.Text})
		}
	}
	return related, err
}

// childRows are the first rows of each child table that a row owns.
func (d drawing) childRows(t *workspace.Table, n int64) (list []page.ChildRows, err error) {
	children, err := d.ws.Children(d.ctx, t.ID)
	if err != nil {
		return nil, err
	}
	nested := columnOf(t, xmltable.Parent) >= 0 && t.ParentID == nil
	for _, child := range children {
		of := page.ChildRows{Table: page.TableLink{ID: child.ID, Name: child.Name, Rows: child.Rows}}
		switch err := d.ownedRows(&of, child, n, nested); {
		case d.elsewhere(err):
			of.Elsewhere, of.Rows = true, nil
		case err != nil:
			return nil, err
		}
		if of.Total > 0 || of.Elsewhere {
			list = append(list, of)
		}
	}
	return list, nil
}

// childColumns is how many columns of a child table stand in a row's page.
const childColumns = 8

// ownedRows finds the rows of a child table that a row owns. They follow one another, in
// the order of their owners, unless those lie within one another.
func (d drawing) ownedRows(of *page.ChildRows, child *workspace.Table, n int64, nested bool) error {
	at := columnOf(child, xmltable.Parent)
	if at < 0 {
		return nil
	}
	q := tablefile.Query{Limit: page.ChildrenShown}
	if nested {
		q.Filters = []string{child.Columns[at].Name + "=" + strconv.FormatInt(n, 10)}
	} else {
		first, err := d.firstOf(child, at, n)
		if err != nil {
			return err
		}
		after, err := d.firstOf(child, at, n+1)
		if err != nil {
			return err
		}
		q.Offset, q.Limit, of.Total = first, int(min(after-first, page.ChildrenShown)), after-first
	}
	if q.Limit == 0 {
		return nil
	}
	rows, err := d.around.Rows(d.ctx, child, q)
	if err != nil {
		return err
	}
	if nested {
		of.Total = rows.Total
	}
	of.Rows = gridRows(rows)
	for i, c := range child.Columns {
		if len(of.Columns) < childColumns && i != at {
			of.Columns = append(of.Columns, page.GridColumn(c))
		}
	}
	for i := range of.Rows {
		cells := of.Rows[i].Cells
		of.Rows[i].Cells = slices.Delete(slices.Clone(cells), at, at+1)
	}
	return nil
}

// firstOf is the offset of the first row of a child table that belongs to an owner of that
// number or a later one.
func (d drawing) firstOf(child *workspace.Table, at int, owner int64) (int64, error) {
	var failed error
	i := sort.Search(int(child.Rows), func(i int) bool {
		cells, err := d.cells(child, int64(i)+1)
		if err != nil {
			failed = cmp.Or(failed, err)
			return true
		}
		n, err := strconv.ParseInt(cells[at].Text, 10, 64)
		failed = cmp.Or(failed, err)
		return n >= owner
	})
	return int64(i), failed
}

// shownXML is how much of a row's XML its page shows, about.
const shownXML = 32 << 10

// origin is the XML that a row came from, with the open value marked. What speaks against
// showing it is said in its place.
func (d drawing) origin(t *workspace.Table, v page.RowView) (page.Origin, error) {
	o := page.Origin{Asked: true, Why: ErrElsewhere.Message}
	if d.around.Origin == nil {
		return o, nil
	}
	found, err := d.around.Origin(d.ctx, t, v.Number)
	if kind := fault.KindOf(err); err != nil && (kind == fault.Internal || kind == fault.Damaged || d.ctx.Err() != nil) {
		return o, err
	}
	if err != nil {
		o.Why = fault.Message(err)
		return o, nil
	}
	o.Why, o.Path, o.Line, o.Bytes = "", found.Path, found.Line, found.Bytes
	begin, end := locate(found.XML, t, v)
	from, to := 0, len(found.XML)
	if to > shownXML {
		from = runeStart(found.XML, max(0, min(begin-shownXML/4, to-shownXML)))
		to = runeStart(found.XML, min(to, max(from+shownXML, min(end, from+2*shownXML))))
		end = min(end, to)
	}
	o.Cut = from > 0 || to < len(found.XML)
	o.Before, o.Value, o.After = found.XML[from:begin], found.XML[begin:end], found.XML[end:to]
	return o, nil
}

// runeStart is i, or the next place before it where a character begins.
func runeStart(s string, i int) int {
	for i > 0 && i < len(s) && s[i]&0xC0 == 0x80 {
		i--
	}
	return i
}
