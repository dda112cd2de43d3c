package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// runSQL writes a statement and runs it.
func (tab *Tab) runSQL(sql string) {
	tab.t.Helper()
	Eval[bool](tab, `(document.querySelector("#sql").value = `+"`"+sql+"`"+`, true)`)
	tab.Do(chromedp.SendKeys("#sql", ""), chromedp.Click(".query-form button"))
}

// answer waits for what the grid shows.
func (tab *Tab) untilAnswer(cells string) {
	tab.t.Helper()
	tab.Until(`[...document.querySelectorAll(".query-main .grid tbody tr")].map((tr) => [...tr.querySelectorAll("td")].map((td) => td.textContent).join()).join(";") === "` + cells + `"`)
}

// A person asks in SQL: names are completed, a mistake is shown at its place, the answer
// becomes a table; and when the server is gone the same page answers, over what the
// browser keeps. No address tells the statement.
func TestSQLIsAnsweredOnlineAndOffline(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := openTabs(t, server, browser, 1)[0]
	tab.untilShell()
	tab.Drop(map[string][]byte{"list.xml": longTable(200)})
	tab.Until(`document.querySelector('#groups a[href^="/tables/"]')`)
	tab.Do(chromedp.Click(`nav.sections a[href="/query"]`), chromedp.WaitVisible("#sql"))

	tab.Do(chromedp.SendKeys("#sql", "SELECT max(no) FROM it"))
	tab.Until(`document.querySelector("#query-names [aria-selected=true]")?.textContent === "item"`)
	tab.Do(chromedp.KeyEvent("\t"))
	tab.Until(`document.querySelector("#sql").value === "SELECT max(no) FROM item"`)
	tab.Do(chromedp.Click(".query-form button"))
	tab.untilAnswer("200")
	if address := Eval[string](tab, `location.href + document.title`); strings.Contains(address, "max") || strings.Contains(address, "item") {
		t.Errorf("the address tells the statement: %s", address)
	}
	tab.runSQL(`SELECT no,\n nowhere FROM item`)
	tab.Until(`document.querySelector("#query-wrong")?.textContent.includes("Line 2, column 2") && document.querySelector("#sql").value.slice(document.querySelector("#sql").selectionStart, document.querySelector("#sql").selectionEnd) === "nowhere"`)
	tab.runSQL("SELECT no % 7 AS rest, count(*) AS n FROM item GROUP BY rest HAVING n > 28")
	tab.untilAnswer("1,29;2,29;3,29;4,29")
	tab.Do(chromedp.Click(".query-figures button[value=save-table]"), chromedp.WaitVisible(".table-page :is(.window, .grid)"))
	tab.Until(`document.querySelector("h1").textContent === "answer"`)
	tab.UntilReplica()

	tab.Do(chromedp.Click(`nav.sections a[href="/query"]`), chromedp.WaitVisible("#sql"))
	tab.Until(`[...document.querySelectorAll(".query-tables summary code")].map((c) => c.textContent).join() === "item,answer"`)
	tab.untilDrawn("/tables/" + Eval[string](tab, `fetch("/api/v1/tables").then((r) => r.json()).then(({ items }) => items.find((t) => t.name === "item").id)`) + "?offset=100") // all rows are in this browser
	goOffline(t, server, tab)
	tab.runSQL("SELECT sum(no), count(text) FROM item WHERE no BETWEEN 11 AND 20")
	tab.untilAnswer("155,10")
	tab.checkAnswerTakenAway()
	tab.runSQL("SELECT no nowhere FROM item, nowhere")
	tab.Until(`document.querySelector("#query-wrong")?.textContent.includes("no table")`)
	browser.ForgiveOffline()
}

// checkAnswerTakenAway takes an answer away without a server: as a file it is there, as a
// table of the session it is not, which a sentence says.
func (tab *Tab) checkAnswerTakenAway() {
	tab.t.Helper()
	tab.runSQL("SELECT no, no * 2 AS twice FROM item WHERE no < 3")
	tab.Until(`document.querySelectorAll(".query-main .grid tbody tr").length === 2`)
	Eval[bool](tab, keepSaved)
	saved := Eval[string](tab, `(async () => {
		const blob = new Promise((resolve) => (window.saved = resolve));
		document.querySelector(".query-figures button[value=download]").click();
		return (await blob).text();
	})()`)
	if saved != "no,twice\n1,2\n2,4\n" {
		tab.t.Errorf("the answer is saved as %q", saved)
	}
	tab.Do(chromedp.Click(".query-figures button[value=save-table]"))
	tab.Until(`document.querySelector("#rejections")?.textContent.includes("An answer becomes a table on the server")`)
}
