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

// deaf has a page hear nothing of the server, as one whose processor is not given to it in time.
const deaf = `window.WebSocket = class extends WebSocket {
	set onmessage(hear) {}
}`

// A page may be older than the copy that it comes to follow, which cannot tell what changed
// before it was made: it is shown anew, once, however much goes on meanwhile.
func TestAPageOlderThanTheCopyIsShownAnew(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := browser.NewTab(t)
	tab.Do(eachDocument(notIdle + ";" + deaf))
	tab.submitSignIn(server, "admin")
	Eval[string](tab, convertHere)
	tab.Do(chromedp.Navigate(server.URL + "/"))
	tab.Until(`(window.stayed = Boolean(window.startsWorker)) && document.querySelector("#groups a")`)
	table := Eval[string](tab, convertHere)
	Eval[bool](tab, `(window.startsWorker(), true)`)
	tab.UntilReplica()
	tab.Until(`document.querySelector('#groups a[href="/tables/` + table + `"]')`)
	tab.stays()
}

// unheard has no channel of a page ever stand.
const unheard = `window.WebSocket = class {
	constructor() { setTimeout(() => this.onclose?.({ code: 1006, reason: "" }), 100); }
	close() {}
}`

// A tab that the server does not tell why its session is over knows it of the tab that
// signed out.
func TestATabKnowsOfTheOtherWhyItIsOver(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	first := openTabs(t, server, browser, 1)[0]
	second := browser.NewTab(t)
	second.Do(eachDocument(unheard), chromedp.Navigate(server.URL+"/"))
	second.UntilReplica()
	first.Do(chromedp.Navigate(server.URL+"/logout"), chromedp.Click(`form[action="/logout"] button.wrong`), chromedp.WaitVisible(`.receipt`))
	second.Until(`document.querySelector(".notice")?.textContent.startsWith("You have signed out, in another tab")`)
}
