package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"ret/server/live"
	"ret/shared/entries"
	"ret/shared/replica"
	"ret/shared/sqlite"
	"ret/shared/wire"
	"ret/shared/workspace"
	"ret/shared/xmltable"
	"ret/wasm/engine"
)

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// session is a server with one session: a real workspace, room and socket.
type session struct {
	*workspace.Workspace
	hub  *live.Hub
	room *live.Room
	url  string
	down atomic.Bool // no connection can be made

	refuse  atomic.Pointer[string] // nobody is let in, and is told this
	fetched atomic.Int64           // requests
	away    atomic.Bool            // the server cannot be reached
	ahead   atomic.Int64           // nanoseconds by which the browser's clock is ahead of the server's

	mu    sync.Mutex
	conns []*websocket.Conn // of clients, to be cut
}

// Changed, Queued and Stopped implement workspace.Listener.
func (s *session) Changed(seq int64) {
	if s.room != nil {
		s.room.Changed(seq)
	}
}
func (s *session) Queued(workspace.Queued) {}
func (s *session) Stopped(string)          {}

func newSession(t testing.TB) *session {
	t.Helper()
	s := &session{hub: live.NewHub(live.Config{})}
	s.Workspace = must(workspace.Open(filepath.Join(t.TempDir(), "workspace.db"), workspace.Options{Listener: s}))(t)
	s.room = s.hub.Room("one", s.Workspace)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := error(nil)
		if why := s.refuse.Load(); why != nil {
			err = s.hub.Refuse(w, r, *why)
		} else {
			err = s.room.Serve(w, r)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	}))
	s.url = strings.Replace(server.URL, "http", "ws", 1)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		s.hub.Close(ctx)
		server.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// dial opens a socket as the browser does: in the background.
func (s *session) dial(l engine.Listener) engine.Socket {
	c := &socket{send: make(chan []byte, 256), done: make(chan struct{})}
	go c.run(s, l)
	return c
}

// socket is a client's socket over gorilla's.
type socket struct {
	send chan []byte
	done chan struct{}
	once sync.Once
}

func (c *socket) Send(text []byte) { c.send <- text }
func (c *socket) Close()           { c.once.Do(func() { close(c.done) }) }

func (c *socket) run(s *session, l engine.Listener) {
	if s.down.Load() {
		l.Closed(websocket.CloseAbnormalClosure, "")
		return
	}
	dialer := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}}
	if s.away.Load() {
		l.Closed(websocket.CloseAbnormalClosure, "")
		return
	}
	conn, _, err := dialer.Dial(s.url, nil)
	if err != nil {
		l.Closed(websocket.CloseAbnormalClosure, "")
		return
	}
	s.mu.Lock()
	s.conns = append(s.conns, conn)
	s.mu.Unlock()
	go func() {
		defer conn.Close()
		for {
			select {
			case text := <-c.send:
				_ = conn.WriteMessage(websocket.TextMessage, text)
			case <-c.done:
				return
			}
		}
	}()
	l.Opened()
	for {
		_, text, err := conn.ReadMessage()
		if err != nil {
			code, reason := websocket.CloseAbnormalClosure, ""
			if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
				code, reason = closed.Code, closed.Text
			}
			c.Close()
			l.Closed(code, reason)
			return
		}
		l.Received(text)
	}
}

// cut breaks all connections of clients.
func (s *session) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, conn := range s.conns {
		_ = conn.NetConn().Close()
	}
	s.conns = nil
}

// leave takes the server out of reach.
func (s *session) leave() {
	s.away.Store(true)
	s.cut()
}

// worker is an engine that runs, and what it has said.
type worker struct {
	testing.TB
	*engine.Engine
	replica *replica.Replica
	drawn   chan engine.Drawn
	said    chan engine.Message
	ended   chan error
	settled chan string   // local jobs
	givenUp chan []string // files of these
	stop    context.CancelFunc
}

func start(t testing.TB, s *session, path string) *worker {
	t.Helper()
	w := &worker{
		TB: t, said: make(chan engine.Message, 10_000), drawn: make(chan engine.Drawn, 100), ended: make(chan error, 1),
		settled: make(chan string, 100), givenUp: make(chan []string, 100),
	}
	w.replica = must(replica.Open(t.Context(), path, sqlite.Config{Exclusive: true}))(t)
	w.Engine = engine.New(engine.Config{
		Replica: w.replica, Dial: s.dial,
		Tell:  func(m engine.Message) { w.said <- m },
		Bytes: func() int64 { return 0 },
		Log: func(what string, err error) {
			t.Logf("%s: %v", what, err)
			if what == "not rehearsed" && !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", what, err)
			}
		},
		Backoff: func(int) time.Duration { return time.Millisecond },
		Pages:   w.pages(s),
		Local: engine.Local{
			Offer: func() {}, Settle: func(job string) { w.settled <- job }, GiveUp: func(files []string) { w.givenUp <- files },
		},
	})
	ctx, cancel := context.WithCancel(context.Background())
	w.stop = cancel
	go func() { w.ended <- w.Run(ctx) }()
	t.Cleanup(func() { w.end() })
	return w
}

// end stops the engine and closes its replica.
func (w *worker) end() error {
	w.stop()
	err := <-w.ended
	w.ended <- err
	_ = w.replica.Close()
	return err
}

// hear returns the next thing that is said to a page or to all.
func (w *worker) hear(page string) (kind string, frame []byte) {
	w.Helper()
	for {
		select {
		case m := <-w.said:
			if m.Page != "" && m.Page != page {
				continue
			}
			var f struct {
				Type string `json:"type"`
			}
			if err := json.Unmarshal(m.Frame, &f); err != nil {
				w.Fatal(err)
			}
			return f.Type, m.Frame
		case <-time.After(patience):
			w.Fatal("nothing is said")
		}
	}
}

// expect reads up to a frame of a type.
func (w *worker) expect(kind string, into any) {
	w.Helper()
	for {
		if k, frame := w.hear("page"); k == kind {
			if err := json.Unmarshal(frame, into); err != nil {
				w.Fatal(err)
			}
			return
		}
	}
}

func (w *worker) untilReady() {
	w.Helper()
	var standing engine.Standing
	for !standing.Ready || !standing.Online {
		w.expect("standing", &standing)
	}
}

// untilAt waits until the replica has all that the server has.
func (w *worker) untilAt(s *session) {
	w.Helper()
	for until := time.Now().Add(patience); ; {
		want := must(s.Cursor(w.Context()))(w)
		have := must(w.replica.Cursor(w.Context()))(w)
		if have.Seq == want.Seq && w.replica.Epoch() == s.Epoch() {
			return
		}
		if time.Now().After(until) {
			w.Fatalf("the replica stands at %d of %d", have.Seq, want.Seq)
		}
		w.hear("")
	}
}

// upload adds a file with a job.
func (s *session) upload(t testing.TB, name string) workspace.Accepted {
	t.Helper()
	return must(s.Accept(t.Context(), workspace.Upload{
		ID: workspace.NewID(), Digest: "d",
		Files: []*workspace.File{{Name: name, Size: 10, SHA256: "00", Kind: "zip", Blob: workspace.NewID()}},
		Job:   &workspace.NewJob{Kind: "convert", Options: []byte(`{"record":"rows/row","max_repeat":4}`)},
	}))(t)
}

// convert runs a job to its end: one document is good, one is not.
func (s *session) convert(t testing.TB, up workspace.Accepted, group string) {
	t.Helper()
	run := must(s.Start(t.Context(), up.Job.ID, time.Minute))(t)
	file := up.Files[0].ID
	main := &workspace.Table{
		ID: workspace.NewID(), FileID: &file, Group: group, Source: up.Files[0].Name + "!/a.xml", Name: "book", Rows: 230, Columns: columns, Bytes: 99, Blob: workspace.NewID(), RowIndex: []byte{1},
		Class: workspace.Class{ID: "of-" + group, Documents: 1},
	}
	child := *main
	child.Class.Documents = 0
	child.ID, child.ParentID, child.Name, child.Blob = workspace.NewID(), &main.ID, "book.author", workspace.NewID()
	docs := []workspace.Finished{
		{Document: workspace.Document{Path: main.Source, FileID: file, Status: workspace.StatusConverted, Rows: 3, ValuesIn: 7, ValuesOut: 7, Manifest: []byte("{}")}, Tables: []*workspace.Table{main, &child}},
		{Document: workspace.Document{Path: main.Source + "2", FileID: file, Status: workspace.StatusFailed, Line: 2, Column: 9, Message: "It ends too soon.", Manifest: []byte("{}")}},
	}
	if err := s.Progress(t.Context(), run, workspace.Progress{Done: 1, Total: 2, Unit: "files", Message: "a.xml", Rate: 2}, time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := s.AddFinished(t.Context(), run, docs, 0); err != nil {
		t.Fatal(err)
	}
	must(s.Finish(t.Context(), run, workspace.Outcome{State: workspace.StateSucceeded}))(t)
}

var columns = []xmltable.Column{{Name: "title", Path: "/book/title", Kind: xmltable.Text}, {Name: "number", Path: "/book/@number", Kind: xmltable.Attribute}}

// table adds a table alone.
func (s *session) table(t testing.TB, rows, size int64) string {
	t.Helper()
	up := s.upload(t, "table.xml")
	run := must(s.Start(t.Context(), up.Job.ID, time.Minute))(t)
	file := up.Files[0].ID
	table := &workspace.Table{ID: workspace.NewID(), FileID: &file, Group: "g", Source: "table.xml", Name: "row", Rows: rows, Columns: columns, Bytes: size, Blob: workspace.NewID(), RowIndex: []byte{1}}
	doc := workspace.Document{Path: table.Source, FileID: file, Status: workspace.StatusConverted, Rows: rows, ValuesIn: 9, ValuesOut: 8, Message: "It ends too soon.", Line: 3, Manifest: []byte("{}")}
	if err := s.AddFinished(t.Context(), run, []workspace.Finished{{Document: doc, Tables: []*workspace.Table{table}}}, 0); err != nil {
		t.Fatal(err)
	}
	must(s.Finish(t.Context(), run, workspace.Outcome{State: workspace.StateSucceeded}))(t)
	return table.ID
}

// question asks one, and answers it; of every other one the answer goes on.
func (s *session) question(t testing.TB, n int) {
	t.Helper()
	job, _, err := s.Submit(t.Context(), workspace.NewJob{Kind: workspace.KindAsk, Options: []byte(`{"question":"How <many>?"}`)})
	if err != nil {
		t.Fatal(err)
	}
	run := must(s.Start(t.Context(), job.ID, time.Minute))(t)
	cell := "<cell>"
	answer := &workspace.AskAnswer{
		Text: "There are 2. [1]", Cells: 3, MostCells: 100,
		Statements: []workspace.Statement{{Text: "There are 2.", Line: true, Claim: true, Citations: []int{1}, Unproved: []string{"2"}}},
		Citations:  []workspace.Citation{{SQL: "SELECT <1>"}},
		Shown:      []workspace.Shown{{Tool: "sql", Asked: "SELECT <1>", Columns: []string{"n", "m"}, Rows: [][]*string{{&cell, nil}}, Cut: true}},
	}
	if err := s.WriteAnswer(t.Context(), run, answer); err != nil {
		t.Fatal(err)
	}
	if n%2 == 0 {
		must(s.Finish(t.Context(), run, workspace.Outcome{State: workspace.StateSucceeded}))(t)
	}
}

// mix does a bit of everything.
func (s *session) mix(t testing.TB, n int) {
	t.Helper()
	up := s.upload(t, fmt.Sprintf("file %d <&>.zip", n))
	switch n % 5 {
	case 0, 1:
		s.convert(t, up, fmt.Sprintf("Group %d", n%3))
	case 2:
		must(s.Cancel(t.Context(), up.Job.ID, 0))(t)
	case 3:
		s.convert(t, up, "Shared")
		must(s.DeleteFile(t.Context(), up.Files[0].ID, 0))(t)
	case 4:
		s.question(t, n)
	}
	err := s.Entries().Write(t.Context(), func(tx *entries.Tx) error {
		if err := tx.Put(entries.Stored{Key: fmt.Sprint("key", n%7), Value: []byte("value"), StoredAt: time.Now(), Used: int64(n)}); err != nil {
			return err
		}
		if n%4 == 0 {
			if err := tx.Delete(fmt.Sprint("key", (n+3)%7)); err != nil {
				return err
			}
		}
		return tx.Settle()
	})
	if err != nil {
		t.Fatal(err)
	}
}
