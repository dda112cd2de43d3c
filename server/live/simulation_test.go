package live_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ret/server/live"
	"ret/shared/entries"
	"ret/shared/fault"
	"ret/shared/wire"
	"ret/shared/workspace"
)

// The simulation drives two sessions with their clients through lost
// connections, frames that come late or twice, readers that stop reading, and
// restarts, all in one process. A seed chooses what happens; the scheduler chooses
// the interleaving. At the end every client must have its server's state, must
// have seen no change twice and none of the other session, and every mutation
// must have been done once.
func TestSimulation(t *testing.T) {
	forSeeds(t, seeds{usual: 100, soak: 2000, at: 12}, simulate)
}

// seeds are how many a simulation is run with.
type seeds struct {
	usual, soak int
	at          int // once
}

// forSeeds runs a simulation of each seed. Under the race detector, which looks for
// something else, a few must do.
func forSeeds(t *testing.T, n seeds, simulate func(t *testing.T, seed uint64)) {
	count := n.usual
	switch {
	case os.Getenv("RET_SOAK") == "1":
		count = n.soak
	case raceDetector:
		count = 2
	}
	next := make(chan uint64)
	go func() {
		defer close(next)
		for seed := range uint64(count) {
			next <- seed
		}
	}()
	var workers sync.WaitGroup
	for range n.at {
		workers.Go(func() {
			for seed := range next {
				t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) { simulate(t, seed) })
			}
		})
	}
	workers.Wait()
}

// world is what a seed makes: a server and its sessions.
type world struct {
	t    *testing.T
	rand *rand.Rand
	dir  string
	http *http.Server
	line *pipes

	mu       sync.RWMutex // held for reading by who uses the server
	hub      *live.Hub
	sessions map[string]*session
	runs     map[string][]workspace.Run // jobs at work, by session

	asked atomic.Int64    // mutations that wanted to be admitted
	files [2]atomic.Int64 // that each session has ever had, by sessionNames

	faulty sync.WaitGroup // clients in the part of their life where things go wrong
	calm   chan struct{}  // closed when nothing goes wrong any more
	still  chan struct{}  // closed when nothing changes any more
}

var sessionNames = []string{"alpha", "beta"}

func simulate(t *testing.T, seed uint64) {
	w := &world{
		t: t, rand: rand.New(rand.NewPCG(seed, 1)), dir: memoryDir(t), line: newPipes(),
		runs: make(map[string][]workspace.Run), calm: make(chan struct{}), still: make(chan struct{}),
	}
	w.start()
	w.http = &http.Server{Handler: http.HandlerFunc(w.serve)}
	var serving sync.WaitGroup
	serving.Go(func() { _ = w.http.Serve(w.line) })
	defer serving.Wait()
	defer func() { _ = w.http.Close() }()

	var clients []*simClient
	var running sync.WaitGroup
	w.faulty.Add(2 * len(sessionNames))
	for i, name := range []string{"alpha", "alpha", "beta", "beta"} {
		c := newSimClient(w, name, i%2 == 1, rand.New(rand.NewPCG(seed, uint64(i+2))))
		clients = append(clients, c)
		running.Go(c.live)
	}
	for range 40 {
		w.act()
	}
	w.calmDown()
	w.faulty.Wait() // all mutations are answered
	close(w.still)
	running.Wait()
	submitted := make(map[string]int)
	for _, c := range clients {
		c.check()
		submitted[c.session] += c.submits
	}
	for name, n := range submitted {
		w.checkDoneOnce(name, n)
	}
	w.stop()
}

// checkDoneOnce compares the jobs that mutations made with those acknowledged.
func (w *world) checkDoneOnce(name string, acknowledged int) {
	jobs := must(w.sessions[name].Jobs(context.Background(), "", workspace.Page{Limit: workspace.MaxPage}))(w.t).Items
	made := 0
	for _, j := range jobs {
		if j.Kind == "once" {
			made++
		}
	}
	if made != acknowledged {
		w.t.Errorf("%s: %d jobs were made by %d mutations", name, made, acknowledged)
	}
}

// memoryDir is a folder in memory where there is one: the simulation is about the
// channel, and durability has tests of its own.
func memoryDir(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "ret-live-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// start opens hub and sessions.
func (w *world) start() {
	w.mu.Lock()
	defer w.mu.Unlock()
	cfg := live.Config{
		HelloWithin: 200 * time.Millisecond, PingEvery: 100 * time.Millisecond,
		Admit:     w.admit,
		SlowAfter: 10 * time.Millisecond, GiveUpAfter: 50 * time.Millisecond, CloseWithin: 20 * time.Millisecond,
	}
	if isClosed(w.calm) { // on a busy machine everybody is slow by these
		cfg = live.Config{Admit: w.admit, CloseWithin: 20 * time.Millisecond}
	}
	w.hub = live.NewHub(cfg)
	w.sessions = make(map[string]*session)
	for _, name := range sessionNames {
		w.sessions[name] = openSession(w.t, w.hub, name, filepath.Join(w.dir, name+".db"))
	}
}

// admit has every third mutation wait for a moment, as one over the rate does.
func (w *world) admit(string) time.Duration {
	if w.asked.Add(1)%3 == 0 {
		return 2 * time.Millisecond
	}
	return 0
}

// calmDown ends what goes wrong: from now on the server has the patience of a real
// one.
func (w *world) calmDown() {
	close(w.calm)
	w.stop()
	w.start()
}

// stop closes them in the order of a server.
func (w *world) stop() {
	w.mu.RLock()
	hub, sessions := w.hub, w.sessions
	w.mu.RUnlock()
	hub.Close(context.Background())
	for _, s := range sessions {
		if err := s.Close(); err != nil {
			w.t.Error(err)
		}
	}
}

func (w *world) serve(rw http.ResponseWriter, r *http.Request) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if err := w.sessions[r.URL.Query().Get("session")].room.Serve(rw, r); err != nil {
		http.Error(rw, err.Error(), http.StatusServiceUnavailable)
	}
}

// act does one thing to one session.
func (w *world) act() {
	name := sessionNames[w.rand.IntN(len(sessionNames))]
	s := w.sessions[name]
	switch w.rand.IntN(12) {
	case 0, 1, 2:
		w.upload(name, s)
	case 3, 4:
		w.startJob(name, s)
	case 5, 6:
		w.finishDocument(name, s)
	case 7:
		w.deleteFile(s)
	case 8, 9:
		w.writeEntries(name, s)
	case 10:
		s.room.Progress(name, workspace.Progress{Done: int64(w.rand.IntN(100)), Total: 100, Unit: "files", Message: name})
	case 11:
		if w.rand.IntN(4) == 0 {
			w.stop()
			w.start()
		}
	}
}

func (w *world) upload(name string, s *session) {
	up := workspace.Upload{ID: workspace.NewID(), Digest: "d", Job: &workspace.NewJob{Kind: "convert"}}
	for range 1 + w.rand.IntN(3) {
		up.Files = append(up.Files, &workspace.File{
			Name: name + strings.Repeat("-", w.rand.IntN(200)), Size: 1, SHA256: "00", Kind: "zip", Blob: workspace.NewID(),
		})
	}
	if w.rand.IntN(2) == 0 {
		up.Job = nil
	}
	w.expect(s.Accept(context.Background(), up))
	w.files[slices.Index(sessionNames, name)].Add(int64(len(up.Files)))
}

func (w *world) startJob(name string, s *session) {
	waiting := must(s.Jobs(context.Background(), workspace.StateQueued, workspace.Page{}))(w.t).Items
	if len(waiting) == 0 {
		return
	}
	run, err := s.Start(context.Background(), waiting[0].ID, time.Minute)
	if errors.Is(err, workspace.ErrLost) {
		return // a client has cancelled it, or deleted its file
	}
	w.expect(run, err)
	w.runs[name] = append(w.runs[name], run)
}

// finishDocument adds a document with its table to a running job, and perhaps
// ends it. A job that lost its file is cancelled already.
func (w *world) finishDocument(name string, s *session) {
	if len(w.runs[name]) == 0 {
		return
	}
	run := w.runs[name][0]
	path := name + "/" + workspace.NewID()
	_ = s.AddFinished(context.Background(), run, []workspace.Finished{{
		Document: workspace.Document{Path: path, Status: workspace.StatusConverted, Manifest: []byte("{}")},
		Tables:   []*workspace.Table{{Group: name, Source: path, Name: name, Blob: path, RowIndex: []byte{}}},
	}}, 0)
	if w.rand.IntN(2) == 0 {
		_, _ = s.Finish(context.Background(), run, workspace.Outcome{State: workspace.StateSucceeded})
		w.runs[name] = w.runs[name][1:]
	}
}

func (w *world) deleteFile(s *session) {
	files := must(s.Files(context.Background(), workspace.Page{}))(w.t).Items
	if len(files) == 0 {
		return
	}
	_, err := s.DeleteFile(context.Background(), files[w.rand.IntN(len(files))].ID, 0)
	if !fault.Is(err, fault.NotFound) { // a client may have been quicker
		w.expect(nil, err)
	}
}

func (w *world) writeEntries(name string, s *session) {
	err := s.Entries().Write(context.Background(), func(tx *entries.Tx) error {
		for range 1 + w.rand.IntN(5) {
			key := fmt.Sprint(name, "/", w.rand.IntN(8))
			if w.rand.IntN(3) == 0 {
				if err := tx.Delete(key); err != nil {
					return err
				}
			} else if err := tx.Put(entries.Stored{Key: key, Value: []byte("v"), StoredAt: time.Now(), Used: 1}); err != nil {
				return err
			}
		}
		return tx.Settle()
	})
	w.expect(nil, err)
}

func (w *world) expect(_ any, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Error(err)
	}
}

// pipes is a network without buffers: what nobody reads cannot be written.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// thingID names a thing among all entities.
func thingID(entity workspace.Entity, id string) string { return string(entity) + " " + id }

// state is what the server has, as a replica must have it.
func (s *session) state(t testing.TB) (map[string]string, int64) {
	t.Helper()
	things, to, err := s.Things(context.Background(), 0, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	state := make(map[string]string)
	for _, thing := range things {
		text := must(wire.EncodeThing(thing))(t)
		frame, _ := wire.EncodeDelta(thing.Seq-1, thing.Seq, []wire.EncodedChange{{Seq: thing.Seq, Text: text}})
		d := must(wire.DecodeServer(frame))(t).(*wire.Delta)
		state[thingID(thing.Entity, thing.ID)] = string(d.Changes[0].Value)
	}
	return state, to
}
