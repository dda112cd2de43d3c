package browser

import (
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
)

// notIdle has a page start its worker only when the story says so, as one that is busy.
const notIdle = `window.requestIdleCallback = (start) => { window.startsWorker = start; }`

// Who acts before a page has started its worker gets what they ask for, in place: of the
// server, and without one of the worker, which is started for it.
func TestActingBeforeTheWorkerStarts(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := browser.NewTab(t)
	table := withTable(t, server, tab, 250)
	tab.untilShell()
	tab.Do(eachDocument(notIdle))
	early := func(path, ready string) {
		t.Helper()
		tab.Do(chromedp.Navigate(server.URL + path))
		tab.Until(`(window.stayed = Boolean(window.startsWorker)) && ` + ready)
	}

	early("/search", isLive)
	tab.Do(chromedp.SendKeys(`input[name=q]`, "Author"))
	tab.Until(`document.querySelector(".hits mark")`)
	if said := Eval[string](tab, `document.querySelector("#rejections")?.innerText ?? ""`); said != "" {
		t.Errorf("it says %q", said)
	}
	tab.follow("/jobs")
	tab.Until(`location.pathname === "/jobs" && document.querySelector("[data-state=succeeded]")`)
	tab.stays()
	if Eval[bool](tab, `document.querySelector("#mode") !== null`) {
		t.Error("the worker runs, which this is about doing without")
	}

	Eval[bool](tab, `(window.startsWorker(), true)`)
	tab.UntilReplica()
	for _, rows := range []string{"", "?offset=100"} {
		tab.untilDrawn("/tables/" + table + rows)
	}
	server.Stop(t, syscall.SIGKILL)
	early("/tables/"+table, `document.querySelector("table.grid td")`) // drawn by the worker of the page before
	tab.Do(chromedp.Click(`a[data-page="next"]`))
	tab.Until(`location.search.includes("offset=100") && ` + firstInSight(101))
	tab.stays()
	browser.ForgiveOffline()
}
