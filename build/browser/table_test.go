package browser

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// longTable is a table of many rows, some of them with a value that the grid cuts.
func longTable(rows int) []byte {
	var b strings.Builder
	b.WriteString("<list>")
	for i := 1; i <= rows; i++ {
		fmt.Fprintf(&b, "<item><no>%d</no><text>", i)
		if i%2 == 0 {
			fmt.Fprintf(&b, "%d is even,\n%s and that was it", i, strings.Repeat("very ", 100))
		}
		b.WriteString("</text></item>")
	}
	b.WriteString("</list>")
	return []byte(b.String())
}

// A person looks for a row, copies a value, makes a mistake in a filter, and goes
// past the end: the table stays what it says.
func TestATableIsLookedThrough(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowserWith(t, t.TempDir()) // with a clipboard of its own
	tab := browser.NewTab(t)
	tab.SignIn(server)
	tab.Drop(map[string][]byte{"list.xml": longTable(480)})
	tab.Until(`document.querySelector('#groups a[href^="/tables/"]')`)
	tab.Do(chromedp.Click(`#groups a[href^="/tables/"]`))
	tab.Until(gridOf(480))

	tab.Do(chromedp.SendKeys("input[name=row]", "250\r"))
	tab.Until(`[...document.querySelectorAll(".cell.gone-to")].some((cell) => cell.textContent === "250")`)
	inSight := `(() => {
		const row = document.querySelector(".cell.gone-to").getBoundingClientRect();
		const head = document.querySelector(".window-head").getBoundingClientRect();
		const area = document.querySelector(".grid-scroll").getBoundingClientRect();
		return row.top >= head.bottom - 1 && row.bottom <= area.bottom + 1;
	})()`
	tab.Until(inSight)
	tab.Until(`document.activeElement.matches("[role=grid]")`)

	tab.Do(allowClipboard(), chromedp.KeyEvent(kb.End))
	Eval[bool](tab, `document.execCommand("copy")`)
	tab.Until(`document.querySelector("#announcer").textContent === "Copied."`)
	want := "250 is even,\n" + strings.Repeat("very ", 100) + " and that was it"
	if got := Eval[string](tab, `navigator.clipboard.readText()`); got != want {
		t.Errorf("copied %q, not %q", got, want)
	}

	if stops := Eval[int](tab, `document.querySelectorAll('.window [tabindex="0"]').length`); stops != 1 {
		t.Errorf("%d stops in the header before the grid", stops)
	}
	tab.Do(chromedp.KeyEvent(kb.Enter))
	tab.Until(`document.querySelector("#value pre").textContent.startsWith("250 is even,\nvery")`)
	tab.Do(chromedp.KeyEvent(kb.Escape))
	tab.Until(`document.querySelector("#value").hidden && document.activeElement.matches("[role=grid]")`)

	path := Eval[string](tab, `location.pathname`)
	tab.Do(chromedp.Navigate(server.URL + path + "?filter=no%3E100&filter=colour%3Dred"))
	tab.Until(gridOf(380) + ` && document.querySelectorAll(".chips li").length === 2`)
	tab.Until(`document.querySelector(".grid-tools .notice.wrong").textContent.includes("no column “colour”")`)
	tab.Do(chromedp.Navigate(server.URL + path + "?offset=5000"))
	tab.Until(`document.querySelector(".grid-scroll .empty p").textContent === "This table has 480 rows, so there is no row 5,001."`)
	tab.Do(chromedp.Click(".grid-scroll .empty a"))
	tab.Until(firstInSight(401))
}

// allowClipboard lets the page read and write the clipboard unasked.
func allowClipboard() chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		for _, name := range []string{"clipboard-read", "clipboard-write"} {
			_, err := cdp.Call(ctx, target, browser.SetPermission, browser.SetPermissionParams{
				Permission: &browser.PermissionDescriptor{Name: name}, Setting: browser.PermissionSettingGranted,
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// What a group's box chooses is all of it, and what is done is done to all.
func TestAllTablesOfAGroupAreChosen(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := browser.NewTab(t)
	tab.SignIn(server)
	files := map[string]string{}
	for i := range 150 {
		files[fmt.Sprintf("%03d.xml", i)] = fmt.Sprintf("<r%d><i>1</i><i>2</i></r%d>", i, i) // else they are shown as one
	}
	tab.Drop(map[string][]byte{"many.zip": zipOf(t, files), "other.xml": []byte("<r><i>1</i><i>2</i></r>")})
	tab.Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 2`)
	tab.Until(`document.querySelector("#group-many-head").dataset.tables === "150"`)
	if shown := Eval[int](tab, `document.querySelectorAll("#tables-many tr").length`); shown != 12 {
		t.Errorf("%d of 150 tables are shown", shown)
	}
	tab.Do(chromedp.Click("#group-many-head input"), chromedp.Click(".selection [value=delete-tables]"))
	tab.Until(`document.querySelector("#toasts p").textContent === "150 tables are deleted."`)
	if left := Eval[int](tab, `fetch("/api/v1/tables?limit=1000").then((a) => a.json()).then((list) => list.items.length)`); left != 151 {
		t.Errorf("%d tables are left while it can be undone", left)
	}
	if Eval[bool](tab, `document.querySelector("#toasts").contains(document.activeElement)`) {
		t.Error("a toast has taken the focus")
	}
	tab.Do(chromedp.Click("#toasts button:first-of-type"))
	tab.Until(`!document.querySelector(".toast") && document.querySelectorAll("#tables-many tr:not([data-leaving])").length === 12`)

	// One of them, and what is gone is really gone when nobody takes it back.
	tab.Do(chromedp.Click("#tables-many tr:first-child input"), chromedp.Click(".selection [value=delete-tables]"))
	tab.Until(`document.querySelector("#toasts p").textContent === "One table is deleted."`)
	tab.Do(chromedp.KeyEvent("z", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	tab.Until(`!document.querySelector(".toast") && !document.querySelector("[data-leaving]")`)
	tab.Do(chromedp.Click("#group-many-head input"), chromedp.Click(".selection [value=delete-tables]"))
	tab.Do(chromedp.Click("#toasts button:last-of-type"))
	tab.Until(`!document.querySelector("#group-many")`)
	if left := Eval[int](tab, `fetch("/api/v1/tables").then((a) => a.json()).then((list) => list.items.length)`); left != 1 {
		t.Errorf("%d tables are left", left)
	}
}

// Many documents of one kind are one line, which becomes one table when somebody asks for it;
// their own tables stay behind it, and the next one of their kind joins them.
func TestDocumentsAlikeBecomeOneTable(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := browser.NewTab(t)
	tab.SignIn(server)
	files := map[string]string{}
	for i := range 60 {
		files[fmt.Sprintf("%03d.xml", i)] = fmt.Sprintf("<r><i><a>%d</a></i><i><b>2</b></i></r>", i)
	}
	tab.Drop(map[string][]byte{"many.zip": zipOf(t, files)})
	tab.Until(`document.querySelector(".alike h4")?.textContent.trim() === "60 documents alike: 120 rows in 60 tables"`)
	tab.Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 1`)
	if beside := Eval[int](tab, `document.querySelectorAll("#tables-many tr").length`); beside != 0 {
		t.Errorf("%d tables stand beside the line that they belong to", beside)
	}
	if own := Eval[int](tab, `document.querySelectorAll(".alike details tr[id]").length`); own != 12 {
		t.Errorf("%d of the single tables are behind the line, want 12", own)
	}
	tab.Do(chromedp.Click(".alike button[name=merge]"))
	tab.Until(`document.querySelector(".alike h4 a")?.textContent === "60 documents alike: one table of 120 rows"`)
	tab.Until(`!document.querySelector(".alike button[name=merge]") && document.querySelectorAll(".alike > .list tbody tr").length === 1`)
	tab.Do(chromedp.Click(".alike h4 a"))
	tab.Until(gridOf(120))
	if head := Eval[string](tab, `[...document.querySelectorAll(".window-head [data-column]")].map((c) => c.dataset.column).join()`); !strings.HasPrefix(head, "_file") {
		t.Errorf("its columns are %s", head)
	}
}

func zipOf(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range files {
		f, err := w.Create(name)
		if err == nil {
			_, err = f.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
