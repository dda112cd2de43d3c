package attack

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"

	"ret/build/retproc"
)

// client is one browser: it keeps cookies and follows no redirect. Its methods may
// be called from several goroutines at once.
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
	// As in package system: a refusal is read before the body is sent.
	transport := &http.Transport{ExpectContinueTimeout: 30 * time.Second, MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	return &client{t: t, server: server, http: &http.Client{
		Jar: jar, Transport: transport, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// signIn returns a browser that someone has signed in with.
func signIn(t testing.TB, server *retproc.Server, name string) *client {
	t.Helper()
	c := newClient(t, server)
	c.do("POST", "/api/v1/login", map[string]string{"username": name, "password": retproc.Password}).want(t, http.StatusOK)
	return c
}

// addUser makes an account, with everyone's password; c is an admin's.
func (c *client) addUser(name string) {
	c.t.Helper()
	c.do("POST", "/api/v1/admin/users", map[string]string{"name": name, "password": retproc.Password}).want(c.t, http.StatusCreated)
}

// do sends a request and reads the answer to its end. A body is bytes, text, a
// reader, or else JSON; headers are pairs. A request that gets no answer has the
// status 0, and why in err.
func (c *client) do(method, path string, body any, headers ...string) *answer {
	c.t.Helper()
	a := &answer{request: method + " " + path}
	req, err := c.request(method, path, body, headers...)
	if err != nil {
		a.err = err
		return a
	}
	res, err := c.http.Do(req)
	if err != nil {
		a.err = err
		return a
	}
	defer res.Body.Close()
	a.status, a.header = res.StatusCode, res.Header
	a.content, a.err = io.ReadAll(res.Body)
	return a
}

func (c *client) request(method, path string, body any, headers ...string) (*http.Request, error) {
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
	default:
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content, kind = bytes.NewReader(text), "application/json"
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.server.URL+path, content)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", kind)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return req, nil
}

// upload sends one file.
func (c *client) upload(path, name string, content []byte) *answer {
	c.t.Helper()
	var buf bytes.Buffer
	form := multipart.NewWriter(&buf)
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(content)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return c.do("POST", path, &buf, "Content-Type", form.FormDataContentType())
}

// signOut ends the session; the answer must come within signOutTime.
func (c *client) signOut() {
	c.t.Helper()
	began := time.Now()
	c.do("POST", "/api/v1/logout", nil).want(c.t, http.StatusOK)
	if took := time.Since(began); took > signOutTime {
		c.t.Errorf("signing out took %v, want at most %v", took, signOutTime)
	}
}

// cookie is the Cookie header that the browser would send, for raw requests.
func (c *client) cookie() string {
	c.t.Helper()
	req, err := c.request("GET", "/", nil)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, cookie := range c.http.Jar.Cookies(req.URL) {
		req.AddCookie(cookie)
	}
	return req.Header.Get("Cookie")
}

// answer is a response that was read to its end, or err says why not.
type answer struct {
	request string
	status  int
	header  http.Header
	content []byte
	err     error
}

// want fails the test unless the whole answer came with a status.
func (a *answer) want(t testing.TB, status int) *answer {
	t.Helper()
	if a.err != nil || a.status != status {
		t.Fatalf("%s: status %d, want %d: %.400s %v", a.request, a.status, status, a.content, a.err)
	}
	return a
}

func (a *answer) decode(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal(a.content, v); err != nil {
		t.Fatalf("%s: %v: %.400s", a.request, err, a.content)
	}
}

// eventually looks again until it holds, for what only the disk or the kernel can
// tell.
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
