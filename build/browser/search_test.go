package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

const clearSearch = `(document.querySelector("input[name=q]").value = "") === ""`

// What is found follows the words while a person types; a hit opens its row. Without a
// server the tables that are kept are searched, in the same way.
func TestSearchFollowsWhatIsTyped(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := browser.NewTab(t)
	id := withTable(t, server, tab, 250)
	tab.Do(chromedp.Click(`nav.sections a[href="/search"]`), chromedp.WaitVisible(`form[data-typing]`))
	const hits = `document.querySelectorAll(".hits li").length`
	tab.Do(chromedp.SendKeys(`input[name=q]`, "tit"))
	tab.Until(hits + ` === 50 && document.querySelector(".hits mark").textContent === "Tit"`)
	tab.Do(chromedp.SendKeys(`input[name=q]`, "le 173"))
	tab.Until(hits + ` === 1 && document.querySelector(".hits a").textContent.includes("row 174")`)
	tab.stays()
	if at := Eval[string](tab, `location.search`); !strings.Contains(at, "view=") || strings.Contains(at, "173") {
		t.Errorf("the address is %s", at)
	}
	tab.Do(chromedp.SendKeys(`input[name=q]`, " -title"))
	tab.Until(hits + ` === 0 && document.querySelector("#found").textContent.includes("No row holds this")`)
	Eval[bool](tab, clearSearch)
	tab.Do(chromedp.SendKeys(`input[name=q]`, "*tle 17*\r"))
	tab.Until(hits + ` > 0 && document.activeElement.name === "q"`)
	Eval[bool](tab, clearSearch)
	tab.Do(chromedp.SendKeys(`input[name=q]`, `"title 173"`))
	tab.Until(hits + ` === 1`)
	tab.Do(chromedp.Click(`.hits a`))
	tab.Until(`location.pathname === "/tables/` + id + `" && document.querySelector("tr.gone-to")?.textContent.includes("Title 173")`)
	tab.Do(chromedp.Click(`nav.sections a[href="/search"]`), chromedp.WaitVisible(`form[data-typing]`))
	tab.Do(chromedp.SendKeys(`input[name=q]`, `title:173`))
	tab.Until(hits + ` === 1`)
	tab.Do(chromedp.Click(`.hits a[href*="xml=1"]`))
	tab.Until(`location.pathname === "/tables/` + id + `/rows/174" && document.querySelector(".row-xml pre mark")?.textContent === "Title 173"`)
	tab.Do(chromedp.Click(`nav.sections a[href="/search"]`), chromedp.WaitVisible(`form[data-typing]`))
	tab.untilDrawn("/tables/" + id + "?offset=200") // all rows are in this browser
	goOffline(t, server, tab)
	tab.Do(chromedp.SendKeys(`input[name=q]`, "title 249"))
	tab.Until(hits + ` === 1 && document.querySelector("#found").textContent.includes("only tables that this browser keeps were searched")`)
	tab.Do(chromedp.Click(`.hits a`))
	tab.Until(`document.querySelector("tr.gone-to")?.textContent.includes("Title 249")`)
	tab.stays()
	browser.ForgiveOffline()
}
