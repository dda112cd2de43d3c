package browser

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"ret/build/browser/headless"
)

// flags are what one person's Chromium is started with.
func flags(profile string) []chromedp.ExecAllocatorOption {
	return append(headless.Flags(), chromedp.UserDataDir(profile), chromedp.WindowSize(1280, 900))
}

// Browser is one person's browser with a profile of its own.
type Browser struct {
	ctx    context.Context
	script string // that each document begins with

	mu       sync.Mutex
	problems []string
	forgiven []string
}

// StartBrowser starts a browser of its own; it ends with the test, which fails if a page
// has written an error to its console. A Chromium that stories shared was quicker, but in the
// one whole run of it a story waited in vain for its service worker.
func StartBrowser(t *testing.T) *Browser {
	t.Helper()
	return StartBrowserWith(t, t.TempDir())
}

// StartBrowserWith is StartBrowser with a profile that may have been used before.
func StartBrowserWith(t *testing.T, profile string) *Browser {
	t.Helper()
	browser := start(t, append(flags(profile), baseline("--wasm-lazy-validation")))
	browser.script = unrehearsed
	return browser
}

// baseline has the module's code stay as the browser first compiles it. To optimise it is most
// of what a visit costs a processor, and a story is the same without. With --wasm-lazy-validation
// only what runs of it is looked at, which is a tenth less.
func baseline(more ...string) chromedp.ExecAllocatorOption {
	return chromedp.Flag("js-flags", strings.Join(append([]string{"--liftoff-only"}, more...), " "))
}

// unrehearsed has the worker that is ready to convert without a server not try itself out. It
// does so to have its code optimised, for seconds of a processor, and here nothing is.
const unrehearsed = `(() => {
	const post = Worker.prototype.postMessage;
	Worker.prototype.postMessage = function (message, ...rest) {
		if (message?.type !== "rehearse") post.call(this, message, ...rest);
	};
})()`

// StartOptimisingBrowser is StartBrowserWith for tests that promise or measure times:
// it optimises what runs often, as people's browsers do.
func StartOptimisingBrowser(t *testing.T, profile string) *Browser {
	t.Helper()
	return start(t, flags(profile))
}

func start(t *testing.T, options []chromedp.ExecAllocatorOption) *Browser {
	t.Helper()
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	return begin(t, ctx, func() {
		cancel()
		stop()
	})
}

// begin opens what ctx describes, and has end close it with the test.
func begin(t *testing.T, ctx context.Context, end func()) *Browser {
	t.Helper()
	browsing.Store(t.Name(), true)
	t.Cleanup(func() { browsing.Delete(t.Name()) })
	b := &Browser{ctx: ctx}
	t.Cleanup(func() {
		end()
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, p := range b.problems {
			t.Errorf("the browser's console: %s", p)
		}
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return b
}

// Close ends the browser as a person does, who finds all in its profile again.
func (b *Browser) Close(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, maxWait)
	defer cancel()
	if err := chromedp.Cancel(ctx); err != nil {
		t.Fatalf("close Chromium: %v", err)
	}
}

// Forgive drops the problems that contain text, those too that come until the browser has
// ended: a request that is refused on purpose shows up as one, and a page that looks for its
// server may do so once more when its story is told.
func (b *Browser) Forgive(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forgiven = append(b.forgiven, text)
	b.problems = slices.DeleteFunc(b.problems, func(p string) bool { return strings.Contains(p, text) })
}

// ForgiveOffline is Forgive for all that comes of a server that has gone, which may be in the
// midst of an answer.
func (b *Browser) ForgiveOffline() {
	for _, text := range []string{
		"ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "ERR_SOCKET_NOT_CONNECTED",
		"ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_CONTENT_LENGTH_MISMATCH",
		"WebSocket",
		"favicon.ico", // of the page without a worker
	} {
		b.Forgive(text)
	}
}

func (b *Browser) complain(problem string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !slices.ContainsFunc(b.forgiven, func(text string) bool { return strings.Contains(problem, text) }) {
		b.problems = append(b.problems, problem)
	}
}

// watch keeps what goes wrong in a tab until ctx ends.
func (b *Browser) watch(ctx context.Context) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(_ context.Context, target *chromedp.Target) error {
		entries := cdp.Events(ctx, target, log.EntryAdded)
		thrown := cdp.Events(ctx, target, runtime.ExceptionThrown)
		go func() {
			for e, err := range entries {
				if err == nil && e.Entry.Level == log.EntryLevelError {
					b.complain(e.Entry.Text + " " + e.Entry.URL)
				}
			}
		}()
		go func() {
			for e, err := range thrown {
				if err == nil {
					b.complain(thrownText(e.ExceptionDetails))
				}
			}
		}()
		if _, err := cdp.Call(ctx, target, log.Enable, cdp.Empty{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, target, runtime.Enable, cdp.Empty{})
		return err
	})
}

// thrownText says what was thrown, and where.
func thrownText(d *runtime.ExceptionDetails) string {
	what := d.Text
	if d.Exception != nil {
		what += " " + d.Exception.Description
	}
	return what + " " + d.URL
}

// eachDocument runs a script at the beginning of each document of a tab from now on.
func eachDocument(script string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return err
	})
}

// Tab is one page.
type Tab struct {
	t      *testing.T
	ctx    context.Context
	cancel context.CancelFunc
}

// maxWait bounds every step, so that a page that hangs fails its test.
const maxWait = 20 * time.Second

// NewTab opens a tab.
func (b *Browser) NewTab(t *testing.T) *Tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	t.Cleanup(cancel)
	// The first call makes the tab, which must not end with one step's time.
	if err := chromedp.Do(ctx, b.watch(ctx), eachDocument(b.script)); err != nil {
		t.Fatalf("open tab: %v", err)
	}
	return &Tab{t: t, ctx: ctx, cancel: cancel}
}

// Do does steps, each within maxWait.
func (tab *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	for i, step := range steps {
		ctx, cancel := context.WithTimeout(tab.ctx, maxWait)
		err := chromedp.Do(ctx, step)
		cancel()
		if err != nil {
			tab.t.Fatalf("step %d: %v\n%s", i+1, err, tab.describe())
		}
	}
}

// describe says what the page shows, for a failure's message.
func (tab *Tab) describe() string {
	ctx, cancel := context.WithTimeout(tab.ctx, time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + (document.body?.innerText ?? "").slice(0, 1500)`))
	if err != nil {
		return err.Error()
	}
	return text
}

// Eval evaluates an expression, which may be a promise.
func Eval[T any](tab *Tab, expression string) T {
	tab.t.Helper()
	value, err := tryEval[T](tab, expression)
	if err != nil {
		tab.t.Fatalf("%s: %v\n%s", expression, err, tab.describe())
	}
	return value
}

// tryEval is Eval for a page that may go elsewhere in the meantime.
func tryEval[T any](tab *Tab, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(tab.ctx, maxWait)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, awaited))
}

// awaited has a promise's value count, not the promise.
func awaited(p *runtime.EvaluateParams) {
	await := true
	p.AwaitPromise = &await
}

// Until waits until an expression, or what it promises, is true in the page, which may
// go elsewhere in the meantime. What the expression speaks of need not be there yet.
func (tab *Tab) Until(expression string) {
	tab.t.Helper()
	patient := "(async () => { try { return Boolean(await (" + expression + ")) } catch { return false } })()"
	until := time.Now().Add(maxWait)
	for {
		ctx, cancel := context.WithDeadline(tab.ctx, until)
		ok, err := chromedp.Run(ctx, chromedp.Poll[bool](patient, chromedp.WithPollingTimeout(time.Until(until))))
		cancel()
		if err == nil && ok {
			return
		}
		if time.Now().After(until) {
			tab.t.Fatalf("never true: %s: %v\n%s", expression, err, tab.describe())
		}
	}
}

// SignIn signs in as the first admin and ends on the workbench.
func (tab *Tab) SignIn(s *Server) {
	tab.t.Helper()
	tab.SignInAs(s, "admin")
}

// SignInAs signs in as a user whose password is the first admin's too.
func (tab *Tab) SignInAs(s *Server, name string) {
	tab.t.Helper()
	tab.submitSignIn(s, name)
	tab.Until(isLive)
}

// submitSignIn ends on the workbench, whatever its channel does.
func (tab *Tab) submitSignIn(s *Server, name string) {
	tab.t.Helper()
	tab.Do(
		chromedp.Navigate(s.URL+"/"),
		chromedp.SendKeys("input[name=username]", name),
		chromedp.SendKeys("input[name=password]", Password),
		chromedp.Submit(`form[action="/login"]`),
		chromedp.WaitVisible("#upload"),
	)
}

// isLive holds once the page's live channel stands.
const isLive = `document.querySelector("#connection").textContent.includes("live")`

// Drop drops files onto the page as a person does.
func (tab *Tab) Drop(files map[string][]byte) {
	tab.t.Helper()
	Eval[bool](tab, dropScript(files))
}
