package browser

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
)

// openTabs signs in as the first admin and opens as many tabs of one browser, all
// of which follow its replica.
func openTabs(t *testing.T, server *Server, browser *Browser, n int) []*Tab {
	t.Helper()
	return openTabsAs(t, server, browser, "admin", n)
}

func openTabsAs(t *testing.T, server *Server, browser *Browser, name string, n int) []*Tab {
	t.Helper()
	first := browser.NewTab(t)
	first.SignInAs(server, name)
	first.UntilReplica()
	tabs := []*Tab{first}
	for len(tabs) < n {
		tab := browser.NewTab(t)
		tab.Do(chromedp.Navigate(server.URL + "/"))
		tab.UntilReplica()
		tabs = append(tabs, tab)
	}
	return tabs
}

// checkReplica compares what the browser and the server hold, after all tabs
// have left.
func checkReplica(t *testing.T, server *Server, browser *Browser, tabs []*Tab) {
	t.Helper()
	for _, tab := range tabs {
		tab.leaveForNothing(server)
	}
	browser.Forgive("favicon.ico")
	if got, want := Told(t, Replica(t, tabs[0])), Told(t, ServersCopy(t, server)); got != want {
		t.Errorf("the replica holds\n%s\nthe server\n%s", got, want)
	}
}

// Tabs follow one copy of the session in this browser, and it holds what the
// server holds.
func TestReplicaEqualsTheServer(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tabs := openTabs(t, server, browser, 3)
	for n := range 6 {
		tabs[n%3].Drop(map[string][]byte{fmt.Sprintf("file%d.xml", n): []byte(books(10 + n))})
		for _, tab := range tabs {
			tab.Until(fmt.Sprintf(`document.querySelectorAll("#jobs [data-state=succeeded]").length === %d`, n+1))
		}
	}
	Eval[bool](tabs[1], `fetch("/api/v1/cache/some%20key", { method: "PUT", body: "value" }).then((r) => r.ok)`)
	Eval[bool](tabs[1], `fetch("/api/v1/files").then((r) => r.json())
		.then((list) => fetch("/api/v1/files/" + list.items[0].id, { method: "DELETE" })).then((r) => r.ok)`)
	for _, tab := range tabs {
		tab.Until(`document.querySelectorAll("#files > *").length === 5`)
	}
	tabs[0].Until(`document.querySelector("#connection").dataset.state === "live"`)
	checkReplica(t, server, browser, tabs)
}

// lockHeld says whether any tab's worker leads.
const lockHeld = `navigator.locks.query().then((all) => all.held.some((l) => l.name === "ret-replica"))`

// watchLead begins to watch who leads. window.leads becomes the milliseconds for which
// nobody has led, from the moment at which the one that leads now lets go until another
// one draws pages.
const watchLead = `(async () => {
	const leader = async () => (await navigator.locks.query()).held.find((l) => l.name === "ret-replica")?.clientId;
	const before = await leader();
	window.leads = 0;
	(async () => {
		while ((await leader()) === before) await new Promise((resolve) => setTimeout(resolve, 5));
		const gone = performance.now();
		const channel = new BroadcastChannel("ret-replica"), id = crypto.randomUUID();
		const asking = setInterval(() => channel.postMessage({ type: "draw", id, path: "/" }), 20);
		channel.onmessage = ({ data }) => {
			if (data.type !== "drawn" || data.id !== id || data.status !== 200 || window.leads) return;
			window.leads = performance.now() - gone;
			clearInterval(asking);
			channel.close();
		};
	})();
	return true;
})()`

// How soon another tab must lead when the one that led is gone: by itself, as soaks
// run, and where other packages' tests share the processors.
const (
	leadWithin       = 2 * time.Second
	leadWithinBeside = 4 * time.Second
)

// Tabs that lead or follow are reloaded and closed at random while files come;
// every tab sees every file once, and the replica misses nothing.
func TestTabsTakeTurnsAtLeading(t *testing.T) {
	server, browser := StartServer(t), StartOptimisingBrowser(t, t.TempDir())
	tabs := openTabs(t, server, browser, 3)
	random := rand.New(rand.NewPCG(1, 2))
	turns, promised := 6, leadWithinBeside
	if os.Getenv("RET_SOAK") != "" {
		turns, promised = 20, leadWithin
	}
	var slowest time.Duration
	for n := range turns {
		i := random.IntN(len(tabs))
		other := tabs[(i+1)%3]
		uploadBy(other, fmt.Sprintf("a%d.xml", n))
		Eval[bool](other, watchLead)
		began := time.Now()
		switch random.IntN(3) {
		case 0:
			tabs[i].Close()
			tabs[i] = browser.NewTab(t)
			tabs[i].Do(chromedp.Navigate(server.URL + "/"))
		case 1:
			tabs[i].Do(chromedp.Reload())
		default: // into the back-forward cache and out again
			tabs[i].Do(chromedp.Navigate(server.URL+"/jobs"), chromedp.NavigateBack())
		}
		tabs[i].UntilReplica()
		if !Eval[bool](other, lockHeld) {
			t.Error("nobody leads")
		}
		without := time.Duration(Eval[float64](other, `window.leads`) * float64(time.Millisecond))
		t.Logf("turn %d: back after %v, nobody led for %v", n, time.Since(began), without)
		slowest = max(slowest, without)
		for _, tab := range tabs {
			tab.Until(fmt.Sprintf(`document.querySelectorAll("#files > *").length === %d`, n+1))
		}
	}
	t.Logf("nobody led for %v at most", slowest)
	if slowest > promised {
		t.Errorf("nobody led for %v", slowest)
	}
	for _, tab := range tabs {
		if ids := Eval[int](tab, `new Set([...document.querySelectorAll("#files > *")].map((f) => f.id)).size`); ids != turns {
			t.Errorf("a tab shows %d files", ids)
		}
		tab.Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === ` + fmt.Sprint(min(turns, 8)))
	}
	untilIdle(tabs[0])
	tabs[0].Until(`document.querySelector("#connection").dataset.state === "live"`)
	checkReplica(t, server, browser, tabs)
}

// uploadBy uploads a file without the page's own script.
func uploadBy(tab *Tab, name string) {
	tab.t.Helper()
	Eval[bool](tab, fmt.Sprintf(`(() => {
		const form = new FormData();
		form.append("file", new File([%q], %q));
		return fetch("/api/v1/files?convert=1", { method: "POST", body: form }).then((r) => r.ok);
	})()`, books(3), name))
}

// untilIdle waits until the server has no unfinished jobs.
func untilIdle(tab *Tab) {
	tab.t.Helper()
	Eval[bool](tab, `(async () => {
		for (;;) {
			const { items } = await (await fetch("/api/v1/jobs")).json();
			if (items.every((j) => j.finished_at)) return true;
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
	})()`)
}

// damage writes over the content of all pool files.
const damage = `(async () => {
	const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("ret");
	for (let i = 0; i < 6; i++) {
		const file = await folder.getFileHandle(String(i));
		const size = (await file.getFile()).size;
		if (size <= 4096) continue;
		const to = await file.createWritable({ keepExistingData: true });
		await to.write({ type: "write", position: 4096, data: new Uint8Array(Math.min(size - 4096, 16384)).fill(7) });
		await to.close();
	}
	return true;
})()`

func TestDamagedReplicaHealsItself(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tabs := openTabs(t, server, browser, 1)
	uploadBy(tabs[0], "a.xml")
	tabs[0].Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 1`)
	tabs[0].leaveForNothing(server)
	Replica(t, tabs[0]) // the worker has let go
	Eval[bool](tabs[0], damage)
	tabs[0].Do(chromedp.Navigate(server.URL + "/"))
	tabs[0].UntilReplica()
	uploadBy(tabs[0], "b.xml")
	tabs[0].Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 2`)
	checkReplica(t, server, browser, tabs)
}

func TestFullQuotaIsSurvivedWithAMessage(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowserWith(t, t.TempDir())
	tab := browser.NewTab(t)
	tab.Do(chromedp.Navigate(server.URL + "/login"))
	tab.Do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		quota := 60_000.0
		_, err := cdp.Call(ctx, target, storage.OverrideQuotaForOrigin, storage.OverrideQuotaForOriginParams{Origin: server.URL, QuotaSize: &quota})
		return err
	}))
	tab.SignIn(server)
	tab.Until(`document.querySelector("#mode")?.textContent.includes("no room")`)
	uploadBy(tab, "a.xml")
	tab.Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 1`)
}

// kept lists all that this browser keeps for the origin.
const kept = `(async () => {
	const found = [];
	const root = await navigator.storage.getDirectory();
	for await (const name of root.keys()) found.push("file " + name);
	for (const db of await indexedDB.databases()) found.push("database " + db.name);
	for (const name of await caches.keys()) found.push("cache " + name);
	for (const key of Object.keys(localStorage)) found.push("local " + key);
	for (const key of Object.keys(sessionStorage)) found.push("session " + key);
	if (document.cookie) found.push("cookie " + document.cookie);
	for (const { scope } of await navigator.serviceWorker.getRegistrations()) found.push("service worker of " + scope);
	return found.join(", ");
})()`

// untilNothingIsKept waits until this browser keeps nothing for the origin.
func (tab *Tab) untilNothingIsKept() {
	tab.t.Helper()
	left, err := "", error(nil)
	for until := time.Now().Add(maxWait); time.Now().Before(until); {
		// A tab on its way to another page cannot be asked yet.
		if left, err = tryEval[string](tab, kept); err == nil && left == "" {
			return
		}
	}
	tab.t.Errorf("left: %s, %v\n%s", left, err, tab.describe())
}

func TestSigningOutLeavesNothingInTheBrowser(t *testing.T) {
	t.Parallel()
	ways := map[string]func(*Tab){
		"by the form": func(tab *Tab) {
			tab.Do(chromedp.Navigate(tab.origin()+"/logout"), chromedp.Click(`form[action="/logout"] button.wrong`), chromedp.WaitVisible(`.receipt`))
		},
		"from elsewhere": func(tab *Tab) {
			// Not by a script of the page: that goes elsewhere before it has the answer.
			req, err := http.NewRequest(http.MethodPost, tab.origin()+"/api/v1/logout", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Cookie", cookies(tab))
			answer, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				t.Errorf("logout answered %d", answer.StatusCode)
			}
		},
	}
	for name, leave := range ways {
		t.Run(name, func(t *testing.T) {
			server, browser := StartServer(t), StartBrowser(t)
			tabs := openTabs(t, server, browser, 3)
			uploadBy(tabs[0], "a.xml")
			tabs[2].Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 1`)
			leave(tabs[1])
			for _, tab := range tabs {
				tab.Until(`["/login", "/signed-out"].includes(location.pathname)`)
			}
			for _, tab := range tabs {
				tab.untilNothingIsKept()
			}
		})
	}
}
