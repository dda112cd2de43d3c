package pagetest

import (
	"time"

	"ret/web/page"
)

func queryStates(frame framer) []State {
	f := frame("SQL", page.SectionQuery)
	tables := []page.SQLTable{
		{ID: "t1", Written: "entry", Rows: 41_202, Columns: []page.SQLColumn{{Name: "_id", Written: "_id", Kind: "integer"}, {Name: "@id", Written: `"@id"`}, {Name: "amount", Written: "amount", Kind: "decimal"}}},
		{ID: "t2", Written: `"entry.line"`, Rows: 3},
	}
	asked := page.SQLView{SQL: "SELECT country, sum(amount)\nFROM entry GROUP BY country", Tables: tables}
	answered, truncated, empty, wrong, slow := asked, asked, asked, asked, asked
	answered.Asked, answered.Took = true, 12*time.Millisecond
	answered.Columns = []page.SQLColumn{{Name: "country", Kind: "text"}, {Name: "sum(amount)", Kind: "decimal"}}
	answered.Rows = [][]page.Cell{{{Text: "at"}, {Text: "12.5"}}, {{Absent: true}, {Text: "7"}}, {{Text: ""}, {Absent: true}}, {{Text: "<b>"}, {Text: "0"}}}
	truncated.Asked, truncated.Truncated, truncated.Columns, truncated.Rows, truncated.More = true, true, answered.Columns, answered.Rows[:1], 12
	empty.Asked, empty.Columns = true, answered.Columns
	wrong.Wrong = &page.SQLWrong{Message: "No such column: country.", Line: 1, Column: 8, Before: "SELECT ", At: "country, sum(amount)"}
	slow.Wrong = &page.SQLWrong{Message: "The query took longer than 30 seconds, which is as long as one may take here."}
	return []State{
		{Name: "query", Page: page.Query(f, page.SQLView{Tables: tables})},
		{Name: "query-without-tables", Page: page.Query(f, page.SQLView{})},
		{Name: "query-answer", Page: page.Query(f, answered)},
		{Name: "query-truncated", Page: page.Query(f, truncated)},
		{Name: "query-empty", Page: page.Query(f, empty)},
		{Name: "query-wrong", Page: page.Query(f, wrong)},
		{Name: "query-slow", Page: page.Query(f, slow)},
	}
}
