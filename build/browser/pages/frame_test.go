package pages

import (
	"testing"

	"github.com/chromedp/chromedp"

	"ret/web/page"
	"ret/web/page/pagetest"
)

func TestKeysAndDialogs(t *testing.T) {
	_, ctx := ready(t)
	do(t, ctx, chromedp.KeyEvent("?"))
	holds(t, ctx, `document.querySelector("#shortcuts").open`)
	do(t, ctx, chromedp.Click("#shortcuts button"))
	holds(t, ctx, `!document.querySelector("#shortcuts").open`)
	do(t, ctx, chromedp.KeyEvent("t"))
	holds(t, ctx, `document.documentElement.dataset.theme === "dark"`)
	do(t, ctx, chromedp.Click("#viewer-menu summary"), chromedp.Click(`#viewer-menu a[href="/logout"]`))
	holds(t, ctx, `document.querySelector("#sign-out").open && !document.querySelector("#viewer-menu").open`)
	do(t, ctx, chromedp.Click("#sign-out [data-close]"))
	holds(t, ctx, `!document.querySelector("#sign-out").open && location.pathname === "/"`)
}

func TestOnlyTheThemeIsKeptInTheBrowser(t *testing.T) {
	_, ctx := ready(t)
	do(t, ctx, chromedp.KeyEvent("t"))
	holds(t, ctx, `JSON.stringify(Object.keys(localStorage)) === '["ret-theme"]' && sessionStorage.length === 0`)
}

func TestSelectingTablesShowsWhatToDo(t *testing.T) {
	s := newStand(t, page.WorkbenchView{Groups: []page.Group{pagetest.Finance}})
	ctx := browse(t, s)
	const bar = `getComputedStyle(document.querySelector(".selection")).display`
	holds(t, ctx, bar+` === "none"`)
	do(t, ctx, chromedp.Click("#table-t2 input"))
	holds(t, ctx, bar+` !== "none" && document.querySelector("[data-selected]").textContent === "1"`)
	do(t, ctx, chromedp.Click("#group-ar-batch-head input"))
	holds(t, ctx, `document.querySelector("[data-selected]").textContent === "61"`) // those too that are not shown
	holds(t, ctx, `new FormData(document.querySelector("#tables-form")).getAll("all").join() === "ar-batch"`)
	do(t, ctx, chromedp.SendKeys("input[name=q]", "invoice"))
	holds(t, ctx, `[...document.querySelectorAll("#tables-ar-batch > tr")].filter(r => !r.hidden).length === 1`)
}
