package browser

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// A person signs in, drops a nested ZIP with good and bad files, watches it
// become tables, looks into one, takes it away and signs out; a second tab of
// theirs is sent to the sign-in page, and nothing is left.
func TestMainJob(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := browser.NewTab(t)
	tab.SignIn(server)
	second := browser.NewTab(t)
	second.Do(chromedp.Navigate(server.URL+"/"), chromedp.WaitVisible(`#upload`))

	entries := []entry{text("bad/broken.xml", "<a>\n<b></c>\n</a>"), {"inner.zip", makeZip(t, text("deep/books.xml", books(250)))}}
	for i := range 400 {
		entries = append(entries, text("many/"+string(rune('a'+i%26))+"/"+strings.Repeat("x", i%9)+strings.Repeat("y", i/9)+".xml", books(40)))
	}
	Eval[bool](tab, `(() => {
		window.stayed = true;
		window.bars = [];
		new MutationObserver(() => {
			const bar = document.querySelector("#jobs progress[data-part=bar]");
			if (bar && bar.max > 1) window.bars.push(bar.value);
		}).observe(document.body, { subtree: true, childList: true, attributes: true });
		return true;
	})()`)
	tab.Drop(map[string][]byte{"export.zip": makeZip(t, entries...)})
	for _, who := range []*Tab{tab, second} {
		who.Until(`document.querySelector("#jobs [data-state=succeeded]") !== null`)
	}
	if !Eval[bool](tab, `window.stayed === true`) {
		t.Error("the page was loaded again")
	}
	if steps := Eval[int](tab, `new Set(window.bars).size`); steps < 2 {
		t.Errorf("the bar stood at %d places", steps)
	}
	if said := Eval[string](tab, `document.querySelector("#jobs .errors").textContent`); !strings.Contains(said, "broken.xml") || !strings.Contains(said, "line 2") {
		t.Errorf("the errors say %q", said)
	}
	checkTable(t, server, tab)
	signOutEverywhere(t, server, tab, second)
}

// checkTable opens the table of 250 rows, pages through it and downloads it.
func checkTable(t *testing.T, server *Server, tab *Tab) {
	t.Helper()
	tab.Do(chromedp.Navigate(server.URL + "/?q=deep%2Fbooks"))
	tab.Do(chromedp.Click(`.groups a[href^="/tables/"]`))
	tab.Until(`location.pathname.startsWith("/tables/") && document.readyState === "complete"`)
	page := Eval[string](tab, `document.querySelector("main").innerText`)
	for _, want := range []string{"deep/books.xml", "Title 0", "250"} {
		if !strings.Contains(page, want) {
			t.Errorf("the table's page does not show %q", want)
		}
	}
	if account := Eval[string](tab, `document.querySelector(".table-head").innerText`); !strings.Contains(account, "750") {
		t.Errorf("the account of values is missing: %q", account)
	}
	tab.Until(gridOf(250))
	tab.nextPage()
	tab.Until(`document.querySelector("main").innerText.includes("Title 100")`)

	csv := Eval[string](tab, `fetch(location.pathname.replace("/tables/", "/api/v1/tables/") + "/content").then((r) => r.text())`)
	if lines := strings.Count(csv, "\n"); lines != 251 || !strings.HasPrefix(csv, "@id,title,author\nb0,Title 0,Author 0\n") {
		t.Errorf("the download has %d lines: %.80q", lines, csv)
	}
}

func signOutEverywhere(t *testing.T, server *Server, tab, second *Tab) {
	t.Helper()
	cookie := cookies(tab)
	tab.Do(chromedp.Navigate(server.URL+"/logout"), chromedp.Click(`form[action="/logout"] button.wrong`), chromedp.WaitVisible(`.receipt`))
	second.Until(`location.pathname === "/login" || location.pathname === "/signed-out"`)
	second.Until(`document.querySelector(".notice")?.textContent.startsWith("You have signed out, in another tab")`)
	if left := Eval[string](tab, `document.cookie`); left != "" {
		t.Errorf("cookies left: %q", left)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/api/v1/session", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Cookie", cookie)
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, _ := io.ReadAll(answer.Body); answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("a copied cookie answers %d: %s", answer.StatusCode, body)
	}
	if left, err := os.ReadDir(filepath.Join(server.Runtime, "sessions")); err != nil || len(left) != 0 {
		t.Errorf("folders left: %v, %v", left, err)
	}
}
