package browser

import (
	"context"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// forgetModule has the browser throw away what it keeps of the network, and of
// scripts that it has compiled. The shell's copy stays.
func (tab *Tab) forgetModule() {
	tab.Do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, network.ClearBrowserCache, cdp.Empty{})
		return err
	}))
}

// untilShell waits until the service worker keeps the shell and answers this tab.
func (tab *Tab) untilShell() {
	tab.t.Helper()
	Eval[bool](tab, `navigator.serviceWorker.ready.then(async () => {
		while (!navigator.serviceWorker.controller) await new Promise((resolve) => setTimeout(resolve, 20));
		return true;
	})`)
}

// shellContent is every address that the service worker keeps.
const shellContent = `(async () => {
	const kept = [];
	for (const name of await caches.keys())
		for (const request of await (await caches.open(name)).keys()) kept.push(new URL(request.url).pathname);
	return kept.sort();
})()`

// The shell is kept in the browser, and nothing of a session with it.
func TestShellHoldsNothingOfTheSession(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := openTabs(t, server, browser, 1)[0]
	uploadBy(tab, "a.xml")
	tab.Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 1`)
	tab.untilShell()
	tab.Do(chromedp.Navigate(server.URL+"/jobs"), chromedp.Navigate(server.URL+"/"))
	kept := Eval[[]string](tab, shellContent)
	shells := 0
	for _, path := range kept {
		answer, err := http.Get(server.URL + path) // as nobody
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Errorf("%s is kept, and nobody may have it: %d", path, answer.StatusCode)
		}
		if path == "/shell" {
			shells++
		}
	}
	// The style, the icon, two scripts of pages, two of workers, the module, the
	// manifest and the shell.
	if shells != 1 || len(kept) != 9 {
		t.Errorf("kept are %q", kept)
	}
}

// A page that comes past the service worker, as one does that is loaded with Shift, or just
// when it takes over, is answered by it all the same.
func TestAPageWithoutTheShellGetsIt(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := openTabs(t, server, browser, 1)[0]
	tab.untilShell()
	tab.Do(eachDocument(`window.missed = navigator.serviceWorker.controller === null`))
	tab.Do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		past := true
		_, err := cdp.Call(ctx, target, page.Reload, page.ReloadParams{IgnoreCache: &past})
		return err
	}))
	tab.Until(`window.missed === true`)
	tab.untilShell()
}

// Signed out without a network, this browser forgets at once and in all tabs, and
// the server at the next contact.
func TestSigningOutOffline(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	t.Cleanup(browser.ForgiveOffline)
	tabs := openTabs(t, server, browser, 3)
	uploadBy(tabs[0], "a.xml")
	for _, tab := range tabs {
		tab.Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 1`)
		tab.untilShell()
	}
	server.Stop(t, syscall.SIGKILL)
	Eval[bool](tabs[1], `(document.querySelector("#sign-out form").requestSubmit(), true)`)
	for _, i := range []int{1, 0, 2} { // what all have in common goes last in the tab that signs out
		tab := tabs[i]
		tab.Until(`document.querySelector("h1")?.textContent === "You are signed out"`)
		if left := Eval[string](tab, kept); left != "" {
			t.Errorf("in tab %d is left: %s", i, left)
		}
	}
	server.Restart(t)
	for _, tab := range tabs[1:] { // the first tab's history begins with the sign-in page
		tab.Do(chromedp.Navigate(server.URL + "/healthz"))
		if _, err := tryEval[bool](tab, `(history.back(), true)`); err != nil {
			t.Fatal(err)
		}
		tab.Until(`["/login", "/signed-out"].includes(location.pathname) && !document.body.innerText.includes("a.xml")`)
	}
	untilNoSession(t, server)
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for until := time.Now().Add(maxWait); !holds(); {
		if time.Now().After(until) {
			t.Fatalf("never: %s", what)
		}
		<-time.After(20 * time.Millisecond)
	}
}
