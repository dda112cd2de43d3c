package page

import "encoding/json"

// listedInGrid is of how many columns the page tells the script that shows all rows;
// of wider tables it asks for them.
const listedInGrid = 1000

// gridData is what that script needs to know of a table and of what is shown of it.
type gridData struct {
	Table   string           `json:"table"`
	Name    string           `json:"name"`
	Rows    int64            `json:"rows"`    // of the view
	Stored  int64            `json:"stored"`  // of the table
	View    string           `json:"view"`    // parameters of the HTTP API
	Page    string           `json:"page"`    // parameters of this page, without its place
	First   int64            `json:"first"`   // the place of the first row of this page, from 0
	Row     int64            `json:"row"`     // the place that was gone to, from 1, or 0
	Count   int              `json:"count"`   // of the table's columns
	Columns []gridDataColumn `json:"columns"` // all, or none if they are too many
	Find    string           `json:"find"`
	LaidOut bool             `json:"laid_out"` // which columns are hidden is as the layout says
}

type gridDataColumn struct {
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	Numeric bool   `json:"numeric"` // as far as this page shows
	Empty   bool   `json:"empty"`   // on this page
}

func (v TableView) gridData() (string, error) {
	q := v.Query.at(0)
	q.FirstColumn, q.Limit = 0, DefaultLimit
	data := gridData{
		Table: v.Table.ID, Name: v.Table.Name, Rows: v.Total, Stored: v.Table.Rows, View: v.Asked, Page: q.Values().Encode(),
		First: v.Query.Offset, Row: v.Query.Row, Count: len(v.Columns), Columns: []gridDataColumn{}, Find: v.Query.Find, LaidOut: v.LaidOut,
	}
	if len(v.Columns) <= listedInGrid {
		for i, c := range v.Columns {
			data.Columns = append(data.Columns, gridDataColumn{c.Name, kindMark(c.Kind), v.numericHere(i), v.Query.HideEmpty && v.emptyHere(i)})
		}
	}
	text, err := json.Marshal(data)
	return string(text), err
}
