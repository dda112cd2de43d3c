package browser

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
)

// startDoor puts a door between browsers and a server: while it is shut no request comes
// through, and live channels that stand go on.
func startDoor(t *testing.T, server *Server) (near *Server, shut *atomic.Bool) {
	t.Helper()
	far, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(far)
		r.Out.Host = r.In.Host
	}}
	shut = new(atomic.Bool)
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if shut.Load() {
			panic(http.ErrAbortHandler)
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(door.Close)
	return &Server{URL: door.URL, Runtime: server.Runtime, MasterKey: server.MasterKey}, shut
}

// An admin ends a session and the server is away at once, so that no page of it can say
// so: every tab says why by itself, the one whose worker heard it and those whose workers
// end with it.
func TestTabsSayWhyTheSessionHasEnded(t *testing.T) {
	t.Parallel()
	server := StartServer(t)
	near, shut := startDoor(t, server)
	browser, admin := StartBrowser(t), signIn(t, server)
	admin.addAna(t)
	tabs := openTabsAs(t, near, browser, "ana", 2)
	for _, tab := range tabs {
		tab.untilShell()
	}
	shut.Store(true)
	admin.endAnas(t)
	for _, tab := range tabs {
		tab.Until(`document.querySelector("h1")?.textContent === "Your session has ended"`)
		if said := Eval[string](tab, `document.querySelector("main p").textContent`); said != "It was ended by an admin, or by a change of the account's password. Everything of it was erased from this browser." {
			t.Errorf("it says %q", said)
		}
		tab.untilNothingIsKept()
	}
	shut.Store(false)
	for _, tab := range tabs {
		tab.Do(chromedp.Click(`main a[href="/login"]`))
		tab.Until(`document.querySelector("input[name=username]")`)
	}
	browser.ForgiveOffline()
}
