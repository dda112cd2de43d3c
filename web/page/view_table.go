package page

import "ret/shared/xmltable"

// TableView is the page /tables/{id}.
type TableView struct {
	Table    Table
	Account  Account      // of the file it comes from
	Partial  *FileError   // where the file broke off, if only the rows before are kept
	Parent   *TableLink   // the table whose rows own this one's
	Children []TableLink  // tables that this one's rows own
	Columns  []GridColumn // all, as stored
	Order    []int        // of the columns, as they are shown; nil: as stored
	Layout   string       // how a person has laid them out, as JSON; "" for not at all
	LaidOut  bool         // Query.Hide is the layout's: the address says nothing of it
	Rows     []Row        // one page of them
	Total    int64        // rows that fit the filters
	Next     int64        // offset to go on from where large rows cut the page short, else 0
	Wrong    []Wrong      // parts of the query that are left out
	Query    TableQuery
	Asked    string          // the view whose rows these are, as parameters of the HTTP API
	Profile  []ColumnProfile // what is in each column, if that is shown in place of rows
}

// TableLink leads to a related table.
type TableLink struct {
	ID, Name string
	Rows     int64
}

// GridColumn is a column of the grid.
type GridColumn struct {
	Name string
	Path string // exact path with namespaces
	Kind xmltable.Kind
}

// Row is one row of the grid; its cells stand in the order of the columns.
type Row struct {
	Number int64 // from 1, in the order that is shown
	Stored int64 // from 1, in the table; 0: the same
	Cells  []Cell
}

func (r Row) inTable() int64 {
	if r.Stored > 0 {
		return r.Stored
	}
	return r.Number
}

// Cell is a value, or the absence of one, which is not the same as empty.
type Cell struct {
	Absent bool
	Text   string
}

// ColumnProfile is what is in a column of the rows that the filters let through.
type ColumnProfile struct {
	Kind                             string // of what all its values are
	Present, Empty, Absent, Distinct int64
	Estimated                        bool // Distinct is, and Top is of the values that came first
	Least, Greatest                  string
	Top                              []ValueCount
	Spread                           []int64 // how many values stand in each of several even parts from least to greatest
}

// ValueCount is a value and how often it is there.
type ValueCount struct {
	Value string
	Count int64
}

// Wrong is a part of a query that cannot be followed: the others hold without it.
type Wrong struct {
	Filter string // as in TableQuery.Filters; "" if it is the sort
	Reason string // a sentence
}
