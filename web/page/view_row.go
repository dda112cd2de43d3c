package page

import (
	"net/url"
	"strconv"
)

// RowView is the page /tables/{id}/rows/{n}, whose panel is shown beside a table as well.
type RowView struct {
	Table    Table
	Number   int64  // of the row in the table, from 1
	Column   string // whose value is shown in full; "" for none
	Columns  []GridColumn
	Cells    []Cell
	Parent   *RelatedRow // that owns it
	Children []ChildRows // that it owns
	Origin   Origin

	Addresses *Addresses // how links are written
}

// RelatedRow is a row of another table, with as much of it as is known here.
type RelatedRow struct {
	Table  TableLink
	Number int64
	Values []NamedCell
}

// NamedCell is a cell that is present, and its column's name.
type NamedCell struct{ Column, Text string }

// ChildRows are the rows of a child table that a row owns.
type ChildRows struct {
	Table     TableLink
	Elsewhere bool // they are not in this browser
	Columns   []GridColumn
	Rows      []Row // the first
	First     int64 // number of the first in its table
	Total     int64
}

// Origin is the XML that a row came from.
type Origin struct {
	Asked bool   // else it is only offered
	Why   string // why it is not here; a sentence

	Path   string // of the document
	Line   int64
	Bytes  int64
	Before string // what is shown of it, before the open cell's value …
	Value  string // … which is marked …
	After  string // … and after it
	Cut    bool   // more is there than is shown
}

// RowQuery chooses what /tables/{id}/rows/{n} shows.
type RowQuery struct {
	Column string // whose value stands first
	XML    bool   // with the XML that the row came from
}

// ParseRowQuery reads the parameters of a row's page.
func ParseRowQuery(v url.Values) RowQuery {
	return RowQuery{Column: v.Get("column"), XML: v.Get("xml") == "1"}
}

// RowLink is the address of a row's page, with a column's value shown in full.
func (a *Addresses) RowLink(table string, row int64, column string) string {
	return a.rowLink(table, row, RowQuery{Column: column})
}

// RowXMLLink is RowLink with the XML that the row came from, which it leads to.
func (a *Addresses) RowXMLLink(table string, row int64, column string) string {
	return a.rowLink(table, row, RowQuery{Column: column, XML: true}) + "#row-xml"
}

func (a *Addresses) rowLink(table string, row int64, q RowQuery) string {
	return "/tables/" + url.PathEscape(table) + "/rows/" + strconv.FormatInt(row, 10) + a.Query(q.values())
}

func (q RowQuery) values() url.Values {
	v := url.Values{}
	if q.Column != "" {
		v.Set("column", q.Column)
	}
	if q.XML {
		v.Set("xml", "1")
	}
	return v
}

// link is the address of the same table's page of another row or column.
func (v RowView) link(row int64, column string) string {
	return v.Addresses.RowLink(v.Table.ID, row, column)
}

// xmlLink asks for the XML too.
func (v RowView) xmlLink() string {
	return v.Addresses.RowXMLLink(v.Table.ID, v.Number, v.Column)
}

// stepLink leads to another row, if there is one.
func (v RowView) stepLink(by int64) string {
	if n := v.Number + by; n >= 1 && n <= v.Table.Rows {
		return v.link(n, v.Column)
	}
	return ""
}

// open is the cell whose value is shown in full.
func (v RowView) open() (Cell, GridColumn, bool) {
	for i, c := range v.Columns {
		if c.Name == v.Column && i < len(v.Cells) {
			return v.Cells[i], c, true
		}
	}
	return Cell{}, GridColumn{}, false
}

// allLink leads to all rows of a child table that the row owns.
func (v RowView) allLink(c ChildRows) string {
	q := TableQuery{Limit: DefaultLimit, Filters: []string{"_parent=" + strconv.FormatInt(v.Number, 10)}, Addresses: v.Addresses}
	return "/tables/" + url.PathEscape(c.Table.ID) + q.link()
}

// tableLink leads to the table, at the row.
func (v RowView) tableLink() string {
	return "/tables/" + url.PathEscape(v.Table.ID) + "?row=" + strconv.FormatInt(v.Number, 10) + "#row"
}

// What a row's page shows at most: of a row, of a related one.
const (
	listedCells   = 1000
	listedText    = 200 // characters of a value in a list
	relatedCells  = 6
	childrenShown = 5
)

// shortened is as much of a value as a list shows.
func shortened(value string) string {
	if text, less := cut(value, listedText); less {
		return text + "…"
	}
	return value
}

// listed are the columns whose values a row's page lists, and how many it leaves out.
func (v RowView) listed() (columns []GridColumn, left int) {
	n := min(len(v.Columns), len(v.Cells), listedCells)
	return v.Columns[:n], len(v.Columns) - n
}

// RelatedCells and ChildrenShown are how much a row's page shows of other rows.
const (
	RelatedCells  = relatedCells
	ChildrenShown = childrenShown
)
