package browser

import (
	"encoding/base64"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"ret/build/workload"
)

// keepSaved lets a test have what a link would save: the page's policy has no script
// fetch it.
const keepSaved = `(() => {
	const create = URL.createObjectURL;
	URL.createObjectURL = (blob) => { window.saved?.(blob); return create.call(URL, blob); };
	return true;
})()`

// keptTables are the tables that a file which waits was turned into, by id, as they
// are downloaded while the server is gone.
const keptTables = `(async () => {
	const kept = {};
	for (const link of document.querySelectorAll("#uploads .kept-tables a")) {
		const blob = new Promise((resolve) => (window.saved = resolve));
		link.click();
		kept[link.href.split("/").at(-2)] = await (await blob).text();
	}
	return kept;
})()`

// serversTables are those of the server.
const serversTables = `fetch("/api/v1/tables").then((r) => r.json()).then((list) => Promise.all(list.items.map(
	(t) => fetch("/api/v1/tables/" + t.id + "/content?format=csv").then(async (r) => [t.id, await r.text()])))).then(Object.fromEntries)`

// waitingFiles names what is kept until the network is back.
const waitingFiles = `navigator.storage.getDirectory().then(async (root) => {
	const names = [];
	for (const kept of ["ret-uploads", "ret-conversions"]) {
		const folder = await root.getDirectoryHandle(kept).catch(() => null);
		if (folder) for await (const name of folder.keys()) names.push(kept + "/" + name);
	}
	return names.sort().join();
})`

// goOffline stops the server and waits until all tabs know.
func goOffline(t *testing.T, server *Server, tabs ...*Tab) {
	t.Helper()
	server.Stop(t, syscall.SIGTERM)
	for _, tab := range tabs {
		tab.Until(`document.querySelector("#connection").dataset.state === "offline"`)
	}
}

// listed are the ids of the tables that the workbench lists, in any order.
const listed = `[...document.querySelectorAll('#groups a[href^="/tables/"]')].map((a) => a.getAttribute("href").slice("/tables/".length)).sort()`

// watchLists notes the least that the workbench's lists have shown from now on.
const watchLists = `(() => {
	const count = () => ({ files: document.querySelectorAll("#files > *").length, jobs: document.querySelectorAll("#jobs > *").length, tables: ` + listed + `.length });
	window.least = count();
	new MutationObserver(() => {
		for (const [list, n] of Object.entries(count())) window.least[list] = Math.min(window.least[list], n);
	}).observe(document.querySelector("main"), { subtree: true, childList: true });
	return window.least;
})()`

// A file that is dropped without a network is converted on the spot, and its tables
// stand in the lists of all tabs. It goes up once when the network is back; nothing
// vanishes meanwhile, and the server's tables are the same by id and byte for byte.
func TestConvertedOffline(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tabs := openTabs(t, server, browser, 2)
	goOffline(t, server, tabs...)
	Eval[bool](tabs[0], keepSaved)
	tabs[0].Drop(map[string][]byte{"set.zip": makeZip(t, text("a/books.xml", books(3000)), text("one.xml", "<r><i/><i>1</i><i></i></r>"), text("bad.xml", "<r>"))})
	tabs[0].Until(`document.querySelector("#uploads [data-part=state]").textContent === "waiting"`)
	if failed := Eval[string](tabs[0], `document.querySelector("#uploads .kept-tables .wrong-text").textContent`); !strings.Contains(failed, "bad.xml line 1") {
		t.Errorf("of the malformed document it says %q", failed)
	}
	n := Eval[int](tabs[0], `document.querySelectorAll("#uploads .kept-tables a").length`)
	for _, tab := range tabs {
		tab.Until(fmt.Sprintf(`%s.length === %d && document.querySelectorAll("#jobs [data-state=queued]").length === 1 && document.querySelectorAll("#files > *").length === 1`, listed, n))
	}
	before := Eval[map[string]int](tabs[0], watchLists)
	kept := Eval[map[string]string](tabs[0], keptTables)
	if lines := linesOfLongest(kept); len(kept) != n || lines != 3001 {
		t.Errorf("converted here: %d tables, %d lines", len(kept), lines)
	}

	server.Restart(t)
	for _, tab := range tabs {
		tab.Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 1 && document.querySelectorAll("#uploads > *").length === 0`)
		if n := Eval[int](tab, `document.querySelectorAll("#files > *").length`); n != 1 {
			t.Errorf("%d files are shown", n)
		}
	}
	if least := Eval[map[string]int](tabs[0], `window.least`); !maps.Equal(least, before) {
		t.Errorf("of %v there were at times only %v", before, least)
	}
	servers := Eval[map[string]string](tabs[1], serversTables)
	if !maps.Equal(servers, kept) {
		t.Errorf("the server's tables differ from those made here: %d and %d", len(servers), len(kept))
	}
	for _, tab := range tabs {
		if ids := Eval[[]string](tab, listed); !slices.Equal(ids, slices.Sorted(maps.Keys(servers))) {
			t.Errorf("listed are %v", ids)
		}
	}
	tabs[0].Until(waitingFiles + `.then((names) => names === "")`)
	checkReplica(t, server, browser, tabs)
	browser.ForgiveOffline()
}

// linesOfLongest is how many lines the longest table has.
func linesOfLongest(tables map[string]string) (most int) {
	for _, text := range tables {
		most = max(most, strings.Count(text, "\n"))
	}
	return most
}

// Tables that were converted without a network are read as others are, in all tabs
// and after the browser was closed; then the server's take their place.
func TestLocalTablesOutliveTheBrowser(t *testing.T) {
	t.Parallel()
	server, profile := StartServer(t), t.TempDir()
	browser := StartBrowserWith(t, profile)
	tabs := openTabs(t, server, browser, 2)
	for _, tab := range tabs {
		tab.untilShell()
		tab.untilDrawing()
	}
	goOffline(t, server, tabs...)
	tabs[0].Drop(map[string][]byte{"books.xml": []byte(books(250))})
	tabs[1].Until(listed + `.length > 0`)
	checkLocalTable(t, tabs[1])
	tabs[0].Until(`document.querySelector("#uploads [data-part=state]").textContent === "waiting"`)
	browser.ForgiveOffline()
	browser.Close(t)

	browser = StartBrowserWith(t, profile)
	tab := browser.NewTab(t)
	tab.Do(chromedp.Navigate(server.URL + "/"))
	tab.Until(listed + `.length > 0`)
	checkLocalTable(t, tab)
	kept := Eval[[]string](tab, listed)
	server.Restart(t)
	tab.Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 1`)
	if ids := Eval[[]string](tab, listed); !slices.Equal(ids, kept) {
		t.Errorf("listed are %v, and were %v", ids, kept)
	}
	if got := len(Eval[map[string]string](tab, serversTables)); got != len(kept) {
		t.Errorf("%d tables on the server, %d here", got, len(kept))
	}
	checkReplica(t, server, browser, []*Tab{tab})
	browser.ForgiveOffline()
}

// checkLocalTable goes through a table of 250 books without a server, and back to the
// workbench.
func checkLocalTable(t *testing.T, tab *Tab) {
	t.Helper()
	Eval[bool](tab, keepSaved)
	tab.Do(chromedp.Click(`#groups a[href^="/tables/"]`))
	tab.Until(gridOf(250))
	tab.nextPage()
	tab.Until(`location.search === "?offset=100" && document.querySelector(".window").innerText.includes("Title 100")`)
	tab.Do(chromedp.Click(`[data-column=title] .column-sort`))
	tab.Until(`document.querySelector(".window [data-column=title]").getAttribute("aria-sort") === "ascending"`)
	tab.Do(chromedp.SendKeys(`input[name=filter_value]`, "title 24\r"))
	tab.Until(gridOf(11))
	// What is shown, the 11 rows that the filter leaves, or all of them.
	for choice, want := range map[string]int{"shown": 12, "all": 251} {
		saved := Eval[string](tab, `(async () => {
			const blob = new Promise((resolve) => (window.saved = resolve));
			const form = document.querySelector('form[action$="/content"]');
			form.elements.rows.value = "`+choice+`";
			form.querySelector("[value=csv]").click();
			return (await blob).text();
		})()`)
		if lines := strings.Count(saved, "\n"); lines != want {
			t.Errorf("of %s rows %d lines are saved", choice, lines)
		}
	}
	tab.Do(chromedp.Click(`a[href="/"].brand`))
	tab.Until(`document.querySelector("#groups")`)
}

// What was converted without a network goes when its file is given up, wherever
// that is said.
func TestLocalTablesAreGivenUp(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tabs := openTabs(t, server, browser, 2)
	goOffline(t, server, tabs...)
	for how, button := range map[string]string{
		"the upload cancelled": `#uploads [data-part=cancel]`,
		"the file deleted":     `#files [aria-label^="Delete a.xml"]`,
		"the job cancelled":    `#jobs [value=cancel]`,
	} {
		tabs[0].Drop(map[string][]byte{"a.xml": []byte(books(5))})
		tabs[1].Until(listed + `.length === 1 && document.querySelectorAll("#uploads > *").length === 1`)
		tabs[1].press(button)
		for _, tab := range tabs {
			tab.Until(listed + `.length + document.querySelectorAll("#files > *, #jobs > *, #uploads > *").length === 0`)
		}
		t.Log(how)
		tabs[0].Until(waitingFiles + `.then((names) => names === "")`)
	}
	server.Restart(t)
	for _, tab := range tabs {
		tab.UntilReplica()
	}
	if files := fileNames(t, server); files != "" {
		t.Errorf("the server has %s", files)
	}
	checkReplica(t, server, browser, tabs)
	browser.ForgiveOffline()
}

// What waits outlives the tab it was dropped in, and can be given up.
func TestWaitingFileOutlivesItsTab(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tabs := openTabs(t, server, browser, 2)
	goOffline(t, server, tabs...)
	for n, name := range []string{"stays.xml", "goes.xml"} {
		tabs[0].Drop(map[string][]byte{name: []byte(books(5))})
		tabs[0].Until(fmt.Sprintf(`[...document.querySelectorAll("#uploads [data-part=state]")].filter((s) => s.textContent === "waiting").length === %d`, n+1))
	}
	tabs[1].Until(`document.querySelectorAll("#uploads > *").length === 2`)
	tabs[1].press(`#uploads > :last-child [data-part=cancel]`)
	for _, tab := range tabs {
		tab.Until(`document.querySelectorAll("#uploads > *").length === 1`)
	}
	tabs[0].Close()
	server.Restart(t)
	tabs[1].Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 1 && document.querySelectorAll("#uploads > *").length === 0`)
	if names := Eval[string](tabs[1], `fetch("/api/v1/files").then((r) => r.json()).then((l) => l.items.map((f) => f.name).join())`); names != "stays.xml" {
		t.Errorf("the server has %s", names)
	}
	browser.ForgiveOffline()
}

// Signing out takes away what waits, with or without a network.
func TestSigningOutForgetsWhatWaits(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := openTabs(t, server, browser, 1)[0]
	goOffline(t, server, tab)
	tab.Drop(map[string][]byte{"a.xml": []byte(books(5))})
	tab.Until(`document.querySelector("#uploads [data-part=state]").textContent === "waiting"`)
	if Eval[string](tab, waitingFiles) == "" {
		t.Fatal("nothing is kept")
	}
	Eval[bool](tab, `(() => { document.querySelector('form[action="/logout"]').requestSubmit(); return true; })()`)
	tab.Until(`document.querySelector("#send-first").open`)
	tab.press(`#send-first [value=drop]`)
	tab.Until(`location.pathname === "/signed-out"`)
	if left := Eval[string](tab, waitingFiles); left != "" {
		t.Errorf("after signing out there is still %s", left)
	}
	// The page asks for the server until it is there, which the console tells each time.
	tab.Do(chromedp.Navigate("about:blank"))
	browser.ForgiveOffline()
}

// The speed of a conversion in the page, of which the documentation speaks; the
// test fails only if it is far from it.
func TestConvertingOfflineIsQuick(t *testing.T) {
	server, browser := StartServer(t), StartOptimisingBrowser(t, t.TempDir())
	tab := openTabs(t, server, browser, 1)[0]
	goOffline(t, server, tab)
	const copies = 64
	document := string(workload.Flat.Document(1 << 20))
	first := strings.Index(document, "<row>")
	last := strings.LastIndex(document, "</row>") + len("</row>")
	script := fmt.Sprintf(`(() => {
		const [head, rows, tail] = %q.split(" ").map((part) => Uint8Array.from(atob(part), (c) => c.charCodeAt(0)));
		const data = new DataTransfer();
		data.items.add(new File([head, ...Array(%d).fill(rows), tail], "flat.xml"));
		for (const type of ["dragenter", "dragover", "drop"]) {
			document.querySelector(".drop-target").dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
		}
		window.began = performance.now();
		new MutationObserver((_, o) => {
			const count = document.querySelector("#uploads [data-part=count]")?.textContent ?? "";
			if (/ of |archive$/.test(count)) window.read ??= performance.now() - window.began;
			if (/B$|MB of /.test(count)) window.within = true;
			if (count.startsWith("0 of 1 ")) window.stands = true;
			if (document.querySelector("#uploads .kept-tables a")) { window.took = performance.now() - window.began; o.disconnect(); }
		}).observe(document.querySelector("#uploads"), { subtree: true, childList: true, characterData: true });
		return true;
	})()`, strings.Join([]string{encode(document[:first]), encode(document[first:last]), encode(document[last:])}, " "), copies)
	Eval[bool](tab, script)
	tab.Until(`window.took > 0`)
	if !Eval[bool](tab, `window.within === true && !window.stands`) {
		t.Error("of a large file it does not say how much of it is done")
	}
	took := time.Duration(Eval[float64](tab, `window.took`) * float64(time.Millisecond))
	megabytes := float64(copies*(last-first)) / 1e6
	converting := took - time.Duration(Eval[float64](tab, `window.read`)*float64(time.Millisecond))
	t.Logf("%.0f MB kept, digested, converted and shown in %v: %.0f MB/s; the conversion alone took %v: %.0f MB/s",
		megabytes, took, megabytes/took.Seconds(), converting, megabytes/converting.Seconds())
	if megabytes/took.Seconds() < 8 {
		t.Error("this is no work for a person to wait for")
	}
	browser.ForgiveOffline()
}

func encode(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// partialBytes is how much of the only upload under way the server has on disk, or
// 0 if there is none.
func partialBytes(t *testing.T, server *Server) int64 {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(server.Runtime, "sessions", "*", "partial", "*"))
	if err != nil || len(found) > 1 {
		t.Fatalf("uploads under way: %q, %v", found, err)
	}
	if len(found) == 0 {
		return 0
	}
	info, err := os.Stat(found[0])
	if err != nil {
		return 0 // it has just been completed
	}
	return info.Size()
}

// However often the server is lost while a file goes up, it is there once in the
// end, with its job and its tables, soon after the server stays.
func TestUploadOutlivesCuts(t *testing.T) {
	server, browser := StartServer(t), StartBrowser(t)
	line := StartLine(t, server, 2_000_000)
	tabs := openTabs(t, line.Server(), browser, 2)
	t.Cleanup(browser.ForgiveOffline)
	goOffline(t, server, tabs...)
	Eval[bool](tabs[0], keepSaved)
	file := []byte(books(60_000)) // several pieces
	tabs[0].Drop(map[string][]byte{"large.xml": file})
	tabs[0].Until(`document.querySelector("#uploads [data-part=state]").textContent === "waiting" && ` + listed + `.length > 0`)
	kept := Eval[map[string]string](tabs[0], keptTables)
	cuts := 4
	if os.Getenv("RET_SOAK") != "" {
		cuts = 20
	}
	var arrived int64
	for n := range cuts {
		// Random moments, each in a part of the upload of its own; the last part is left.
		part := len(file) / (cuts + 1)
		moment := max(arrived+1, int64(n*part+rand.IntN(part)))
		server.Restart(t)
		if left := partialBytes(t, server); left < arrived {
			t.Errorf("of %d bytes %d are left", arrived, left)
		}
		eventually(t, "the upload goes on", func() bool { return partialBytes(t, server) >= moment })
		server.Stop(t, syscall.SIGKILL)
		before := arrived
		arrived = partialBytes(t, server)
		t.Logf("cut %d at byte %d of %d", n+1, arrived, len(file))
		if arrived <= before || arrived >= int64(len(file)) {
			t.Fatalf("cut %d was not within the upload", n+1)
		}
		tabs[1].Until(`document.querySelector("#connection").dataset.state === "offline"`)
	}
	line.Free()
	server.Restart(t)
	back := time.Now()
	for _, tab := range tabs {
		tab.Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 1 && document.querySelectorAll("#uploads > *").length === 0`)
	}
	took := time.Since(back)
	t.Logf("all is there %v after the server came back", took)
	if took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	if n := Eval[int](tabs[1], `fetch("/api/v1/files").then((r) => r.json()).then((l) => l.items.length)`); n != 1 {
		t.Errorf("%d files on the server", n)
	}
	if got := Eval[map[string]string](tabs[1], serversTables); !maps.Equal(got, kept) {
		t.Errorf("the server's tables differ from those made here: %d and %d", len(got), len(kept))
	}
}
