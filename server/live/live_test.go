package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"ret/server/live"
	"ret/shared/fault"
	"ret/shared/wire"
	"ret/shared/workspace"
)

// patience is how long a test waits for what must come.
var patience = func() time.Duration {
	if raceDetector { // some ten times slower, and nothing here promises a time within which all is done
		return time.Minute
	}
	return 10 * time.Second
}()

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// server is a hub behind real sockets. The query says which session a socket
// belongs to; none means that nobody is signed in.
type server struct {
	testing.TB
	hub      *live.Hub
	http     *httptest.Server
	sessions map[string]*session
}

type session struct {
	*workspace.Workspace
	room *live.Room
}

// Changed, Queued and Stopped implement workspace.Listener.
func (s *session) Changed(seq int64) {
	if s.room != nil {
		s.room.Changed(seq)
	}
}
func (s *session) Queued(workspace.Queued) {}
func (s *session) Stopped(string)          {}

func serve(t testing.TB, cfg live.Config, sessions ...string) *server {
	t.Helper()
	s := &server{TB: t, hub: live.NewHub(cfg), sessions: make(map[string]*session)}
	for _, id := range sessions {
		s.sessions[id] = openSession(t, s.hub, id, filepath.Join(t.TempDir(), "workspace.db"))
	}
	s.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.live(w, r); err != nil {
			status := map[fault.Kind]int{fault.Invalid: 400, fault.Denied: 403, fault.Unavailable: 503}[fault.KindOf(err)]
			http.Error(w, fault.Message(err), status)
		}
	}))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		s.hub.Close(ctx)
		s.http.Close()
		for _, session := range s.sessions {
			if err := session.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	return s
}

func openSession(t testing.TB, hub *live.Hub, id, path string) *session {
	t.Helper()
	s := &session{}
	s.Workspace = must(workspace.Open(path, workspace.Options{Listener: s}))(t)
	s.room = hub.Room(id, s.Workspace)
	return s
}

func (s *server) live(w http.ResponseWriter, r *http.Request) error {
	session := s.sessions[r.URL.Query().Get("session")]
	if session == nil {
		return s.hub.Refuse(w, r, r.URL.Query().Get("ended"))
	}
	return session.room.Serve(w, r)
}

// tab is a client.
type tab struct {
	testing.TB
	*websocket.Conn
}

func (s *server) dial(session string, header http.Header) (*websocket.Conn, *http.Response, error) {
	dialer := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}}
	return dialer.Dial(strings.Replace(s.http.URL, "http", "ws", 1)+"/?session="+session, header)
}

func (s *server) connect(session string) *tab {
	s.Helper()
	conn, _, err := s.dial(session, nil)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = conn.Close() })
	return &tab{s.TB, conn}
}

// join connects and says hello.
func (s *server) join(session string, hello wire.Hello) *tab {
	s.Helper()
	c := s.connect(session)
	if hello.Client == "" {
		hello.Client = workspace.NewID()
	}
	if hello.View == "" {
		hello.View = wire.ViewData
	}
	c.say(hello)
	return c
}

func (c *tab) say(f wire.Frame) {
	c.Helper()
	c.sayText(string(must(wire.Encode(f))(c)))
}

func (c *tab) sayText(text string) {
	c.Helper()
	if err := c.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		c.Fatal(err)
	}
}

// hear reads the next frame, which must be one that a server may send.
func (c *tab) hear() (wire.Frame, error) {
	if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	_, data, err := c.ReadMessage()
	if err != nil {
		return nil, err
	}
	frame, err := wire.DecodeServer(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, data)
	}
	return frame, nil
}

// expect reads up to the first frame of a type.
func expect[F wire.Frame](c *tab) F {
	c.Helper()
	for {
		frame, err := c.hear()
		if err != nil {
			c.Fatal(err)
		}
		if f, ok := frame.(F); ok {
			return f
		}
	}
}

// until reads deltas, which must chain from at on, up to one that reaches a seq.
func (c *tab) until(at, seq int64) []wire.Change {
	c.Helper()
	var all []wire.Change
	for at < seq {
		d := expect[*wire.Delta](c)
		if d.From != at {
			c.Fatalf("a delta from %d, expected from %d", d.From, at)
		}
		at = d.To
		all = append(all, d.Changes...)
	}
	return all
}

// closedWith reads to the end and returns the close code.
func (c *tab) closedWith() int {
	c.Helper()
	for {
		_, err := c.hear()
		var closed *websocket.CloseError
		if errors.As(err, &closed) {
			return closed.Code
		}
		if err != nil {
			c.Fatal(err)
		}
	}
}

// upload adds a file and returns it with the seq that has it.
func (s *session) upload(t testing.TB, name string) (*workspace.File, int64) {
	t.Helper()
	acc := must(s.Accept(t.Context(), workspace.Upload{
		ID: workspace.NewID(), Digest: "d",
		Files: []*workspace.File{{Name: name, Size: 1, SHA256: "00", Kind: "zip", Blob: workspace.NewID()}},
	}))(t)
	return acc.Files[0], s.seq(t)
}

func (s *session) seq(t testing.TB) int64 {
	t.Helper()
	return must(s.Cursor(t.Context()))(t).Seq
}

func TestClientHearsWhatThereIsAndWhatComes(t *testing.T) {
	expires := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	replicas := make(chan bool, 1)
	s := serve(t, live.Config{Hello: func(_ context.Context, _ string, replica bool) (time.Time, error) {
		replicas <- replica
		return expires, nil
	}}, "a")
	a := s.sessions["a"]
	first, seq := a.upload(t, "one.zip")

	c := s.join("a", wire.Hello{})
	w := expect[*wire.Welcome](c)
	if w.Epoch != a.Epoch() || w.Cursor != seq || !w.ExpiresAt.Equal(expires) || w.LastN != 0 || !<-replicas {
		t.Errorf("%+v", w)
	}
	changes := c.until(0, seq)
	var file workspace.File
	if err := json.Unmarshal(changes[0].Value, &file); err != nil || len(changes) != 1 || file.ID != first.ID || file.Name != "one.zip" {
		t.Fatalf("%+v, %v", changes, err)
	}
	second, next := a.upload(t, "two.zip")
	if changes := c.until(seq, next); len(changes) != 1 || changes[0].ID != second.ID {
		t.Errorf("%+v", changes)
	}
	if _, err := a.DeleteFile(t.Context(), first.ID, 0); err != nil {
		t.Fatal(err)
	}
	gone := c.until(next, a.seq(t))
	if len(gone) != 1 || gone[0].Op != workspace.Del || gone[0].ID != first.ID {
		t.Errorf("%+v", gone)
	}
}

func TestComingBackMissesNothing(t *testing.T) {
	s := serve(t, live.Config{}, "a")
	a := s.sessions["a"]
	_, seq := a.upload(t, "one.zip")
	c := s.join("a", wire.Hello{})
	c.until(0, seq)
	_ = c.Close()
	second, next := a.upload(t, "two.zip")

	c = s.join("a", wire.Hello{Epoch: a.Epoch(), Cursor: seq})
	expect[*wire.Welcome](c)
	if changes := c.until(seq, next); len(changes) != 1 || changes[0].ID != second.ID {
		t.Errorf("%+v", changes)
	}
}

func TestUnknownEpochOrCursorStartsAnew(t *testing.T) {
	s := serve(t, live.Config{}, "a")
	a := s.sessions["a"]
	_, seq := a.upload(t, "one.zip")
	for _, hello := range []wire.Hello{
		{Epoch: "another", Cursor: 1},
		{Epoch: "another", Cursor: 0},
		{Epoch: a.Epoch(), Cursor: seq + 1},
		{Cursor: 1},
	} {
		c := s.join("a", hello)
		frame, err := c.hear()
		if reset, ok := frame.(*wire.Reset); !ok || err != nil || reset.Epoch != a.Epoch() {
			t.Fatalf("%+v: %+v, %v", hello, frame, err)
		}
		if changes := c.until(0, seq); len(changes) != 1 {
			t.Errorf("%+v: %+v", hello, changes)
		}
	}
}

func TestPageGetsFragments(t *testing.T) {
	s := serve(t, live.Config{}, "a")
	a := s.sessions["a"]
	c := s.join("a", wire.Hello{View: wire.ViewHTML})
	file, seq := a.upload(t, "<b>.zip")
	changes := c.until(0, seq)
	var targets []string
	for _, ch := range changes {
		targets = append(targets, ch.Target)
		if ch.Value != nil || strings.Contains(ch.HTML, "<b>") {
			t.Errorf("%+v", ch)
		}
	}
	if fmt.Sprint(targets) != "[files holdings files-more]" || !strings.Contains(changes[0].HTML, file.ID) {
		t.Errorf("targets %v", targets)
	}
}

func TestProgressIsShownButNotTooOften(t *testing.T) {
	s := serve(t, live.Config{}, "a", "b")
	c, other := s.join("a", wire.Hello{}), s.join("b", wire.Hello{})
	expect[*wire.Welcome](c)
	expect[*wire.Welcome](other)
	started := time.Now()
	for done := range int64(1000) {
		s.sessions["a"].room.Progress("job", workspace.Progress{Done: done + 1, Total: 1000, Unit: "files"})
	}
	frames := 0
	for last := int64(0); last < 1000; frames++ {
		p := expect[*wire.Progress](c)
		if p.Job != "job" || p.Progress.Done <= last {
			t.Fatalf("%+v after %d", p, last)
		}
		last = p.Progress.Done
	}
	if most := 2 + int(time.Since(started)/(100*time.Millisecond)); frames > most {
		t.Errorf("%d frames, at most %d", frames, most)
	}
	_, seq := s.sessions["b"].upload(t, "b.zip")
	for at := int64(0); at < seq; {
		frame, err := other.hear()
		if d, ok := frame.(*wire.Delta); err != nil || !ok {
			t.Fatalf("the other session heard %+v, %v", frame, err)
		} else {
			at = d.To
		}
	}
}

func TestMutationsAreAnswered(t *testing.T) {
	s := serve(t, live.Config{}, "a")
	a := s.sessions["a"]
	file, seq := a.upload(t, "a.zip")
	c := s.join("a", wire.Hello{Client: "me"})
	submit := wire.Mutate{Client: "me", N: 1, Name: "job.submit", Args: json.RawMessage(`{"kind":"convert","files":["` + file.ID + `"]}`)}
	c.say(submit)
	ack := expect[*wire.Ack](c)
	if ack.N != 1 || ack.Seq <= seq {
		t.Errorf("%+v", ack)
	}
	c.say(wire.Mutate{Client: "me", N: 2, Name: "file.delete", Args: json.RawMessage(`{"id":"none"}`)})
	if no := expect[*wire.Rejected](c); no.N != 2 || no.Code != "not_found" || no.Detail == "" {
		t.Errorf("%+v", no)
	}
	_ = c.Close()

	c = s.join("a", wire.Hello{Client: "me", Epoch: a.Epoch(), Cursor: seq})
	if w := expect[*wire.Welcome](c); w.LastN != 2 {
		t.Errorf("%+v", w)
	}
	c.say(submit)
	if again := expect[*wire.Ack](c); *again != *ack {
		t.Errorf("again %+v, first %+v", again, ack)
	}
	c.say(wire.Mutate{Client: "me", N: 4, Name: "file.delete", Args: json.RawMessage(`{"id":"none"}`)})
	if code := c.closedWith(); code != wire.CodeOutOfStep {
		t.Errorf("a gap closes with %d", code)
	}
}

func TestPurgeReachesAllTabsOfItsSessionOnly(t *testing.T) {
	s := serve(t, live.Config{}, "a", "b")
	tabs := []*tab{s.join("a", wire.Hello{}), s.join("a", wire.Hello{View: wire.ViewHTML}), s.join("b", wire.Hello{})}
	for _, c := range tabs {
		expect[*wire.Welcome](c)
	}
	silent := s.connect("a") // has not said hello
	s.sessions["a"].room.Purge("logout")()
	for _, c := range tabs[:2] {
		if p := expect[*wire.Purge](c); p.Reason != wire.ReasonLogout || p.Epoch != s.sessions["a"].Epoch() {
			t.Errorf("%+v", p)
		}
		if code := c.closedWith(); code != wire.CodePurged {
			t.Errorf("closed with %d", code)
		}
	}
	if code := silent.closedWith(); code != wire.CodePurged {
		t.Errorf("a silent socket is closed with %d", code)
	}
	if _, answer, err := s.dial("a", nil); err == nil || answer.StatusCode != 503 {
		t.Errorf("a purged room lets in: %v", err)
	}
	_, seq := s.sessions["b"].upload(t, "b.zip")
	tabs[2].until(0, seq)
}

func TestRestartIsAnnounced(t *testing.T) {
	s := serve(t, live.Config{}, "a")
	c := s.join("a", wire.Hello{})
	expect[*wire.Welcome](c)
	done := make(chan struct{})
	go func() { s.hub.Close(context.Background()); close(done) }()
	if code := c.closedWith(); code != websocket.CloseServiceRestart {
		t.Errorf("closed with %d", code)
	}
	<-done
	if n := s.hub.Clients(); n != 0 {
		t.Errorf("%d clients left", n)
	}
	if _, answer, err := s.dial("a", nil); err == nil || answer.StatusCode != 503 {
		t.Errorf("a closed hub lets in: %v", err)
	}
}

func TestWhoMayNotComeIn(t *testing.T) {
	s := serve(t, live.Config{}, "a")
	if code := s.connect("nobody").closedWith(); code != wire.CodeNotSignedIn {
		t.Errorf("closed with %d", code)
	}
	for origin, status := range map[string]int{"http://evil.example": 403, "null": 403, s.http.URL: 101} {
		conn, answer, _ := s.dial("a", http.Header{"Origin": {origin}})
		if answer.StatusCode != status {
			t.Errorf("%s: %d", origin, answer.StatusCode)
		}
		if conn != nil {
			_ = conn.Close()
		}
	}
	_, answer, err := websocket.DefaultDialer.Dial(strings.Replace(s.http.URL, "http", "ws", 1)+"/?session=a", nil)
	if err == nil || answer.StatusCode != 400 {
		t.Errorf("without the subprotocol: %v", err)
	}
	plain := must(http.Get(s.http.URL + "/?session=a"))(t)
	defer func() { _ = plain.Body.Close() }()
	if body, _ := io.ReadAll(plain.Body); plain.StatusCode != 400 || !strings.Contains(string(body), "WebSockets") {
		t.Errorf("without an upgrade: %d %s", plain.StatusCode, body)
	}
}

func TestOriginOfTheSettings(t *testing.T) {
	s := serve(t, live.Config{Origin: "https://ret.example/"}, "a")
	for origin, status := range map[string]int{"https://ret.example": 101, "http://ret.example": 403, s.http.URL: 403} {
		conn, answer, _ := s.dial("a", http.Header{"Origin": {origin}})
		if answer.StatusCode != status {
			t.Errorf("%s: %d", origin, answer.StatusCode)
		}
		if conn != nil {
			_ = conn.Close()
		}
	}
}

func TestBadFramesEndTheSocket(t *testing.T) {
	s := serve(t, live.Config{HelloWithin: 50 * time.Millisecond}, "a")
	hello := `{"type":"hello","client":"c","cursor":0,"view":"data"}`
	for name, frames := range map[string][]string{
		"no hello":         nil,
		"no JSON":          {`hello`},
		"not hello first":  {`{"type":"mutate","client":"c","n":1,"name":"file.delete","args":{}}`},
		"hello twice":      {hello, hello},
		"a server's frame": {hello, `{"type":"ack","n":1,"seq":1}`},
		"no such view":     {`{"type":"hello","client":"c","cursor":0,"view":"xml"}`},
		"too long":         {hello, `{"type":"mutate","client":"c","n":1,"name":"x","args":{"a":"` + strings.Repeat("x", wire.MaxFrameBytes) + `"}}`},
	} {
		c := s.connect("a")
		for _, frame := range frames {
			c.sayText(frame)
		}
		if code := c.closedWith(); code != wire.CodeBadFrame {
			t.Errorf("%s: closed with %d", name, code)
		}
	}
	binary := s.connect("a")
	if err := binary.WriteMessage(websocket.BinaryMessage, []byte(hello)); err != nil {
		t.Fatal(err)
	}
	if code := binary.closedWith(); code != wire.CodeBadFrame {
		t.Errorf("binary: closed with %d", code)
	}
}
