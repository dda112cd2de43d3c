package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// orders have lines of their own table, and a value that stands twice in a record.
func orders(n int) []byte {
	var b strings.Builder
	b.WriteString("<orders>\n")
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "<order id=\"o%d\"><note>same</note><say>same</say><data>{\"k\":[%d]}</data>", i, i)
		for k := range i%4 + 9*(i%2) {
			fmt.Fprintf(&b, "<line><no>%d.%d</no></line>", i, k)
		}
		b.WriteString("</order>\n")
	}
	b.WriteString("</orders>")
	return []byte(b.String())
}

// A row shows its value in full, all its cells, the XML it came from with the value
// marked, and the rows below and above it; without the server too, but for the XML.
func TestARowAndItsXML(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := browser.NewTab(t)
	tab.SignIn(server)
	tab.Drop(map[string][]byte{"orders.zip": zipOf(t, map[string]string{"orders.xml": string(orders(40))})})
	tab.Until(`document.querySelectorAll('#groups a[href^="/tables/"]').length >= 2`)
	main := Eval[string](tab, `fetch("/api/v1/tables").then((r) => r.json()).then((list) => list.items.find((t) => t.name === "order").id)`)
	tab.Do(chromedp.Navigate(server.URL + "/tables/" + main))
	tab.Until(`document.querySelector("#connection").dataset.state === "live"`)

	// The panel beside the grid, as a cell's link opens it.
	openCell := func(row int, column string) {
		Eval[bool](tab, fmt.Sprintf(`(() => {
			const link = document.querySelector("#main").appendChild(document.createElement("a"));
			link.href = "/tables/%s/rows/%d?column=%s";
			link.setAttribute("data-cell", "");
			link.click();
			link.remove();
			return true;
		})()`, main, row, column))
	}
	openCell(3, "say")
	tab.Until(`document.querySelector("#value:not([hidden]) h2")?.textContent === "say"`)
	tab.Until(`document.querySelector("#value .row-xml mark")?.previousSibling.textContent.endsWith("<say>")`)
	if got := Eval[string](tab, `document.querySelector("#value .row-xml pre").textContent`); !strings.HasPrefix(got, `<order id="o3">`) || !strings.HasSuffix(got, "</order>") {
		t.Errorf("the XML of row 3 is %q", got)
	}
	if got := Eval[string](tab, `document.querySelector("#value .spot").textContent`); got != "line 4" {
		t.Errorf("row 3 is in %s", got)
	}
	if got := Eval[string](tab, `location.pathname + location.search`); got != "/tables/"+main {
		t.Errorf("the panel has changed the address to %s", got)
	}
	openCell(3, "data")
	tab.Until(`document.querySelector("#value .set-out")?.textContent === '{\n  "k": [\n    3\n  ]\n}'`)
	tab.Until(`document.querySelector("#value .row-xml mark")?.textContent === '{"k":[3]}'`)

	// By its links to another row, and back to the table.
	tab.Until(`document.querySelectorAll("#value .child-rows tbody tr").length === 5`)
	tab.Do(chromedp.Click("#value .child-rows tbody a"))
	tab.Until(`document.querySelector("#value h2").textContent === "Row 12" || document.querySelector("#value h2").textContent === "Row 13"`)
	tab.Until(`[...document.querySelectorAll("#value h3 a")].some((a) => a.textContent.includes("order, row 3"))`)
	tab.Do(chromedp.KeyEvent("\x1b"))
	tab.Until(`document.querySelector("#value").hidden`)

	// A page of its own.
	tab.Do(chromedp.Navigate(server.URL + "/tables/" + main + "/rows/3?column=note"))
	tab.Until(`document.querySelector(".row-xml mark")?.previousSibling.textContent.endsWith("<note>")`)
	if Eval[bool](tab, `location.search.includes("note")`) {
		t.Error("the address tells a column's name")
	}
	tab.Do(chromedp.Click(`a[data-page="next"]`))
	tab.Until(`document.querySelector("h1").textContent === "Row 4 of 40" && document.querySelector(".row-xml mark")?.textContent === "same"`)
	tab.Do(chromedp.NavigateBack())
	tab.Until(`document.querySelector("h1").textContent === "Row 3 of 40"`)

	// All rows are in this browser before the server goes.
	tab.untilShell()
	tab.untilDrawing()
	tab.Do(chromedp.Click(".brand"))
	tab.Until(`document.querySelectorAll('[data-kept][data-state="whole"]').length === document.querySelectorAll("[data-kept]").length && document.querySelector("[data-kept]")`)
	tab.Do(chromedp.NavigateBack())
	tab.Until(`document.querySelector("h1").textContent === "Row 3 of 40"`)
	goOffline(t, server, tab)
	tab.Do(chromedp.Click(`a[data-page="next"]`))
	tab.Until(`document.querySelector("h1").textContent === "Row 4 of 40"`)
	tab.Until(`document.querySelector(".row-xml .quiet")?.textContent.startsWith("This part is on the server only")`)
	tab.Do(chromedp.Click(`.crumbs a:last-child`))
	tab.Until(`document.querySelector("tr.gone-to, [aria-rowcount]")`)
	openCell(5, "note")
	tab.Until(`document.querySelector("#value:not([hidden]) h2")?.textContent === "note"`)
	tab.Until(`document.querySelector("#value .row-xml .quiet")?.textContent.startsWith("This part is on the server only")`)
	browser.Close(t)
	browser.Forgive("net::ERR_")
}
