package httpapi_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ret/server/app"
	"ret/server/config"
	"ret/web/page"
)

// stand is a whole server in this process, with people at it.
type stand struct {
	*testing.T
	server *httptest.Server
	people map[string]*http.Client // by name; "" is nobody
	places *strings.Replacer       // what is known of them by now, as {file}
}

const password = "a long password 9"

func newStand(t *testing.T, settings ...string) *stand {
	t.Helper()
	root := filepath.Join(t.TempDir(), "runtime")
	flags := config.Register(flag.NewFlagSet("serve", flag.ContinueOnError))
	loaded, err := flags.Load(append(settings, "RET_RUNTIME_ROOT="+root, "RET_WORKERS=0", "RET_ADMIN_PASSWORD="+password))
	must(t, err)
	cfg, err := loaded.Config()
	must(t, err)
	must(t, os.MkdirAll(root, 0o700))
	a, err := app.New(t.Context(), loaded, cfg, "test", slog.New(slog.DiscardHandler))
	must(t, err)
	_, err = a.FirstAdmin(t.Context())
	must(t, err)
	must(t, a.Start())
	s := &stand{T: t, server: httptest.NewServer(a.Handler()), people: map[string]*http.Client{}, places: strings.NewReplacer()}
	t.Cleanup(func() {
		s.server.Close()
		a.Close()
	})
	s.arrive("")
	s.signIn("admin")
	s.want(ask{"admin", "POST", "/api/v1/admin/users", `{"name":"ana","password":"` + password + `"}`}, 201, `"name":"ana"`)
	s.signIn("ana")
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (s *stand) arrive(name string) {
	jar, err := cookiejar.New(nil)
	must(s.T, err)
	s.people[name] = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (s *stand) signIn(name string) {
	s.Helper()
	s.arrive(name)
	s.want(ask{name, "POST", "/api/v1/login", `{"username":"` + name + `","password":"` + password + `"}`}, 200, `"name":"`+name+`"`)
}

// ask is a request of somebody. Its body is JSON if it looks like it, else a form.
type ask struct{ who, method, target, body string }

func (s *stand) request(a ask) *http.Request {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), a.method, s.server.URL+s.places.Replace(a.target), strings.NewReader(s.places.Replace(a.body)))
	must(s.T, err)
	kind := "application/x-www-form-urlencoded"
	if strings.HasPrefix(a.body, "{") {
		kind = "application/json"
	}
	req.Header.Set("Content-Type", kind)
	return req
}

// want asks, and fails the test unless the answer is of that status and holds each
// part: in its body or in where it leads.
func (s *stand) want(a ask, status int, parts ...string) (body string) {
	s.Helper()
	return s.wantOf(a, s.request(a), status, parts...)
}

func (s *stand) wantOf(a ask, req *http.Request, status int, parts ...string) string {
	s.Helper()
	answer, err := s.people[a.who].Do(req)
	must(s.T, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	must(s.T, err)
	if answer.StatusCode != status {
		s.Errorf("%s %s by %q: %d, want %d: %.300s", a.method, a.target, a.who, answer.StatusCode, status, text)
	}
	for _, part := range parts {
		if part = s.places.Replace(part); !strings.Contains(string(text)+answer.Header.Get("Location"), part) {
			s.Errorf("%s %s by %q: no %q in %.600s, location %q", a.method, a.target, a.who, part, text, answer.Header.Get("Location"))
		}
	}
	wantForm(s, a, answer, status)
	return string(text)
}

// wantForm: whatever went wrong is a problem with a code for programs, and a page for
// people; neither is ever kept by anybody.
func wantForm(s *stand, a ask, answer *http.Response, status int) {
	s.Helper()
	kind, _, _ := strings.Cut(answer.Header.Get("Content-Type"), ";")
	if status >= 400 && strings.HasPrefix(a.target, "/api/") != (kind == "application/problem+json") {
		s.Errorf("%s %s by %q: a refusal as %s", a.method, a.target, a.who, kind)
	}
	if cached := answer.Header.Get("Cache-Control"); cached != "no-store" {
		s.Errorf("%s %s by %q: Cache-Control %q", a.method, a.target, a.who, cached)
	}
}

// upload brings a document, has it converted, and knows it as {file}, {job}, {table}.
func (s *stand) upload(who string) {
	s.Helper()
	var form bytes.Buffer
	m := multipart.NewWriter(&form)
	part, err := m.CreateFormFile("file", "books.xml")
	must(s.T, err)
	_, err = io.WriteString(part, "<l><b><t>one</t></b><b><t>two</t></b></l>")
	must(s.T, err)
	must(s.T, m.Close())
	a := ask{who, "POST", "/api/v1/files?convert=1", form.String()}
	req := s.request(a)
	req.Header.Set("Content-Type", m.FormDataContentType())
	var made struct {
		Files []struct{ ID string }
		Items []struct{ ID string }
		Job   struct{ ID string }
	}
	text := s.wantOf(a, req, 201)
	must(s.T, json.Unmarshal([]byte(text), &made))
	file := append(made.Files, made.Items...)
	if len(file) == 0 {
		s.Fatalf("no file in %s", text)
	}
	var tables struct{ Items []struct{ ID string } }
	must(s.T, json.Unmarshal([]byte(s.want(ask{who, "GET", "/api/v1/tables", ""}, 200)), &tables))
	if len(tables.Items) != 1 {
		s.Fatalf("%d tables", len(tables.Items))
	}
	s.places = strings.NewReplacer("{file}", file[0].ID, "{job}", made.Job.ID, "{table}", tables.Items[0].ID)
}

// What a program asks for wrongly is refused with the code of why.
func TestAPIRefuses(t *testing.T) {
	s := newStand(t)
	for _, c := range []struct {
		ask    ask
		status int
		code   string
	}{
		{ask{"", "GET", "/api/v1/files", ""}, 401, "signed_out"},
		{ask{"", "POST", "/api/v1/login", `{"username":"ana","password":"wrong"}`}, 401, "signed_out"},
		{ask{"", "POST", "/api/v1/login", `{"username":`}, 400, "invalid"},
		{ask{"", "POST", "/api/v1/login", `{"user":"ana"}`}, 400, "invalid"},
		{ask{"ana", "GET", "/api/v1/nothing", ""}, 404, "not_found"},
		{ask{"ana", "PUT", "/api/v1/files", ""}, 405, "method_not_allowed"},
		{ask{"ana", "POST", "/api/v1/files", `{}`}, 400, "invalid"},
		{ask{"ana", "GET", "/api/v1/files?limit=0", ""}, 400, "invalid"},
		{ask{"ana", "GET", "/api/v1/files/none", ""}, 404, "not_found"},
		{ask{"ana", "DELETE", "/api/v1/files/none", ""}, 404, "not_found"},
		{ask{"ana", "GET", "/api/v1/files/none/inspect", ""}, 404, "not_found"},
		{ask{"ana", "POST", "/api/v1/recipe", "max_repeat=0x"}, 400, "invalid"},
		{ask{"ana", "POST", "/api/v1/jobs", `{}`}, 400, "invalid"},
		{ask{"ana", "POST", "/api/v1/jobs", `{"kind":"nothing","files":["none"]}`}, 400, "invalid"},
		{ask{"ana", "POST", "/api/v1/jobs", `{"kind":"convert","files":["none"]}`}, 404, "not_found"},
		{ask{"ana", "GET", "/api/v1/jobs?state=odd", ""}, 400, "invalid"},
		{ask{"", "POST", "/api/v1/ask", `{"question":"x"}`}, 401, "signed_out"},
		{ask{"ana", "POST", "/api/v1/ask", `{"question":" "}`}, 400, "invalid"},
		{ask{"ana", "POST", "/api/v1/ask", `{"question":"no model is set up"}`}, 404, "not_found"},
		{ask{"ana", "PUT", "/api/v1/consent", `{"chat":"https://models.example/v1"}`}, 404, "not_found"},
		{ask{"ana", "PUT", "/api/v1/consent", `{"other":true}`}, 400, "invalid"},
		{ask{"ana", "POST", "/api/v1/jobs/none/cancel", ""}, 404, "not_found"},
		{ask{"ana", "POST", "/api/v1/jobs/none/retry", ""}, 404, "not_found"},
		{ask{"ana", "GET", "/api/v1/tables/none/rows", ""}, 404, "not_found"},
		{ask{"ana", "GET", "/api/v1/tables/none/content?format=csv", ""}, 404, "not_found"},
		{ask{"ana", "GET", "/api/v1/uploads/none", ""}, 404, "not_found"},
		{ask{"ana", "PUT", "/api/v1/cache/k?ttl=0", "v"}, 400, "invalid"},
		{ask{"ana", "PUT", "/api/v1/cache/" + strings.Repeat("k", 513), "v"}, 400, "invalid"},
		{ask{"ana", "PUT", "/api/v1/cache/k", strings.Repeat("v", 8<<20+1)}, 413, "too_large"},
		{ask{"ana", "GET", "/api/v1/cache/none", ""}, 404, "not_found"},
		{ask{"ana", "DELETE", "/api/v1/cache", ""}, 400, "invalid"},
		{ask{"ana", "POST", "/api/v1/password", `{"current":"wrong","new":"another long one 7"}`}, 400, "invalid"},
		{ask{"ana", "DELETE", "/api/v1/sessions/none", ""}, 404, "not_found"},
		{ask{"ana", "GET", "/api/v1/admin/users", ""}, 403, "denied"},
		{ask{"ana", "POST", "/api/v1/admin/users", `{"name":"bob","password":"` + password + `"}`}, 403, "denied"},
		{ask{"admin", "POST", "/api/v1/admin/users", `{"name":"b","password":"` + password + `"}`}, 400, "invalid"},
		{ask{"admin", "POST", "/api/v1/admin/users", `{"name":"ana","password":"` + password + `"}`}, 409, "conflict"},
		{ask{"admin", "PATCH", "/api/v1/admin/users/none", `{"locked":true}`}, 404, "not_found"},
		{ask{"admin", "GET", "/api/v1/admin/audit?limit=x", ""}, 400, "invalid"},
	} {
		s.want(c.ask, c.status, `"code":"`+c.code+`"`)
	}
}

// What another site's page sends is refused, whoever's cookies come with it.
func TestOtherSitesAreRefused(t *testing.T) {
	s := newStand(t)
	for _, a := range []ask{
		{"ana", "POST", "/api/v1/jobs", `{}`},
		{"ana", "DELETE", "/api/v1/sessions", ""},
		{"ana", "POST", "/logout", ""},
		{"admin", "POST", "/admin/users", "action=add"},
	} {
		req := s.request(a)
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		s.wantOf(a, req, 403, "another site")
	}
	s.want(ask{"ana", "GET", "/api/v1/session", ""}, 200)
}

// What a program asks for rightly is done, and the next answer shows it.
func TestAPIDoes(t *testing.T) {
	s := newStand(t)
	s.upload("ana")
	for _, c := range []struct {
		ask    ask
		status int
		part   string
	}{
		{ask{"ana", "GET", "/api/v1/session", ""}, 200, `"name":"ana"`},
		{ask{"ana", "GET", "/api/v1/files", ""}, 200, `"id":"{file}"`},
		{ask{"ana", "GET", "/api/v1/files/{file}/content", ""}, 200, "<t>two</t>"},
		{ask{"ana", "GET", "/api/v1/files/{file}/inspect", ""}, 200, `"record":"b"`},
		{ask{"ana", "GET", "/api/v1/jobs/{job}", ""}, 200, `"state":"succeeded"`},
		{ask{"ana", "GET", "/api/v1/tables/{table}/rows?sort=-t&limit=1", ""}, 200, `[["two"]]`},
		{ask{"ana", "GET", "/api/v1/tables/{table}/rows?regex=t:%5Eo&in=t:%5B%22one%22%5D&q=N", ""}, 200, `"rows":[["one"]],"offset":0,"total":1,"numbers":[1]`},
		{ask{"ana", "GET", "/api/v1/tables/{table}/profile", ""}, 200, `{"rows":2,"columns":[{"name":"t","kind":"text","present":2,"empty":0,"absent":0,"distinct":2,"exact":true,"min":"one","max":"two","shortest":3,"longest":3,"top":[{"value":"one","count":1},{"value":"two","count":1}],"histogram":[]}]}`},
		{ask{"ana", "GET", "/api/v1/tables/{table}/profile?filter=t~w", ""}, 200, `{"rows":1,`},
		{ask{"ana", "GET", "/api/v1/tables/{table}/profile?filter=none", ""}, 400, "invalid"},
		{ask{"admin", "GET", "/api/v1/tables/{table}/profile", ""}, 404, "not_found"},
		{ask{"ana", "PUT", "/api/v1/tables/{table}/layout", `{"order":[0],"widths":{"0":200}}`}, 204, ""},
		{ask{"ana", "GET", "/api/v1/tables/{table}", ""}, 200, `"layout":{"order":[0],"widths":{"0":200}}`},
		{ask{"ana", "PUT", "/api/v1/tables/{table}/layout", `{"order":[1]}`}, 400, "invalid"},
		{ask{"admin", "PUT", "/api/v1/tables/{table}/layout", `{}`}, 404, "not_found"},
		{ask{"ana", "GET", "/api/v1/tables/{table}/values?column=t", ""}, 200, `{"items":[{"value":"one","count":1},{"value":"two","count":1}],"next":null,"distinct":2}`},
		{ask{"ana", "GET", "/api/v1/tables/{table}/values?column=t&sort=value&limit=1", ""}, 200, `{"items":[{"value":"one","count":1}],"next":"1","distinct":2}`},
		{ask{"ana", "GET", "/api/v1/tables/{table}/values?column=t&limit=1&after=1", ""}, 200, `{"items":[{"value":"two","count":1}],"next":null,"distinct":2}`},
		{ask{"ana", "GET", "/api/v1/tables/{table}/values?column=t&q=W&filter=t!%3Dx", ""}, 200, `{"items":[{"value":"two","count":1}],"next":null,"distinct":1}`},
		{ask{"ana", "GET", "/api/v1/tables/{table}/values?column=none", ""}, 400, "invalid"},
		{ask{"ana", "GET", "/api/v1/search?q=ONE", ""}, 200, `"row":1,"column":"t","score":1,"snippet":"\u0002one\u0003"}],"next":null,"complete":true,"indexed":`},
		{ask{"ana", "GET", "/api/v1/search?q=t:o*+or+*wo*&limit=1", ""}, 200, `"next":"b.1"`},
		{ask{"ana", "GET", "/api/v1/search?q=on", ""}, 200, `{"items":[],"next":null,`},
		{ask{"ana", "GET", "/api/v1/search?q=on&typing=1", ""}, 200, `"row":1`},
		{ask{"ana", "POST", "/api/v1/jobs", `{"kind":"index"}`}, 202, `"kind":"index","state":"succeeded","files":[]`},
		{ask{"ana", "GET", "/api/v1/search?q=two", ""}, 200, `"indexed":true`},
		{ask{"ana", "POST", "/api/v1/jobs", `{"kind":"index","options":{"record":"x"}}`}, 400, "invalid"},
		{ask{"ana", "GET", "/api/v1/search", ""}, 400, "invalid"},
		{ask{"ana", "GET", "/api/v1/search?q=one&after=x", ""}, 400, "invalid"},
		{ask{"ana", "GET", "/api/v1/tables/{table}/values?column=t&sort=none", ""}, 400, "invalid"},
		{ask{"ana", "GET", "/api/v1/tables/{table}/values?column=t&after=x", ""}, 400, "invalid"},
		{ask{"ana", "GET", "/api/v1/tables/{table}/rows/2/source", ""}, 200, `"xml":"\u003cb\u003e\u003ct\u003etwo\u003c/t\u003e\u003c/b\u003e"`},
		{ask{"ana", "GET", "/api/v1/tables/{table}/rows/3/source", ""}, 404, "not_found"},
		{ask{"ana", "GET", "/api/v1/tables/{table}/rows/x/source", ""}, 400, "invalid"},
		{ask{"admin", "GET", "/api/v1/tables/{table}/rows/1/source", ""}, 404, "not_found"},
		{ask{"ana", "POST", "/api/v1/query", `{"sql":"SELECT t, length(t) AS n FROM b ORDER BY t DESC"}`}, 200, `{"columns":[{"name":"t","kind":"text"},{"name":"n","kind":"integer"}],"rows":[["two",3],["one",3]],"truncated":false,"took_ms":`},
		{ask{"ana", "POST", "/api/v1/query", `{"sql":"SELECT t FROM b","limit":1}`}, 200, `"rows":[["one"]],"truncated":true`},
		{ask{"ana", "POST", "/api/v1/query", `{"sql":"SELECT _source FROM b LIMIT 1"}`}, 200, `"rows":[["books.xml"]]`},
		{ask{"ana", "POST", "/api/v1/query", `{"sql":"SELECT t,\n x FROM b"}`}, 422, `"code":"malformed","line":2,"column":2`},
		{ask{"ana", "POST", "/api/v1/query", `{"sql":"DROP TABLE b"}`}, 422, `"line":1,"column":1`},
		{ask{"admin", "POST", "/api/v1/query", `{"sql":"SELECT * FROM b"}`}, 422, `There is no table`},
		{ask{"ana", "POST", "/api/v1/query", `{"sql":"SELECT 1","limit":0}`}, 400, "invalid"},
		{ask{"ana", "POST", "/api/v1/query", `{}`}, 422, "malformed"},
		{ask{"ana", "GET", "/api/v1/tables/{table}/content?format=csv", ""}, 200, "t\none\ntwo\n"},
		{ask{"ana", "GET", "/api/v1/tables/{table}/content?sort=-t", ""}, 200, "t\ntwo\none\n"},
		{ask{"ana", "GET", "/api/v1/tables/{table}/rows?regex=t:(", ""}, 400, "regular expression"},
		{ask{"ana", "GET", "/api/v1/tables/{table}/content?sort=none", ""}, 400, "invalid"},
		{ask{"ana", "GET", "/api/v1/tables/{table}/content?filter=t~w", ""}, 200, "t\ntwo\n"},
		{ask{"ana", "GET", "/api/v1/tables/{table}/content?filter=t~w&rows=shown", ""}, 200, "t\ntwo\n"},
		{ask{"ana", "GET", "/api/v1/tables/{table}/content?filter=t~w&sort=-t&rows=all", ""}, 200, "t\none\ntwo\n"},
		{ask{"ana", "POST", "/api/v1/recipe", "record=b"}, 200, `"record": "b"`},
		{ask{"ana", "PUT", "/api/v1/cache/k", "v"}, 204, ""},
		{ask{"ana", "GET", "/api/v1/cache/k", ""}, 200, "v"},
		{ask{"admin", "GET", "/api/v1/cache", ""}, 200, `"entries":0`},
		{ask{"ana", "DELETE", "/api/v1/cache?prefix=k", ""}, 200, `{"removed":1}`},
		{ask{"admin", "GET", "/api/v1/files/{file}", ""}, 404, "not_found"},
		{ask{"ana", "DELETE", "/api/v1/files/{file}", ""}, 204, ""},
		{ask{"ana", "GET", "/api/v1/tables", ""}, 200, `"items":[]`},
		{ask{"ana", "POST", "/api/v1/logout", ""}, 200, `"receipts":[{`},
		{ask{"ana", "GET", "/api/v1/session", ""}, 401, "signed_out"},
		{ask{"admin", "GET", "/api/v1/admin/audit?who=ana", ""}, 200, `"subject":"ana"`},
	} {
		s.want(c.ask, c.status, c.part)
	}
}

// Pages do for people what the API does for programs: who is signed out is led to the
// door, what went wrong is said on a page, what a form did is seen on the next.
func TestPagesAndForms(t *testing.T) {
	s := newStand(t)
	s.upload("ana")
	form := func(fields ...string) string {
		v := url.Values{}
		for i := 0; i < len(fields); i += 2 {
			v.Set(fields[i], fields[i+1])
		}
		return v.Encode()
	}
	for _, c := range []struct {
		ask    ask
		status int
		part   string
	}{
		{ask{"", "GET", "/jobs?state=failed", ""}, 303, "/login?next=%2Fjobs%3Fstate%3Dfailed"},
		{ask{"", "GET", "/login", ""}, 200, "Sign in"},
		{ask{"", "POST", "/login", form("username", "ana", "password", "wrong")}, 401, "Sign in"},
		{ask{"", "GET", "/reset/none", ""}, 200, "password"},
		{ask{"ana", "GET", "/", ""}, 200, "books.xml"},
		{ask{"ana", "POST", "/", form("action", "nothing")}, 400, "no such form"},
		{ask{"ana", "GET", "/files/{file}", ""}, 200, "books.xml"},
		{ask{"ana", "GET", "/files/none", ""}, 404, ""},
		{ask{"ana", "GET", "/jobs", ""}, 200, "{job}"},
		{ask{"ana", "GET", "/jobs?q=BOOKS", ""}, 200, "{job}"},
		{ask{"ana", "GET", "/jobs?q=nosuch", ""}, 200, "called so"},
		{ask{"ana", "POST", "/jobs", form("action", "show", "q", "books")}, 303, "/jobs?view="},
		{ask{"ana", "GET", "/jobs/{job}", ""}, 200, "books.xml"},
		{ask{"ana", "GET", "/jobs/none", ""}, 404, ""},
		{ask{"ana", "POST", "/jobs", form("action", "cancel", "job", "none")}, 303, "wrong="},
		{ask{"ana", "POST", "/", form("merge", "none")}, 303, "wrong="},
		{ask{"ana", "GET", "/?" + form("group", "files", "sort", "-rows"), ""}, 200, `aria-sort="descending"`},
		{ask{"ana", "GET", "/?" + form("group", "files", "sort", "colour"), ""}, 400, "sorted by"},
		{ask{"ana", "POST", "/jobs", form("action", "nothing")}, 400, "no such form"},
		{ask{"ana", "GET", "/tables/{table}?sort=-t", ""}, 200, "two"},
		{ask{"ana", "GET", "/tables/{table}?columns=1&filter=t~w", ""}, 200, "What is in the columns of 1 row"},
		{ask{"admin", "GET", "/tables/{table}", ""}, 404, ""},
		{ask{"ana", "GET", "/query", ""}, 200, `<code dir="auto" data-name>t</code>`},
		{ask{"ana", "POST", "/query", form("action", "show", "sql", "SELECT 'secret' FROM b")}, 303, "/query?view="},
		{ask{"ana", "GET", "/query?" + form("sql", "SELECT t || '!' AS x FROM b"), ""}, 200, "two!"},
		{ask{"ana", "GET", "/query?" + form("sql", "SELECT\n 'ä', <b> FROM b"), ""}, 200, `Line 2, column 7: `},
		{ask{"admin", "GET", "/query?" + form("sql", "SELECT * FROM b"), ""}, 200, "There is no table"},
		{ask{"ana", "POST", "/query", form("action", "download", "sql", "SELECT t, NULL, '' FROM b")}, 200, "t,NULL,''\none,,\"\"\ntwo,,\"\"\n"},
		{ask{"ana", "POST", "/query", form("action", "download", "sql", "SELECT nowhere FROM b")}, 303, "/query?view="},
		{ask{"ana", "POST", "/query", form("action", "save-table", "name", "longer", "sql", "SELECT t, length(t) AS n, 'x' AS n FROM b WHERE t > 'p'")}, 303, "/tables/"},
		{ask{"ana", "POST", "/query", form("action", "save-table", "sql", "DROP TABLE b")}, 303, "/query?view="},
		{ask{"ana", "POST", "/api/v1/query", `{"sql":"SELECT n + 1, \"n~2\", _source FROM longer"}`}, 200, `"rows":[[4,"x","SQL"]]`},
		{ask{"ana", "GET", "/jobs", ""}, 200, "longer"},
		{ask{"ana", "GET", "/", ""}, 200, "longer"},
		{ask{"ana", "GET", "/account", ""}, 200, "ana"},
		{ask{"ana", "GET", "/admin/users", ""}, 403, "Only an admin"},
		{ask{"admin", "GET", "/admin", ""}, 303, "/admin/users"},
		{ask{"admin", "GET", "/admin/users", ""}, 200, "ana"},
		{ask{"admin", "GET", "/admin/sessions", ""}, 200, "ana"},
		{ask{"admin", "GET", "/admin/queue", ""}, 200, "Memory in use"},
		{ask{"admin", "GET", "/admin/audit?who=ana", ""}, 200, "signed in"},
		{ask{"admin", "POST", "/admin/users", form("action", "add-user", "name", "bobby", "role", "user")}, 200, "/reset/"},
		{ask{"admin", "POST", "/admin/users", form("action", "add-user", "name", "bobby", "role", "user")}, 409, "bobby"},
		{ask{"admin", "GET", "/admin/users", ""}, 200, "link until"},
		{ask{"ana", "POST", "/admin/users", form("action", "add-user", "name", "cleo", "role", "user")}, 403, "Only an admin"},
		{ask{"admin", "GET", "/admin/settings", ""}, 200, "RET_WORKERS"},
		{ask{"ana", "GET", "/logout", ""}, 200, "Sign out"},
		{ask{"ana", "POST", "/logout", ""}, 303, "/signed-out"},
		{ask{"ana", "GET", "/", ""}, 303, "/login"},
	} {
		s.want(c.ask, c.status, c.part)
	}
}

// Forms that a person types into lead, without JavaScript, to an address that does not
// tell what was typed, and that shows what was asked for: browsers write addresses down.
func TestFormsLeadToAddressesThatTellNothing(t *testing.T) {
	s := newStand(t)
	s.upload("ana")
	for _, c := range []struct {
		page, typed   string // the form's fields
		shown, hidden string // of the rows that it leads to
	}{
		{"/tables/{table}", "filter_column=t&filter_op=~&filter_value=tw", ">two<", ">one<"},
		{"/tables/{table}", "sort=-t&limit=1", ">two<", ">one<"},
		{"/tables/{table}", "find=nowhere", "1–2 of 2", ">two<"},
	} {
		to := s.ledTo(ask{"ana", "POST", c.page, c.typed + "&action=show"})
		path, query, _ := strings.Cut(to, "?")
		told, err := url.ParseQuery(query)
		must(t, err)
		view, err := base64.RawURLEncoding.DecodeString(told.Get(page.QueryView))
		must(t, err)
		told.Del(page.QueryView)
		told.Del("limit")
		name, _, _ := strings.Cut(c.typed, "=")
		if path != s.places.Replace(c.page) || len(view) == 0 || bytes.Contains(view, []byte(name)) || len(told) > 0 {
			t.Errorf("%s leads to %s, which tells %q and %v", c.typed, to, view, told)
		}
		if shown := s.want(ask{"ana", "GET", to, ""}, 200, c.shown); strings.Contains(shown, c.hidden) {
			t.Errorf("%s: %s shows %q", c.typed, to, c.hidden)
		}
	}
}

// ledTo is where a form leads.
func (s *stand) ledTo(a ask) string {
	s.Helper()
	answer, err := s.people[a.who].Do(s.request(a))
	must(s.T, err)
	must(s.T, answer.Body.Close())
	if answer.StatusCode != http.StatusSeeOther {
		s.Errorf("%s %s: %d", a.method, a.target, answer.StatusCode)
	}
	return answer.Header.Get("Location")
}
