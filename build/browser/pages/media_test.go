package pages

import (
	"context"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"ret/web/page/pagetest"
)

// prefer asks for what a person has set in their system.
func prefer(feature, value string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: feature, Value: value}},
		})
		return err
	})
}

// only is the states of these names.
func only(names ...string) func(pagetest.State) bool {
	return func(s pagetest.State) bool { return slices.Contains(names, s.Name) }
}

// moving names what moves by itself, or would when it is touched.
const moving = `[...document.querySelectorAll("*")].filter((e) => ["", "::before"].some((part) => {
	const style = getComputedStyle(e, part || null);
	return style.animationName !== "none" || style.transitionDuration.split(", ").some((time) => parseFloat(time) > 0);
})).map((e) => e.tagName + "." + e.getAttribute("class")).slice(0, 5).join(", ")`

func TestNothingMovesForWhoWantsNoMotion(t *testing.T) {
	eachState(t, only("workbench", "job-running", "table", "look", "ask"), func(t *testing.T, ctx context.Context) {
		do(t, ctx, prefer("prefers-reduced-motion", "no-preference"))
		if t.Name() == "TestNothingMovesForWhoWantsNoMotion/workbench" && evaluate[string](t, ctx, moving) == "" {
			t.Error("nothing moves for anybody: this test sees nothing")
		}
		do(t, ctx, prefer("prefers-reduced-motion", "reduce"))
		if found := evaluate[string](t, ctx, moving); found != "" {
			t.Errorf("these move: %s", found)
		}
	})
}

// With colours forced on the page, where grounds say nothing, what is chosen still differs
// from what is not.
func TestForcedColoursSayWhatIsChosen(t *testing.T) {
	for _, pair := range []struct{ state, chosen, other, style string }{
		{"workbench", ".sections a[aria-current]", ".sections a:not([aria-current])", "borderBottomColor"},
		{"workbench", ".segments input:checked + span", ".segments input:not(:checked) + span", "outlineStyle"},
		{"table-filtered", `.button[aria-checked="true"]::before`, `.button[aria-checked="false"]::before`, "backgroundColor"},
		{"table-filtered", ".chips li", ".grid-tools", "borderTopStyle"},
		{"admin-users", ".segments a[aria-current]", ".segments a:not([aria-current])", "outlineStyle"},
		{"row-value", ".row-xml mark", ".row-xml pre", "outlineColor"},
	} {
		eachState(t, only(pair.state), func(t *testing.T, ctx context.Context) {
			do(t, ctx, prefer("forced-colors", "active"))
			looks := evaluate[[]string](t, ctx, `[`+"`"+pair.chosen+"`, `"+pair.other+"`"+`].map((selector) => {
				const [element, part] = selector.split("::");
				return getComputedStyle(document.querySelector(element), part ? "::" + part : null).`+pair.style+`;
			})`)
			if looks[0] == looks[1] {
				t.Errorf("%s and %s have the same %s, %s", pair.chosen, pair.other, pair.style, looks[0])
			}
		})
	}
}
