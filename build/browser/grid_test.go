package browser

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// gridOf holds once all of so many rows can be scrolled to, and those in sight are there.
func gridOf(rows int) string {
	return fmt.Sprintf(`document.querySelector(".window")?.getAttribute("aria-rowcount") === "%d" && document.querySelector(".window .cell") && !document.querySelector(".window .waiting")`, rows+1)
}

// firstInSight holds once a row, counted from 1, is the first that is seen.
func firstInSight(row int) string {
	return fmt.Sprintf(`document.querySelector(".in-sight")?.textContent.startsWith("%s–")`, commas(row))
}

func commas(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// nextPage goes on by a page, as the key n does.
func (tab *Tab) nextPage() {
	tab.t.Helper()
	tab.Until(`document.querySelector("a[data-page=next]")`)
	Eval[bool](tab, `(document.querySelector("a[data-page=next]").click(), true)`)
}

// sales are rows of a table with numbers, dates, few and many different values, and cells
// that are empty or absent.
func sales(rows int) string {
	var b strings.Builder
	b.WriteString("<orders>")
	for i := range rows {
		fmt.Fprintf(&b, `<o no="%d" c="%s" customer="customer %05d" price="%d.%02d"`, i+1, []string{"at", "ch", "de", "fr", "it"}[i%5], i*7919%100_000, i*31%9000, i%100)
		switch i % 3 {
		case 0:
			b.WriteString(` note=""`)
		case 1:
			fmt.Fprintf(&b, ` note="row %d, as it came"`, i+1)
		}
		b.WriteString("/>\n")
	}
	b.WriteString("</orders>")
	return b.String()
}

// openSales has the server convert so many of them, and opens their table.
func openSales(t *testing.T, tab *Tab, rows int) {
	t.Helper()
	tab.Drop(map[string][]byte{"orders.zip": zipOf(t, map[string]string{"orders.xml": sales(rows)})})
	tab.Until(`document.querySelector('#groups a[href^="/tables/"]')`)
	tab.Do(chromedp.Click(`#groups a[href^="/tables/"]`))
	tab.Until(gridOf(rows))
}

// inSight are the texts of a column's cells, from the first row in sight on.
func (tab *Tab) inSight(column string) []string {
	tab.t.Helper()
	return Eval[[]string](tab, `(() => {
		const head = document.querySelector('.window [data-column="`+column+`"]');
		const { bottom } = document.querySelector(".window-head").getBoundingClientRect();
		return [...document.querySelectorAll('.window-row')]
			.map((row) => row.querySelector('[aria-colindex="' + head.getAttribute("aria-colindex") + '"]'))
			.filter((cell) => cell && cell.getBoundingClientRect().top > bottom - 2)
			.sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
			.map((cell) => cell.classList.contains("absent") ? "absent" : cell.textContent);
	})()`)
}

// key presses a key with modifiers.
func (tab *Tab) key(key string, modifiers ...chromedp.Modifier) {
	tab.t.Helper()
	tab.Do(chromedp.KeyEvent(key, chromedp.KeyModifiers(modifiers...)))
}

// A person sorts, goes to a row, filters by values and by a range, copies, opens a value,
// and goes back to where they were; then does the same without the server.
func TestAGridIsLookedThrough(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowserWith(t, t.TempDir()) // with a clipboard of its own
	tab := browser.NewTab(t)
	tab.SignIn(server)
	tab.UntilReplica()
	const rows = 6000
	openSales(t, tab, rows)
	tab.Do(allowClipboard())
	Eval[bool](tab, `window.stayed = true`)
	path := Eval[string](tab, `location.pathname`)
	tab.Until(`document.querySelectorAll(".column-figures").length === 5`)
	tab.lookThroughOrders(path)

	tab.Until(`document.querySelector("#mode").textContent.includes("of tables' rows")`) // said when all is here
	server.Stop(t, syscall.SIGKILL)
	tab.Until(`document.querySelector("#connection").dataset.state === "offline"`)
	tab.Do(chromedp.Click(`a.brand`))
	tab.Until(`document.querySelector("#groups a")`)
	tab.Do(chromedp.Click(`#groups a[href^="/tables/"]`))
	tab.Until(gridOf(rows))
	tab.Until(`document.querySelectorAll(".column-figures").length === 5`)
	tab.lookThroughOrders(path)
	tab.stays()
	browser.ForgiveOffline()
}

// lookThroughOrders goes through 6,000 orders and comes back.
func (tab *Tab) lookThroughOrders(path string) {
	t := tab.t
	t.Helper()
	tab.gridIs(path, "")
	if got := tab.inSight("@note")[:3]; !slices.Equal(got, []string{`""`, "row 2, as it came", "absent"}) {
		t.Errorf("absent and empty are shown as %q", got)
	}
	right := `getComputedStyle(document.querySelector('.window-row [aria-colindex="%d"]')).textAlign`
	if price, customer := Eval[string](tab, fmt.Sprintf(right, 5)), Eval[string](tab, fmt.Sprintf(right, 4)); price != "end" || customer != "start" {
		t.Errorf("numbers stand %s, text %s", price, customer)
	}

	// Go to a row, which is where Back leads after a sort.
	tab.Do(chromedp.SendKeys("input[name=row]", "4000\r"))
	tab.Until(`[...document.querySelectorAll(".cell.gone-to")].some((cell) => cell.textContent === "4000")`)
	tab.Until(`history.state?.grid?.row > 3900`)
	tab.Do(chromedp.Click(`[data-column="@price"] .column-sort`))
	tab.Until(`document.querySelector('.window [data-column="@price"]')?.getAttribute("aria-sort") === "ascending"`)
	tab.Until(gridOf(6000))
	tab.gridIs(path, "price")
	if got := tab.inSight("@price")[:4]; !slices.Equal(got, []string{"0.00", "1.71", "2.42", "3.13"}) {
		t.Errorf("sorted by price the first are %q", got)
	}
	tab.Do(chromedp.Click(`[data-column="@price"] .column-sort`))
	tab.Until(`document.querySelector('.window [data-column="@price"]')?.getAttribute("aria-sort") === "descending" && ` + gridOf(6000))
	number := Eval[string](tab, `[...document.querySelectorAll(".window-row")].find((row) => row.getAttribute("aria-rowindex") === "2").firstChild.textContent`)
	if first := tab.inSight("@no")[0]; strings.ReplaceAll(number, ",", "") != first {
		t.Errorf("beside row %s stands the number %s", first, number)
	}
	Eval[any](tab, `history.back()`)
	tab.Until(`document.querySelector('.window [data-column="@price"]')?.getAttribute("aria-sort") === "ascending"`)
	Eval[any](tab, `history.back()`)
	tab.Until(`document.querySelector('.window [data-column="@price"]')?.getAttribute("aria-sort") === "none" && ` + gridOf(6000))
	tab.Until(firstInSight(3997))

	tab.filterOrders(path)

	// Two rows of two columns are copied as a spreadsheet pastes them.
	tab.Until(`document.querySelector("[role=grid]")`)
	Eval[bool](tab, `(document.querySelector("[role=grid]").focus(), true)`)
	tab.key(kb.Home, chromedp.ModifierCtrl)
	tab.key(kb.ArrowRight, chromedp.ModifierShift)
	tab.key(kb.ArrowDown, chromedp.ModifierShift)
	tab.Until(`document.querySelector(".chosen-cells")?.textContent.startsWith("4 cells")`)
	tab.Do(chromedp.Click(`.chosen-cells button:last-child`))
	tab.Until(`navigator.clipboard.readText().then((text) => text === "@no\t@c\n1\tat\n2\tch")`)
	Eval[bool](tab, `(document.querySelector("[role=grid]").focus(), true)`)
	tab.key(kb.End, chromedp.ModifierCtrl)
	tab.Until(`document.querySelector(".cell.at") && document.querySelector(".in-sight").textContent.endsWith("–6,000 of 6,000") && !document.querySelector(".window .waiting")`)
	tab.key(kb.ArrowUp)
	tab.key(kb.Enter)
	tab.Until(`document.querySelector("#value pre")?.textContent === "row 5999, as it came"`)
	tab.key(kb.ArrowLeft) // what is open follows
	tab.Until(`document.querySelector("#value pre")?.textContent === "5938.98"`)
	tab.key(kb.Escape)
	tab.Until(`document.querySelector("#value").hidden`)
}

// gridIs checks that neither address nor title tell what is shown.
func (tab *Tab) gridIs(path, told string) {
	tab.t.Helper()
	at := Eval[string](tab, `location.pathname + location.search + " " + document.title`)
	if !strings.HasPrefix(at, path) || told != "" && (strings.ContainsAny(at, "@%") || strings.Contains(at, told) || !strings.Contains(at, "?view=")) {
		tab.t.Errorf("the address and title are %s", at)
	}
}

// filterOrders filters by values, then by a range, and takes both away again.
func (tab *Tab) filterOrders(path string) {
	t := tab.t
	t.Helper()
	tab.Do(chromedp.Click(`[data-column="@c"] .column-values`))
	tab.Until(`[...document.querySelectorAll(".value-row")].filter((row) => !row.hidden).map((row) => row.innerText.replaceAll("\n", " ")).sort().join() === ["at", "ch", "de", "fr", "it"].map((c) => "☐ " + c + " 1,200").join()`)
	tab.Do(chromedp.SendKeys(`.facet input[type=search]`, "d"))
	tab.Until(`[...document.querySelectorAll(".value-row")].filter((row) => !row.hidden).length === 1`)
	tab.Do(chromedp.Click(`.value-row:not([hidden])`))
	tab.Until(`document.querySelector(".facet-foot .quiet").textContent === "1 chosen"`)
	tab.Do(chromedp.Click(`.facet-foot .primary`))
	tab.Until(gridOf(1200) + ` && document.querySelector(".chips").textContent.includes("@c is de")`)
	tab.gridIs(path, "@c")
	if got := tab.inSight("@no")[:2]; !slices.Equal(got, []string{"3", "8"}) {
		t.Errorf("rows %q are shown", got)
	}
	tab.Until(`document.querySelectorAll(".column-figures").length === 5`)
	tab.Do(chromedp.Click(`[data-column="@price"] .column-values`))
	tab.Do(chromedp.SendKeys(`.facet-range label:nth-of-type(1) input`, "8000"), chromedp.SendKeys(`.facet-range label:nth-of-type(2) input`, "8100\r"))
	tab.Until(`document.querySelectorAll(".chips li").length === 3 && document.querySelector(".window")`)
	for _, price := range tab.inSight("@price") {
		if price < "8000" || price > "8100" {
			t.Errorf("the price %s is not in the range", price)
		}
	}
	for chips := 3; chips > 0; chips-- {
		tab.Until(fmt.Sprintf(`document.querySelectorAll(".chips li").length === %d`, chips))
		tab.Do(chromedp.Click(`.chips a`))
	}
	tab.Until(gridOf(6000) + ` && !document.querySelector(".chips")`)
}
