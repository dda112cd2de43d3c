package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// The tour stands beside the content and takes no focus; the keyboard leads through its
// three steps, and out of it; and who has ended it never sees it again, in another session
// neither.
func TestTheTourIsShortAndEndsForGood(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := browser.NewTab(t)
	tab.SignIn(server)
	const now = `document.querySelector("#tour li[data-now] h3").innerText`
	tab.Until(`document.querySelector("#tour") && !document.querySelector("#tour").contains(document.activeElement)`)
	if covers := Eval[bool](tab, `(() => {
		const tour = document.querySelector("#tour").getBoundingClientRect();
		return [...document.querySelectorAll("#main > *:not(#tour), .top")].some((e) => {
			const box = e.getBoundingClientRect();
			return box.height > 0 && box.top < tour.bottom - 1 && box.bottom > tour.top + 1;
		});
	})()`); covers {
		t.Error("the tour lies over the content")
	}
	if steps := Eval[int](tab, `document.querySelectorAll("#tour li").length`); steps > 3 {
		t.Errorf("the tour has %d steps", steps)
	}
	tab.Do(chromedp.Focus(`#tour [data-tour="1"]`))
	tab.key(kb.Enter)
	tab.Until(now + ` === "2 Open a table" && document.querySelector("#tables.tour-points")`)
	tab.key(kb.Enter)
	tab.Until(now + ` === "3 Take it and go" && document.querySelector("#viewer-menu.tour-points") && document.activeElement.value === "end-tour"`)
	tab.key(kb.Escape)
	tab.Until(`!document.querySelector("#tour, .tour-points") && document.activeElement.id === "main"`)

	eventually(t, "the server keeps it", func() bool {
		return Eval[bool](tab, `fetch("/").then((r) => r.text()).then((page) => !page.includes('id="tour"'))`)
	})
	tab.Do(chromedp.Navigate(server.URL+"/logout"), chromedp.Click(`form[action="/logout"] button.wrong`), chromedp.WaitVisible(`.receipt`))
	tab.SignIn(server)
	if Eval[bool](tab, `document.querySelector("#tour") !== null`) {
		t.Error("the tour is there again in the next session")
	}
}
