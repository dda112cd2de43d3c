package browser

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// lateAnswers holds back what the server answers a page until the story lets it go.
const lateAnswers = `(() => {
	const ask = window.fetch;
	window.late = [];
	window.fetch = async (...args) => {
		const answer = await ask(...args);
		if (window.holds?.(args)) await new Promise((go) => window.late.push(go));
		return answer;
	};
	window.letGo = async () => {
		window.holds = null;
		for (const go of window.late.splice(0)) go();
		for (let i = 0; i < 5; i++) await ask("/healthz"); // time for what it may lead to
	};
})()`

// Who has gone on while an answer was on its way is not brought back by it: that of a form,
// of a job's page that is shown anew, of a preview, and of a cell.
func TestALateAnswerBringsNobodyBack(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := browser.NewTab(t)
	tab.Do(eachDocument(notIdle + ";" + lateAnswers))
	tab.SignIn(server)
	away := func(path, holds, act string) {
		t.Helper()
		tab.Do(chromedp.Navigate(server.URL + path))
		tab.Until(isLive)
		Eval[bool](tab, `(window.holds = (args) => `+holds+`, window.stayed = true)`)
		tab.Until(act)
		tab.Until(`window.late.length > 0`)
		tab.follow("/jobs")
		tab.Until(`location.pathname === "/jobs" && document.querySelector("[data-state=succeeded]")`)
		Eval[bool](tab, `window.letGo().then(() => true)`)
		if at := Eval[string](tab, `location.pathname + " " + document.querySelector("h1").textContent`); at != "/jobs Jobs" {
			t.Errorf("%s: brought back to %s", path, at)
		}
		tab.stays()
	}

	Eval[bool](tab, `(document.querySelector("#upload [name=convert]").click(), true)`)
	tab.Drop(map[string][]byte{"books.xml": []byte(books(30))})
	tab.Until(`document.querySelector("#files [value=convert]")`)
	look := Eval[string](tab, `new URL(document.querySelector('#files a[href^="/files/"]').href).pathname`)

	posts := `args[1]?.method === "POST"`
	away("/", posts, `(document.querySelector("#files [value=convert]").click(), true)`)
	away(look, posts, `(document.querySelector("input[name=record]:not(:checked)").click(), true)`)
	job := Eval[string](tab, `fetch("/api/v1/jobs").then((r) => r.json()).then((list) => list.items[0].id)`)
	away("/jobs/"+job, `String(args[0]).includes("/jobs/")`, `(document.dispatchEvent(new Event("ret-job-finished")), true)`)
	away("/tables/"+Eval[string](tab, convertHere), `String(args[0]).includes("/rows/")`, `(() => {
		const link = document.querySelector("#main").appendChild(document.createElement("a"));
		link.href = location.pathname + "/rows/1?column=a";
		link.setAttribute("data-cell", "");
		link.click();
		return window.holds;
	})()`)
}

// Who types words and then follows a link gets the link's page, though what was typed would
// be asked for a moment later.
func TestWhatWasTypedGivesNoPageUp(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := browser.NewTab(t)
	tab.Do(eachDocument(notIdle + ";" + lateAnswers))
	tab.SignIn(server)
	tab.Do(chromedp.Navigate(server.URL + "/search"))
	tab.Until(isLive)
	Eval[bool](tab, `(() => {
		window.holds = ([path]) => path === "/jobs";
		const words = document.querySelector("input[name=q]");
		words.value = "late";
		words.dispatchEvent(new InputEvent("input", { bubbles: true }));
		document.querySelector('nav.sections a[href="/jobs"]').click();
		return true;
	})()`)
	tab.Until(`window.late.length > 0`)
	const pause = 60 // milliseconds until it would be asked for, as search.js says
	Eval[bool](tab, fmt.Sprintf(`new Promise((resolve) => setTimeout(resolve, %d)).then(() => window.letGo()).then(() => true)`, 2*pause))
	tab.Until(`location.pathname === "/jobs"`)
}

// unheardUploads holds uploads back until the story sends them, and never has the page hear
// that the server has taken them.
const unheardUploads = `(() => {
	const { send } = XMLHttpRequest.prototype;
	Object.defineProperty(XMLHttpRequest.prototype, "onload", { set() {} });
	XMLHttpRequest.prototype.send = function (body) { [window.sendNow, window.loseAnswer] = [() => send.call(this, body), () => this.onerror()]; };
	window.asks = () => !dispatchEvent(new Event("beforeunload", { cancelable: true }));
})()`

// Who leaves while a file is being sent is asked whether to; once the file is seen to be
// there it is not lost with the page, though the server's answer is still on its way.
func TestLeavingLosesNoFileThatIsThere(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := browser.NewTab(t)
	tab.Do(eachDocument(unheardUploads))
	tab.SignIn(server)
	tab.Drop(map[string][]byte{"books.xml": []byte(books(3))})
	tab.Until(`window.sendNow`)
	if !Eval[bool](tab, `window.asks()`) {
		t.Error("a file that is not sent is lost without a word")
	}
	Eval[bool](tab, `(window.sendNow(), true)`)
	tab.Until(`document.querySelector("#files > [id^=file-]")`)
	if Eval[bool](tab, `window.asks()`) {
		t.Error("it is asked about a file that is there")
	}
	if left := Eval[int](tab, `(window.loseAnswer(), document.querySelector("#uploads").children.length)`); left != 0 {
		t.Error("a file that is there is kept to be sent once more")
	}
	tab.Do(chromedp.Reload())
	tab.Until(`document.querySelector("#groups a")`)
}
