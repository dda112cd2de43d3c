package browser

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"ret/build/browser/access"
)

// wears asks for a theme, and for no motion, which could be half on its way.
func wears(theme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
		})
		return err
	})
}

// shutsNobodyOut looks at what the page shows, or a part of it, in both themes.
func (tab *Tab) shutsNobodyOut(what, script, within string) {
	tab.t.Helper()
	Eval[bool](tab, `"axe" in window || (() => { `+script+`; return true; })()`)
	for _, theme := range []string{"light", "dark"} {
		tab.Do(wears(theme))
		found, err := access.Read(Eval[string](tab, access.Look(within)))
		if err != nil {
			tab.t.Fatal(err)
		}
		for _, f := range found[:min(5, len(found))] {
			tab.t.Errorf("%s, %s: %v", what, theme, f)
		}
	}
}

// The grid, its header and the panel of a column's values shut nobody out, in either theme.
func TestTheGridShutsNobodyOut(t *testing.T) {
	script := access.Script(t, "../../web")
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := browser.NewTab(t)
	tab.SignIn(server)
	openSales(t, tab, 300)
	tab.Until(`document.querySelectorAll(".column-figures").length === 5`)
	look := func(what string) {
		t.Helper()
		tab.shutsNobodyOut(what, script, `"#main"`)
	}
	look("the grid")
	tab.Do(chromedp.SendKeys("input[name=row]", "200\r"))
	tab.Until(`document.querySelector(".cell.gone-to")`)
	look("a row that was gone to")
	tab.Do(chromedp.Click(`[data-column="@price"] .column-values`))
	tab.Until(`document.querySelector(".facet .value-row")`)
	look("a column's values")
}
