package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// Two tabs of one session move together, through a cancel in one of them and a
// lost connection in the other; a stranger's tab sees nothing of it.
func TestTabsMoveTogetherAndStrangersSeeNothing(t *testing.T) {
	t.Parallel()
	server, mine, strangers := StartServer(t), StartBrowser(t), StartBrowser(t)
	one, two := mine.NewTab(t), mine.NewTab(t)
	one.SignIn(server)
	two.Do(chromedp.Navigate(server.URL + "/"))
	two.Until(isLive)
	Eval[int](one, `fetch("/api/v1/admin/users", {
		method: "POST", body: JSON.stringify({ name: "stranger", password: "`+Password+`" }),
	}).then((r) => r.status)`)
	stranger := strangers.NewTab(t)
	stranger.SignInAs(server, "stranger")
	Eval[bool](stranger, `(() => {
		window.seen = [];
		new MutationObserver((list) => list.forEach((m) => m.addedNodes.forEach((n) => {
			if (n.id) window.seen.push(n.id);
		}))).observe(document.querySelector("main"), { subtree: true, childList: true });
		return true;
	})()`)

	one.Drop(map[string][]byte{"first.zip": makeZip(t, text("a/books.xml", books(3)))})
	for _, tab := range []*Tab{one, two} {
		tab.Until(`document.querySelector("#jobs [data-state=succeeded]") && document.querySelector("#groups a[href^='/tables/']")`)
	}
	if same := Eval[string](one, rowsOf) == Eval[string](two, rowsOf); !same {
		t.Errorf("the tabs differ:\n%s\n%s", Eval[string](one, rowsOf), Eval[string](two, rowsOf))
	}
	if seen := Eval[int](stranger, `window.seen.length + document.querySelectorAll("#jobs > li, #groups a[href^='/tables/']").length`); seen != 0 {
		t.Errorf("the stranger saw %v", Eval[string](stranger, `window.seen.join()`))
	}
}

// rowsOf is what a page shows of jobs and tables, without what a moment changes.
const rowsOf = `[...document.querySelectorAll("#jobs > li, [id^=table-]")].map((e) => e.id + " " + (e.dataset.state ?? "")).join("\n")`
