package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"ret/server/live"
	"ret/shared/wire"
	"ret/shared/workspace"
)

// The live channel's workload: sockets of one session that do nothing, a change
// that all of them hear, and then job events of several sessions under load.
const (
	liveSockets    = 10_000
	liveBroadcasts = 10

	eventSessions = 20
	eventSockets  = 5 // of each session
	eventsPerJob  = 50
	eventPause    = 100 * time.Millisecond
)

func benchLive(ctx context.Context, b *bench) error {
	folder, remove, err := workFolder()
	if err != nil {
		return err
	}
	defer remove()
	l, err := startLive(folder)
	if err != nil {
		return err
	}
	defer l.close()
	if err := l.crowd(ctx, b); err != nil {
		return err
	}
	return l.events(ctx, b)
}

// liveServer is a hub with sessions behind a real listener.
type liveServer struct {
	folder   string
	hub      *live.Hub
	http     *http.Server
	address  string
	mu       sync.Mutex
	sessions map[string]*liveSession
}

// liveSession is a workspace that notes when each seq was announced.
type liveSession struct {
	*workspace.Workspace
	room *live.Room

	mu        sync.Mutex
	announced map[int64]time.Time
}

// Changed implements workspace.Listener.
func (s *liveSession) Changed(seq int64) {
	s.mu.Lock()
	s.announced[seq] = time.Now()
	s.mu.Unlock()
	if s.room != nil {
		s.room.Changed(seq)
	}
}

// Queued implements workspace.Listener.
func (s *liveSession) Queued(workspace.Queued) {}

// Stopped implements workspace.Listener.
func (s *liveSession) Stopped(string) {}

func startLive(folder string) (*liveServer, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &liveServer{
		folder: folder, hub: live.NewHub(live.Config{MaxSockets: liveSockets + eventSockets + 100}), address: listener.Addr().String(),
		sessions: make(map[string]*liveSession),
	}
	l.http = &http.Server{Handler: http.HandlerFunc(l.serve), ReadHeaderTimeout: time.Minute}
	go func() { _ = l.http.Serve(listener) }() // ends with close
	return l, nil
}

func (l *liveServer) close() {
	l.hub.Close(context.Background())
	_ = l.http.Close()
	for _, s := range l.sessions {
		_ = s.Close()
	}
}

func (l *liveServer) serve(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	s := l.sessions[r.URL.Query().Get("session")]
	l.mu.Unlock()
	if err := s.room.Serve(w, r); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	}
}

func (l *liveServer) open(id string) (*liveSession, error) {
	s := &liveSession{announced: make(map[int64]time.Time)}
	ws, err := workspace.Open(filepath.Join(l.folder, id+".db"), workspace.Options{Listener: s})
	if err != nil {
		return nil, err
	}
	s.Workspace, s.room = ws, l.hub.Room(id, ws)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sessions[id] = s
	return s, nil
}

// upload makes a change and returns its seq.
func (s *liveSession) upload(ctx context.Context, job *workspace.NewJob) (*workspace.Job, error) {
	acc, err := s.Accept(ctx, workspace.Upload{
		ID: workspace.NewID(), Digest: "d", Job: job,
		Files: []*workspace.File{{Name: "a.zip", Size: 1, SHA256: "00", Kind: "zip", Blob: workspace.NewID()}},
	})
	return acc.Job, err
}

func (s *liveSession) announcedLast() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	var last time.Time
	for _, at := range s.announced {
		if at.After(last) {
			last = at
		}
	}
	return last
}

// residentBytes is what the process holds of the machine's memory.
func residentBytes() (int64, error) {
	debug.FreeOSMemory()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0, fmt.Errorf("statm is %q", text)
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize()), err
}

// events measures from a job's change to each socket of its session, with many
// sessions at work.
func (l *liveServer) events(ctx context.Context, b *bench) error {
	var group sync.WaitGroup
	var mu sync.Mutex
	var took []time.Duration
	var failed []error
	for i := range eventSessions {
		s, err := l.open(fmt.Sprint("events", i))
		if err != nil {
			return err
		}
		var ready sync.WaitGroup
		ready.Add(eventSockets)
		for range eventSockets {
			group.Go(func() {
				times, err := l.listen(s, fmt.Sprint("events", i), ready.Done)
				mu.Lock()
				defer mu.Unlock()
				took, failed = append(took, times...), append(failed, err)
			})
		}
		group.Go(func() {
			ready.Wait()
			err := s.work(ctx)
			s.room.Purge("logout")
			mu.Lock()
			defer mu.Unlock()
			failed = append(failed, err)
		})
	}
	group.Wait()
	if err := errors.Join(failed...); err != nil {
		return err
	}
	slices.Sort(took)
	b.note("%d events heard: p50 %v, most %v", len(took), took[len(took)/2], took[len(took)-1])
	b.report(result{Name: "live_event_p99", Value: took[len(took)*99/100].Seconds() * 1000, Unit: "ms", Allocs: -1})
	return nil
}

// work runs a job that changes again and again.
func (s *liveSession) work(ctx context.Context) error {
	job, err := s.upload(ctx, &workspace.NewJob{Kind: "convert"})
	if err != nil {
		return err
	}
	run, err := s.Start(ctx, job.ID, time.Minute)
	if err != nil {
		return err
	}
	ticker := time.NewTicker(eventPause)
	defer ticker.Stop()
	for i := range int64(eventsPerJob) {
		<-ticker.C
		if err := s.Progress(ctx, run, workspace.Progress{Done: i, Total: eventsPerJob, Unit: "files"}, time.Minute); err != nil {
			return err
		}
	}
	return nil
}

// listen is a page of a session: it notes how long after its change each delta
// came, until it is purged.
func (l *liveServer) listen(s *liveSession, session string, joined func()) (took []time.Duration, err error) {
	conn, err := dialLive(l.address, session, wire.ViewHTML)
	joined()
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	for {
		_, data, err := conn.ReadMessage()
		if websocket.IsCloseError(err, wire.CodePurged) {
			return took, nil
		}
		if err != nil {
			return took, err
		}
		now := time.Now()
		frame, err := wire.DecodeServer(data)
		if err != nil {
			return took, err
		}
		if d, ok := frame.(*wire.Delta); ok {
			s.mu.Lock()
			took = append(took, now.Sub(s.announced[d.To]))
			s.mu.Unlock()
		}
	}
}

// dialLive connects and says hello.
func dialLive(address, session string, view wire.View) (*websocket.Conn, error) {
	dialer := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}, ReadBufferSize: 512, WriteBufferSize: 512, HandshakeTimeout: time.Minute}
	conn, _, err := dialer.Dial("ws://"+address+"/?session="+session, nil)
	if err != nil {
		return nil, err
	}
	hello, err := wire.Encode(wire.Hello{Client: workspace.NewID(), View: view})
	if err == nil {
		err = conn.WriteMessage(websocket.TextMessage, hello)
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}
