package browser

import (
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"
)

// recordInTheMaking writes down a file that waits as a worker that converts does, and has
// the leader list what waits in the middle of it. It says what that finds in the end. It
// lacks the record as it is kept.
const recordInTheMaking = `(async () => {
	const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("ret-uploads", { create: true });
	const put = async (name, text) => {
		const file = await (await folder.getFileHandle(name, { create: true })).createWritable();
		await file.write(text);
		await file.close();
	};
	const channel = new BroadcastChannel("ret-replica");
	const id = "01970000-0000-7000-8000-000000000001", lock = "ret-folder-ret-uploads";
	let listed;
	await navigator.locks.request(lock, async () => {
		await put(id, "<r/>");
		await put(id + ".json", "");
		listed = new Promise((resolve) => (channel.onmessage = ({ data }) => data.type === "uploads" && resolve(data.report.uploads.map((u) => u.id))));
		channel.postMessage({ type: "pending" });
		let heard = false;
		listed.then(() => (heard = true));
		while (!heard && !(await navigator.locks.query()).pending.some((asked) => asked.name === lock)) await new Promise((resolve) => setTimeout(resolve, 10));
		await put(id + ".json", Uint8Array.from(atob(%q), (c) => c.charCodeAt(0)));
	});
	return (await listed).includes(id);
})()`

// Who lists the files that wait does not take a record that is just being written for one
// that was cut off, which would lose the file.
func TestRecordInTheMakingIsLeftAlone(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := openTabs(t, server, browser, 1)[0]
	goOffline(t, server, tab)
	record := sealedFor(t, tab, `{"id": "01970000-0000-7000-8000-000000000001", "name": "a.xml", "size": 4, "sha256": "", "convert": false, "options": {}}`)
	if !Eval[bool](tab, fmt.Sprintf(recordInTheMaking, record)) {
		t.Error("a record that was being written is gone")
	}
	browser.ForgiveOffline()
}

// droppedAtOnce is how many files a person drops together.
const droppedAtOnce = 6

// keptOrFailed holds once of each dropped file it is known what has become of it.
const keptOrFailed = `(() => {
	const rows = [...document.querySelectorAll("#uploads > *")];
	const kept = (row) => row.querySelector("[data-part=count]").textContent.startsWith("kept in this browser");
	return rows.length === 6 && rows.every((row) => row.dataset.state === "failed" || kept(row));
})()`

// Files that are dropped at once, when the server goes right after a first visit, are all
// kept. RET_SOAK has it ten times; keep the machine busy beside it.
func TestAllDroppedFilesAreKept(t *testing.T) {
	rounds := 1
	if os.Getenv("RET_SOAK") != "" {
		rounds = 10
	}
	server := StartServer(t)
	for range rounds {
		browser := StartOptimisingBrowser(t, t.TempDir())
		tab := browser.NewTab(t)
		tab.SignIn(server)
		tab.UntilReplica()
		server.Stop(t, syscall.SIGKILL)
		files := make(map[string][]byte)
		for n := range droppedAtOnce {
			files[fmt.Sprintf("%d.xml", n)] = []byte(books(50))
		}
		dropped := time.Now()
		tab.Drop(files)
		tab.Until(keptOrFailed)
		t.Logf("all is known after %v", time.Since(dropped))
		if said := Eval[string](tab, `[...document.querySelectorAll("#uploads [data-part=problem]")].map((p) => p.textContent).join("")`); said != "" {
			t.Errorf("of the files it says %q", said)
		}
		if kept := Eval[int](tab, `navigator.storage.getDirectory().then((root) => root.getDirectoryHandle("ret-uploads")).then(async (folder) => {
			let n = 0;
			for await (const name of folder.keys()) if (name.endsWith(".json")) n++;
			return n;
		})`); kept != droppedAtOnce {
			t.Errorf("of the files %d are kept", kept)
		}
		browser.ForgiveOffline()
		browser.Close(t)
		server.Restart(t)
	}
}
