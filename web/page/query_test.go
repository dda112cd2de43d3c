package page_test

import (
	"net/url"
	"reflect"
	"testing"

	"ret/web/page"
)

func parse(t *testing.T, query string) page.TableQuery {
	t.Helper()
	v, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	return page.ParseTableQuery(v)
}

func TestParseTableQuery(t *testing.T) {
	cases := map[string]page.TableQuery{
		"":                              {Limit: 100},
		"offset=-5&limit=x":             {Limit: 100},
		"limit=5000":                    {Limit: 1000},
		"offset=200&limit=50&sort=-a":   {Offset: 200, Limit: 50, Sorts: []string{"-a"}},
		"row=250":                       {Offset: 200, Limit: 100, Row: 250},
		"filter=a~b&filter=c!&filter=":  {Limit: 100, Filters: []string{"a~b", "c!"}},
		"hide_empty=1&find=+x+":         {Limit: 100, HideEmpty: true, Find: "x"},
		"columns=1":                     {Limit: 100, Columns: true},
		"filter_column=a&filter_op=!=":  {Limit: 100},
		"filter_column=a&filter_op=nil": {Limit: 100},
		"filter_column=a&filter_op=empty&offset=300":            {Limit: 100, Filters: []string{"a="}},
		"filter_column=a&filter_op=absent":                      {Limit: 100, Filters: []string{"a!"}},
		"filter=x=1&filter_column=a&filter_op=>&filter_value=7": {Limit: 100, Filters: []string{"x=1", "a>7"}},
	}
	for query, want := range cases {
		if got := parse(t, query); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v", query, got, want)
		}
	}
}

func TestQueriesSurviveTheirOwnLinks(t *testing.T) {
	want := page.TableQuery{Offset: 200, Limit: 50, Sorts: []string{"-a b", "c"}, In: []string{`d:["x",null]`}, Regex: []string{"e:^f"}, Text: "g h", Hide: []string{"i"}, Filters: []string{"a~ü&", "b!"}, HideEmpty: true, Find: "n", FirstColumn: 100, Columns: true}
	if got := page.ParseTableQuery(want.Values()); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
