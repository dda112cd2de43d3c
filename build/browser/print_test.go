package browser

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// onPaper has the page look as it is printed, and says so to its scripts, as a browser does.
func (tab *Tab) onPaper() {
	tab.t.Helper()
	tab.Do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
		return err
	}))
	Eval[bool](tab, `dispatchEvent(new Event("beforeprint"))`)
}

// A table is printed as one: the rows around those in sight with their names above and
// nothing beside them, and no control. Afterwards the grid is as it was.
func TestATableIsPrinted(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := browser.NewTab(t)
	tab.SignIn(server)
	openSales(t, tab, 300)
	tab.onPaper()
	const lines = `[...document.querySelectorAll(".printed tr")].map((tr) => [...tr.cells].map((cell) => cell.textContent).join("|"))`
	if head := Eval[string](tab, lines+`[0]`); head != "|@no|@c|@customer|@price|@note" {
		t.Errorf("above the columns stands %q", head)
	}
	if row := Eval[string](tab, lines+`[2]`); row != "2|2|ch|customer 07919|31.01|row 2, as it came" {
		t.Errorf("the second row is %q", row)
	}
	if n := Eval[int](tab, lines+`.length`); n < 101 {
		t.Errorf("%d lines are printed", n)
	}
	if shown := Eval[[]string](tab, `[...document.querySelectorAll("button, input, select, .top, .window, dialog, .panel")].filter((e) => e.checkVisibility()).map((e) => e.outerHTML.slice(0, 80))`); len(shown) > 0 {
		t.Errorf("on paper are %q", shown)
	}
	if cut := Eval[string](tab, `getComputedStyle(document.querySelector(".grid-scroll")).overflow + getComputedStyle(document.querySelector(".printed td")).whiteSpace`); cut != "visiblenormal" {
		t.Errorf("what is printed is cut off: %s", cut)
	}
	Eval[bool](tab, `dispatchEvent(new Event("afterprint"))`)
	tab.Do(wears("light"))
	tab.Until(`!document.querySelector(".printed") && ` + gridOf(300) + ` && ` + firstInSight(1))
}
