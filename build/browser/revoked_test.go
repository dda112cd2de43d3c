package browser

import (
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
)

// addAna adds a user who is no admin.
func (s *session) addAna(t *testing.T) {
	t.Helper()
	s.do(t, http.MethodPost, "/api/v1/admin/users", "application/json", strings.NewReader(`{"name":"ana","password":"`+Password+`"}`))
}

// endAnas ends the only session of that user.
func (s *session) endAnas(t *testing.T) {
	t.Helper()
	type item struct {
		ID   string
		User struct{ Name string }
	}
	ended := 0
	for _, one := range get[struct{ Items []item }](t, s, "/api/v1/admin/sessions").Items {
		if one.User.Name == "ana" {
			s.do(t, http.MethodDelete, "/api/v1/admin/sessions/"+one.ID, "", nil)
			ended++
		}
	}
	if ended != 1 {
		t.Fatalf("%d sessions ended", ended)
	}
}

// withCanary has tabs keep all that a browser keeps of a session, the canary among
// it, and returns the address of a table's page.
func withCanary(t *testing.T, server *Server, tabs []*Tab, profile string) string {
	t.Helper()
	upload(tabs[0], canary+".xml", strings.ReplaceAll(books(50), "Title", canary))
	for _, tab := range tabs {
		tab.Until(`document.querySelector('#groups a[href^="/tables/"]')`)
		tab.untilShell()
		tab.untilDrawing()
	}
	Eval[bool](tabs[0], `(localStorage.setItem("some", "choice"), sessionStorage.setItem("some", "choice"), true)`)
	tabs[0].Do(chromedp.Click(`#groups a[href^="/tables/"]`))
	tabs[0].Until(`document.querySelector(".grid-scroll")?.textContent.includes("` + canary + `")`)
	all := Eval[string](tabs[0], kept)
	for _, part := range []string{"file ret", "cache ret-shell", "local ", "session ", "cookie ", "service worker"} {
		if !strings.Contains(all, part) {
			t.Errorf("of the session is kept %s, and no %s", all, part)
		}
	}
	checkPrivateFiles(t, profile)
	return Eval[string](tabs[0], `location.href`)
}

// showsNothing fails if a page shows anything of the session.
func (tab *Tab) showsNothing() {
	tab.t.Helper()
	tab.Until(`location.pathname === "/login" && document.readyState === "complete"`)
	// Between two documents there is none.
	shown := Eval[string](tab, `(async () => {
		while (!document.documentElement) await new Promise((resolve) => setTimeout(resolve, 5));
		return document.documentElement.outerHTML;
	})()`)
	if strings.Contains(shown, canary) {
		tab.t.Errorf("it shows\n%s", tab.describe())
	}
}

// goBack presses the browser's Back button.
func (tab *Tab) goBack() {
	tab.t.Helper()
	if _, err := tryEval[bool](tab, `(history.back(), true)`); err != nil {
		tab.t.Fatal(err)
	}
}

// An admin ends a session that three tabs show: each of them leaves, and nothing of
// it stays in the browser or on its disk.
func TestEndedByAnAdmin(t *testing.T) {
	t.Parallel()
	server, profile := StartServer(t), t.TempDir()
	browser, admin := StartBrowserWith(t, profile), signIn(t, server)
	admin.addAna(t)
	tabs := openTabsAs(t, server, browser, "ana", 3)
	withCanary(t, server, tabs, profile)
	admin.endAnas(t)
	for _, tab := range tabs {
		tab.showsNothing()
		if said := Eval[string](tab, `document.querySelector(".notice")?.textContent ?? ""`); !strings.Contains(said, "an admin did so") {
			t.Errorf("the sign-in page says %q", said)
		}
	}
	for _, tab := range tabs {
		tab.untilNothingIsKept()
	}
	tabs[0].goBack()
	tabs[0].showsNothing()
	tabs[0].untilNothingIsKept()
	browser.Close(t)
	for _, path := range holding(t, profile, canary) {
		t.Errorf("left in %s", path)
	}
}

// An admin ends a session whose browser is closed: opened again with a network, it
// shows nothing of it and forgets what it kept, also what waited to go up.
func TestEndedWhileTheBrowserWasClosed(t *testing.T) {
	t.Parallel()
	server, profile := StartServer(t), t.TempDir()
	browser, admin := StartBrowserWith(t, profile), signIn(t, server)
	admin.addAna(t)
	tabs := openTabsAs(t, server, browser, "ana", 1)
	table := withCanary(t, server, tabs, profile)
	tabs[0].Do(chromedp.Click(`a.brand`))
	tabs[0].Until(`document.querySelector(".drop-target")`)
	server.Stop(t, syscall.SIGTERM)
	tabs[0].Until(`document.querySelector("#connection").dataset.state === "offline"`)
	tabs[0].dropAndWait(canary + "-2.xml")
	browser.ForgiveOffline()
	browser.Close(t)
	server.Restart(t)
	admin.endAnas(t)

	browser = StartBrowserWith(t, profile)
	tab := browser.NewTab(t)
	tab.Do(chromedp.Navigate(server.URL + "/healthz"))
	before := Eval[string](tab, kept)
	for _, part := range []string{"file ret,", "file ret-uploads", "cookie "} {
		if !strings.Contains(before, part) {
			t.Errorf("the closed browser keeps %s, and no %s", before, part)
		}
	}
	for _, page := range []string{table, server.URL + "/jobs"} {
		tab.Do(chromedp.Navigate(page))
		tab.showsNothing()
		tab.untilNothingIsKept()
	}
	tab.goBack()
	tab.showsNothing()
	browser.Forgive("favicon.ico")
	browser.Close(t)
	for _, path := range holding(t, profile, canary) {
		t.Errorf("left in %s", path)
	}
}
