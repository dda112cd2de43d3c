package browser

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// slowPart lets a server be slow in one part, while the rest of it answers at once.
type slowPart struct {
	server *Server
	holds  atomic.Int64  // nanoseconds for which rows that are sorted, and whole pages of tables, are held back
	asked  atomic.Int64  // how often they were asked for
	quiet  atomic.Bool   // of the live channels to come only the first is answered
	lines  atomic.Int64  // that came since
	ended  chan struct{} // a request was given up meanwhile
}

// startSlowPart puts it between a browser and a server.
func startSlowPart(t *testing.T, server *Server) *slowPart {
	t.Helper()
	far, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	s := &slowPart{ended: make(chan struct{}, 8)}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(far)
		r.Out.Host = r.In.Host
	}}
	near := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("limit") == "1000" {
			w.WriteHeader(http.StatusTooManyRequests) // nothing comes ahead of need: then it is sorted here
			return
		}
		if r.URL.Path == "/api/v1/live" && s.quiet.Load() && s.lines.Add(1) > 1 {
			<-r.Context().Done()
			return
		}
		page := strings.HasPrefix(r.URL.Path, "/tables/")
		sorted := r.URL.Query().Has("sort") && r.URL.Query().Get("sort") != ""
		from, _ := url.Parse(r.Referer())
		grid := strings.HasSuffix(r.URL.Path, "/rows") && from != nil && strings.HasPrefix(from.Path, "/tables/") // whose view is made by then
		if hold := time.Duration(s.holds.Load()); hold > 0 && (page || sorted) && !grid {
			s.asked.Add(1)
			select {
			case <-time.After(hold):
			case <-r.Context().Done():
				s.ended <- struct{}{}
				return
			}
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(near.Close)
	s.server = &Server{URL: near.URL, Runtime: server.Runtime, MasterKey: server.MasterKey}
	return s
}

// A server that is slow is not one that is away: it is asked once, waited for, and the
// person may give that up, of which it hears. So it is with pages that the browser
// loads.
func TestSlowIsNotOffline(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	slow := startSlowPart(t, server)
	tab := browser.NewTab(t)
	table := withTable(t, slow.server, tab, 300)
	tab.untilShell()
	tab.Do(chromedp.Navigate(slow.server.URL + "/tables/" + table))
	tab.UntilReplica()
	tab.untilDrawing()

	slow.holds.Store(int64(time.Minute))
	tab.Until(gridOf(300))
	sort := `document.querySelector(".column-sort").click()`
	tab.Until(`(window.asked ??= (` + sort + `, true)) && document.querySelector("#asking p")?.textContent === "Sorting…"`)
	Eval[bool](tab, `(document.querySelector("#asking button").click(), true)`)
	select {
	case <-slow.ended:
	case <-time.After(maxWait):
		t.Fatal("the server does not hear that nobody waits")
	}
	tab.Until(`!document.querySelector("#asking") && !location.search && ` + gridOf(300))

	browser.Forgive("429")
	slow.holds.Store(int64(3500 * time.Millisecond)) // beyond the time after which it is asked whether it is there
	slow.asked.Store(0)
	Eval[bool](tab, `(`+sort+`, true)`)
	tab.Until(`location.search.includes("view=") && document.querySelector("[aria-sort=ascending]") && ` + gridOf(300))
	if n := slow.asked.Load(); n != 1 {
		t.Errorf("it was asked %d times", n)
	}
	tab.Do(chromedp.Navigate(slow.server.URL + "/tables/" + table + "?offset=100"))
	tab.Until(gridOf(300))
	if !Eval[bool](tab, `!document.querySelector("[data-opening]") && performance.getEntriesByType("navigation")[0].responseStart > 3000`) {
		t.Errorf("the server was not waited for\n%s", tab.describe())
	}
	browser.Forgive("429")
}

// So it is where the page comes from the server, since this browser has no copy yet.
func TestSlowPagesOfTheServerAreWaitedFor(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	slow := startSlowPart(t, server)
	tab := browser.NewTab(t)
	tab.SignIn(slow.server)
	slow.quiet.Store(true) // for the page itself, and none for a copy
	tab.Do(chromedp.Navigate(slow.server.URL + "/"))
	tab.Until(`document.querySelector("#connection").dataset.state === "live"`)
	table := Eval[string](tab, convertHere)

	slow.holds.Store(int64(time.Minute))
	follow := func() {
		Eval[bool](tab, `(() => {
			const link = document.createElement("a");
			link.href = "/tables/`+table+`";
			document.querySelector("main").append(link);
			link.click();
			return window.stayed = true;
		})()`)
	}
	follow()
	tab.Until(`document.querySelector("#asking p")?.textContent === "Loading…"`)
	Eval[bool](tab, `(document.querySelector("#asking button").click(), true)`)
	select {
	case <-slow.ended:
	case <-time.After(maxWait):
		t.Fatal("the server does not hear that nobody waits")
	}
	slow.holds.Store(int64(3500 * time.Millisecond)) // beyond the time after which it is asked whether it is there
	slow.asked.Store(0)
	follow()
	tab.Until(`location.pathname.startsWith("/tables/") && ` + gridOf(20))
	if n := slow.asked.Load(); n != 1 || !Eval[bool](tab, `window.stayed === true`) {
		t.Errorf("it was asked %d times, or the browser has loaded the page itself", n)
	}
	browser.Forgive("/api/v1/live")
}

// convertHere sends a file to the server and waits for its table.
const convertHere = `(async () => {
	const form = new FormData();
	form.append("file", new File(["<r>" + "<i><a>1</a></i>".repeat(20) + "</r>"], "a.xml"));
	const { job } = await (await fetch("/api/v1/files?convert=1", { method: "POST", body: form })).json();
	for (;;) {
		const { result } = await (await fetch("/api/v1/jobs/" + job.id)).json();
		if (result) return result.tables[0];
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
})()`

// What cannot be done without a server, since its table is not kept whole, leaves what
// is shown as it is, and says why.
func TestWhatCannotBeSortedStaysAsItIs(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	slow := startSlowPart(t, server) // nothing of a table comes ahead of need
	tab := browser.NewTab(t)
	table := withTable(t, slow.server, tab, 300)
	tab.Do(chromedp.Click(`#groups a[href="/tables/` + table + `"]`))
	tab.Until(gridOf(300))
	goOffline(t, server, tab)
	Eval[bool](tab, `(document.querySelector("[data-column=title] .column-sort").click(), true)`)
	tab.Until(`document.querySelector("#rejections")?.textContent.includes("Sorting")`)
	said := Eval[string](tab, `document.querySelector("#rejections").innerText`)
	if !strings.Contains(said, "server") {
		t.Errorf("it says %q", said)
	}
	if !Eval[bool](tab, `window.stayed && !location.search && !document.querySelector(".problem") && `+gridOf(300)) {
		t.Errorf("what was shown is gone\n%s", tab.describe())
	}
	browser.ForgiveOffline()
	browser.Forgive("429")
	browser.Forgive("502")
}
