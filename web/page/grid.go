package page

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ret/shared/fold"
	"ret/shared/xmltable"
)

// cellCharacters is how much of a value the grid shows; the panel shows it all.
const cellCharacters = 48

// A form offers all columns to choose from up to listedColumns; above that one
// types the name, and the first suggestedColumns are suggested.
const (
	listedColumns    = 200
	suggestedColumns = 500
)

// shownColumn is a column of the window that the grid shows.
type shownColumn struct {
	GridColumn
	Index   int  // in TableView.Columns
	Numeric bool // every present value on this page is a number
}

// window chooses the columns to show and tells how many would fit.
func (v TableView) window() (shown []shownColumn, fitting int) {
	find := fold.String(v.Query.Find)
	for place := range v.Columns {
		i := place
		if v.Order != nil {
			i = v.Order[place]
		}
		column := v.Columns[i]
		if !strings.Contains(fold.String(column.Name), find) {
			continue
		}
		if v.Query.HideEmpty && v.emptyHere(i) || slices.Contains(v.Query.Hide, column.Name) {
			continue
		}
		if fitting++; fitting > v.Query.FirstColumn && len(shown) < columnsWindow {
			shown = append(shown, shownColumn{column, i, v.numericHere(i)})
		}
	}
	return shown, fitting
}

// emptyHere reports whether no row of this page has a value in column i.
func (v TableView) emptyHere(i int) bool {
	for _, row := range v.Rows {
		if c := row.Cells[i]; !c.Absent && c.Text != "" {
			return false
		}
	}
	return true
}

func (v TableView) numericHere(i int) bool {
	any := false
	for _, row := range v.Rows {
		c := row.Cells[i]
		if c.Absent {
			continue
		}
		if _, err := strconv.ParseFloat(c.Text, 64); err != nil {
			return false
		}
		any = true
	}
	return any
}

// last is the offset of the last page.
func (v TableView) last() int64 {
	if v.Total == 0 {
		return 0
	}
	return (v.Total - 1) / v.Query.Limit * v.Query.Limit
}

// kindMark is the word under a column's name; plain text needs none.
func kindMark(k xmltable.Kind) string {
	switch k {
	case xmltable.Text:
		return ""
	case xmltable.ID:
		return "row id"
	case xmltable.Parent:
		return "parent row"
	}
	return string(k)
}

func kindMeaning(k xmltable.Kind) string {
	switch k {
	case xmltable.Attribute:
		return "An attribute of the element"
	case xmltable.Markup:
		return "The element's content exactly as written"
	case xmltable.ID:
		return "The number of this row, which child tables refer to"
	case xmltable.Parent:
		return "The _id of the row in the parent table"
	case xmltable.Position:
		return "The place among its siblings, from 1"
	case xmltable.In:
		return "The positions of the elements above"
	case xmltable.File:
		return "The file this row comes from"
	}
	return "The text of the element"
}

// filterText writes a filter as a sentence: "title contains xml".
func filterText(filter string) string {
	i := strings.IndexAny(filter, "=!~<>")
	if i < 0 {
		return filter
	}
	column, op := filter[:i], filter[i:]
	switch {
	case op == "=":
		return column + " is empty"
	case op == "!":
		return column + " is absent"
	case strings.HasPrefix(op, "~"):
		return column + " contains " + op[1:]
	case strings.HasPrefix(op, "!="):
		return column + " ≠ " + op[2:]
	case strings.HasPrefix(op, "<="):
		return column + " ≤ " + op[2:]
	case strings.HasPrefix(op, ">="):
		return column + " ≥ " + op[2:]
	}
	return column + " " + op[:1] + " " + op[1:]
}

// filterOps are the comparisons of the filter form: word sent, word shown.
var filterOps = [][2]string{
	{"~", "contains"},
	{"=", "is"},
	{"!=", "is not"},
	{"<", "<"},
	{"<=", "≤"},
	{">", ">"},
	{">=", "≥"},
	{"empty", "is empty"},
	{"absent", "is absent"},
}

// rowLink leads to a row, and to a column's value in it.
func (v TableView) rowLink(row Row, column string) string {
	return v.Query.Addresses.RowLink(v.Table.ID, row.inTable(), column)
}

// shownValues is the view that the page shows, as the HTTP API takes it.
func (v TableView) shownValues() url.Values {
	values, err := url.ParseQuery(v.Asked)
	if err != nil {
		values = url.Values{}
	}
	if len(v.Query.Hide) > 0 {
		values["hide"] = v.Query.Hide
	}
	return values
}

// showsLess reports whether the page shows less than the table, or in another order.
func (v TableView) showsLess() bool { return len(v.shownValues()) > 0 }

// shownFields are the fields of a form that downloads what the page shows.
func (v TableView) shownFields() [][2]string {
	return formFields(v.Query.Addresses.Hide(v.shownValues()))
}

// shownText says what is shown: "What is shown: 637 rows, 4 of 6 columns, sorted".
func (v TableView) shownText() string {
	text := "What is shown: " + Counted(v.Total, "row", "rows")
	hidden := 0
	for _, c := range v.Columns {
		if slices.Contains(v.Query.Hide, c.Name) {
			hidden++
		}
	}
	if hidden > 0 {
		text += ", " + Count(int64(len(v.Columns)-hidden)) + " of " + Counted(int64(len(v.Columns)), "column", "columns")
	}
	if len(v.Query.Sorts) > 0 {
		text += ", sorted"
	}
	return text
}

func (v TableView) noRows() string {
	filtered := v.Query.Filtered()
	switch {
	case v.pastEnd() && filtered:
		return Counted(v.Total, "row passes", "rows pass") + " the filters, so there is no row " + Count(v.firstAsked()) + "."
	case v.pastEnd():
		return "This table has " + Counted(v.Total, "row", "rows") + ", so there is no row " + Count(v.firstAsked()) + "."
	case filtered:
		return "No row passes the filters."
	}
	return "This table has no rows."
}

// pastEnd reports whether rows were asked for behind the last one.
func (v TableView) pastEnd() bool { return len(v.Rows) == 0 && v.Total > 0 }

// firstAsked is the number of the row that was asked for, or the first of several.
func (v TableView) firstAsked() int64 { return max(v.Query.Row, v.Query.Offset+1) }

// before is the offset of the page before this one.
func (v TableView) before() int64 { return min(v.Query.Offset-v.Query.Limit, v.last()) }

// after is the offset of the next page, if there is one.
func (v TableView) after() (offset int64, there bool) {
	if v.Next > 0 {
		return v.Next, true
	}
	return v.Query.Offset + v.Query.Limit, v.Query.Offset < v.last()
}

// nextLink leads to the next page, if there is one to go to.
func (v TableView) nextLink() string {
	offset, there := v.after()
	return v.stepLink(there, offset)
}

// stepLink leads to the page at offset, if there is one to go to.
func (v TableView) stepLink(there bool, offset int64) string {
	if !there {
		return ""
	}
	return v.Query.at(offset).link()
}

// columnsLink leads one window of columns back (-1) or on (1).
func (v TableView) columnsLink(step, fitting int) string {
	first := v.Query.FirstColumn + step*columnsWindow
	if first <= -columnsWindow || first >= fitting {
		return ""
	}
	return v.Query.fromColumn(first).link()
}

// rangeText says which rows are shown: "101–200 of 41,202".
func (v TableView) rangeText() string {
	if len(v.Rows) == 0 {
		return Counted(v.Total, "row", "rows")
	}
	first := v.Query.Offset + 1
	return Count(first) + "–" + Count(first+int64(len(v.Rows))-1) + " of " + Count(v.Total)
}

// cellText is what the grid shows of a value on its one line, and whether that
// is less than all: the rest is in the panel.
func cellText(value string) (text string, less bool) {
	text, less = cut(value, cellCharacters)
	return text, less || strings.ContainsAny(value, "\n\r\t")
}

// isWrong reports whether a filter is one that is left out.
func (v TableView) isWrong(filter string) bool {
	return slices.ContainsFunc(v.Wrong, func(w Wrong) bool { return w.Filter == filter })
}

// WrongFilter says that a filter is left out: it names no column of the table.
func WrongFilter(filter string) Wrong {
	reason := "A filter that is none, or of no column of this table, is left out: “" + filter + "”."
	if _, _, isList := cutList(filter); isList {
		return Wrong{filter, reason}
	}
	if i := strings.IndexAny(filter, "=!~<>"); i > 0 {
		reason = "This table has no column “" + filter[:i] + "”, so the filter “" + filterText(filter) + "” is left out. All others hold."
	}
	return Wrong{filter, reason}
}

// WrongSort says that an order is left out.
func WrongSort(sort string) Wrong {
	return Wrong{Reason: "This table has no column “" + strings.TrimPrefix(sort, "-") + "” to sort by, so its rows stand as they came."}
}
