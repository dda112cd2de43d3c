package browser

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"ret/build/browser/access"
	"ret/build/pictures"
	"ret/server/model/modeltest"
)

// walk goes a person's way from signing in to signing out, past every page and what one
// does there, and stands still at each of pictures.Stations, where visit may look and may
// change the window's size and theme.
func walk(t *testing.T, visit func(tab *Tab, station string)) {
	t.Helper()
	server := StartServer(t, "RET_CHAT_URL="+answering(t), "RET_CHAT_MODEL=small")
	browser := StartBrowser(t)
	var stood []string
	w := &walker{Tab: browser.NewTab(t), server: server}
	w.stop = func(station string) {
		stood = append(stood, station)
		visit(w.Tab, station)
		w.Do(usualWindow(), wears("light"))
	}
	w.Do(usualWindow(), wears("light"))
	for _, part := range []func(){w.arrive, w.bringFiles, w.lookAtJobs, w.lookThroughTable, w.search, w.query, w.ask, w.manage, w.loseServer, w.leave} {
		part()
	}
	if !slices.Equal(stood, pictures.Stations) {
		t.Errorf("the way led past %q, not past pictures.Stations", stood)
	}
	browser.ForgiveOffline()
	browser.Forgive("Failed to load resource") // a wrong password, and a page that is not there
}

// answering is a model that asks for one query and has an answer.
func answering(t *testing.T) string {
	endpoint := modeltest.New(t, func(w http.ResponseWriter, _ *http.Request, _ modeltest.Question, n int) {
		if n == 1 {
			modeltest.Calls(w, "sql", `{"sql":"SELECT \"@state\" AS state, count(*) AS orders FROM \"order\" GROUP BY 1 ORDER BY 1"}`)
			return
		}
		modeltest.Stream(w)
		modeltest.Text(w, "There are 80 orders of each state: open [1], overdue [3] and paid [5].")
		modeltest.End(w, "stop")
	})
	return endpoint.URL.String()
}

func usualWindow() chromedp.Action[chromedp.Void] { return chromedp.EmulateViewport(1280, 800) }

type walker struct {
	*Tab
	server *Server
	stop   func(station string)
	table  string // the path of the orders' table
}

// go to a page of the server's, and wait until it is live.
func (w *walker) open(path string) {
	w.t.Helper()
	w.Do(chromedp.Navigate(w.server.URL + path))
	w.Until(isLive)
}

func (w *walker) arrive() {
	w.Do(chromedp.Navigate(w.server.URL+"/"), chromedp.WaitVisible("input[name=username]"))
	w.stop("sign-in")
	w.Do(chromedp.SendKeys("input[name=username]", "admin"), chromedp.SendKeys("input[name=password]", "not the password"), chromedp.Submit(`form[action="/login"]`), chromedp.WaitVisible(".notice.wrong"))
	w.stop("sign-in-wrong")
	w.SignIn(w.server)
	w.UntilReplica()
	w.stop("tour")
	w.press(`#tour [name=action]`)
	w.stop("workbench-empty")
	w.Do(chromedp.Click("#upload details summary"))
	w.stop("options")
	w.Do(chromedp.Click("#upload details summary"))
}

func (w *walker) bringFiles() {
	Eval[bool](w.Tab, `(document.querySelector("#upload [name=convert]").click(), true)`)
	w.Drop(map[string][]byte{"bookshop.zip": zipOf(w.t, bookshop())})
	w.Until(`document.querySelector("#files > [data-waiting]") && document.querySelector("#uploads").children.length === 0`)
	w.stop("file-waiting")
	w.Do(chromedp.Click(`#files a[href^="/files/"]`))
	w.Until(`document.querySelector("#look-result table") && ` + isLive)
	w.stop("look-first")
	w.Do(chromedp.Click(".brand"))
	w.press(`#files [value=convert]`)
	w.Until(`document.querySelector("#jobs [data-state=succeeded]") && document.querySelectorAll('#groups a[href^="/tables/"]').length >= 3`)
	w.stop("workbench")
	w.Do(chromedp.Click(`#groups td.pick input`))
	w.stop("tables-selected")
	w.Do(chromedp.Click(`.selection button[value=delete-tables]`), chromedp.Focus(".toast button")) // so that it stays
	w.stop("tables-undo")
	w.Do(chromedp.Click(".toast button"))
	w.Until(`!document.querySelector(".toast") && !document.querySelector("[data-leaving]")`)
	Eval[bool](w.Tab, `(document.querySelector("#file-section").open = true)`)
	w.Do(chromedp.Click(`#files [aria-label^="Delete"]`), chromedp.WaitVisible("#confirm"))
	w.stop("file-delete")
	w.Do(chromedp.Click("#confirm [value=no]"))
}

func (w *walker) lookAtJobs() {
	w.open("/jobs")
	w.stop("jobs")
	w.Do(chromedp.Click(`.job-name[href^="/jobs/"]`))
	w.Until(`document.querySelector(".log-list")`)
	w.stop("job")
}

func (w *walker) lookThroughTable() {
	w.table = "/tables/" + Eval[string](w.Tab, `fetch("/api/v1/tables").then((r) => r.json()).then((list) => list.items.find((t) => t.name === "order").id)`)
	w.openTable(240)
	w.stop("table")
	w.Do(chromedp.Click(".download summary"))
	w.stop("table-download")
	w.Do(chromedp.Click(".download summary"))
	w.Do(chromedp.Click(`[data-column="@state"] .column-values`))
	w.Until(`document.querySelectorAll(".facet .value-row:not([hidden])").length === 3`)
	w.stop("table-values")
	w.openTable(240) // a window that changes its size closes it
	w.Do(chromedp.Click(`[data-column="@state"] .column-values`))
	w.Until(`document.querySelectorAll(".facet .value-row:not([hidden])").length === 3`)
	w.Do(chromedp.Click(`.facet .value-row:not([hidden])`), chromedp.Click(`.facet-foot .primary`))
	w.Until(gridOf(80) + ` && document.querySelector(".chips")`)
	w.stop("table-filtered")
	w.open(w.table + "?filter=nowhere%3D1")
	w.Until(`document.querySelector(".grid-tools .notice.wrong")`)
	w.stop("table-mistake")
	w.openTable(240)
	w.Do(chromedp.Click(`.window-row[aria-rowindex="4"] .cell[aria-colindex="4"]`))
	w.Until(`document.querySelector("#value .row-xml mark")`)
	w.stop("table-value")
	w.open(w.table + "/rows/3?column=note")
	w.Until(`document.querySelector(".row-xml mark")`)
	w.stop("row")
	w.open(w.table + "?columns=1")
	w.Until(`document.querySelector(".grid.profile")`)
	w.stop("table-columns")
}

// openTable opens the orders and waits for their grid.
func (w *walker) openTable(rows int) {
	w.t.Helper()
	w.open(w.table)
	w.Until(gridOf(rows) + ` && document.querySelector(".column-figures")`)
}

func (w *walker) search() {
	w.open("/search")
	w.stop("search")
	for _, s := range []struct{ station, words, shows string }{
		{"search-hits", "credit note", ".hits mark"},
		{"search-none", "zebra", "#found .empty"},
		{"search-mistake", strings.Repeat("so many words ", 60), "#found .notice.wrong"},
	} {
		w.open("/search?q=" + url.QueryEscape(s.words))
		w.Until(fmt.Sprintf(`document.querySelector("%s") && !document.querySelector("#found[aria-busy]")`, s.shows))
		w.stop(s.station)
	}
}

func (w *walker) query() {
	w.open("/query")
	w.stop("sql")
	w.runSQL(`SELECT customer, count(*) AS orders, sum(total) AS total FROM "order" GROUP BY customer ORDER BY total DESC`)
	w.Until(`document.querySelector(".query-main .grid tbody tr")`)
	w.stop("sql-answer")
	w.runSQL(`SELECT customer,\n nowhere FROM "order"`)
	w.Until(`document.querySelector("#query-wrong")`)
	w.stop("sql-mistake")
}

func (w *walker) ask() {
	w.open("/ask")
	w.stop("ask-consent")
	w.Do(chromedp.Click(`button[value=consent]`), chromedp.WaitVisible(`textarea[name=question]`))
	w.Do(chromedp.SendKeys(`textarea[name=question]`, "How many orders are there of each state?"), chromedp.Click(`button[value=ask]`))
	w.Until(`document.querySelector(".asked[data-state=succeeded] .answer")`)
	w.stop("ask-answer")
}

func (w *walker) manage() {
	w.open("/account")
	w.stop("account")
	for _, page := range []string{"users", "sessions", "queue", "audit", "settings"} {
		w.Do(chromedp.Navigate(w.server.URL + "/admin/" + page))
		w.Until(`document.querySelector("h1") && document.readyState === "complete"`)
		w.stop("admin-" + page)
	}
	w.Do(chromedp.Navigate(w.server.URL + "/tables/nowhere"))
	w.Until(`document.querySelector(".problem")`)
	w.stop("not-found")
	w.open("/")
	w.Do(chromedp.Click("#viewer-menu summary"))
	w.stop("menu")
	w.Do(chromedp.KeyEvent("\x1b"), chromedp.KeyEvent("?"), chromedp.WaitVisible("#shortcuts"))
	w.stop("shortcuts")
	w.Do(chromedp.KeyEvent("\x1b"))
}

func (w *walker) loseServer() {
	w.untilShell()
	w.untilDrawing()
	w.Until(`document.querySelectorAll('[data-kept][data-state="whole"]').length === document.querySelectorAll("[data-kept]").length`)
	goOffline(w.t, w.server, w.Tab)
	w.stop("offline")
	w.Do(chromedp.Click(`nav.sections a[href="/ask"]`))
	w.Until(`location.pathname === "/ask"`)
	w.stop("offline-elsewhere")
	w.server.Restart(w.t)
	w.open("/")
	w.UntilReplica()
}

func (w *walker) leave() {
	w.Do(chromedp.Click("#viewer-menu summary"), chromedp.Click(`#viewer-menu a[href="/logout"]`), chromedp.WaitVisible("#sign-out"))
	w.stop("sign-out")
	w.Do(chromedp.Click("#sign-out button.wrong"), chromedp.WaitVisible(".receipt"))
	w.stop("receipt")
}

// customers are read from either side.
var customers = []string{"Northwind Corp", "Ostsee Handel GmbH", "شركة النور للتجارة", "Société Générale d’Import", "Εκδόσεις Ωμέγα", "Müller & Söhne"}

// bookshop is what a shop would bring: orders with lines, books, and a file that is broken.
func bookshop() map[string]string {
	var orders, stock strings.Builder
	orders.WriteString("<orders>\n")
	for i := range 240 {
		fmt.Fprintf(&orders, "<order number=\"A-%d\" state=%q><placed>2026-%02d-%02d</placed><customer>%s</customer><total>%d.%02d</total>",
			1001+i, []string{"paid", "open", "overdue"}[i%3], 1+i%12, 1+i%28, strings.ReplaceAll(customers[i%len(customers)], "&", "&amp;"), 20+i*37%400, i*7%100)
		switch i % 4 {
		case 0:
			orders.WriteString("<note></note>")
		case 2:
			orders.WriteString("<note>Paid in two parts, the second after the credit note of 2 March was booked. See the correspondence at https://example.org/letters.</note>")
		}
		for k := range 1 + i%11 {
			fmt.Fprintf(&orders, "<line><title>Book %d</title><copies>%d</copies></line>", (i+k)%60+1, 1+k)
		}
		orders.WriteString("</order>\n")
	}
	orders.WriteString("</orders>")
	stock.WriteString("<stock>\n")
	for i := range 60 {
		fmt.Fprintf(&stock, "<book isbn=\"978-3-%06d\"><title>Book %d</title><language>%s</language><price>%d.90</price></book>\n", 104729+i*7919, i+1, []string{"de", "en", "ar"}[i%3], 9+i%20)
	}
	stock.WriteString("</stock>")
	return map[string]string{
		"2026/orders.xml": orders.String(), "stock.xml": stock.String(),
		"bad/returns.xml": "<returns>\n  <item>Book 7</itm>\n</returns>", "readme.txt": "Orders and stock.",
	}
}

// Every page and what one does there, with the real server behind it, shuts nobody out in
// either theme, and is never wider than its window, as 1,280 pixels at 400 % leave it.
func TestTheWholeWayShutsNobodyOut(t *testing.T) {
	if os.Getenv("RET_SOAK") == "" {
		t.Skip("looks at every station for minutes: make soak")
	}
	script := access.Script(t, "../../web")
	walk(t, func(tab *Tab, station string) {
		tab.shutsNobodyOut(station, script, "document")
		tab.Do(chromedp.EmulateViewport(320, 256))
		if wide := Eval[string](tab, access.TooWide); wide != "" {
			t.Errorf("%s, 320 px wide: %s", station, wide)
		}
	})
}
