package model

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ret/shared/fault"
)

// Config says which endpoint is asked, and how.
type Config struct {
	// URL is the endpoint: its base, as https://api.example/v1, or the whole address of
	// what is asked for. An address without a path means /v1.
	URL   *url.URL
	Model string // what the endpoint calls the model; "" leaves that to it
	Key   string // sent as a bearer token; "" sends none

	Limits Limits

	// Transport is for tests; nil is a transport of its own.
	Transport http.RoundTripper
}

// Limits bound one call; zero fields mean the defaults.
type Limits struct {
	Idle  time.Duration // 60 s: from one byte of an answer to the next, and to the first
	Total time.Duration // 5 min: from the first try to the end of the answer
	Wait  time.Duration // 30 s: the longest Retry-After that is waited for
	Tries int           // 4: of a call that is refused with 429 or 5xx, or finds nobody
	Bytes int64         // 16 MiB: of an answer
}

func (l Limits) withDefaults() Limits {
	orDefault(&l.Idle, time.Minute)
	orDefault(&l.Total, 5*time.Minute)
	orDefault(&l.Wait, 30*time.Second)
	orDefault(&l.Tries, 4)
	orDefault(&l.Bytes, 16<<20)
	return l
}

func orDefault[T comparable](field *T, standard T) {
	var zero T
	if *field == zero {
		*field = standard
	}
}

// Client asks one endpoint.
type Client struct {
	cfg  Config
	http *http.Client
	wait func(context.Context, time.Duration) error
}

// New makes a client; cfg.URL is needed.
func New(cfg Config) *Client {
	cfg.Limits = cfg.Limits.withDefaults()
	if cfg.Transport == nil {
		own := http.DefaultTransport.(*http.Transport).Clone()
		own.MaxIdleConnsPerHost = 4
		cfg.Transport = own
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{cfg: cfg, http: &http.Client{Transport: cfg.Transport, CheckRedirect: stay}, wait: sleep}
}

// Endpoint names the endpoint as people are shown it: without user, password and query,
// which may be secrets.
func (c *Client) Endpoint() string { return Name(c.cfg.URL) }

// Model is what the endpoint calls the model; "" leaves that to it.
func (c *Client) Model() string { return c.cfg.Model }

// Name is an endpoint's address without what may be a secret in it.
func Name(u *url.URL) string {
	shown := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	return shown.String()
}

// address is where a call of the protocol goes.
func (c *Client) address(call string) string {
	u := *c.cfg.URL
	path := strings.TrimSuffix(u.Path, "/")
	switch {
	case strings.HasSuffix(path, call):
	case path == "":
		path = "/v1" + call
	default:
		path += call
	}
	u.Path, u.RawPath = path, ""
	return u.String()
}

// post sends a question and returns the answer's body, once there is one with status
// 200; the caller closes it, which ends everything that post has begun.
func (c *Client) post(ctx context.Context, call string, question any) (*answer, error) {
	body, err := json.Marshal(question)
	if err != nil {
		return nil, fmt.Errorf("encode question: %w", err)
	}
	ctx, done := context.WithTimeoutCause(ctx, c.cfg.Limits.Total, errTotal)
	for try := 1; ; try++ {
		got, err := c.tryOnce(ctx, call, body)
		if err == nil {
			got.done = done
			return got, nil
		}
		pause, again := c.pauseAfter(err, try)
		if !again {
			done()
			return nil, err
		}
		if err := c.wait(ctx, pause); err != nil {
			done()
			return nil, c.timeOrCause(ctx, err)
		}
	}
}

// Backoff where an endpoint does not say how long to wait.
const (
	firstPause = 500 * time.Millisecond
	mostPause  = 8 * time.Second
)

// pauseAfter is how long to wait before the next try, if there is to be one.
func (c *Client) pauseAfter(err error, try int) (pause time.Duration, again bool) {
	if try >= c.cfg.Limits.Tries || !errors.Is(err, ErrBusy) && !errors.Is(err, ErrUnreachable) {
		return 0, false
	}
	if told := fault.RetryAfter(err); told > 0 {
		return told, told <= c.cfg.Limits.Wait
	}
	pause = min(firstPause<<(try-1), mostPause)
	return pause/2 + rand.N(pause/2), true
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// tryOnce sends the question once.
func (c *Client) tryOnce(ctx context.Context, call string, body []byte) (*answer, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	watch := newWatch(c.cfg.Limits.Idle, cancel)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.address(call), bytes.NewReader(body))
	if err != nil {
		watch.end()
		return nil, fmt.Errorf("make request: %w", withoutAddress(err))
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "text/event-stream, application/json")
	if c.cfg.Key != "" {
		request.Header.Set("Authorization", "Bearer "+c.cfg.Key)
	}
	response, err := c.http.Do(request)
	if err != nil {
		err = c.timeOrCause(ctx, err)
		watch.end()
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		watch.end()
		_ = response.Body.Close()
		return nil, c.refusal(response)
	}
	return &answer{client: c, ctx: ctx, response: response, watch: watch, left: c.cfg.Limits.Bytes}, nil
}

// refusal is the error of a status other than 200. The body is not read: it may repeat
// the key or what was sent.
func (c *Client) refusal(response *http.Response) error {
	status := response.StatusCode
	told := fmt.Errorf("status %d", status)
	switch {
	case status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable || status == 529:
		e := c.fail(fault.TooMany, errors.Join(ErrBusy, told), "is busy and takes no more questions at the moment. Try again later.")
		e.RetryAfter = retryAfter(response.Header.Get("Retry-After"), time.Now())
		return e
	case status >= 500:
		e := c.fail(fault.Unavailable, errors.Join(ErrUnreachable, told), "answers that something is wrong with it (status %d). Try again later.", status)
		e.RetryAfter = retryAfter(response.Header.Get("Retry-After"), time.Now())
		return e
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return c.fail(fault.Denied, errors.Join(ErrKey, told), "does not accept this server's key. Tell whoever runs this server.")
	default:
		return c.fail(fault.Invalid, errors.Join(ErrRequest, told), "does not take the question (status %d). Its address, its model or the length of the question may be wrong: tell whoever runs this server.", status)
	}
}

// retryAfter reads the header: seconds or a date. 0 if it says nothing.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseFloat(header, 64); err == nil && seconds > 0 && seconds < 1e6 {
		return time.Duration(seconds * float64(time.Second))
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// fail is an error about the endpoint, whose sentence begins with its host.
func (c *Client) fail(kind fault.Kind, cause error, format string, args ...any) *fault.Error {
	return &fault.Error{Kind: kind, Err: cause, Message: "The model at " + c.cfg.URL.Host + " " + fmt.Sprintf(format, args...)}
}

var (
	errIdle  = errors.New("no byte for too long")
	errTotal = errors.New("took too long in all")
)

// timeOrCause says why a call has failed: its own limits of time, the caller's context,
// or the network.
func (c *Client) timeOrCause(ctx context.Context, err error) error {
	cause := context.Cause(ctx)
	switch {
	case errors.Is(cause, errIdle) || errors.Is(cause, errTotal):
		return c.fail(fault.Unavailable, errors.Join(ErrSlow, cause), "takes too long to answer. Try again, or ask for less.")
	case cause != nil:
		return cause
	default:
		return c.fail(fault.Unavailable, errors.Join(ErrUnreachable, withoutAddress(err)), "cannot be reached. Try again later, or tell whoever runs this server.")
	}
}

// withoutAddress takes the address off an error of net/http: its query may hold a key.
func withoutAddress(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// watch ends a call when nothing has come for too long.
type watch struct {
	timer  *time.Timer
	idle   time.Duration
	cancel context.CancelCauseFunc
}

func newWatch(idle time.Duration, cancel context.CancelCauseFunc) *watch {
	return &watch{timer: time.AfterFunc(idle, func() { cancel(errIdle) }), idle: idle, cancel: cancel}
}

func (w *watch) came() { w.timer.Reset(w.idle) }

func (w *watch) end() {
	w.timer.Stop()
	w.cancel(nil)
}

// answer is the body of an answer that is read as it comes, within the limits.
type answer struct {
	client   *Client
	ctx      context.Context // of the call; io.Reader has none
	response *http.Response
	watch    *watch
	left     int64 // bytes that may still come
	done     context.CancelFunc
}

// Read implements io.Reader.
func (a *answer) Read(p []byte) (int, error) {
	if a.left <= 0 {
		return 0, a.client.fail(fault.TooLarge, ErrTooLong, "answers at more length than this server takes. Ask for less.")
	}
	n, err := a.response.Body.Read(p[:min(int64(len(p)), a.left)])
	a.left -= int64(n)
	if n > 0 {
		a.watch.came()
	}
	if err != nil && err != io.EOF {
		return n, a.client.broken(a.ctx, err)
	}
	return n, err
}

// broken is timeOrCause for an answer that has begun.
func (c *Client) broken(ctx context.Context, err error) error {
	if context.Cause(ctx) != nil {
		return c.timeOrCause(ctx, err)
	}
	return c.fail(fault.Unavailable, errors.Join(ErrBroken, withoutAddress(err)), "broke off in the middle of its answer. Try again.")
}

func (a *answer) streams() bool {
	return strings.HasPrefix(a.response.Header.Get("Content-Type"), "text/event-stream")
}

// Close ends the call.
func (a *answer) Close() {
	_ = a.response.Body.Close()
	a.watch.end()
	a.done()
}
