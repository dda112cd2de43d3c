package browser

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"ret/build/retproc"
)

// newerBinary is RET as a newer version would be: a word differs in the page's
// script, and one in the runtime that both workers begin with, so that all of these
// have other addresses.
func newerBinary(t *testing.T) string {
	t.Helper()
	binary, err := retproc.Binary("../ret")
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	for word, other := range map[string]string{
		"There is a newer version of RET.": "There is a later version of RET.",
		"The Go Authors. All rights":       "The Go authors. All rights",
	} {
		if !bytes.Contains(content, []byte(word)) {
			t.Fatalf("%s has no %q", binary, word)
		}
		content = bytes.ReplaceAll(content, []byte(word), []byte(other))
	}
	newer := filepath.Join(t.TempDir(), "ret")
	if err := os.WriteFile(newer, content, 0o700); err != nil {
		t.Fatal(err)
	}
	return newer
}

// countLooks counts how often a page looks for a newer version: the browser does
// so too, when it has an occasion.
const countLooks = `(() => {
	const { update } = ServiceWorkerRegistration.prototype;
	window.looks = 0;
	ServiceWorkerRegistration.prototype.update = function () {
		window.looks++;
		return update.call(this);
	};
	return true;
})()`

// script is the address of the script that a page began with: its version.
const script = `document.querySelector("script[type=module]").src`

// A server that comes back as a newer version gets all that waited, once. Nobody
// is thrown out: every tab is offered the newer version, and goes on with what it
// has until its person agrees.
func TestServerIsUpdated(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowserWith(t, t.TempDir()) // with a cache of its own
	tabs := openTabs(t, server, browser, 2)
	uploadBy(tabs[0], "old.xml")
	for _, tab := range tabs {
		tab.Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 1`)
		tab.untilShell()
		Eval[bool](tab, countLooks)
		Eval[bool](tab, `window.stayed = true`)
	}
	old := Eval[string](tabs[0], script)
	goOffline(t, server, tabs...)
	tabs[0].press(`#files [aria-label^="Delete old.xml"]`)
	tabs[1].dropAndWait("late.xml")

	server.Update(t, newerBinary(t))
	for _, tab := range tabs {
		tab.Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 2 && document.querySelectorAll("#uploads > *").length === 0`)
		tab.Until(`document.querySelectorAll("#files > *").length === 1`)
		tab.Until(`document.querySelector("#newer button")`)
		tab.Until(`window.looks >= 1`) // each by itself, although one of them is enough
		tab.stays()
	}
	if names := fileNames(t, server); names != "late.xml" {
		t.Errorf("the server has %s", names)
	}
	if status := statusOf(t, old); status != http.StatusNotFound {
		t.Errorf("the server has the old script too: %d", status)
	}

	tabs[0].Do(chromedp.Click(`#newer button`))
	tabs[0].Until(`window.stayed === undefined && ` + script + ` !== "` + old + `"`)
	tabs[0].UntilReplica()
	if Eval[bool](tabs[0], `document.querySelector("#newer") !== null`) {
		t.Error("what is in use is offered once more")
	}

	// The other tab goes on by its own shell, of which it now needs another part, and
	// which nothing but the service worker has any more.
	goOffline(t, server, tabs...)
	tabs[1].Do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, network.ClearBrowserCache, cdp.Empty{})
		return err
	}))
	tabs[1].dropAndWait("later.xml")
	server.Restart(t)
	for _, tab := range tabs {
		tab.Until(`document.querySelectorAll("#files > *").length === 2 && document.querySelectorAll("#uploads > *").length === 0`)
	}
	tabs[1].stays()
	tabs[1].Do(chromedp.Click(`#newer button`))
	tabs[1].Until(`window.stayed === undefined && ` + script + ` !== "` + old + `"`)
	tabs[1].UntilReplica()
	untilIdle(tabs[1])
	checkReplica(t, server, browser, tabs)
	browser.ForgiveOffline()
}

// dropAndWait drops a file without a network and waits until it is kept.
func (tab *Tab) dropAndWait(name string) {
	tab.t.Helper()
	tab.Drop(map[string][]byte{name: []byte(books(5))})
	tab.Until(`document.querySelector("#uploads [data-part=state]").textContent === "waiting" && document.querySelector("#uploads .kept-tables a")`)
}

func statusOf(t *testing.T, url string) int {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}
