package browser

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// canary is a word that a session brings and nobody else.
const canary = "canary7f3e91b2"

// canaryOptions have it in each option that is a text.
var canaryOptions = map[string]any{
	"record": "//" + canary + "-row", "pivot": canary + "-tag@key=@value", "include": canary + "*", "exclude": "no-" + canary,
}

// canaryZip has it in each name and value of an archive: of the entry, which is not
// compressed, of elements and attributes, and in cells.
func canaryZip(t *testing.T, rows int) []byte {
	t.Helper()
	row := strings.ReplaceAll(`<N-row N-attribute="N attribute's value"><N-column>N cell</N-column><N-tag key="N-key" value="N spread"/></N-row>`, "N", canary)
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateHeader(&zip.FileHeader{Name: canary + "-entry.xml", Method: zip.Store})
	if err == nil {
		_, err = io.WriteString(w, "<"+canary+"-list>"+strings.Repeat(row, rows)+"</"+canary+"-list>")
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bringCanaries drops it in all of these, and waits for the table.
func (tab *Tab) bringCanaries(rows int) {
	tab.t.Helper()
	tab.chooseOptions(canaryOptions)
	tab.Drop(map[string][]byte{canary + "-upload.zip": canaryZip(tab.t, rows)})
	tab.Until(`document.querySelector('#groups a[href^="/tables/"]')`)
}

// lookForCanaries opens the table by the workbench's search and finds a column of it.
func (tab *Tab) lookForCanaries() {
	tab.t.Helper()
	tab.Do(chromedp.SendKeys(`input[name=q]`, canary+"\r"))
	tab.Until(`location.search.startsWith("?view=") && document.querySelector(".narrowing")`)
	tab.Do(chromedp.Click(`#groups-part a[href^="/tables/"]`))
	tab.Until(`document.querySelector(".window")?.textContent.includes("` + canary + ` spread")`)
	tab.Do(chromedp.SendKeys(`input[name=find]`, canary+"-attr\r"))
	tab.Until(`location.search.startsWith("?view=") && document.querySelectorAll(".window [data-column]").length === 1`)
}

// Nothing that the browser has on disk holds in clear what the session brings, neither
// a value of a table that was looked at nor a name of a file: not in its private files
// while the session lives, and nowhere after signing out.
func TestNoCanaryIsLeftOnDisk(t *testing.T) {
	t.Parallel()
	server, profile := StartServer(t), t.TempDir()
	browser := StartBrowserWith(t, profile)
	tab := openTabs(t, server, browser, 1)[0]
	tab.untilShell()
	tab.untilDrawing()
	tab.bringCanaries(500)
	tab.lookForCanaries()
	tab.Do(chromedp.Click(`nav.sections a[href="/jobs"]`), chromedp.Click(`.jobs a[href^="/jobs/"]`))
	tab.Until(`document.querySelector(".facts").innerText.includes("` + canary + `-tag@key=@value")`)
	checkPrivateFiles(t, profile)
	tab.Do(chromedp.Navigate(server.URL+"/logout"), chromedp.Click(`form[action="/logout"] button.wrong`), chromedp.WaitVisible(`.receipt`))
	browser.Close(t)
	for _, path := range holding(t, profile, canary) {
		t.Errorf("left in %s", path)
	}
}

// The same of what was dropped and converted without a server, its waiting file and its
// tables, and of signing out there.
func TestNoCanaryIsLeftOnDiskOffline(t *testing.T) {
	t.Parallel()
	server, profile := StartServer(t), t.TempDir()
	browser := StartBrowserWith(t, profile)
	tab := openTabs(t, server, browser, 1)[0]
	tab.untilShell()
	tab.untilDrawing()
	goOffline(t, server, tab)
	tab.bringCanaries(5000)
	tab.Until(`document.querySelector("#uploads [data-part=state]")?.textContent === "waiting"`)
	tab.lookForCanaries()
	checkPrivateFiles(t, profile)
	tab.askToSignOut()
	tab.Do(chromedp.Click(choice("drop")))
	tab.Until(`document.querySelector("h1")?.textContent === "You are signed out"`)
	tab.untilNothingIsKept()
	browser.ForgiveOffline()
	browser.Close(t)
	for _, path := range holding(t, profile, canary) {
		t.Errorf("left in %s", path)
	}
}

// A browser that is killed when the key has ended and nothing is swept yet has left
// much on disk, but neither a canary nor the key's secret; its next page sweeps the rest.
func TestABrowserKilledBeforeItsSweepKeepsNothingReadable(t *testing.T) {
	t.Parallel()
	server, profile := StartServer(t), t.TempDir()
	browser := StartBrowserWith(t, profile)
	tab := openTabs(t, server, browser, 1)[0]
	tab.untilShell()
	tab.untilDrawing()
	tab.bringCanaries(500)
	tab.lookForCanaries()
	goOffline(t, server, tab)
	secret := browserSecret(t, tab)
	if len(holding(t, profile, string(secret))) == 0 {
		t.Fatal("the secret is looked for where it is not")
	}
	// The page's sweep stops at its first file; the worker that ends the key goes on.
	Eval[bool](tab, `(FileSystemDirectoryHandle.prototype.removeEntry = () => new Promise(() => {}), true)`)
	tab.askToSignOut()
	tab.Until(`navigator.storage.getDirectory().then((root) => root.getFileHandle("ret-key")).then(() => false, (problem) => problem.name === "NotFoundError")`)
	browser.ForgiveOffline()
	killBrowser(t, profile)

	checkPrivateFiles(t, profile)
	for what, word := range map[string]string{"a canary": canary, "the secret": string(secret)} {
		for _, path := range holding(t, profile, word) {
			t.Errorf("%s is left in %s", what, path)
		}
	}

	server.Restart(t)
	tab = StartBrowserWith(t, profile).NewTab(t)
	tab.Do(chromedp.Navigate(server.URL + "/"))
	tab.untilNothingIsKept()
}

// What browsers write down of pages (history, sessions, icons, forms) names nothing: not
// what was looked for, filtered and sorted by, and neither files, groups nor columns.
func TestNoCanaryIsInTitlesAndAddresses(t *testing.T) {
	t.Parallel()
	server, profile := StartServer(t), t.TempDir()
	browser := StartBrowserWith(t, profile)
	tab := openTabs(t, server, browser, 1)[0]
	tab.untilShell()
	tab.untilDrawing()
	tab.bringCanaries(300)
	tab.lookForCanaries()
	tab.Do(chromedp.Click(`.column-sort`))
	tab.Until(`location.search.startsWith("?view=") && document.querySelector('.window [aria-sort="ascending"]')`)
	tab.Do(chromedp.SendKeys(`input[name=filter_value]`, canary+"\r"))
	tab.Until(`document.querySelectorAll(".chips li").length === 1`)
	tab.nextPage()
	tab.Until(`location.search.includes("offset=100")`)
	tab.Do(chromedp.Reload()) // the address is understood
	tab.Until(`document.querySelectorAll(".chips li").length === 1 && document.querySelector('[aria-sort="ascending"]') && ` + firstInSight(101))
	tab.Do(chromedp.Click(`.crumbs a:nth-child(2)`))
	tab.Until(`document.querySelector("#groups-part")`)
	tab.Do(chromedp.Navigate(server.URL + "/"))
	tab.Until(`document.querySelector("#files > [id^=file-]")`)
	file := strings.TrimPrefix(Eval[string](tab, `document.querySelector("#files > [id^=file-]").id`), "file-")
	tab.Do(chromedp.Navigate(server.URL+"/files/"+file), chromedp.WaitVisible(`#look`))
	tab.Do(chromedp.Click(`input[name=record]:not([value=""])`))
	tab.Until(`location.search.includes("view=")`)
	for name, text := range canaryOptions {
		before := Eval[string](tab, `location.search`)
		tab.chooseInLook(name, text)
		tab.Until(`location.search.startsWith("?view=") && location.search !== "` + before + `"`)
	}
	tab.Do(chromedp.Navigate(server.URL+"/search"), chromedp.WaitVisible(`form[data-typing]`))
	tab.Do(chromedp.SendKeys(`input[name=q]`, canary))
	tab.Until(`location.search.includes("view=") && document.querySelector(".hits mark")`)
	tab.Do(chromedp.SendKeys(`input[name=q]`, " value\r"))
	tab.Until(`document.querySelectorAll(".hits mark").length > 1`)
	tab.Do(chromedp.Click(`.hits a.quiet`))
	tab.Until(`location.pathname.includes("/rows/") && location.search.includes("view=")`)
	tab.Do(chromedp.Navigate(server.URL + "/"))
	browser.Close(t)
	for _, path := range holding(t, profile, canary) {
		t.Errorf("in %s", path)
	}
}

// chooseInLook fills a field of "look first" as a person does. The name of a path that is
// typed is another one there.
func (tab *Tab) chooseInLook(name string, value any) {
	tab.t.Helper()
	if name == "record" {
		name = "record_path"
	}
	Eval[bool](tab, fmt.Sprintf(`(() => {
		const field = document.querySelector("#look").elements[%q];
		field.value = %q;
		return field.dispatchEvent(new Event("input", { bubbles: true }));
	})()`, name, value))
}

// checkPrivateFiles has it that the origin's private files hold much, and no canary.
func checkPrivateFiles(t *testing.T, profile string) {
	t.Helper()
	folder, bytes := filepath.Join(profile, "Default", "File System"), int64(0)
	err := filepath.WalkDir(folder, func(_ string, d fs.DirEntry, err error) error {
		if info, infoErr := d.Info(); err == nil && infoErr == nil && info.Mode().IsRegular() {
			bytes += info.Size()
		}
		return nil
	})
	if err != nil || bytes < 100<<10 {
		t.Errorf("the browser keeps %d bytes on disk, so this test finds nothing: %v", bytes, err)
	}
	for _, path := range holding(t, folder, canary) {
		t.Errorf("in clear in %s", path)
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
