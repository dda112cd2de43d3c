package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// A page that has only just come, and whose copy is already there, does not say that it is
// offline while the first connection is being made.
func TestAPageThatComesIsNotOffline(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := openTabs(t, server, browser, 1)[0]
	tab.Do(eachDocument(`
		window.stood = [];
		addEventListener("DOMContentLoaded", () => {
			const sign = document.querySelector("#connection");
			new MutationObserver(() => window.stood.push(sign.textContent)).observe(sign, { childList: true, characterData: true, subtree: true });
		});`))
	for range 8 {
		tab.Do(chromedp.Reload())
		tab.UntilReplica()
		tab.Until(isLive)
		if offline := Eval[string](tab, `window.stood.find((text) => text.startsWith("offline")) ?? ""`); offline != "" {
			t.Errorf("a page said %q of a server that was there", offline)
		}
	}
}
