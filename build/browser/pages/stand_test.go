// Package pages tests the pages' scripts in a real browser, against a server
// that says what each test lets it say: the live channel's frames and the answers
// to uploads. The pages are those of pagetest, under a policy as strict as the
// real one.
package pages

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"ret/build/browser/headless"
	"ret/web/asset"
	"ret/web/page"
	"ret/web/page/pagetest"
)

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"worker-src 'self'; form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types ret-fragment ret-script"

// deadline is for a browser on a busy machine; nothing waits for it to pass.
const deadline = 30 * time.Second

// stand serves one page and lets a test play the server's part.
type stand struct {
	*httptest.Server
	conns   chan *conn
	uploads chan *upload
	away    atomic.Bool // it is a proxy's word that no server is there
}

// conn is one live connection, after its hello.
type conn struct {
	t     *testing.T
	ws    *websocket.Conn
	hello hello
	gone  chan struct{}
}

type hello struct {
	Type, Client, Epoch, View string
	Cursor                    int64
}

// upload is one POST of files; the test answers it.
type upload struct {
	fields map[string]string
	order  []string
	names  []string // of its files, with their paths
	size   int
	answer chan answer
}

type answer struct {
	status int
	body   string
}

func newStand(t *testing.T, workbench page.WorkbenchView) *stand {
	t.Helper()
	set, err := asset.Load()
	if err != nil {
		t.Fatal(err)
	}
	s := &stand{conns: make(chan *conn, 8), uploads: make(chan *upload, 8)}
	mux := http.NewServeMux()
	mux.Handle(asset.Prefix, set)
	mux.Handle("GET /{$}", show(page.Workbench(frame(set), workbench)))
	mux.Handle("GET /login", show(page.SignIn(page.Frame{Title: "Sign in", Assets: addresses(set)}, page.SignInView{})))
	mux.HandleFunc("GET /api/v1/live", func(w http.ResponseWriter, r *http.Request) { s.live(t, w, r) })
	mux.HandleFunc("POST /api/v1/files", s.upload)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.away.Load() {
			http.Error(w, "no server", http.StatusBadGateway)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func addresses(set *asset.Set) page.Assets {
	return page.Assets{
		Stylesheet: set.URL(asset.Stylesheet), Theme: set.URL(asset.Theme),
		Script: set.URL(asset.Script), Icon: set.URL(asset.Icon),
	}
}

func frame(set *asset.Set) page.Frame {
	return page.Frame{
		Title: "Workbench", Section: page.SectionWorkbench, Assets: addresses(set),
		Live:   page.Live{Epoch: "e1", Cursor: 4},
		Viewer: &page.Viewer{Name: "ana", Now: pagetest.Now, ExpiresAt: pagetest.Now.Add(time.Hour)},
	}
}

func show(c interface {
	Render(context.Context, io.Writer) error
},
) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", policy)
		_ = c.Render(r.Context(), w)
	})
}

func (s *stand) live(t *testing.T, w http.ResponseWriter, r *http.Request) {
	upgrader := websocket.Upgrader{Subprotocols: []string{"ret.v1"}}
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = ws.Close() }()
	c := &conn{t: t, ws: ws, gone: make(chan struct{})}
	if ws.ReadJSON(&c.hello) != nil {
		return
	}
	s.conns <- c
	for {
		if _, _, err := ws.ReadMessage(); err != nil {
			close(c.gone)
			return
		}
	}
}

// connected waits for the page's next live connection.
func (s *stand) connected(t *testing.T) *conn {
	t.Helper()
	return receive(t, s.conns, "the page to connect")
}

func receive[V any](t *testing.T, from <-chan V, what string) V {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(deadline):
		t.Fatalf("waited in vain for %s", what)
		panic("unreachable")
	}
}

func (c *conn) send(frame map[string]any) {
	c.t.Helper()
	if err := c.ws.WriteJSON(frame); err != nil {
		c.t.Fatal(err)
	}
}

func (c *conn) welcome(cursor int64) {
	c.t.Helper()
	c.send(map[string]any{"type": "welcome", "epoch": "e1", "cursor": cursor, "expires_at": pagetest.Now.Add(time.Hour), "last_n": 0})
}

// delta sends fragments as the changes of one delta.
func (c *conn) delta(from, to int64, fragments []page.Fragment, err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
	changes := make([]map[string]any, 0, len(fragments))
	for _, f := range fragments {
		changes = append(changes, map[string]any{"seq": to, "target": f.Target, "swap": f.Swap, "html": f.HTML})
	}
	c.send(map[string]any{"type": "delta", "from": from, "to": to, "changes": changes})
}

func (s *stand) upload(w http.ResponseWriter, r *http.Request) {
	u := &upload{fields: map[string]string{}, answer: make(chan answer)}
	reader, err := r.MultipartReader()
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for part, err := reader.NextPart(); err == nil; part, err = reader.NextPart() {
		content, _ := io.ReadAll(part)
		u.order = append(u.order, part.FormName())
		if part.FileName() != "" {
			u.size += len(content)
			content = []byte(part.FileName())
			_, said, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
			u.names = append(u.names, said["filename"])
		}
		u.fields[part.FormName()] = string(content)
	}
	s.uploads <- u
	select {
	case a := <-u.answer:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, a.body)
	case <-r.Context().Done():
	}
}

func problem(status int, detail string) answer {
	body, _ := json.Marshal(map[string]any{"status": status, "detail": detail})
	return answer{status, string(body)}
}

// browser is shared by all tests; each has a tab, and its stand is an origin of
// its own.
var browser context.Context

func TestMain(m *testing.M) {
	allocator, stop := chromedp.NewExecAllocator(context.Background(), headless.Flags()...)
	ctx, end := chromedp.NewContext(allocator)
	if err := chromedp.Do(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "start Chromium:", err)
		os.Exit(1)
	}
	browser = ctx
	code := m.Run()
	end()
	stop()
	os.Exit(code)
}

// browse opens a tab on the stand's page.
func browse(t *testing.T, s *stand) context.Context {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	do(t, ctx, chromedp.Navigate(s.URL))
	return ctx
}

func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// holds waits until an expression of the page is true. What it speaks of need not
// be there yet.
func holds(t *testing.T, ctx context.Context, expression string) {
	t.Helper()
	patient := "(() => { try { return " + expression + " } catch { return false } })()"
	_, err := chromedp.Run(ctx, chromedp.Poll[bool](patient, chromedp.WithPollingTimeout(deadline)))
	if err != nil {
		now, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText"))
		t.Fatalf("never true: %s: %v\n%s", expression, err, now)
	}
}

// evaluate is what an expression of the page is, or what it promises.
func evaluate[V any](t *testing.T, ctx context.Context, expression string) V {
	t.Helper()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[V](expression, func(p *runtime.EvaluateParams) {
		await := true
		p.AwaitPromise = &await
	}))
	if err != nil {
		t.Fatal(err)
	}
	return value
}
