package browser

import (
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"

	"ret/shared/workspace"
)

// connection says how the tab stands with the server.
const connection = `document.querySelector("#connection").textContent`

// press clicks a button, and says yes to its question if it has one.
func (tab *Tab) press(button string) {
	tab.t.Helper()
	tab.Until(`document.querySelector('` + button + `')`)
	Eval[bool](tab, `(() => { document.querySelector('`+button+`').click(); return true; })()`)
	Eval[bool](tab, `(() => { if (document.querySelector("#confirm")?.open) document.querySelector("#confirm [value=yes]").click(); return true; })()`)
}

// What a person does without a network shows in all tabs at once and outlives the
// tab that it was done in; when the network is back it is done, once. What the
// server then rejects is said, and comes back.
func TestChangesMadeOffline(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tabs := openTabs(t, server, browser, 2)
	tabs[0].Drop(map[string][]byte{"keep.xml": []byte(books(3))})
	tabs[1].Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 1`)
	tabs[0].Drop(map[string][]byte{"drop.xml": []byte(books(4))})
	for _, tab := range tabs {
		tab.Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 2`)
	}
	server.Stop(t, syscall.SIGTERM)
	for _, tab := range tabs {
		tab.Until(connection + `.startsWith("offline since")`)
	}
	tabs[0].press(`#files [aria-label^="Delete drop.xml"]`)
	for _, tab := range tabs {
		tab.Until(`document.querySelectorAll("#files > *").length === 1`)
		tab.Until(connection + `.endsWith(", 1 change waits")`)
	}
	tabs[1].press(`#files [value=convert]`)
	for _, tab := range tabs {
		tab.Until(`document.querySelectorAll("#jobs [data-state=queued]").length === 1`)
		tab.Until(connection + `.endsWith(", 2 changes wait")`)
	}
	tabs[0].Close() // perhaps the one that leads
	server.Restart(t)
	tabs[1].UntilReplica()
	tabs[1].Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 3`)
	tabs[1].Until(`document.querySelectorAll("#files > *").length === 1`)
	tabs[1].Do(chromedp.Reload()) // the server says so too
	tabs[1].UntilReplica()
	tabs[1].Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 3 && document.querySelectorAll("#files > *").length === 1`)
	checkReplica(t, server, browser, tabs[1:])
	browser.ForgiveOffline()
}

// A change that is asked for just when the tab that leads is closed is given to the
// tab that leads next: it is done, and nobody is told that it is not known.
func TestChangeWhileNobodyLeads(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tabs := openTabs(t, server, browser, 3)
	tabs[0].untilDrawing() // the first one leads
	tabs[0].Drop(map[string][]byte{"a.xml": []byte(books(3))})
	tabs[2].Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 1`)
	tabs[0].Close()
	tabs[2].press(`#files [value=delete-file]`)
	for _, tab := range tabs[1:] {
		tab.Until(`document.querySelectorAll("#files > *").length === 0`)
		tab.UntilReplica()
	}
	tabs[2].Until(`!document.querySelector("#rejections li")`)
	if left := fileNames(t, server); left != "" {
		t.Errorf("the server holds %s", left)
	}
}

// Tables that are selected go the same way, and nothing stays selected.
func TestTablesDeletedOffline(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tabs := openTabs(t, server, browser, 2)
	tabs[0].Drop(map[string][]byte{"a.xml": []byte(books(3))})
	tabs[0].Drop(map[string][]byte{"b.xml": []byte(books(4))})
	const tables = `document.querySelectorAll("#groups [name=table]").length`
	for _, tab := range tabs {
		tab.Until(tables + ` === 2 && document.querySelectorAll("#jobs [data-state=succeeded]").length === 2`)
	}
	server.Stop(t, syscall.SIGKILL)
	tabs[1].Until(connection + `.startsWith("offline since")`)
	tabs[1].Do(chromedp.Click(`#groups tr:first-child [name=table]`))
	tabs[1].press(`#tables-form [value=delete-tables]`)
	tabs[1].press(`#toasts button:last-of-type`)
	for _, tab := range tabs {
		tab.Until(tables + ` === 1 && ` + connection + `.endsWith(", 1 change waits")`)
	}
	tabs[1].Until(`document.querySelector("[data-selected]").textContent === "0" && !document.querySelector("#groups :checked")`)
	server.Restart(t)
	for _, tab := range tabs {
		tab.UntilReplica()
		tab.Until(connection + ` === "live" && ` + tables + ` === 1`)
	}
	left, err := ServersCopy(t, server).Tables(t.Context(), workspace.TableFilter{}, workspace.Page{})
	if err != nil || len(left.Items) != 1 {
		t.Errorf("the server holds %+v, %v", left.Items, err)
	}
	browser.ForgiveOffline()
}

// What only the server can do is not done without it: the page says so and stays.
func TestServersChangeWithoutAServer(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := openTabs(t, server, browser, 1)[0]
	tab.Drop(map[string][]byte{"a.xml": []byte(books(3))})
	tab.Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 1`)
	server.Stop(t, syscall.SIGKILL)
	tab.Until(connection + `.startsWith("offline since")`)
	tab.Until(`document.querySelector("#files > *")?.textContent.includes("1 table")`) // it is not drawn anew
	Eval[bool](tab, `(() => {
		const options = document.createElement("input");
		[options.name, options.value] = ["record", "book"];
		document.querySelector("#files form").append(options);
		return true;
	})()`)
	tab.press(`#files [value=convert]`)
	tab.Until(`document.querySelector("#rejections li")?.textContent.includes("The server cannot be reached")`)
	tab.Until(`document.querySelectorAll("#files > *").length === 1`)
	browser.ForgiveOffline()
}

// A change that came too late is taken back and listed until it is dismissed.
func TestRejectedChangeIsSaid(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := openTabs(t, server, browser, 1)[0]
	tab.Drop(map[string][]byte{"a.xml": []byte(books(3))})
	tab.Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 1`)
	server.Stop(t, syscall.SIGTERM)
	tab.Until(connection + `.startsWith("offline since")`)
	tab.press(`#files [value=convert]`)
	tab.Until(`document.querySelectorAll("#jobs [data-state=queued]").length === 1`)
	deleteFilesOf(t, server)
	server.Restart(t)
	tab.Until(`document.querySelector("#rejections li")?.textContent.includes("There is no such file")`)
	tab.Until(`document.querySelectorAll("#jobs [data-state=queued]").length === 0 && document.querySelectorAll("#files > *").length === 0`)
	tab.press(`#rejections button`)
	tab.Until(`document.querySelector("#rejections").hidden`)
	checkReplica(t, server, browser, []*Tab{tab})
	browser.ForgiveOffline()
}

// fileNames are the files of the only session, as the server has them on disk.
func fileNames(t *testing.T, server *Server) string {
	t.Helper()
	list, err := ServersCopy(t, server).Files(t.Context(), workspace.Page{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range list.Items {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// deleteFilesOf deletes the files of the only session, as another client would
// have done in time, while the server is down.
func deleteFilesOf(t *testing.T, server *Server) {
	t.Helper()
	w := server.Workspace(t)
	list, err := w.Files(t.Context(), workspace.Page{})
	for _, f := range list.Items {
		if err == nil {
			_, err = w.DeleteFile(t.Context(), f.ID, 0)
		}
	}
	if closed := w.Close(); err != nil || closed != nil {
		t.Fatal(err, closed)
	}
}

// What cannot be tried is said at once, to the page that asked for it: by this browser's
// copy, and by the server of what the copy does not know.
func TestRefusedChangeIsSaid(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := openTabs(t, server, browser, 1)[0]
	tab.Drop(map[string][]byte{"a.xml": []byte(books(3))})
	tab.Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 1`)
	// A button that was drawn before the job succeeded.
	Eval[bool](tab, `(() => {
		const job = document.querySelector("#jobs [data-state=succeeded]").dataset.job;
		document.querySelector("#files [name=file]").name = "job";
		document.querySelector("#files [name=job]").value = job;
		document.querySelector("#files [value=convert]").value = "retry";
		return true;
	})()`)
	tab.press(`#files [value=retry]`)
	tab.Until(`document.querySelector("#rejections li")?.textContent.includes("This job is succeeded")`)
	tab.press(`#rejections button`)
	tab.Until(`document.querySelector("#rejections").hidden`)

	tab.Do(chromedp.Reload())
	tab.UntilReplica()
	tab.Until(`document.querySelector("#files [name=file]")`) // a page that opens from the copy is drawn after it is live
	Eval[bool](tab, `(() => { document.querySelector("#files [name=file]").value = "none"; return true; })()`)
	tab.press(`#files [value=convert]`)
	tab.Until(`document.querySelector(".notice")?.textContent.includes("That is not there any more.")`)
}
