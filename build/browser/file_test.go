package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// shownJob is what a row of jobs, or a job's own page, says.
const (
	firstRow = `document.querySelector("#jobs > :last-child").innerText.replace(/\s+/g, " ")`
	jobPage  = `document.querySelector("main").innerText.replace(/\s+/g, " ")`
)

// A file that is not converted at once is seen, with what can be done with it. Each
// conversion has a record of its own, which leads to its tables and says what happened
// also when the file is gone.
func TestAFileIsKeptConvertedTwiceAndDeleted(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := browser.NewTab(t)
	tab.SignIn(server)
	Eval[bool](tab, `(document.querySelector("#upload [name=convert]").click(), true)`)
	tab.Drop(map[string][]byte{"export.zip": makeZip(t, text("good.xml", books(7)), text("bad/broken.xml", "<a>\n<b></c>\n</a>"))})
	tab.Until(`document.querySelector("#files > [data-waiting]") && document.querySelector("#uploads").children.length === 0`)
	row := Eval[string](tab, `document.querySelector("#files > *").innerText.replace(/\s+/g, " ")`)
	for _, want := range []string{"export.zip", "not converted yet", "Look first", "Convert"} {
		if !strings.Contains(row, want) {
			t.Errorf("the file's row %q does not say %q", row, want)
		}
	}
	if !Eval[bool](tab, `document.querySelector('#files [aria-label^="Delete export.zip"]').checkVisibility() && document.querySelector("#jobs").children.length === 0`) {
		t.Error("the file cannot be seen and deleted, or has a job")
	}

	tab.press(`#files [value=convert]`)
	tab.Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 1`)
	first := Eval[string](tab, firstRow)
	for _, want := range []string{"export.zip", "2 files", "1 table", "1 file failed"} {
		if !strings.Contains(first, want) {
			t.Errorf("the job's row %q does not say %q", first, want)
		}
	}
	tab.Do(chromedp.Click(`#jobs a[href$="#made"]`))
	tab.Until(`location.hash === "#made" && document.querySelector('#made a[href^="/tables/"]')`)
	record := Eval[string](tab, `location.pathname`)
	tab.Do(chromedp.Click(`#made a[href^="/tables/"]`))
	tab.Until(gridOf(7))

	tab.Do(chromedp.Click(`a.brand`))
	tab.Until(`document.querySelector("#files [value=convert]")`)
	Eval[bool](tab, `(document.querySelector("#file-section").open = true)`)
	tab.press(`#files [value=convert]`)
	tab.Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 2`)
	tab.press(`#files [aria-label^="Delete export.zip"]`)
	tab.Until(`document.querySelectorAll("#files > *").length === 0 && !document.querySelector("#groups a")`)
	if now := Eval[string](tab, firstRow); now != first {
		t.Errorf("the first job said %q, and now %q", first, now)
	}
	tab.Do(chromedp.Navigate(server.URL + record))
	tab.Until(`document.querySelector(".log-list")`)
	page := Eval[string](tab, jobPage)
	for _, want := range []string{"export.zip", "2 files", "1 table", "export.zip!/good.xml", "7 rows", "export.zip!/bad/broken.xml", "line 2"} {
		if !strings.Contains(page, want) {
			t.Errorf("the job's page %q does not say %q", page, want)
		}
	}
}
