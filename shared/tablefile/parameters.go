package tablefile

import (
	"cmp"
	"net/url"
	"strconv"

	"ret/shared/fault"
)

// usualPage is how many rows or values an answer has if nobody says how many.
const usualPage = 100

// ParseRows reads which rows of a table are asked for: ParseView's parameters, with offset
// and limit, at most most, and first_column and columns. It fails with fault.Invalid.
func ParseRows(v url.Values, most int) (q Query, err error) {
	q = ParseView(v)
	q.Limit = usualPage
	if text := v.Get("offset"); text != "" {
		if q.Offset, err = strconv.ParseInt(text, 10, 64); err != nil || q.Offset < 0 {
			return q, fault.New(fault.Invalid, "offset must be a number from 0 on.")
		}
	}
	if text := v.Get("limit"); text != "" {
		if q.Limit, err = strconv.Atoi(text); err != nil || q.Limit < 1 || q.Limit > most {
			return q, fault.New(fault.Invalid, "limit must be a number between 1 and %d.", most)
		}
	}
	for name, to := range map[string]*int{"first_column": &q.FirstColumn, "columns": &q.Columns} {
		if text := v.Get(name); text != "" {
			if *to, err = strconv.Atoi(text); err != nil || *to < 0 {
				return q, fault.New(fault.Invalid, "%s must be a number from 0 on.", name)
			}
		}
	}
	return q, nil
}

// ParseValues reads which values of a column are asked for: those of its filters'
// parameters, column, sort and q, which is a part of these values and not of any
// column's, from after on, limit of them; 0 is the usual number.
func ParseValues(v url.Values, after string, limit int) (q ValuesQuery, err error) {
	q = ValuesQuery{
		Column: v.Get("column"), Contains: v.Get("q"), ByCount: v.Get("sort") != "value",
		Limit: cmp.Or(limit, usualPage), Rows: ParseView(v).filtersOnly(),
	}
	q.Rows.Text = ""
	if sort := v.Get("sort"); sort != "" && sort != "count" && sort != "value" {
		return q, fault.New(fault.Invalid, "sort must be count or value.")
	}
	if after != "" {
		if q.Offset, err = strconv.Atoi(after); err != nil || q.Offset < 0 {
			return q, fault.New(fault.Invalid, "after must be what the last answer gave as next.")
		}
	}
	return q, nil
}
