package page_test

import (
	"strings"
	"testing"

	"ret/web/page"
)

// Whoever goes to a row finds that one marked, whichever rows stand beside it, and the
// browser can scroll there.
func TestTheRowOneGoesToIsMarked(t *testing.T) {
	v := page.TableView{
		Total: 480, Query: page.TableQuery{Offset: 200, Limit: 100, Row: 250},
		Columns: []page.GridColumn{{Name: "no", Path: "/list/item/no"}},
	}
	for n := int64(201); n <= 300; n++ {
		v.Rows = append(v.Rows, page.Row{Number: n, Cells: []page.Cell{{Text: "x"}}})
	}
	html := render(t, page.TableDetail(page.Frame{Title: "list"}, v))
	_, marked, _ := strings.Cut(html, `id="row"`)
	if strings.Count(html, "gone-to") != 1 || !strings.HasPrefix(marked, ` class="gone-to" aria-current="true" tabindex="-1"`) {
		t.Errorf("the row is not marked: %.100s", marked)
	}
	if _, number, _ := strings.Cut(marked, `scope="row">`); !strings.HasPrefix(number, `<a href="/tables//rows/250">250<`) {
		t.Errorf("marked is row %.40s", number)
	}
}
