package pages

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"ret/web/asset"
	"ret/web/page/pagetest"
)

// eachState opens every page in every state that is wanted, in one tab.
func eachState(t *testing.T, wanted func(pagetest.State) bool, look func(t *testing.T, ctx context.Context)) {
	t.Helper()
	set, err := asset.Load()
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(asset.Prefix, set)
	states := pagetest.States(addresses(set))
	for _, state := range states {
		mux.Handle("GET /"+state.Name, show(state.Page))
	}
	mux.HandleFunc("GET /api/v1/live", greet)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	ctx, stop := context.WithTimeout(ctx, 3*deadline)
	t.Cleanup(stop)
	for _, state := range states {
		if !wanted(state) {
			continue
		}
		t.Run(state.Name, func(t *testing.T) {
			do(t, ctx, chromedp.Navigate(server.URL+"/"+state.Name))
			look(t, ctx)
		})
	}
}

// greet is a live channel on which nothing happens.
func greet(w http.ResponseWriter, r *http.Request) {
	upgrader := websocket.Upgrader{Subprotocols: []string{"ret.v1"}}
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = ws.Close() }()
	for err == nil {
		if _, _, err = ws.ReadMessage(); err == nil {
			err = ws.WriteJSON(map[string]any{"type": "welcome", "epoch": "preview", "cursor": 41})
		}
	}
}

// tooWide names what reaches beyond the window; what scrolls by itself, or is cut off
// on purpose, does not.
const tooWide = `(() => {
	const root = document.documentElement;
	if (root.scrollWidth <= root.clientWidth) return "";
	const wide = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > root.clientWidth + 1);
	return root.scrollWidth + " px: " + wide.slice(0, 4).map((e) => e.tagName + "." + e.className).join(", ");
})()`

// tooSmall names fields into which nobody can read what they type.
const tooSmall = `[...document.querySelectorAll("main input:not([type=checkbox], [type=radio], [type=file], [type=hidden])")]
	.filter((e) => e.checkVisibility() && e.clientWidth < 80).map((e) => e.name + " " + e.clientWidth + " px").join(", ")`

// outOfSight names what can be pressed in a table, but only after scrolling sideways.
const outOfSight = `[...document.querySelectorAll("main .scroll :is(button, a, summary)")]
	.filter((e) => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth).map((e) => e.textContent.trim()).slice(0, 3).join(", ")`

// outOfLine names the heads of tables that do not stand above their columns.
const outOfLine = `[...document.querySelectorAll("main .grid thead tr:last-child")].flatMap((heads) => {
	const cells = heads.closest("table").querySelector("tbody tr")?.cells ?? [];
	return [...heads.cells].filter((head, n) => cells[n] && Math.abs(head.getBoundingClientRect().left - cells[n].getBoundingClientRect().left) > 1);
}).map((head) => head.textContent.trim()).slice(0, 3).join(", ")`

func TestNoPageIsWiderThanItsWindow(t *testing.T) {
	all := func(pagetest.State) bool { return true }
	eachState(t, all, func(t *testing.T, ctx context.Context) {
		for _, width := range []int64{360, 320} {
			do(t, ctx, chromedp.EmulateViewport(width, 760))
			for fault, script := range map[string]string{"wider than its window": tooWide, "a field too small": tooSmall, "out of sight": outOfSight} {
				if found := evaluate[string](t, ctx, script); found != "" {
					t.Errorf("at %d px: %s: %s", width, fault, found)
				}
			}
		}
	})
}

// A window of 1,280 or 1,920 by 860 at 200 % leaves room for a few rows of a table.
func TestAnEnlargedTableShowsItsRows(t *testing.T) {
	tables := func(s pagetest.State) bool { return strings.HasPrefix(s.Name, "table") }
	eachState(t, tables, func(t *testing.T, ctx context.Context) {
		for _, width := range []int64{640, 960} {
			do(t, ctx, chromedp.EmulateViewport(width, 430))
			if heads := evaluate[string](t, ctx, outOfLine); heads != "" {
				t.Errorf("%d px wide, these do not stand above their columns: %s", width, heads)
			}
			grid := evaluate[struct{ Shown, All int }](t, ctx, `(({ clientHeight, scrollHeight }) => ({ Shown: clientHeight, All: scrollHeight }))(document.querySelector(".grid-scroll"))`)
			if grid.Shown < min(240, grid.All) {
				t.Errorf("%d px wide, %d of %d px of the grid are shown", width, grid.Shown, grid.All)
			}
		}
	})
}

// axeScript is what npm installs beside TypeScript.
const axeScript = "../../../web/node_modules/axe-core/axe.min.js"

type violation struct {
	ID, Help string
	Nodes    []struct {
		HTML           string
		FailureSummary string
	}
}

func (v violation) String() string {
	text := v.ID + ": " + v.Help
	for _, node := range v.Nodes[:min(3, len(v.Nodes))] {
		text += "\n  " + node.HTML + "\n    " + strings.ReplaceAll(node.FailureSummary, "\n", " ")
	}
	return text
}

// All rules hold in one theme (of a table's rows the first few are looked at), and those of colour in the other too.
func TestNoPageShutsAnybodyOut(t *testing.T) {
	if os.Getenv("RET_SOAK") == "" {
		t.Skip("looks at every state for a minute or two: make soak")
	}
	axe, err := os.ReadFile(axeScript)
	if os.IsNotExist(err) && os.Getenv("CI") == "" {
		t.Skip("axe-core is not installed: run build/check-js, which needs npm")
	}
	if err != nil {
		t.Fatal(err)
	}
	// What is there a thousand times is there a few times in another state.
	few := func(s pagetest.State) bool { return !s.Many }
	eachState(t, few, func(t *testing.T, ctx context.Context) {
		do(t, ctx, chromedp.EmulateViewport(1280, 860), wear("light"))
		evaluate[bool](t, ctx, string(axe)+"; true")
		for _, theme := range []struct{ name, options string }{
			{"light", `{}`},
			{"dark", `{ runOnly: ["color-contrast", "link-in-text-block"] }`},
		} {
			do(t, ctx, wear(theme.name))
			found := evaluate[string](t, ctx, `axe.run({ exclude: [".grid tbody tr:nth-child(n+4)"] }, Object.assign({ resultTypes: ["violations"], elementRef: false, rules: { "target-size": { enabled: true } } }, `+theme.options+`))
				.then((r) => JSON.stringify(r.violations))`)
			var violations []violation
			if err := json.Unmarshal([]byte(found), &violations); err != nil {
				t.Fatal(err)
			}
			for _, v := range violations {
				t.Errorf("%s: %v", theme.name, v)
			}
		}
	})
}

// wear asks for a theme, and for no motion, which could be half on its way.
func wear(theme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: theme},
				{Name: "prefers-reduced-motion", Value: "reduce"},
			},
		})
		if err != nil {
			return fmt.Errorf("wear %s: %w", theme, err)
		}
		return nil
	})
}
