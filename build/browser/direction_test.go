package browser

import (
	"fmt"
	"testing"
)

// flush tells on which side the text of an element stands: its distance from the left edge,
// and from the right one.
const flush = `((element) => {
	const text = document.createRange();
	text.selectNodeContents(element);
	const [inner, outer] = [text.getBoundingClientRect(), element.getBoundingClientRect()];
	return inner.left - outer.left < outer.right - inner.right ? "left" : "right";
})`

// A value stands on the side from which its writing is read, in the grid, in the list of a
// column's values, and in the row.
func TestValuesAreReadFromTheirSide(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := browser.NewTab(t)
	tab.SignIn(server)
	tab.Drop(map[string][]byte{"firms.xml": []byte("<firms><firm><name>شركة النور</name></firm><firm><name>Northwind</name></firm><firm><name>42 شركة</name></firm></firms>")})
	tab.Until(`document.querySelector('#groups a[href^="/tables/"]')`)
	tab.press(`#groups a[href^="/tables/"]`)
	tab.Until(gridOf(3))
	side := func(what, selector, text, want string) {
		t.Helper()
		if got := Eval[string](tab, fmt.Sprintf(`%s([...document.querySelectorAll(%q)].find((e) => e.textContent.trim() === %q))`, flush, selector, text)); got != want {
			t.Errorf("%s: %s stands %s, want %s", what, text, got, want)
		}
	}
	for text, want := range map[string]string{"شركة النور": "right", "Northwind": "left", "42 شركة": "right"} {
		side("the grid", ".window .cell", text, want)
	}
	tab.press(`[data-column="name"] .column-values`)
	tab.Until(`document.querySelectorAll(".facet .value-row:not([hidden])").length === 3`)
	side("the values", ".value-text", "شركة النور", "right")
	side("the values", ".value-text", "Northwind", "left")
}
