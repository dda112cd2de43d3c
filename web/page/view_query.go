package page

import "time"

// What all of an answer is saved as.
const (
	QueryFile     = "query.csv"
	QueryFileType = "text/csv; charset=utf-8"
)

// SQLView is the page /query.
type SQLView struct {
	SQL       string
	Asked     bool // there is an answer, or Wrong
	Wrong     *SQLWrong
	Columns   []SQLColumn
	Rows      [][]Cell
	Truncated bool // there would have been more rows
	Took      time.Duration

	Tables []SQLTable // that can be asked
	More   int64      // tables that are not listed
}

// SQLWrong is why a statement has no answer.
type SQLWrong struct {
	Message      string
	Line, Column int    // of the place in the statement, from 1; 0: there is none
	Before, At   string // of that line, what stands before the place and what begins there
}

// SQLColumn is a column of an answer, or of a table that can be asked.
type SQLColumn struct {
	Name    string
	Written string // as a statement has it
	Kind    string // of its values; "" if it is not known
}

// numeric reports whether its values are numbers.
func (c SQLColumn) numeric() bool { return c.Kind == "integer" || c.Kind == "decimal" }

// SQLTable is a table that can be asked.
type SQLTable struct {
	ID      string
	Written string // its name as a statement has it
	Rows    int64
	Columns []SQLColumn
}

// figures says how many rows the answer has and how long it took.
func (v SQLView) figures() string {
	rows := Counted(int64(len(v.Rows)), "row", "rows")
	if v.Truncated {
		rows = "The first " + rows + " of more"
	}
	return rows + ", " + Duration(v.Took)
}
