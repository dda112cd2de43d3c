package browser

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// canary is a word that a session brings and nobody else.
const canary = "canary7f3e91b2"

// After signing out, nothing that the browser has on disk holds what the session
// brought: neither a value of a table that was looked at nor a name of a file.
func TestNoCanaryIsLeftOnDisk(t *testing.T) {
	t.Parallel()
	server, profile := StartServer(t), t.TempDir()
	browser := StartBrowserWith(t, profile)
	tab := browser.NewTab(t)
	tab.SignIn(server)
	tab.UntilReplica()
	upload(tab, canary+".xml", strings.ReplaceAll(books(50), "Title", canary))
	tab.Until(`document.querySelector('#groups a[href^="/tables/"]')`)
	tab.untilShell()
	tab.untilDrawing()
	tab.Do(chromedp.Click(`#groups a[href^="/tables/"]`))
	tab.Until(`document.querySelector("table.grid")?.textContent.includes("` + canary + `")`)
	if found := holding(t, filepath.Join(profile, "Default", "File System"), canary); len(found) == 0 {
		t.Error("the browser keeps nothing on disk, so this test finds nothing")
	}
	tab.Do(chromedp.Navigate(server.URL+"/logout"), chromedp.Click(`form[action="/logout"] button.wrong`), chromedp.WaitVisible(`.receipt`))
	browser.Close(t)
	for _, path := range holding(t, profile, canary) {
		t.Errorf("left in %s", path)
	}
}

// holding lists the files below a folder that hold a word, in the browser's two
// ways of writing it.
func holding(t *testing.T, folder, word string) (found []string) {
	t.Helper()
	wide := make([]byte, 0, 2*len(word))
	for _, c := range []byte(word) {
		wide = append(wide, c, 0)
	}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil // the browser is still tidying up
		}
		content, err := os.ReadFile(path)
		if err == nil && (bytes.Contains(content, []byte(word)) || bytes.Contains(content, wide)) {
			rel, _ := filepath.Rel(folder, path)
			found = append(found, rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
