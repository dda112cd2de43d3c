package browser

import (
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
)

// withTable signs in, has a table of n rows, and waits until the worker draws.
func withTable(t *testing.T, server *Server, tab *Tab, n int) (id string) {
	t.Helper()
	tab.SignIn(server)
	tab.UntilReplica()
	upload(tab, "books.xml", books(n))
	tab.Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 1 && document.querySelector('#groups a[href^="/tables/"]')`)
	tab.untilDrawing()
	// What is marked stays for as long as no page is loaded anew.
	Eval[bool](tab, `window.stayed = true`)
	return Eval[string](tab, `document.querySelector('#groups a[href^="/tables/"]').getAttribute("href").slice("/tables/".length)`)
}

func upload(tab *Tab, name, content string) {
	tab.t.Helper()
	Eval[bool](tab, fmt.Sprintf(`(() => {
		const form = new FormData();
		form.append("file", new File([%q], %q));
		return fetch("/api/v1/files?convert=1", { method: "POST", body: form }).then((r) => r.ok);
	})()`, content, name))
}

// drawScript asks for a page as a service worker does.
const drawScript = `((path) => new Promise((resolve) => {
	const channel = new BroadcastChannel("ret-replica");
	const id = crypto.randomUUID();
	const end = (answer) => { channel.close(); resolve(answer); };
	channel.onmessage = ({ data }) => { if (data.type === "drawn" && data.id === id) end({ status: data.status, html: data.html }); };
	setTimeout(() => end({ status: -1, html: "" }), 2000);
	channel.postMessage({ type: "draw", id, path });
}))`

type drawn struct {
	Status int    `json:"status"`
	HTML   string `json:"html"`
}

func (tab *Tab) draw(path string) drawn {
	tab.t.Helper()
	return Eval[drawn](tab, fmt.Sprintf(`%s(%q)`, drawScript, path))
}

// untilDrawing waits until the worker knows all that pages show.
func (tab *Tab) untilDrawing() { tab.untilDrawn("/") }

// untilDrawn waits until the worker has drawn a page, and so has its rows.
func (tab *Tab) untilDrawn(path string) {
	tab.t.Helper()
	Eval[bool](tab, fmt.Sprintf(`(async () => { while ((await %s(%q)).status !== 200); return true; })()`, drawScript, path))
}

// stays fails if the page was loaded anew since it was marked.
func (tab *Tab) stays() {
	tab.t.Helper()
	if !Eval[bool](tab, `window.stayed === true && performance.getEntriesByType("navigation").length === 1`) {
		tab.t.Errorf("the page was loaded again\n%s", tab.describe())
	}
}

// asPlain leaves out of a page what differs with each request: the moment it was
// drawn, and what is left of the session then.
const asPlain = `((html) => html
	.replace(/data-now="[^"]*"/, "").replace(/data-expires-at="[^"]*"/, "")
	.replace(/<time id="clock"[^]*?<\/time>/, "").replace(/<time data-ending[^]*?<\/time>/, ""))`

// The real worker's pages are the real server's.
func TestWorkersPagesAreTheServers(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := browser.NewTab(t)
	id := withTable(t, server, tab, 250)
	upload(tab, "bad.xml", "<a>\n<b></c>\n</a>")
	tab.Until(`document.querySelectorAll("#jobs [data-state=failed]").length === 1`)
	untilIdle(tab)
	jobs := Eval[[]string](tab, `fetch("/api/v1/jobs").then((r) => r.json()).then(({ items }) => items.map((j) => j.id))`)
	paths := []string{
		"/", "/?q=books", "/?group=files", "/jobs", "/jobs?state=failed", "/search", "/tables/" + id,
		"/tables/" + id + "?offset=200", "/tables/" + id + "?sort=-title", "/tables/" + id + "?filter=author~7&sort=%40id",
	}
	for _, job := range jobs {
		paths = append(paths, "/jobs/"+job, "/jobs/"+job+"?only=failed")
	}
	for _, path := range paths {
		want := Eval[string](tab, fmt.Sprintf(`fetch(%q).then((r) => r.text()).then(%s)`, path, asPlain))
		tab.Until(fmt.Sprintf(`document.querySelector("#connection").dataset.state === "live" && %q`, path))
		got := Eval[drawn](tab, fmt.Sprintf(`%s(%q).then(({ status, html }) => ({ status, html: %s(html) }))`, drawScript, path, asPlain))
		if got.Status != http.StatusOK || got.HTML != want {
			t.Errorf("%s: the worker answers %d\n%s\nthe server\n%s", path, got.Status, differs(got.HTML, want), differs(want, got.HTML))
		}
	}
	for _, path := range []string{"/account", "/admin/users", "/tables/none"} {
		if got := tab.draw(path); got.Status != 0 {
			t.Errorf("%s is answered with %d", path, got.Status)
		}
	}
}

// differs is where a differs from b.
func differs(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	return a[max(0, i-150):min(len(a), i+150)]
}

// A person goes from page to page, back and forth: nothing is loaded anew, and
// all that is alive on a page is so on the next one.
func TestGoingThroughPagesKeepsTheWorker(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := browser.NewTab(t)
	id := withTable(t, server, tab, 250)

	tab.Do(chromedp.Click(`nav.sections a[href="/jobs"]`))
	tab.Until(`location.pathname === "/jobs" && document.title === "Jobs · RET" && document.querySelector("h1").textContent === "Jobs"`)
	tab.Until(`document.activeElement.id === "main" && document.querySelector("#announcer").textContent === "Jobs"`)
	tab.Until(`document.body.className === "jobs-page" && document.querySelector('nav.sections [aria-current]').textContent === "Jobs"`)

	upload(tab, "more.xml", books(3))
	tab.Until(`document.querySelectorAll(".jobs [data-state=succeeded]").length === 2`) // it follows
	tab.Do(chromedp.Click(`.jobs a[href^="/jobs/"]`))
	tab.Until(`location.pathname.startsWith("/jobs/") && document.querySelector(".log-list .converted")`)
	tab.Do(chromedp.Click(`.made a[href^="/tables/"]`))
	tab.Until(`location.pathname.startsWith("/tables/") && ` + gridOf(3))

	for _, page := range []string{`location.pathname.startsWith("/jobs/") && document.querySelector(".job-head")`, `location.pathname === "/jobs" && document.querySelector(".jobs")`, `location.pathname === "/" && document.querySelector("#upload")`} {
		Eval[any](tab, `history.back()`)
		tab.Until(page)
	}
	Eval[any](tab, `history.forward()`)
	tab.Until(`document.body.className === "jobs-page"`)
	Eval[any](tab, `history.back()`)
	tab.Until(`document.querySelector("#upload")`)

	// The workbench that was come back to works as the first one did.
	tab.Drop(map[string][]byte{"dropped.xml": []byte(books(4))})
	tab.Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 3`)
	tab.Do(chromedp.Click(`#groups input[name=table]`))
	tab.Until(`document.querySelector("[data-selected]").textContent === "1"`)

	tab.Do(chromedp.Click(fmt.Sprintf(`#groups a[href="/tables/%s"]`, id)))
	tab.Until(gridOf(250))
	tab.nextPage()
	tab.Until(`location.search === "?offset=100" && document.querySelector(".window").innerText.includes("Title 100")`)
	tab.Do(chromedp.Click(`[data-column=title] .column-sort`))
	tab.Until(`document.querySelector(".window [data-column=title]").getAttribute("aria-sort") === "ascending"`)
	tab.Until(`document.activeElement.closest("[data-column=title]")`) // so that Enter goes on
	tab.Do(chromedp.Click(`[data-column=title] .column-sort`))
	tab.Until(`document.querySelector(".window").innerText.includes("Title 99")`)
	tab.Do(chromedp.SendKeys(`input[name=filter_value]`, "title 24\r"))
	tab.Until(`document.querySelector(".chips") && ` + gridOf(11))
	tab.Do(chromedp.Click(`.chips a`))
	tab.Until(gridOf(250))
	tab.stays()
	tab.Until(`document.querySelector("#mode").textContent.includes("of tables' rows")`)
}

// Paging and sorting a table that is whole here ask the server nothing.
func TestWholeTableNeedsNoServer(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := browser.NewTab(t)
	id := withTable(t, server, tab, 1200)
	tab.Until(`document.querySelector("#mode").textContent.includes("of tables' rows")`) // said when all is here
	server.Stop(t, syscall.SIGKILL)
	tab.Until(`document.querySelector("#connection").dataset.state === "offline"`)
	tab.Do(chromedp.Click(fmt.Sprintf(`#groups a[href="/tables/%s"]`, id)))
	tab.Until(gridOf(1200))
	tab.Do(chromedp.Click(`[data-column=title] .column-sort`))
	tab.Until(`document.querySelector(".window [data-column=title]").getAttribute("aria-sort") === "ascending"`)
	for _, offset := range []int{100, 200, 300} {
		tab.nextPage()
		tab.Until(fmt.Sprintf(`new URLSearchParams(location.search).get("offset") === "%d" && `, offset) + firstInSight(offset+1))
	}
	Eval[any](tab, `history.back()`)
	tab.Until(`new URLSearchParams(location.search).get("offset") === "200" && ` + firstInSight(201))
	if got := tab.draw("/tables/none"); got.Status != http.StatusNotFound || !strings.Contains(got.HTML, `id="main"`) {
		t.Errorf("a table that is not there is answered with %d", got.Status)
	}
	tab.follow("/tables/none")
	tab.Until(`location.pathname === "/tables/none" && document.querySelector("h1").textContent === "Nothing is here"`)
	tab.Do(chromedp.Click(`a.brand`))
	tab.Until(`document.querySelector("#groups a")`)
	tab.stays()
	tab.follow("/tables/none")
	tab.Until(`location.pathname === "/tables/none"`)
	server.Restart(t)
	tab.Until(`document.querySelector("main code")`) // of the server's own answer
	browser.Forgive("404 (Not Found)")
	browser.ForgiveOffline()
}

// The workbench marks the tables that are there without a network: small ones whole,
// of others what was looked at, and those that were converted here.
func TestTablesThatAreHereAreMarked(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := browser.NewTab(t)
	small := withTable(t, server, tab, 20)
	upload(tab, "large.xml", books(15000))
	tab.Until(`document.querySelectorAll("#groups [name=table]").length === 2`)
	large := Eval[string](tab, `document.querySelector('#groups [name=table]:not([value="`+small+`"])').value`)
	sign := func(table string) string {
		return `(([sign]) => sign && !sign.hidden ? sign.dataset.state + sign.checkVisibility() : "")(document.querySelectorAll('[data-kept="` + table + `"]'))`
	}
	tab.Until(sign(small) + ` === "wholetrue"`)
	if got := Eval[string](tab, sign(large)); got != "" {
		t.Errorf("the large table is marked %s", got)
	}
	tab.follow("/tables/" + large)
	tab.Until(`document.querySelector(".window .cell")`)
	tab.follow("/")
	tab.Until(sign(large) + ` === "parttrue" && ` + sign(small) + ` === "wholetrue"`)
	tab.stays()

	tab.untilShell() // the page is loaded anew without a server
	server.Stop(t, syscall.SIGKILL)
	tab.Until(`document.querySelector("#connection").dataset.state === "offline"`)
	tab.dropAndWait("here.xml")
	tab.Until(`document.querySelectorAll("#groups [data-kept][data-state=whole]").length === 2`)
	// The file is listed as its job, and not once more.
	const once = `document.querySelector("#uploads > *") && !document.querySelector("#uploads").checkVisibility() && document.querySelectorAll("#jobs > *").length === 3`
	tab.Until(once)
	tab.Do(chromedp.Reload())
	tab.Until(once)
	tab.Until(sign(large) + ` === "parttrue" && document.querySelectorAll("#groups [data-kept][data-state=whole]").length === 2`)
	browser.ForgiveOffline()
}

// follow goes to a page by a link.
func (tab *Tab) follow(path string) {
	tab.t.Helper()
	Eval[bool](tab, `(() => {
		const link = document.createElement("a");
		link.href = "`+path+`";
		document.getElementById("main").append(link);
		link.click();
		return true;
	})()`)
}

// The tab that does not lead goes through pages as well, and so does the one that
// leads on when the first is closed.
func TestTabsThatFollowAreDrawnToo(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	first := browser.NewTab(t)
	id := withTable(t, server, first, 120)
	second := browser.NewTab(t)
	second.Do(chromedp.Navigate(server.URL + "/"))
	second.UntilReplica()
	Eval[bool](second, `window.stayed = true`)
	second.Do(chromedp.Click(fmt.Sprintf(`#groups a[href="/tables/%s"]`, id)))
	second.Until(gridOf(120))
	first.Do(chromedp.Click(`nav.sections a[href="/jobs"]`))
	first.Until(`document.body.className === "jobs-page"`)
	first.stays()
	first.Close()
	second.Until(`document.querySelector("#mode").dataset.mode === "replica" && document.querySelector("#connection").dataset.state === "live"`)
	second.untilDrawing()
	second.nextPage()
	second.Until(`location.search === "?offset=100" && ` + gridOf(120))
	second.Do(chromedp.Click(`nav.sections a[href="/jobs"]`))
	second.Until(`document.querySelectorAll(".jobs [data-state=succeeded]").length === 1`)
	second.stays()
}

// Clicks that mean something else to a browser stay the browser's.
func TestOtherClicksAreTheBrowsers(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := browser.NewTab(t)
	withTable(t, server, tab, 5)
	for what, script := range map[string]string{
		"another button": `link.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, button: 1 }))`,
		"a modifier":     `link.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey: true }))`,
		"a target":       `(link.target = "_blank", link.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true })))`,
		"a download":     `(link.download = "x", link.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true })))`,
		"another page":   `(link.href = "/account", link.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true })))`,
		"another site":   `(link.href = "http://localhost:1/jobs", link.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true })))`,
	} {
		// A listener behind ours notes whether the click was taken, and ends it there.
		left := Eval[bool](tab, fmt.Sprintf(`(() => {
			const link = document.createElement("a");
			link.href = "/jobs";
			document.body.append(link);
			let left;
			addEventListener("click", (e) => { left = !e.defaultPrevented; e.preventDefault(); }, { once: true });
			%s;
			link.remove();
			return left;
		})()`, script))
		if !left {
			t.Errorf("a click with %s is taken from the browser", what)
		}
	}
	tab.Do(chromedp.Click(`nav.sections a[href="/#tables"]`)) // a place on this page
	tab.Until(`location.hash === "#tables"`)
	tab.stays()
	tab.Do(chromedp.Click(`#viewer-menu summary`), chromedp.Click(`#viewer-menu a[href="/account"]`))
	tab.Until(`location.pathname === "/account" && window.stayed === undefined && document.readyState === "complete"`)
}
