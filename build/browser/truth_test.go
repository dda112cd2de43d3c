package browser

import (
	"syscall"
	"testing"
	"time"
)

// watchUploads notes for how long the page says of files what its header contradicts, and
// what the session's clock has shown.
const watchUploads = `(() => {
	window.said = { uploading: 0, network: 0, offline: 0, clocks: [] };
	let before = performance.now();
	setInterval(() => {
		const passed = performance.now() - before;
		before = performance.now();
		const header = document.querySelector("#connection").dataset.state;
		const rows = document.querySelector("#uploads").innerText;
		if (header !== "live") said.offline += passed;
		if (header === "offline" && rows.includes("uploading")) said.uploading += passed;
		if (header === "live" && /no network|when the server can be reached/.test(rows)) said.network += passed;
		const clock = document.querySelector("#clock").textContent;
		if (said.clocks.at(-1) !== clock) said.clocks.push(clock);
	}, 50);
	return true;
})()`

// While a file goes up its server dies and comes back: what the page says of the file is
// what its header says of the server, but for a moment. Meanwhile the session's clock stands.
func TestWhatIsSaidOfAnUploadIsTrue(t *testing.T) {
	server, browser := StartServer(t), StartBrowser(t)
	line := StartLine(t, server, 300_000)
	tab := openTabs(t, line.Server(), browser, 1)[0]
	t.Cleanup(browser.ForgiveOffline)
	tab.untilShell()
	Eval[bool](tab, watchUploads)
	Eval[bool](tab, `!(document.querySelector("#upload [name=convert]").checked = false)`) // else its job speaks for it
	tab.Drop(map[string][]byte{"large.xml": []byte(books(30_000))})
	tab.Until(`document.querySelector("#uploads progress")?.value > 100_000`)

	server.Stop(t, syscall.SIGKILL)
	died := time.Now()
	tab.Until(`!document.querySelector("#uploads").innerText.includes("uploading")`)
	if took := time.Since(died); took > 5*time.Second {
		t.Errorf("the file was said to go up for %v after the server had died", took)
	}
	tab.Until(`document.querySelector("#connection").dataset.state === "offline" && document.querySelector("#uploads").innerText.includes("kept in this browser")`)
	server.Restart(t)
	tab.Until(`document.querySelector("#uploads").innerText.includes(" of ")`) // the first piece of it is there
	line.Free()
	tab.Until(`document.querySelectorAll("#uploads > *").length === 0`)
	if n := Eval[int](tab, `fetch("/api/v1/files").then((r) => r.json()).then((l) => l.items.length)`); n != 1 {
		t.Errorf("%d files on the server", n)
	}
	said := Eval[struct {
		Uploading, Network, Offline float64
		Clocks                      []string
	}](tab, `said`)
	if said.Uploading > 1000 || said.Network > 1000 {
		t.Errorf("while offline the file went up for %.0f ms, and while live there was no network for %.0f ms", said.Uploading, said.Network)
	}
	if len(said.Clocks) > 1 && said.Offline < 25_000 { // half a minute unused shows
		t.Errorf("the clock showed %q", said.Clocks)
	}
}
