package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
)

// waitOffline leaves three things waiting without a server: the deletion of two
// files and a file that was dropped.
func waitOffline(t *testing.T, server *Server, tabs []*Tab) {
	t.Helper()
	for n := range 2 {
		uploadBy(tabs[0], fmt.Sprintf("old%d.xml", n))
	}
	for _, tab := range tabs {
		tab.Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 2 && document.querySelectorAll("#files > *").length === 2`)
	}
	goOffline(t, server, tabs...)
	for left := 1; left >= 0; left-- {
		tabs[0].press(`#files [aria-label^="Delete old"]`)
		tabs[0].Until(fmt.Sprintf(`document.querySelectorAll("#files > *").length === %d`, left))
	}
	tabs[0].Drop(map[string][]byte{"late.xml": []byte(books(5))})
	tabs[0].Until(`document.querySelector("#uploads [data-part=state]").textContent === "waiting"`)
}

// askToSignOut opens the dialog and signs out by it, as a person does.
func (tab *Tab) askToSignOut() {
	tab.t.Helper()
	tab.Do(chromedp.Click(`#viewer-menu summary`), chromedp.Click(`#viewer-menu a[href="/logout"]`), chromedp.Click(`#sign-out form button.wrong`))
}

// choice is a part of the dialog about what waits, as a selector.
func choice(part string) string { return `#send-first[open] [data-part="` + part + `"]` }

// says waits until a part of that dialog contains a text.
func (tab *Tab) says(part, text string) {
	tab.t.Helper()
	tab.Until(fmt.Sprintf(`document.querySelector('%s').textContent.includes(%q)`, choice(part), text))
}

// receipt is what the server says it has erased.
func (tab *Tab) receipt() string {
	tab.t.Helper()
	tab.Do(chromedp.WaitVisible(`.receipt`))
	return Eval[string](tab, `document.querySelector(".receipt").innerText.replace(/\s+/g, " ")`)
}

// Who signs out while something waits may send it first: the server has it all
// before it erases the session, as its receipt shows.
func TestSigningOutSendsFirst(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tabs := openTabs(t, server, browser, 2)
	waitOffline(t, server, tabs)
	tabs[1].askToSignOut()
	tabs[1].says("waits", "2 changes and 1 file of ")
	tabs[1].says("state", "The server cannot be reached now.")
	tabs[1].Do(chromedp.KeyEvent("\r")) // the first choice has the focus
	tabs[1].says("state", "As soon as it can, this is sent")
	if at := Eval[string](tabs[1], `document.activeElement.dataset.part`); at != "cancel" {
		t.Errorf("the focus is at %s", at)
	}
	server.Restart(t)
	want := fmt.Sprintf("Files 1, %d bytes ", len(books(5)))
	if got := tabs[1].receipt(); !strings.HasPrefix(got, want) {
		t.Errorf("the server erased %q, not %q", got, want)
	}
	for _, tab := range tabs {
		tab.untilNothingIsKept()
	}
	browser.ForgiveOffline()
}

// Who drops what waits is signed out at once, and the server never hears of it.
func TestSigningOutDrops(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tabs := openTabs(t, server, browser, 2)
	waitOffline(t, server, tabs)
	tabs[1].askToSignOut()
	tabs[1].Do(chromedp.Click(choice("send")))
	tabs[1].says("state", "As soon as it can, this is sent")
	tabs[1].Do(chromedp.Click(choice("drop")))
	for _, i := range []int{1, 0} {
		tabs[i].Until(`document.querySelector("h1")?.textContent === "You are signed out"`)
		tabs[i].untilNothingIsKept()
	}
	tabs[1].Close()
	server.Restart(t)
	if names := fileNames(t, server); names != "old0.xml old1.xml" {
		t.Errorf("the server holds %s", names)
	}
	tabs[0].Do(chromedp.Navigate(server.URL + "/"))
	untilNoSession(t, server)
	browser.ForgiveOffline()
}

// The page in which somebody signed out without a server tells it as soon as it is
// there, and says so; no page asks for a session that is over, which its console
// would show.
func TestSignedOutPageTellsTheServer(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tabs := openTabs(t, server, browser, 2)
	goOffline(t, server, tabs...)
	tabs[1].askToSignOut()
	for _, tab := range tabs {
		tab.Until(`document.querySelector("h1")?.textContent === "You are signed out"`)
	}
	server.Restart(t)
	tabs[1].Until(`document.querySelector("main p").textContent.includes("and from the server")`)
	untilNoSession(t, server)
	for _, tab := range tabs {
		tab.untilNothingIsKept()
	}
	browser.ForgiveOffline()
}

// untilNoSession waits until the folder of every session is gone.
func untilNoSession(t *testing.T, server *Server) {
	t.Helper()
	eventually(t, "the server holds nothing of the session", func() bool {
		left, err := os.ReadDir(filepath.Join(server.Runtime, "sessions"))
		return err == nil && len(left) == 0
	})
}

// Who cancels stays signed in with all that waits, which then goes as it would have.
func TestSigningOutIsCancelled(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tabs := openTabs(t, server, browser, 2)
	waitOffline(t, server, tabs)
	for _, key := range []string{"\x1b", "\r"} { // Escape, then the button
		tabs[1].askToSignOut()
		tabs[1].Do(chromedp.WaitVisible(choice("send")))
		if key == "\r" {
			Eval[bool](tabs[1], `(document.querySelector('`+choice("cancel")+`').focus(), true)`)
		}
		tabs[1].Do(chromedp.KeyEvent(key))
		tabs[1].Until(`!document.querySelector("dialog[open]") && document.activeElement.matches("#viewer-menu > summary")`)
	}
	if Eval[string](tabs[1], waitingFiles) == "" {
		t.Error("the file is gone")
	}
	server.Restart(t)
	for _, tab := range tabs {
		tab.UntilReplica()
		tab.Until(`document.querySelectorAll("#files > *").length === 1 && document.querySelectorAll("#uploads > *").length === 0`)
	}
	if names := fileNames(t, server); names != "late.xml" {
		t.Errorf("the server holds %s", names)
	}
	browser.ForgiveOffline()
}

// The page /logout runs no worker. Where no tab does, it starts one to learn what
// waits.
func TestSigningOutBesideNoTab(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tabs := openTabs(t, server, browser, 1)
	waitOffline(t, server, tabs)
	last := browser.NewTab(t)
	tabs[0].Close()
	server.Restart(t)
	last.Do(chromedp.Navigate(server.URL+"/logout"), chromedp.Click(`form[action="/logout"] button.wrong`))
	// It may all be there before anybody has to be asked.
	last.Until(`document.querySelector(".receipt") || document.querySelector('` + choice("send") + `')?.click()`)
	want := fmt.Sprintf("Files 1, %d bytes ", len(books(5)))
	if got := last.receipt(); !strings.HasPrefix(got, want) {
		t.Errorf("the server erased %q, not %q", got, want)
	}
	last.untilNothingIsKept()
	browser.ForgiveOffline()
}

// A server that is there answers a change before anybody has to be asked.
func TestSigningOutRightAfterAChange(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := openTabs(t, server, browser, 1)[0]
	uploadBy(tab, "a.xml")
	tab.Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 1`)
	Eval[bool](tab, `(() => {
		HTMLDialogElement.prototype.showModal = () => setTimeout(() => { throw new Error("somebody was asked"); });
		document.querySelector("#files [value=convert]").click();
		document.querySelector("#sign-out form").requestSubmit();
		return true;
	})()`)
	if got := tab.receipt(); !strings.Contains(got, " Jobs 2 ") {
		t.Errorf("the server erased %q", got)
	}
}

// What the server does not take keeps the person here, so that they can see why.
func TestSigningOutStaysWithWhatIsRefused(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := openTabs(t, server, browser, 1)[0]
	uploadBy(tab, "a.xml")
	tab.Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 1`)
	server.Stop(t, syscall.SIGTERM)
	tab.Until(connection + `.startsWith("offline since")`)
	tab.press(`#files [value=convert]`)
	tab.Until(connection + `.endsWith(", 1 change waits")`)
	deleteFilesOf(t, server)
	tab.askToSignOut()
	tab.Do(chromedp.Click(choice("send")))
	server.Restart(t)
	tab.says("state", "the server did not take 1 of it")
	tab.Do(chromedp.Click(choice("cancel")))
	tab.Until(`document.querySelector("#rejections li")?.textContent.includes("There is no such file")`)
	browser.ForgiveOffline()
}

// A file that is going up when somebody signs out counts too.
func TestSigningOutWhileAFileGoesUp(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	line := StartLine(t, server, 1_000_000)
	tab := openTabs(t, line.Server(), browser, 1)[0]
	tab.Drop(map[string][]byte{"large.xml": []byte(books(40_000))}) // some 3 s
	tab.Until(`document.querySelector("#uploads [data-part=state]")?.textContent === "uploading"`)
	tab.askToSignOut()
	tab.says("waits", "1 file of ")
	tab.Do(chromedp.Click(choice("send")))
	tab.says("state", "It is being sent.")
	if got := tab.receipt(); !strings.HasPrefix(got, "Files 1, ") {
		t.Errorf("the server erased %q", got)
	}
}
