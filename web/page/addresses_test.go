package page_test

import (
	"context"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"ret/web/page"
)

func addresses(t *testing.T, key string) *page.Addresses {
	t.Helper()
	a, err := page.NewAddresses([]byte(strings.Repeat(key, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAddressesTellNothing(t *testing.T) {
	a := addresses(t, "a")
	asked := url.Values{"sort": {"-canary"}, "filter": {"canary~x", "y!"}, "q": {"canary"}, "column": {"canary"}, "offset": {"100"}, "find": {""}}
	hidden := a.Query(asked)
	if strings.Contains(hidden, "canary") || !strings.Contains(hidden, "offset=100") || strings.Contains(hidden, "find") {
		t.Errorf("the address is %s", hidden)
	}
	if again := a.Query(asked); again != hidden {
		t.Errorf("the same view has two addresses: %s and %s", hidden, again)
	}
	shown, err := url.ParseQuery(strings.TrimPrefix(hidden, "?"))
	if err != nil {
		t.Fatal(err)
	}
	asked.Del("find")
	if got := a.Open(shown); !reflect.DeepEqual(got, asked) {
		t.Errorf("%s is %v", hidden, got)
	}
	if got := addresses(t, "b").Open(shown); !reflect.DeepEqual(got, url.Values{"offset": {"100"}}) {
		t.Errorf("with another session's key it is %v", got)
	}
	if got := a.Open(url.Values{page.QueryView: {"canary"}}); len(got) != 0 {
		t.Errorf("nonsense is %v", got)
	}
}

// Whatever text is chosen before a conversion does not stand in the address.
func TestLookTellsNothing(t *testing.T) {
	text, list := "canary", []string{"canary", "canary2"}
	chosen := page.JobOptions{Record: text, Pivot: list, Include: list, Exclude: list, MaxRepeat: 3}
	link := addresses(t, "a").LookLink("f", text, chosen)
	if strings.Contains(link, "canary") || !strings.Contains(link, "max_repeat=3") {
		t.Errorf("the address is %s", link)
	}
}

// What a form sends beside a view changes it: another filter joins, another word
// replaces.
func TestAddressesAreAddedTo(t *testing.T) {
	a := addresses(t, "a")
	shown := a.Hide(url.Values{"filter": {"a=1"}, "find": {"x"}})
	shown["filter"], shown["find"] = []string{"b=2"}, []string{"y"}
	if got, want := a.Open(shown), (url.Values{"filter": {"a=1", "b=2"}, "find": {"y"}}); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// No link of a table's page, no field that goes into an address, and no title says what
// the table is about.
func TestTablesPageTellsNothingInAddresses(t *testing.T) {
	q := page.ParseTableQuery(url.Values{"sort": {"canary"}, "filter": {"canary~canary"}, "find": {"canary"}})
	q.Addresses = addresses(t, "a")
	v := page.TableView{
		Table: page.Table{ID: "t", Name: "canary", Group: "canary", Rows: 1000}, Query: q, Total: 1000,
		Columns: []page.GridColumn{{Name: "canary"}}, Rows: []page.Row{{Number: 1, Cells: []page.Cell{{Text: strings.Repeat("canary", 1000)}}}},
	}
	var html strings.Builder
	if err := page.TableDetail(page.Frame{Title: page.TableTitle(12)}, v).Render(context.Background(), &html); err != nil {
		t.Fatal(err)
	}
	links := 0
	for part := range strings.SplitSeq(html.String(), `href="`) {
		address, _, _ := strings.Cut(part, `"`)
		if strings.Contains(address, "canary") && !strings.HasPrefix(part, "<") {
			t.Errorf("a link leads to %s", address)
		}
		links++
	}
	for form := range strings.SplitSeq(html.String(), `<form method="get"`) {
		form, _, _ = strings.Cut(form, "</form>")
		if !strings.HasPrefix(form, "<!") && strings.Contains(form, `value="canary`) {
			t.Errorf("a form sends in its address: %s", form)
		}
	}
	if links < 5 || strings.Count(html.String(), page.QueryView+"=") < 3 {
		t.Errorf("the page has %d links, so this test finds nothing", links)
	}
	if !strings.Contains(html.String(), "<title>Table 12 · RET</title>") {
		t.Error("the title is another one")
	}
}
