//go:build measure

package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"ret/build/workload"
)

const (
	offlineColdStarts = 3
	offlinePages      = 5
	pageWait          = 10 * time.Second

	convertBytes = 32 << 20
	convertWait  = 45 * time.Second
	settleWait   = 60 * time.Second
	purgeMB      = 200
)

// showsTable holds once the table of books is there to be read.
const showsTable = `document.querySelector("main")?.textContent.includes("Title 7") ?? false`

// A table's page without a server: beside a tab that leads, and then in a browser
// that was closed.
func TestMeasureOfflinePages(t *testing.T) {
	server, profile := StartServer(t), t.TempDir()
	who := signIn(t, server)
	browser := StartOptimisingBrowser(t, profile)
	path := who.keepTable(t, browser)
	server.Stop(t, syscall.SIGKILL)
	who.pages(t, browser, "offline_page_warm", path, offlinePages)
	forgiveClose(t, browser)
	var cold []float64
	for range offlineColdStarts {
		browser := StartOptimisingBrowser(t, profile)
		if took, ok := who.open(t, browser, path); ok {
			cold = append(cold, took)
		}
		forgiveClose(t, browser)
	}
	reportPages(t, "offline_page_cold", cold, offlineColdStarts)
}

// pages opens a page in so many tabs, one after the other.
func (s *session) pages(t *testing.T, browser *Browser, name, path string, n int) {
	t.Helper()
	var times []float64
	for range n {
		if took, ok := s.open(t, browser, path); ok {
			times = append(times, took)
		}
	}
	reportPages(t, name, times, n)
}

// reportPages reports no figure of pages that did not all come.
func reportPages(t *testing.T, name string, times []float64, n int) {
	t.Helper()
	if len(times) < n {
		note(t, "%s is not measured: %d of %d pages were shown within %v", name, len(times), n, pageWait)
		return
	}
	milliseconds(t, name, times)
}

// forgiveClose closes a browser whose server was gone.
func forgiveClose(t *testing.T, browser *Browser) {
	t.Helper()
	browser.Close(t)
	browser.Forgive("net::ERR_")
}

// keepTable has a browser keep a table with its rows, and the shell, and leaves
// it with a tab that leads. It returns the table's address.
func (s *session) keepTable(t *testing.T, browser *Browser) string {
	t.Helper()
	tab := s.newTab(t, browser, nil)
	tab.Do(chromedp.Navigate(s.server.URL + "/"))
	tab.UntilReplica()
	s.upload(t, "books.xml")
	untilIdle(tab)
	tab.untilShell()
	path := "/tables/" + get[struct{ Items []struct{ ID string } }](t, s, "/api/v1/tables").Items[0].ID
	if drawn, err := within[bool](tab, maxWait/2, drawsTable(path)); err != nil || !drawn {
		t.Fatalf("the worker does not draw %s: %v", path, err)
	}
	return path
}

// drawsTable asks the leader for a table's page, as the service worker does, until
// it has the rows.
func drawsTable(path string) string {
	return fmt.Sprintf(`(async () => {
		const channel = new BroadcastChannel("ret-replica");
		for (let tries = 0; tries < 20; tries++) {
			const id = crypto.randomUUID();
			const drawn = new Promise((resolve) => {
				channel.onmessage = ({ data }) => data.type === "drawn" && data.id === id && resolve(data);
				setTimeout(resolve, 300, null);
			});
			channel.postMessage({ type: "draw", path: %q, id });
			if ((await drawn)?.html?.includes("Title 7")) return true;
		}
		return false;
	})()`, path)
}

// open opens a tab on the table and says how long it took until it was shown.
func (s *session) open(t *testing.T, browser *Browser, path string) (took float64, ok bool) {
	t.Helper()
	tab := s.newTab(t, browser, map[string]string{"table": showsTable})
	tab.Do(chromedp.Navigate(s.server.URL + path))
	took, err := within[float64](tab, pageWait, `(async () => {
		while (!("table" in window.first)) await new Promise((resolve) => setTimeout(resolve, 20));
		return window.first.table;
	})()`)
	return took, err == nil
}

// converted holds once a file that was chosen without a server is tables, and
// refused if it is not going to be.
const (
	converted = `Boolean(document.querySelector("#uploads .kept-tables a, #jobs > li[data-state=succeeded]"))`
	refused   = `Boolean(document.querySelector("#uploads > [data-state=failed]"))`
)

// prepared is how long a page may take to make itself ready after it has said that the
// server is gone. It does not say when it is.
const prepared = 4 * time.Second

// A file is chosen while the server is gone, at once and after a while, and when it is
// back all of it gets there.
func TestMeasureOfflineWork(t *testing.T) {
	var settled []float64
	for name, wait := range map[string]time.Duration{"offline_convert_at_once": 0, "offline_convert": prepared} {
		server, browser := StartServer(t), StartOptimisingBrowser(t, t.TempDir())
		who := signIn(t, server)
		tab := who.newTab(t, browser, map[string]string{"converted": converted, "refused": refused})
		tab.Do(chromedp.Navigate(server.URL + "/"))
		tab.UntilReplica()
		tab.untilShell()
		server.Stop(t, syscall.SIGKILL)
		if wait > 0 {
			tab.Until(`document.querySelector("#connection").dataset.state === "offline"`)
			<-time.After(wait)
		}
		took, ok := tab.convertOffline(t)
		if !ok {
			note(t, "no conversion offline: the page refuses the file")
			return
		}
		report(t, measurement{Name: name, Value: convertBytes / 1e6 / took.Seconds(), Unit: "MB/s"})
		settled = append(settled, who.settle(t, tab))
		browser.Close(t)
		browser.Forgive("net::ERR_")
	}
	milliseconds(t, "offline_settle", settled)
}

// settle starts the server again and says how long it takes until all is there, in
// milliseconds.
func (s *session) settle(t *testing.T, tab *Tab) float64 {
	t.Helper()
	s.server.Restart(t)
	began := time.Now()
	for !s.hasTables(t) {
		if time.Since(began) > settleWait {
			t.Fatalf("the file did not get to the server\n%s", tab.describe())
		}
		<-time.After(20 * time.Millisecond)
	}
	return float64(time.Since(began).Milliseconds())
}

// convertOffline chooses a file and waits for its tables.
func (tab *Tab) convertOffline(t *testing.T) (took time.Duration, ok bool) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "flat.xml")
	if err := os.WriteFile(file, workload.Flat.Document(convertBytes), 0o600); err != nil {
		t.Fatal(err)
	}
	Eval[bool](tab, `(addEventListener("change", () => (window.chosen = performance.now()), { capture: true, once: true }), true)`)
	tab.Do(chromedp.SetUploadFiles(`#upload input[name=file]`, []string{file}))
	outcome, err := within[map[string]float64](tab, convertWait, `(async () => {
		while (!("converted" in window.first || "refused" in window.first)) await new Promise((resolve) => setTimeout(resolve, 50));
		return { ...window.first, chosen: window.chosen };
	})()`)
	if err != nil {
		t.Fatalf("neither converted nor refused: %v\n%s", err, tab.describe())
	}
	at, ok := outcome["converted"]
	return time.Duration((at - outcome["chosen"]) * float64(time.Millisecond)), ok
}

// hasTables reports whether the server has finished the session's job.
func (s *session) hasTables(t *testing.T) bool {
	t.Helper()
	return len(get[struct{ Items []any }](t, s, "/api/v1/jobs?state=succeeded").Items) > 0
}

// keepMuch puts files into the folder of those that wait for the network.
const keepMuch = `(async () => {
	const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("ret-uploads", { create: true });
	const piece = new Uint8Array(1e7).map((_, i) => i);
	for (let n = 0; n < %d; n += 10) {
		const file = await (await folder.getFileHandle(crypto.randomUUID(), { create: true })).createWritable();
		await file.write(piece);
		await file.close();
	}
	return true;
})()`

// Signing out without a server, with much kept in the browser.
func TestMeasureOfflinePurge(t *testing.T) {
	server, browser := StartServer(t), StartOptimisingBrowser(t, t.TempDir())
	who := signIn(t, server)
	tab := who.newTab(t, browser, map[string]string{"signed out": `document.querySelector("h1")?.textContent === "You are signed out"`})
	tab.Do(chromedp.Navigate(server.URL + "/"))
	tab.UntilReplica()
	tab.untilShell()
	if _, err := within[bool](tab, maxWait, fmt.Sprintf(keepMuch, purgeMB)); err != nil {
		t.Fatal(err)
	}
	server.Stop(t, syscall.SIGKILL)
	began := Eval[float64](tab, `(() => {
		const now = performance.now();
		document.querySelector("#sign-out form").requestSubmit();
		return now;
	})()`)
	over := tab.when("signed out")
	if left := Eval[string](tab, kept); left != "" {
		note(t, "signing out leaves: %s", left)
	} else {
		report(t, measurement{Name: "offline_purge_200mb", Value: over - began, Unit: "ms"})
	}
	browser.Forgive("net::ERR_")
}
