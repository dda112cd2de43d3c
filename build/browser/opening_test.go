package browser

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// A person without a network opens a link from the browser: the page is there, its
// table pages and sorts, a table is found by name, and when the network returns
// the page goes on.
func TestDeepLinkWithoutAServer(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := browser.NewTab(t)
	table := withTable(t, server, tab, 250)
	tab.untilShell()
	tab.Do(chromedp.Navigate(server.URL + "/tables/" + table))
	tab.UntilReplica()
	for _, rows := range []string{"", "?offset=100", "?offset=200"} {
		tab.untilDrawn("/tables/" + table + rows)
	}
	server.Stop(t, syscall.SIGKILL)
	tab.forgetModule() // then it is the shell's

	began := time.Now()
	tab.Do(chromedp.Navigate(server.URL + "/tables/" + table))
	tab.Until(`document.querySelector(":is(.window .cell, table.grid td)") && document.querySelector("#connection").dataset.state === "offline"`)
	t.Logf("rendered without a server, by a worker of its own, after %v", time.Since(began))
	// Who clicks at once, while no worker leads yet, is not given another document:
	// that would end the worker that is being started.
	Eval[bool](tab, `window.sameDocument = true`)
	tab.Do(chromedp.Click(`a[data-page="next"]`))
	tab.Until(`location.search.includes("offset=100") && ` + firstInSight(101))
	tab.Do(chromedp.Click(`a[href="/"].brand`))
	tab.Until(`location.pathname === "/" && document.querySelector("#groups")`)
	if !Eval[bool](tab, `window.sameDocument === true`) {
		t.Error("a click has loaded a document, and with that ended the worker")
	}

	other := browser.NewTab(t)
	began = time.Now()
	other.Do(chromedp.Navigate(server.URL + "/jobs"))
	other.Until(`document.querySelector("[data-state=succeeded]")`)
	t.Logf("rendered without a server, by another tab's worker, after %v", time.Since(began))
	other.Do(chromedp.Navigate(server.URL + "/?q=book"))
	other.Until(`document.querySelector('.groups a[href^="/tables/"]')`)

	server.Restart(t)
	for _, tab := range []*Tab{tab, other} {
		tab.UntilReplica()
	}
	upload(tab, "late.xml", books(2))
	for _, tab := range []*Tab{tab, other} {
		tab.Do(chromedp.Navigate(server.URL + "/"))
		tab.Until(`document.querySelectorAll("#files > *").length === 2`)
	}
	t.Cleanup(browser.ForgiveOffline)
}

// Time runs out while there is no server: every tab erases, whether its worker
// runs or is only started later.
func TestTimeRunsOutOffline(t *testing.T) {
	t.Parallel()
	for _, closed := range []bool{false, true} {
		t.Run(fmt.Sprintf("closed=%v", closed), func(t *testing.T) {
			server := StartServer(t, "SESSION_CACHE_TTL_SECONDS=10", "SESSION_OFFLINE_SECONDS=10")
			browser := StartBrowser(t)
			tabs := openTabs(t, server, browser, 3)
			for _, tab := range tabs {
				tab.untilShell()
			}
			tabs[0].untilDrawing()
			server.Stop(t, syscall.SIGKILL)
			if closed {
				blank := browser.NewTab(t)
				for _, tab := range tabs {
					tab.Close()
				}
				tabs = []*Tab{blank}
				<-time.After(11 * time.Second) // the session's own clock is what is tested
				blank.Do(chromedp.Navigate(server.URL + "/jobs"))
			}
			for _, tab := range tabs {
				tab.Until(`document.querySelector("h1")?.textContent === "Your session has ended"`)
			}
			for _, tab := range tabs {
				tab.untilNothingIsKept()
			}
			t.Cleanup(browser.ForgiveOffline)
		})
	}
}
