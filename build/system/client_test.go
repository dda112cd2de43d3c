package system

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/textproto"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ret/build/retproc"
)

// client is one browser: it keeps cookies and follows no redirect.
type client struct {
	t      testing.TB
	server *retproc.Server
	http   *http.Client
}

func newClient(t testing.TB, server *retproc.Server) *client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	// Whoever sends a body with "Expect: 100-continue" waits for the server's word:
	// a refusal that crosses a body on its way is lost in the reset that follows.
	transport := &http.Transport{ExpectContinueTimeout: 30 * time.Second}
	t.Cleanup(transport.CloseIdleConnections)
	return &client{t: t, server: server, http: &http.Client{
		Jar: jar, Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// admin returns a browser that the first admin has signed in with.
func admin(t testing.TB, server *retproc.Server) *client {
	t.Helper()
	return signIn(t, server, "admin")
}

// signIn returns a browser that someone has signed in with.
func signIn(t testing.TB, server *retproc.Server, name string) *client {
	t.Helper()
	c := newClient(t, server)
	c.login(name, retproc.Password).want(t, http.StatusOK)
	return c
}

func (c *client) login(name, password string) *answer {
	c.t.Helper()
	return c.do("POST", "/api/v1/login", map[string]string{"username": name, "password": password})
}

// addUser makes an account, with everyone's password.
func (c *client) addUser(name string) string {
	c.t.Helper()
	a := c.do("POST", "/api/v1/admin/users", map[string]string{"name": name, "password": retproc.Password})
	a.want(c.t, http.StatusCreated)
	return a.object(c.t)["id"].(string)
}

// do sends a request. A body is bytes, text, a form, or else JSON; headers are
// pairs.
func (c *client) do(method, path string, body any, headers ...string) *answer {
	c.t.Helper()
	req := c.request(method, path, body, headers...)
	res, err := c.http.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return &answer{method + " " + path, res, content}
}

func (c *client) request(method, path string, body any, headers ...string) *http.Request {
	c.t.Helper()
	var content io.Reader
	kind := "application/octet-stream"
	switch body := body.(type) {
	case nil:
	case []byte:
		content = bytes.NewReader(body)
	case string:
		content = strings.NewReader(body)
	case io.Reader:
		content = body
	case url.Values:
		content, kind = strings.NewReader(body.Encode()), "application/x-www-form-urlencoded"
	default:
		text, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		content, kind = bytes.NewReader(text), "application/json"
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.server.URL+path, content)
	if err != nil {
		c.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", kind)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return req
}

// own is what the tests look at of a session of one's own.
type own struct {
	ID, Address, Device string
	Current             bool
}

func (c *client) sessions() []own { return list[own](c, "/api/v1/sessions?") }

// session is the id of the client's own.
func (c *client) session() string {
	c.t.Helper()
	for _, s := range c.sessions() {
		if s.Current {
			return s.ID
		}
	}
	c.t.Fatal("no current session")
	return ""
}

// file is a part of an upload.
type file struct {
	name    string
	content []byte
}

// upload sends files, after fields if there are any.
func (c *client) upload(path string, fields map[string]string, files ...file) *answer {
	c.t.Helper()
	body, kind := multipartOf(c.t, fields, files...)
	return c.do("POST", path, body, "Content-Type", kind)
}

func multipartOf(t testing.TB, fields map[string]string, files ...file) (body []byte, contentType string) {
	t.Helper()
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	for name, value := range fields {
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	for _, f := range files {
		part, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="` + escape.Replace(f.name) + `"`}})
		if err == nil {
			_, err = part.Write(f.content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes(), w.FormDataContentType()
}

// convert uploads files, waits until they are converted and returns the job.
func (c *client) convert(options string, files ...file) job {
	c.t.Helper()
	fields := map[string]string{}
	if options != "" {
		fields["options"] = options
	}
	a := c.upload("/api/v1/files?convert=1", fields, files...)
	a.want(c.t, http.StatusCreated)
	var accepted struct{ Job job }
	a.decode(c.t, &accepted)
	return c.ended(accepted.Job.ID)
}

// job is what the tests look at of a job.
type job struct {
	ID, State string
	Files     []string
	Attempt   int
	Progress  struct{ Done, Total int }
	Result    *struct {
		Files, Converted, Failed, Skipped, Rows int
		Tables                                  []string
	}
	Errors []struct {
		Path, Message string
		Line, Column  int
	}
}

func (j job) over() bool {
	return j.State == "succeeded" || j.State == "failed" || j.State == "cancelled"
}

func (c *client) job(id string) (j job) {
	c.t.Helper()
	a := c.do("GET", "/api/v1/jobs/"+id, nil)
	a.want(c.t, http.StatusOK)
	a.decode(c.t, &j)
	return j
}

// ended waits for a job's end, told by the live channel.
func (c *client) ended(id string) job {
	c.t.Helper()
	return c.jobUntil(id, job.over)
}

// table is what the tests look at of a table.
type table struct {
	ID, Name, Group, Source string
	FileID                  *string `json:"file_id"`
	Rows                    int
	Columns                 []struct{ Name, Path, Kind string }
}

func (c *client) tables() []table { return list[table](c, "/api/v1/tables?limit=1000") }

// list reads a whole list, page by page.
func list[T any](c *client, path string) (all []T) {
	c.t.Helper()
	after := ""
	for {
		a := c.do("GET", path+after, nil)
		a.want(c.t, http.StatusOK)
		var page struct {
			Items []T
			Next  *string
		}
		a.decode(c.t, &page)
		all = append(all, page.Items...)
		if page.Next == nil {
			return all
		}
		after = "&after=" + url.QueryEscape(*page.Next)
	}
}

// cookies returns the cookies that the browser would send.
func (c *client) cookies() map[string]*http.Cookie {
	c.t.Helper()
	u, err := url.Parse(c.server.URL)
	if err != nil {
		c.t.Fatal(err)
	}
	held := map[string]*http.Cookie{}
	for _, cookie := range c.http.Jar.Cookies(u) {
		held[cookie.Name] = cookie
	}
	return held
}

// answer is a response that was read to its end.
type answer struct {
	request string
	*http.Response
	content []byte
}

// want fails the test unless the status is as given; an error must be a problem
// that a person can read.
func (a *answer) want(t testing.TB, status int) *answer {
	t.Helper()
	if a.StatusCode != status {
		t.Fatalf("%s: status %d, want %d: %.400s", a.request, a.StatusCode, status, a.content)
	}
	if status >= 400 && strings.Contains(a.request, " /api/") {
		a.wantProblem(t)
	}
	return a
}

func (a *answer) wantProblem(t testing.TB) {
	t.Helper()
	var p struct {
		Status              int
		Title, Detail, Code string
	}
	if kind := a.Header.Get("Content-Type"); kind != "application/problem+json" {
		t.Errorf("%s: an error of type %q", a.request, kind)
	}
	if a.Request.Method != http.MethodHead {
		a.decode(t, &p)
		if p.Status != a.StatusCode || p.Title == "" || p.Code == "" || !strings.HasSuffix(p.Detail, ".") {
			t.Errorf("%s: not a whole problem: %s", a.request, a.content)
		}
	}
}

func (a *answer) decode(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal(a.content, v); err != nil {
		t.Fatalf("%s: %v: %.400s", a.request, err, a.content)
	}
}

func (a *answer) object(t testing.TB) map[string]any {
	t.Helper()
	var o map[string]any
	a.decode(t, &o)
	return o
}

// filesBelow names the files below a folder of the runtime.
func filesBelow(t testing.TB, server *retproc.Server, folder string) (names []string) {
	t.Helper()
	root := filepath.Join(server.Runtime, folder)
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil // unlinked while we look
		}
		if err == nil && path != root {
			names = append(names, strings.TrimPrefix(path, root+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// nothingLeft reports whether no session has a folder and all trash is unlinked.
func nothingLeft(t testing.TB, server *retproc.Server) bool {
	t.Helper()
	for _, folder := range []string{"sessions", "trash"} {
		entries, err := os.ReadDir(filepath.Join(server.Runtime, folder))
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) > 0 {
			return false
		}
	}
	return true
}

// eventually looks again until it holds, for what only the disk can tell.
func eventually(t testing.TB, within time.Duration, what string, holds func() bool) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for end := time.Now().Add(within); !holds(); <-ticker.C {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", within, what)
		}
	}
}
