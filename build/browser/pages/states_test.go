package pages

import (
	"context"
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

	"ret/build/browser/access"
	"ret/web/asset"
	"ret/web/page"
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
	do(t, ctx, chromedp.Navigate("about:blank")) // the tab, which does not end with one state's time
	for _, state := range states {
		if !wanted(state) {
			continue
		}
		t.Run(state.Name, func(t *testing.T) {
			ctx, stop := context.WithTimeout(ctx, 3*deadline)
			defer stop()
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
			for fault, script := range map[string]string{"wider than its window": access.TooWide, "a field too small": tooSmall, "out of sight": outOfSight} {
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

// everything is all of the page, but of a table's rows the first few.
const everything = `{ exclude: [".grid tbody tr:nth-child(n+4)"] }`

// opened is what a page shows only when it is asked to.
// A menu lies over what has been looked at before; a dialog is looked at with all around it.
var opened = []struct{ state, what, within, open string }{
	{"workbench", "the list of shortcuts", everything, `document.querySelector("#shortcuts").showModal()`},
	{"workbench", "the question before signing out", everything, `document.querySelector("#sign-out").showModal()`},
	{"workbench", "the question what to send first", everything, `document.querySelector("#send-first").showModal()`},
	{"workbench", "a question before a deletion", everything, `document.querySelector('#files [aria-label^="Delete"]').click()`},
	{"workbench", "the person's menu", `"#viewer-menu"`, `document.querySelector("#viewer-menu").open = true`},
	{"workbench", "the download of all", `".tables .download"`, `document.querySelector(".tables .download").open = true`},
	{"workbench", "more options", everything, `document.querySelector("#upload details").open = true`},
	{"workbench", "what is selected", everything, `document.querySelector("#table-t2 input").click()`},
	{"workbench", "what failed of a job", everything, `document.querySelector("#job-j4-errors").open = true`},
	{"table", "the download of a table", `".download"`, `document.querySelector(".download").open = true`},
	{"search-meaning", "what finding by meaning sends", everything, `document.querySelector(".consent-more").open = true`},
	{"query-answer", "the columns to ask for", everything, `document.querySelector(".query-tables details").open = true`},
	{"ask", "what an answer rests on", everything, `document.querySelectorAll(".asked details").forEach((d) => { d.open = true; })`},
}

// All rules hold in both themes, in every state and in what opens from it. Of a table's
// rows the first few are looked at.
func TestNoPageShutsAnybodyOut(t *testing.T) {
	if os.Getenv("RET_SOAK") == "" {
		t.Skip("looks at every state for minutes: make soak")
	}
	script := access.Script(t, "../../../web")
	// What is there a thousand times is there a few times in another state.
	few := func(s pagetest.State) bool { return !s.Many }
	eachState(t, few, func(t *testing.T, ctx context.Context) {
		do(t, ctx, chromedp.EmulateViewport(1280, 860), wear("light"))
		evaluate[bool](t, ctx, script+"; true")
		shutsNobodyOut(t, ctx, "as it comes", everything)
		state := t.Name()[strings.LastIndex(t.Name(), "/")+1:]
		for _, o := range opened {
			if o.state != state {
				continue
			}
			do(t, ctx, chromedp.Reload())
			evaluate[bool](t, ctx, script+"; true")
			evaluate[bool](t, ctx, "("+o.open+", true)")
			shutsNobodyOut(t, ctx, o.what, o.within)
		}
	})
}

// Uploads that go on, fail, and wait for a server that is away.
func TestUploadsShutNobodyOut(t *testing.T) {
	if os.Getenv("RET_SOAK") == "" {
		t.Skip("looks at four states: make soak")
	}
	script := access.Script(t, "../../../web")
	s := newStand(t, page.WorkbenchView{Groups: []page.Group{pagetest.Finance}})
	ctx := browse(t, s)
	live := s.connected(t)
	live.welcome(4)
	evaluate[bool](t, ctx, script+"; true")
	choose(t, ctx, "a.zip", "b.zip")
	u := receive(t, s.uploads, "the upload")
	holds(t, ctx, `document.querySelectorAll("#uploads > li").length === 2`)
	shutsNobodyOut(t, ctx, "uploading", everything)
	u.answer <- problem(507, "The disk of this server is full.")
	holds(t, ctx, `document.querySelector("#uploads [data-part=problem]").textContent !== ""`)
	shutsNobodyOut(t, ctx, "an upload that failed", everything)
	do(t, ctx, chromedp.Click("#table-t2 input"), chromedp.Click(".selection button[value=delete-tables]"))
	holds(t, ctx, `document.querySelector(".toast") !== null`)
	shutsNobodyOut(t, ctx, "what can be undone", `"#toasts"`)
	do(t, ctx, chromedp.Click(".toast button")) // it lies over others
	holds(t, ctx, `document.querySelector(".toast") === null`)
	s.away.Store(true)
	_ = live.ws.Close()
	holds(t, ctx, `document.querySelector("#connection").dataset.state === "offline"`)
	evaluate[bool](t, ctx, `(scrollTo(0, 0), true)`) // the head of the page stays where it is
	shutsNobodyOut(t, ctx, "offline", everything)
}

// shutsNobodyOut looks at what is within the page in both themes.
func shutsNobodyOut(t *testing.T, ctx context.Context, what, within string) {
	t.Helper()
	for _, theme := range []string{"light", "dark"} {
		do(t, ctx, wear(theme))
		found, err := access.Read(evaluate[string](t, ctx, access.Look(within)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found[:min(5, len(found))] {
			t.Errorf("%s, %s: %v", what, theme, f)
		}
	}
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
