package system

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"ret/build/retproc"
)

func TestCookies(t *testing.T) {
	t.Parallel()
	for _, form := range []struct {
		name, prefix string
		env          []string
		secure       bool
	}{
		{"http", "", nil, false},
		{"https", "__Host-", []string{"RET_PUBLIC_URL=https://ret.example"}, true},
	} {
		t.Run(form.name, func(t *testing.T) {
			t.Parallel()
			who := newClient(t, start(t, form.env...))
			in := who.login("admin", retproc.Password).want(t, 200)
			held := map[string]*http.Cookie{}
			for _, cookie := range in.Cookies() {
				held[cookie.Name] = cookie
				if cookie.Path != "/" || cookie.SameSite != http.SameSiteLaxMode || cookie.Secure != form.secure || cookie.Domain != "" {
					t.Errorf("cookie %v", cookie)
				}
			}
			token, here := held[form.prefix+"ret_session"], held[form.prefix+"ret_here"]
			if len(held) != 2 || token == nil || here == nil || !token.HttpOnly || here.HttpOnly {
				t.Fatalf("cookies %v", in.Cookies())
			}
			both := token.Name + "=" + token.Value + "; " + here.Name + "=" + here.Value
			bare := newClient(t, who.server)
			bare.do("GET", "/api/v1/session", nil, "Cookie", both).want(t, 200)
			bare.do("GET", "/api/v1/session", nil, "Cookie", otherForm(both)).want(t, 401)
			if hsts := in.Header.Get("Strict-Transport-Security"); (hsts != "") != form.secure {
				t.Errorf("HSTS %q", hsts)
			}
		})
	}
}

// otherForm gives the cookies the names that the other scheme uses.
func otherForm(cookies string) string {
	if strings.Contains(cookies, "__Host-") {
		return strings.ReplaceAll(cookies, "__Host-", "")
	}
	return strings.ReplaceAll(cookies, "ret_", "__Host-ret_")
}

// Whatever the first request asks for, a token without its word ends the session.
func TestTokenWithoutItsWord(t *testing.T) {
	t.Parallel()
	for path, status := range map[string]int{"/api/v1/session": 401, "/signed-out": 200, "/healthz": 200, "/shell": 200} {
		t.Run(path, func(t *testing.T) {
			server := start(t)
			who := admin(t, server)
			who.do("PUT", "/api/v1/cache/a", "b").want(t, 204)
			held := who.cookies()
			both := "ret_session=" + held["ret_session"].Value + "; ret_here=" + held["ret_here"].Value
			bare := newClient(t, server)
			bare.do("GET", path, nil, "Cookie", "ret_session="+held["ret_session"].Value).want(t, status)
			bare.do("GET", "/api/v1/session", nil, "Cookie", both).want(t, 401)
			eventually(t, 2*time.Second, "the session is erased", func() bool { return nothingLeft(t, server) })
		})
	}
}

func TestLogout(t *testing.T) {
	t.Parallel()
	server := start(t)
	who := admin(t, server)
	j := who.convert("", text("a.xml", books(3)))
	tableID := who.tables()[0].ID
	who.do("PUT", "/api/v1/cache/a", "b").want(t, 204)
	held := who.cookies()
	both := "ret_session=" + held["ret_session"].Value + "; ret_here=" + held["ret_here"].Value
	live := who.live("", 0)

	out := who.do("POST", "/api/v1/logout", nil).want(t, 200)
	var said struct {
		Receipts []struct {
			SessionID                  string `json:"session_id"`
			Files, Bytes, Tables, Jobs int
			CacheEntries               int   `json:"cache_entries"`
			KeyDestroyed               *bool `json:"key_destroyed"`
			At                         time.Time
		}
	}
	out.decode(t, &said)
	if r := said.Receipts; len(r) != 1 || r[0].Files != 1 || r[0].Bytes != len(books(3)) || r[0].Tables != 1 || r[0].Jobs != 1 || r[0].CacheEntries != 1 || r[0].KeyDestroyed == nil || r[0].At.IsZero() {
		t.Errorf("receipts %s", out.content)
	}
	if len(who.cookies()) != 0 {
		t.Errorf("cookies left: %v", who.cookies())
	}
	purged := false
	for {
		f, err := live.next()
		if err != nil {
			if !purged || !websocket.IsCloseError(err, 4001) {
				t.Errorf("the socket ended with %v, purge frame %v", err, purged)
			}
			break
		}
		purged = purged || f.Type == "purge" && f.Reason == "logout"
	}
	bare := newClient(t, server)
	for _, path := range []string{"session", "files", "files/" + j.Files[0] + "/content", "jobs/" + j.ID, "tables/" + tableID + "/rows", "export", "cache/a", "cache", "sessions"} {
		bare.do("GET", "/api/v1/"+path, nil, "Cookie", both).want(t, 401)
	}
	if a := bare.do("GET", "/", nil, "Cookie", both); a.StatusCode != 303 || !strings.HasPrefix(a.Header.Get("Location"), "/login") {
		t.Errorf("the workbench answers %d", a.StatusCode)
	}
	eventually(t, 2*time.Second, "nothing is left", func() bool { return nothingLeft(t, server) })
	for n, want := range []string{`"cookies", "storage"`, ""} {
		page := who.do("GET", "/signed-out", nil).want(t, 200)
		if got := page.Header.Get("Clear-Site-Data"); got != want {
			t.Errorf("look %d after signing out: Clear-Site-Data %q", n+1, got)
		}
	}
}

// The log tells what happened, never of what.
func TestLogIsDiscreet(t *testing.T) {
	t.Parallel()
	server := start(t, "RET_LOG_LEVEL=debug")
	who := admin(t, server)
	who.convert("", text("secret-name.xml", "<r><row>secret-value</row><row>2</row></r>"), text("secret-broken.xml", "<secret-tag>"))
	who.do("PUT", "/api/v1/cache/secret-key", "secret-value").want(t, 204)
	who.do("GET", "/api/v1/cache/secret-key", nil).want(t, 200)
	token := who.cookies()["ret_session"].Value
	who.do("POST", "/api/v1/logout", nil).want(t, 200)
	log := server.Log(t)
	for _, route := range []string{`route="PUT /api/v1/cache/{key}"`, `route="POST /api/v1/logout"`} {
		if !strings.Contains(log, route) {
			t.Errorf("the log has no request with %s", route)
		}
	}
	if strings.Contains(log, `route=""`) {
		t.Error("the log has requests without a route")
	}
	for _, never := range []string{"secret-", token, retproc.Password} {
		if strings.Contains(log, never) {
			t.Errorf("the log holds %q", never)
		}
	}
}

func TestOwnSessions(t *testing.T) {
	t.Parallel()
	server := start(t)
	a, b, c := admin(t, server), admin(t, server), admin(t, server)
	if all := a.sessions(); len(all) != 3 || all[0].Address != "127.0.0.1" {
		t.Errorf("sessions %+v", all)
	}
	a.do("DELETE", "/api/v1/sessions/"+b.session(), nil).want(t, 200)
	b.do("GET", "/api/v1/session", nil).want(t, 401)
	a.do("DELETE", "/api/v1/sessions", nil).want(t, 400)
	a.do("DELETE", "/api/v1/sessions?others=1", nil).want(t, 200)
	c.do("GET", "/api/v1/session", nil).want(t, 401)
	a.do("GET", "/api/v1/session", nil).want(t, 200)

	d, e := admin(t, server), admin(t, server)
	d.do("POST", "/api/v1/password", map[string]string{"old": "wrong", "new": "another long password 7"})
	d.do("GET", "/api/v1/session", nil).want(t, 200)
	d.do("POST", "/api/v1/password", map[string]string{"old": retproc.Password, "new": "another long password 7"}).want(t, 204)
	e.do("GET", "/api/v1/session", nil).want(t, 401)
	d.do("GET", "/api/v1/session", nil).want(t, 200)
	f := newClient(t, server)
	f.login("admin", retproc.Password).want(t, 401)
	f.login("admin", "another long password 7").want(t, 200)
	d.do("POST", "/api/v1/logout?everywhere=1", nil).want(t, 200)
	f.do("GET", "/api/v1/session", nil).want(t, 401)
}

func TestCommandEndsSessions(t *testing.T) {
	t.Parallel()
	server := start(t)
	admin(t, server).addUser("rosa")
	for _, command := range []string{"passwd", "lock", "unlock", "remove"} {
		var rosa *client
		if command != "unlock" {
			rosa = signIn(t, server, "rosa")
		}
		if out, code := server.Run(t, strings.NewReader(retproc.Password+"\n"), "user", command, "rosa"); code != 0 {
			t.Fatalf("ret user %s: %s", command, out)
		}
		if rosa != nil {
			eventually(t, time.Second, "session ended by "+command, func() bool {
				return rosa.do("GET", "/api/v1/session", nil).StatusCode == 401
			})
		}
		if command == "lock" {
			newClient(t, server).login("rosa", retproc.Password).want(t, 401)
		}
	}
}

func TestIdleSessionsEnd(t *testing.T) {
	t.Parallel()
	server := start(t, "SESSION_CACHE_TTL_SECONDS=2")
	quiet, watching := admin(t, server), admin(t, server)
	quiet.do("PUT", "/api/v1/cache/a", "b").want(t, 204)
	socket := watching.live("", 0)
	defer socket.close()
	eventually(t, 10*time.Second, "the quiet session is erased", func() bool {
		return len(filesBelow(t, server, "sessions")) > 0 && len(topLevel(filesBelow(t, server, "sessions"))) == 1
	})
	quiet.do("GET", "/api/v1/session", nil).want(t, 401)
	watching.do("GET", "/api/v1/session", nil).want(t, 200)
}

func topLevel(names []string) (top []string) {
	for _, name := range names {
		if !strings.Contains(name, "/") {
			top = append(top, name)
		}
	}
	return top
}

func TestLockout(t *testing.T) {
	t.Parallel()
	server := start(t, "RATE_LIMIT_REQUESTS=1000", "MAX_LOGIN_ATTEMPTS=3", "RATE_LIMIT_LOGIN_REQUESTS=100")
	for _, name := range []string{"admin", "nobody.knows"} {
		who := newClient(t, server)
		for range 3 {
			a := who.login(name, "wrong password 1").want(t, 401)
			if !strings.Contains(string(a.content), "signed_out") {
				t.Errorf("%s: %s", name, a.content)
			}
		}
		a := who.login(name, retproc.Password).want(t, 429)
		if wait, err := strconv.Atoi(a.Header.Get("Retry-After")); err != nil || wait < 1 || wait > 15*60 {
			t.Errorf("Retry-After %q", a.Header.Get("Retry-After"))
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	who := newClient(t, start(t, "RATE_LIMIT_REQUESTS=5"))
	for i := range 5 {
		a := who.do("GET", "/api/v1/session", nil).want(t, 401)
		if a.Header.Get("RateLimit-Limit") != "5" || a.Header.Get("RateLimit-Remaining") != strconv.Itoa(4-i) || a.Header.Get("RateLimit-Reset") == "" {
			t.Errorf("headers of request %d: %v", i, a.Header)
		}
	}
	if a := who.do("GET", "/api/v1/session", nil).want(t, 429); a.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	who.do("GET", "/healthz", nil).want(t, 200)
	who.do("GET", "/readyz", nil).want(t, 200)
}

// Who has used up a session's requests can still have it erased.
func TestLogoutOverTheLimit(t *testing.T) {
	t.Parallel()
	server := start(t, "RATE_LIMIT_REQUESTS=100", "RATE_LIMIT_SESSION_REQUESTS=3")
	for _, leave := range []struct {
		path   string
		status int
	}{{"/api/v1/logout", 200}, {"/logout", 303}} {
		who := admin(t, server)
		for range 3 {
			who.do("GET", "/api/v1/session", nil).want(t, 200)
		}
		who.do("GET", "/api/v1/session", nil).want(t, 429)
		who.do("GET", "/logout", nil).want(t, 429)
		held := who.cookies()
		out := who.do("POST", leave.path, url.Values{}).want(t, leave.status)
		if out.Header.Get("RateLimit-Limit") != "3" || out.Header.Get("RateLimit-Remaining") != "0" || out.Header.Get("Retry-After") != "" {
			t.Errorf("%s: headers %v", leave.path, out.Header)
		}
		both := "ret_session=" + held["ret_session"].Value + "; ret_here=" + held["ret_here"].Value
		newClient(t, server).do("GET", "/api/v1/session", nil, "Cookie", both).want(t, 401)
	}
}

func TestCrossOrigin(t *testing.T) {
	t.Parallel()
	who := admin(t, start(t))
	for _, header := range [][]string{{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}} {
		who.do("POST", "/api/v1/logout", nil, header...).want(t, 403)
		who.do("PUT", "/api/v1/cache/a", "b", header...).want(t, 403)
	}
	if _, res, err := who.dial("Origin", "https://evil.example"); err == nil || res == nil || res.StatusCode != 403 {
		t.Errorf("a socket of another origin: %v", err)
	}
	who.do("GET", "/api/v1/session", nil, "Origin", "https://evil.example").want(t, 200)
}

func TestFormsWithoutScript(t *testing.T) {
	t.Parallel()
	who := newClient(t, start(t))
	post := func(path string, form url.Values, to string) {
		t.Helper()
		a := who.do("POST", path, form).want(t, 303)
		if got := a.Header.Get("Location"); got != to {
			t.Errorf("POST %s leads to %q", path, got)
		}
	}
	who.do("POST", "/login", url.Values{"username": {"admin"}, "password": {"wrong"}}).want(t, 401)
	post("/login", url.Values{"username": {"admin"}, "password": {retproc.Password}, "next": {"https://evil.example/"}}, "/")
	post("/login", url.Values{"username": {"admin"}, "password": {retproc.Password}, "next": {"//evil.example"}}, "/")
	post("/login", url.Values{"username": {"admin"}, "password": {retproc.Password}, "next": {"/jobs"}}, "/jobs")
	if a := who.upload("/", map[string]string{"convert": "1"}, text("a.xml", books(2))).want(t, 303); a.Header.Get("Location") != "/" {
		t.Errorf("the upload leads to %q", a.Header.Get("Location"))
	}
	id := list[job](who, "/api/v1/jobs?")[0].ID
	who.ended(id)
	post("/jobs/"+id, url.Values{"action": {"cancel"}, "job": {id}}, "/jobs/"+id)
	for _, path := range []string{"/", "/jobs", "/jobs/" + id, "/tables/" + who.tables()[0].ID, "/search", "/account", "/admin/users", "/admin/sessions", "/admin/queue", "/admin/audit", "/admin/settings", "/logout"} {
		a := who.do("GET", path, nil).want(t, 200)
		if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") || a.Header.Get("Cache-Control") != "no-store" || strings.Contains(string(a.content), "<style") {
			t.Errorf("GET %s: %v", path, a.Header)
		}
	}
	who.do("GET", "/jobs/none", nil).want(t, 404)
	post("/logout", url.Values{}, "/signed-out")
	who.do("GET", "/nowhere", nil).want(t, 404)
	who.do("GET", "/api/v1/nowhere", nil).want(t, 404)
	who.do("HEAD", "/login", nil).want(t, 200)
}
