package page

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Rows and columns that one page of a table shows. A table may have 16,384
// columns; the grid shows a window of them.
const (
	DefaultLimit  = 100
	MaxLimit      = 1000
	columnsWindow = 100
)

// TableQuery chooses what /tables/{id} shows. Sorts, Filters, In and Regex are written as
// in the HTTP API: "-col", "col~text".
type TableQuery struct {
	Offset, Limit int64
	Sorts         []string // the first counts most
	Filters       []string
	In, Regex     []string
	Text          string   // what any column contains
	Hide          []string // columns that are not shown; none: those that the table's layout hides
	HideNone      bool     // all are shown, whatever the layout hides
	HideEmpty     bool     // hide columns without a value on this page
	Find          string   // only columns whose name contains it
	FirstColumn   int      // where the window of columns starts
	Row           int64    // the Row.Number that was gone to; 0 for none
	Columns       bool     // show what is in the columns in place of rows
	Whole         bool     // show long values as they are; for copying them

	Addresses *Addresses // how links to it are written
}

// ParseTableQuery reads the parameters of a table's page. What is missing or
// makes no sense gets its default; ops that the filter form sends in parts
// (filter_column, filter_op, filter_value) join the filters.
func ParseTableQuery(v url.Values) TableQuery {
	q := TableQuery{
		Offset:      atLeast(v.Get("offset"), 0, 0),
		Limit:       min(atLeast(v.Get("limit"), 1, DefaultLimit), MaxLimit),
		Sorts:       notEmpty(v["sort"]),
		Filters:     notEmpty(v["filter"]),
		In:          notEmpty(v["in"]),
		Regex:       notEmpty(v["regex"]),
		Text:        v.Get("q"),
		Hide:        notEmpty(v["hide"]),
		HideNone:    v.Get("hide_none") == "1",
		HideEmpty:   v.Get("hide_empty") == "1",
		Find:        strings.TrimSpace(v.Get("find")),
		FirstColumn: int(atLeast(v.Get("first_column"), 0, 0)),
		Columns:     v.Get("columns") == "1",
		Whole:       v.Get("whole") == "1",
	}
	if row := atLeast(v.Get("row"), 1, 0); row > 0 {
		q.Row, q.Offset = row, (row-1)/q.Limit*q.Limit
	}
	if f := formFilter(v); f != "" {
		q.Filters, q.Offset, q.Row = append(q.Filters, f), 0, 0
	}
	return q
}

// notEmpty leaves out what says nothing; nil for none.
func notEmpty(list []string) (kept []string) {
	for _, text := range list {
		if text != "" {
			kept = append(kept, text)
		}
	}
	return kept
}

// formFilter joins the three fields of the filter form into one filter. A value
// is not needed to ask for empty or absent cells.
func formFilter(v url.Values) string {
	column, op, value := v.Get("filter_column"), v.Get("filter_op"), v.Get("filter_value")
	switch op {
	case "=", "!=", "~", "<", "<=", ">", ">=":
		if column == "" || value == "" {
			return ""
		}
		return column + op + value
	case "empty":
		return column + "="
	case "absent":
		return column + "!"
	}
	return ""
}

func atLeast(text string, least, fallback int64) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < least {
		return fallback
	}
	return n
}

// Values writes the query as parameters, leaving out defaults, the row that was
// gone to, and how values are shown.
func (q TableQuery) Values() url.Values {
	v := url.Values{}
	set := func(name, value, standard string) {
		if value != standard {
			v.Set(name, value)
		}
	}
	set("offset", strconv.FormatInt(q.Offset, 10), "0")
	set("limit", strconv.FormatInt(q.Limit, 10), strconv.Itoa(DefaultLimit))
	set("q", q.Text, "")
	set("find", q.Find, "")
	set("first_column", strconv.Itoa(q.FirstColumn), "0")
	if q.HideEmpty {
		v.Set("hide_empty", "1")
	}
	if q.Columns {
		v.Set("columns", "1")
	}
	if q.HideNone && len(q.Hide) == 0 {
		v.Set("hide_none", "1")
	}
	for name, list := range map[string][]string{"sort": q.Sorts, "filter": q.Filters, "in": q.In, "regex": q.Regex, "hide": q.Hide} {
		if len(list) > 0 {
			v[name] = list
		}
	}
	return v
}

// Filtered reports whether rows may be left out.
func (q TableQuery) Filtered() bool {
	return len(q.Filters) > 0 || len(q.In) > 0 || len(q.Regex) > 0 || q.Text != ""
}

// link is the address of the same table with another query.
func (q TableQuery) link() string {
	if s := q.Addresses.Query(q.Values()); s != "" {
		return s
	}
	return "?"
}

func (q TableQuery) at(offset int64) TableQuery {
	q.Offset = max(0, offset)
	return q
}

// sorted turns through rising, falling and unsorted; what the rows were sorted by else
// does not count any more.
func (q TableQuery) sorted(column string) TableQuery {
	sorts := []string{column}
	switch q.direction(column) {
	case "ascending":
		sorts = []string{"-" + column}
	case "descending":
		sorts = nil
	}
	q.Sorts, q.Offset = sorts, 0
	return q
}

// direction is the value of aria-sort for a column's header.
func (q TableQuery) direction(column string) string {
	switch {
	case slices.Contains(q.Sorts, column):
		return "ascending"
	case slices.Contains(q.Sorts, "-"+column):
		return "descending"
	}
	return "none"
}

func (q TableQuery) toggledEmpty() TableQuery {
	q.HideEmpty = !q.HideEmpty
	return q
}

func (q TableQuery) toggledColumns() TableQuery {
	q.Columns = !q.Columns
	return q
}

func (q TableQuery) fromColumn(n int) TableQuery {
	q.FirstColumn = max(0, n)
	return q
}

// found looks for columns by another name, from the first window on.
func (q TableQuery) found(name string) TableQuery {
	q.Find, q.FirstColumn = name, 0
	return q
}

// sortedColumn is the column that the rows are sorted by first, or "".
func (q TableQuery) sortedColumn() string {
	if len(q.Sorts) == 0 {
		return ""
	}
	return strings.TrimPrefix(q.Sorts[0], "-")
}

// fields lists the parameters for a form's hidden fields, in a fixed order.
func (q TableQuery) fields() [][2]string { return formFields(q.Addresses.Hide(q.Values())) }

func formFields(values url.Values) (fields [][2]string) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[name] {
			fields = append(fields, [2]string{name, value})
		}
	}
	return fields
}

// everyColumn shows all columns.
func (q TableQuery) everyColumn() TableQuery {
	q.Hide, q.HideNone, q.HideEmpty, q.Find, q.FirstColumn = nil, true, false, "", 0
	return q
}
