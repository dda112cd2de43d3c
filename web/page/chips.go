package page

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// chip is a part of a view that can be taken away by itself.
type chip struct {
	Text  string // a sentence
	Wrong bool   // it is left out
	Link  string // the view without it
	Hides string // the place in the table of the column that it hides, or ""
}

// chips are the filters in force, and the columns that are hidden.
func (v TableView) chips() []chip {
	q, chips := v.Query, []chip(nil)
	each := func(list []string, text func(string) string, set func(*TableQuery, []string)) {
		for i, part := range list {
			fewer := q.at(0)
			set(&fewer, slices.Delete(slices.Clone(list), i, i+1))
			chips = append(chips, chip{Text: text(part), Wrong: v.isWrong(part), Link: fewer.link()})
		}
	}
	each(q.Filters, filterText, func(q *TableQuery, rest []string) { q.Filters = rest })
	each(q.In, listText, func(q *TableQuery, rest []string) { q.In = rest })
	each(q.Regex, regexText, func(q *TableQuery, rest []string) { q.Regex = rest })
	if q.Text != "" {
		fewer := q.at(0)
		fewer.Text = ""
		chips = append(chips, chip{Text: "any column contains " + q.Text, Link: fewer.link()})
	}
	before := len(chips)
	each(q.Hide, func(column string) string { return column + " is hidden" }, func(q *TableQuery, rest []string) { q.Hide, q.HideNone = rest, true })
	for i, name := range q.Hide {
		if column := slices.IndexFunc(v.Columns, func(c GridColumn) bool { return c.Name == name }); column >= 0 {
			chips[before+i].Hides = strconv.Itoa(column)
		}
	}
	return chips
}

// shownValues is how many values of a list a chip names.
const shownValues = 3

// listText writes a filter by values as a sentence: "country is at, ch or absent".
func listText(filter string) string {
	column, values, ok := cutList(filter)
	if !ok {
		return filter
	}
	words := make([]string, 0, shownValues)
	for _, value := range values[:min(len(values), shownValues)] {
		words = append(words, valueWord(value))
	}
	switch more := int64(len(values) - len(words)); {
	case more > 0:
		return column + " is " + strings.Join(words, ", ") + " or " + Counted(more, "other", "others")
	case len(words) == 0:
		return column + " is none of its values"
	case len(words) == 1:
		return column + " is " + words[0]
	}
	last := len(words) - 1
	return column + " is " + strings.Join(words[:last], ", ") + " or " + words[last]
}

func valueWord(value *string) string {
	switch {
	case value == nil:
		return "absent"
	case *value == "":
		return "empty"
	}
	text, less := cut(*value, cellCharacters)
	if less {
		text += "…"
	}
	return text
}

// cutList reads `column:["a",null]`. A name may have what looks like the list's begin.
func cutList(filter string) (column string, values []*string, ok bool) {
	for at := 0; ; at++ {
		i := strings.Index(filter[at:], ":[")
		if i < 0 {
			return "", nil, false
		}
		at += i
		if json.Unmarshal([]byte(filter[at+1:]), &values) == nil {
			return filter[:at], values, true
		}
	}
}

func regexText(filter string) string {
	column, expression, _ := strings.Cut(filter, ":")
	return column + " fits " + expression
}
