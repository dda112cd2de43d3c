package browser

import (
	"fmt"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
)

// columnsStand holds once the grid's columns stand in this order, from the left.
func columnsStand(names string) string {
	return fmt.Sprintf(`[...document.querySelectorAll(".window-head [data-column]")]
		.sort((a, b) => a.getAttribute("aria-colindex") - b.getAttribute("aria-colindex"))
		.map((column) => column.dataset.column).join(" ") === %q`, names)
}

// layOut opens a column's values and presses a button there.
func (tab *Tab) layOut(column, button string) {
	tab.t.Helper()
	tab.Do(chromedp.Click(fmt.Sprintf(`.window [data-column=%q] .column-values`, column)))
	tab.Until(`document.querySelector(".facet .value-row:not([hidden]) .value-count")?.textContent`)
	Eval[bool](tab, fmt.Sprintf(`([...document.querySelectorAll(".facet-actions button")].find((b) => (b.getAttribute("aria-label") ?? b.textContent) === %q).click(), true)`, button))
	Eval[bool](tab, `(document.querySelector(".facet .button")?.click(), true)`)
}

func columnWidth(column string) string {
	return fmt.Sprintf(`document.querySelector('.window [data-column=%q]').offsetWidth`, column)
}

// How a person lays out the columns of a table is the same in all their tabs at once, after a
// reload, and what they do without a server is kept when there is one again.
func TestColumnsAreLaidOutForAllTabs(t *testing.T) {
	t.Parallel()
	const rows = 300
	server, browser := StartServer(t), StartBrowser(t)
	tabs := openTabs(t, server, browser, 2)
	one, two := tabs[0], tabs[1]
	openSales(t, one, rows)
	path := Eval[string](one, `location.pathname`)
	two.follow(path)
	two.Until(gridOf(rows))
	both := func(expression string) {
		t.Helper()
		for _, tab := range tabs {
			tab.Until(expression)
		}
	}
	both(columnsStand("@no @c @customer @price @note"))
	Eval[bool](two, `window.stayed = true`)

	one.layOut("@price", "Pin")
	both(columnsStand("@price @no @c @customer @note"))
	two.layOut("@no", "Move right")
	both(columnsStand("@price @c @no @customer @note"))
	before := Eval[int](two, columnWidth("@customer"))
	one.layOut("@customer", "Wider")
	both(fmt.Sprintf("%s === %d", columnWidth("@customer"), before+40))

	one.layOut("@c", "Hide")
	both(columnsStand("@price @no @customer @note") + ` && document.querySelector(".chips").textContent.includes("@c is hidden")`)
	two.Do(chromedp.Reload())
	two.Until(gridOf(rows) + ` && ` + columnsStand("@price @no @customer @note"))
	if width := Eval[int](two, columnWidth("@customer")); width != before+40 {
		t.Errorf("after a reload the column is %d wide, not %d", width, before+40)
	}
	two.UntilReplica()
	two.Do(chromedp.Click(`.chips a`))
	two.Until(columnsStand("@price @c @no @customer @note") + ` && !document.querySelector(".chips")`)
	one.follow(path)
	one.Until(columnsStand("@price @c @no @customer @note"))

	server.Stop(t, syscall.SIGTERM)
	for _, tab := range tabs {
		tab.Until(connection + `.startsWith("offline since")`)
	}
	one.layOut("@price", "Unpin")
	both(columnsStand("@c @no @customer @price @note"))
	both(connection + `.endsWith(", 1 change waits")`)
	server.Restart(t)
	for _, tab := range tabs {
		tab.UntilReplica()
	}
	both(columnsStand("@c @no @customer @price @note"))
	two.Until(`fetch("/api/v1` + path + `").then((answer) => answer.json()).then(({ layout }) => layout.order.join() === "1,0,2,3,4" && !layout.pinned)`)
	browser.ForgiveOffline()
}
