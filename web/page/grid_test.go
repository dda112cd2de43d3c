package page

import "testing"

// A page that large rows cut short leads to the row behind its last one.
func TestTheNextPageBeginsWhereACutOneEnds(t *testing.T) {
	v := TableView{Total: 150, Query: TableQuery{Offset: 100, Limit: 100}}
	if link := v.nextLink(); link != "" {
		t.Errorf("behind the last page comes %s", link)
	}
	v.Next = 116
	if link, want := v.nextLink(), v.Query.at(116).link(); link != want {
		t.Errorf("next is %s, want %s", link, want)
	}
}
