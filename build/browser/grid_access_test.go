package browser

import (
	"context"
	"os"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
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

// The grid, its header and the panel of a column's values shut nobody out, in either theme.
func TestTheGridShutsNobodyOut(t *testing.T) {
	axe, err := os.ReadFile("../../web/node_modules/axe-core/axe.min.js")
	if os.IsNotExist(err) && os.Getenv("CI") == "" {
		t.Skip("axe-core is not installed: run build/check-js, which needs npm")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := browser.NewTab(t)
	tab.SignIn(server)
	openSales(t, tab, 300)
	tab.Until(`document.querySelectorAll(".column-figures").length === 5`)
	Eval[bool](tab, string(axe)+"; true")
	look := func(what string) {
		t.Helper()
		for _, theme := range []string{"light", "dark"} {
			tab.Do(wears(theme))
			found := Eval[[]string](tab, `axe.run("#main", { resultTypes: ["violations"], rules: { "target-size": { enabled: true } } })
				.then((r) => r.violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map((node) => id + ": " + node.html.slice(0, 300) + " " + node.failureSummary)))`)
			for _, violation := range found {
				t.Errorf("%s, %s: %s", what, theme, violation)
			}
		}
	}
	look("the grid")
	tab.Do(chromedp.SendKeys("input[name=row]", "200\r"))
	tab.Until(`document.querySelector(".cell.gone-to")`)
	look("a row that was gone to")
	tab.Do(chromedp.Click(`[data-column="@price"] .column-values`))
	tab.Until(`document.querySelector(".facet .value-row")`)
	look("a column's values")
}
