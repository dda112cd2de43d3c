package live_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/ncruces/go-sqlite3"

	"ret/shared/fault"
	"ret/shared/replica"
	"ret/shared/sqlite"
	"ret/shared/sqlite/faultvfs"
	"ret/shared/wire"
	"ret/shared/workspace"
)

// The outbox's simulation is that of the channel with real replicas as clients.
// Beside lost connections and restarts of the server, a client is ended between
// any two steps, by a crash or a power cut, runs out of room, makes mutations
// while it is offline, and signs in to another session over the old replica. At
// the end every replica must be what its server is, and every mutation that was
// taken must be done or stand in the list of rejected ones.
func TestOutboxSimulation(t *testing.T) {
	forSeeds(t, seeds{usual: 200, soak: 3000, at: 8}, simulateOutbox)
}

func simulateOutbox(t *testing.T, seed uint64) {
	w := &world{
		t: t, rand: rand.New(rand.NewPCG(seed, 1)), dir: memoryDir(t), line: newPipes(),
		runs: make(map[string][]workspace.Run), calm: make(chan struct{}), still: make(chan struct{}),
	}
	w.start()
	for _, name := range sessionNames {
		w.upload(name, w.sessions[name])
	}
	w.http = &http.Server{Handler: http.HandlerFunc(w.serve)}
	var serving sync.WaitGroup
	serving.Go(func() { _ = w.http.Serve(w.line) })
	defer serving.Wait()
	defer func() { _ = w.http.Close() }()

	var clients []*outboxClient
	var running sync.WaitGroup
	for i, name := range []string{"alpha", "alpha", "beta"} {
		c := newOutboxClient(w, name, rand.New(rand.NewPCG(seed, uint64(i+2))))
		clients = append(clients, c)
		w.faulty.Add(1)
		running.Go(c.live)
	}
	for range 30 {
		w.act()
	}
	w.calmDown()
	w.faulty.Wait() // all mutations are answered
	// What a client sent before it crashed may still be under way.
	w.stop()
	w.start()
	close(w.still)
	running.Wait()
	for _, c := range clients {
		c.check()
		c.end()
	}
	w.stop()
}

// outboxClient is a browser's engine without the browser. Its own goroutine has
// it.
type outboxClient struct {
	*world
	session string
	rand    *rand.Rand

	disk *faultvfs.Disk
	full bool // the disk has no room
	path string
	r    *replica.Replica

	taken []takenMutation
}

// takenMutation is one that the person was told is kept.
type takenMutation struct {
	workspace.Mutation
	epoch string
}

func newOutboxClient(w *world, session string, r *rand.Rand) *outboxClient {
	c := &outboxClient{world: w, session: session, rand: r}
	c.path = filepath.Join(memoryDir(w.t), "replica.db")
	c.open()
	return c
}

func (c *outboxClient) open() {
	c.disk, c.full = faultvfs.New(c.t), false
	c.r = must(replica.Open(context.Background(), c.path, sqlite.Config{VFS: c.disk.Name(), Exclusive: true}))(c.t)
}

func (c *outboxClient) end() {
	c.room()
	if err := c.r.Close(); err != nil {
		c.t.Error(err)
	}
}

// crash ends the client without a word, and starts it again with what was
// stored: after a power cut that is what was synced.
func (c *outboxClient) crash() {
	powerCut := c.rand.IntN(2) == 0
	folder := memoryDir(c.t)
	if powerCut {
		c.ok(c.disk.Cut(folder, c.rand))
	}
	_ = c.r.Close()
	if powerCut {
		c.path = filepath.Join(folder, filepath.Base(c.path))
	}
	c.open()
}

// fill uses up all room on the disk, room gives it back.
func (c *outboxClient) fill() {
	c.full = true
	c.disk.Fail(func(op faultvfs.Op) error {
		if op == faultvfs.Write {
			return sqlite3.FULL
		}
		return nil
	})
}

func (c *outboxClient) room() {
	c.full = false
	c.disk.Fail(nil)
}

// ok reports whether something went well, and an error that nobody asked for.
func (c *outboxClient) ok(err error) bool {
	c.t.Helper()
	if err != nil && !(c.full && fault.Is(err, fault.NoSpace)) {
		c.t.Errorf("client of %s: %v", c.session, err)
	}
	return err == nil
}

// rounds is how often a client connects at least while things go wrong.
const rounds = 6

func (c *outboxClient) live() {
	for n := 0; n < rounds || !isClosed(c.calm); n++ {
		c.accident()
		c.connect(c.faultyLife)
	}
	c.room()
	deadline := time.Now().Add(4 * patience)
	for c.pending() > 0 && time.Now().Before(deadline) {
		c.connect(func(conn *websocket.Conn) {
			for c.pending() > 0 && c.hear(conn, patience) {
			}
		})
	}
	c.faulty.Done()
	<-c.still
	_, end := c.sessions[c.session].state(c.t)
	for c.cursor() < end && time.Now().Before(deadline) {
		c.connect(func(conn *websocket.Conn) {
			for c.cursor() < end && c.hear(conn, patience) {
			}
		})
	}
}

// accident is what happens to a client that is offline.
func (c *outboxClient) accident() {
	for range c.rand.IntN(4) {
		switch c.rand.IntN(8) {
		case 0:
			c.crash()
		case 1:
			c.fill()
		case 2:
			c.room()
		case 3: // someone else signs in: the replica is still the old session's
			if c.rand.IntN(4) == 0 {
				c.session = sessionNames[c.rand.IntN(len(sessionNames))]
			}
		default:
			c.mutate()
		}
	}
}

// mutate asks for something that the person can see.
func (c *outboxClient) mutate() {
	name, args := c.wish()
	if name == "" {
		return
	}
	base := int64(0)
	if c.rand.IntN(4) == 0 {
		base = c.cursor()
	}
	p, err := c.r.Mutate(context.Background(), "", name, args, base)
	if err != nil {
		if kind := fault.KindOf(err); kind != fault.Conflict && kind != fault.NotFound {
			c.ok(err)
		}
		return
	}
	// The client's name is on disk already: reading it needs no room.
	frames := must(c.r.Unanswered(context.Background(), p.N-1, 1))(c.t)
	if len(frames) != 1 || frames[0].N != p.N {
		c.t.Errorf("taken as %d, kept as %+v", p.N, frames)
		return
	}
	c.taken = append(c.taken, takenMutation{workspace.Mutation(frames[0]), c.r.Epoch()})
}

func (c *outboxClient) wish() (name string, args json.RawMessage) {
	ctx := context.Background()
	files := must(c.r.Files(ctx, workspace.Page{}))(c.t).Items
	jobs := must(c.r.Jobs(ctx, "", workspace.Page{}))(c.t).Items
	if len(files) == 0 || len(jobs) == 0 {
		return "", nil
	}
	file, job := files[c.rand.IntN(len(files))].ID, jobs[c.rand.IntN(len(jobs))].ID
	switch c.rand.IntN(9) {
	case 8:
		tables := must(c.r.Tables(ctx, workspace.TableFilter{}, workspace.Page{Limit: 1 + c.rand.IntN(3)}))(c.t).Items
		ids := make([]string, len(tables))
		for i, t := range tables {
			ids[i] = t.ID
		}
		return workspace.MutationTableDelete, must(json.Marshal(map[string][]string{"tables": ids}))(c.t)
	case 0:
		return workspace.MutationFileDelete, fmt.Appendf(nil, `{"id":%q}`, file)
	case 1, 2:
		return workspace.MutationJobCancel, fmt.Appendf(nil, `{"id":%q}`, job)
	case 3, 4:
		return workspace.MutationJobRetry, fmt.Appendf(nil, `{"id":%q}`, job)
	case 5:
		return workspace.MutationEntryPut, fmt.Appendf(nil, `{"key":"%s/%d","value":"dg=="}`, c.owner(), c.rand.IntN(8))
	case 6:
		return workspace.MutationEntryDelete, fmt.Appendf(nil, `{"key":"%s/%d"}`, c.owner(), c.rand.IntN(8))
	}
	return workspace.MutationJobSubmit, fmt.Appendf(nil, `{"kind":"once","files":[%q]}`, file)
}

// owner is the session whose replica this is, whoever is signed in.
func (c *outboxClient) owner() string {
	for _, name := range sessionNames {
		c.mu.RLock()
		epoch := c.sessions[name].Epoch()
		c.mu.RUnlock()
		if epoch == c.r.Epoch() {
			return name
		}
	}
	c.t.Error("the replica belongs to nobody")
	return ""
}

func (c *outboxClient) pending() int64 {
	counts := must(c.r.OutboxCount(context.Background()))(c.t)
	return counts[replica.PendingWaiting] + counts[replica.PendingAcked]
}

func (c *outboxClient) cursor() int64 {
	at := must(c.r.Cursor(context.Background()))(c.t)
	if c.owned() {
		return at.Seq
	}
	return 0
}

// owned reports whether the replica is of the session that is signed in.
func (c *outboxClient) owned() bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.sessions[c.session].Epoch() == c.r.Epoch()
}

// connect says hello and lives; then the connection breaks.
func (c *outboxClient) connect(life func(*websocket.Conn)) {
	dialer := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}, NetDialContext: c.line.dial, HandshakeTimeout: patience}
	conn, _, err := dialer.Dial("ws://pipes/?session="+c.session, nil)
	if err != nil {
		return // a restart is under way
	}
	defer func() { _ = conn.NetConn().Close() }()
	hello, err := c.r.Hello(context.Background())
	if c.ok(err) && c.say(conn, hello) {
		life(conn)
	}
}

// faultyLife hears and asks for a few things, with accidents.
func (c *outboxClient) faultyLife(conn *websocket.Conn) {
	for range 1 + c.rand.IntN(20) {
		switch c.rand.IntN(16) {
		case 0, 1:
			c.mutate()
			fallthrough
		case 2:
			c.push(conn) // again, though it may have been heard
		case 3: // stops reading for a time
			<-time.After(time.Duration(c.rand.IntN(10)) * time.Millisecond)
		case 4:
			c.accident()
			return
		default:
			if !c.hear(conn, 5*time.Millisecond) {
				return
			}
		}
	}
}

// push sends all that is not answered, if the server has greeted by now: before
// that the outbox may be another session's.
func (c *outboxClient) push(conn *websocket.Conn) {
	if !c.owned() {
		return
	}
	frames, err := c.r.Unanswered(context.Background(), 0, 64)
	if !c.ok(err) {
		return
	}
	for _, m := range frames {
		if !c.say(conn, m) {
			return
		}
	}
}

func (c *outboxClient) say(conn *websocket.Conn, f wire.Frame) bool {
	text := must(wire.Encode(f))(c.t)
	_ = conn.SetWriteDeadline(time.Now().Add(patience))
	return conn.WriteMessage(websocket.TextMessage, text) == nil
}

// hear takes one frame; false means that the connection is of no use any more.
func (c *outboxClient) hear(conn *websocket.Conn, within time.Duration) bool {
	_ = conn.SetReadDeadline(time.Now().Add(within))
	_, data, err := conn.ReadMessage()
	if err != nil {
		return false
	}
	for _, name := range sessionNames {
		if name != c.session && strings.Contains(string(data), name) {
			c.t.Errorf("a client of %s hears %.200s", c.session, data)
		}
	}
	frame := must(wire.DecodeServer(data))(c.t)
	ctx := context.Background()
	switch f := frame.(type) {
	case *wire.Welcome, *wire.Reset:
		_, err = c.r.Greeted(ctx, f)
		if err == nil {
			c.push(conn)
		}
	case *wire.Delta:
		var step wire.Step
		step, err = c.r.Apply(ctx, f)
		if err == nil && step != wire.Apply {
			c.t.Errorf("delta from %d to %d: %s", f.From, f.To, step)
		}
	case *wire.Ack, *wire.Rejected:
		_, err = c.r.Answered(ctx, f)
	}
	return c.ok(err)
}

// check compares the client with its server, and what became of each mutation
// with the server's answer.
func (c *outboxClient) check() {
	s := c.sessions[c.session]
	want, end := s.state(c.t)
	if n, at := c.pending(), c.cursor(); n > 0 || at != end || !c.owned() {
		c.t.Errorf("client of %s: %d mutations wait, cursor %d of %d", c.session, n, at, end)
		return
	}
	have, _ := (&session{Workspace: c.r.Workspace}).state(c.t)
	if !maps.Equal(have, want) {
		c.t.Errorf("replica of %s is\n%v\nserver:\n%v", c.session, have, want)
	}
	rejected := make(map[string]int)
	for _, p := range must(c.r.Rejected(context.Background(), 1<<30))(c.t) {
		rejected[p.Name+string(p.Args)+p.Code]++
	}
	asked := make(map[string]int64) // by client
	for _, m := range c.taken {
		if m.epoch != s.Epoch() || m.Client != must(c.r.Client(context.Background()))(c.t) {
			c.checkDropped(s, m)
			continue
		}
		asked[m.Client]++
		a := must(s.Mutate(context.Background(), m.Mutation, workspace.Around{}))(c.t) // the stored answer
		if a.Rejected() {
			rejected[m.Name+string(m.Args)+a.Code]--
		}
	}
	for what, n := range rejected {
		if n != 0 {
			c.t.Errorf("%d times too often in the list: %s", n, what)
		}
	}
	for client, n := range asked {
		if last := must(s.LastMutation(context.Background(), client))(c.t); last != n {
			c.t.Errorf("%d mutations were taken, the server knows %d", n, last)
		}
	}
}

// checkDropped: what was left of another session's outbox was never heard here.
func (c *outboxClient) checkDropped(s *session, m takenMutation) {
	if m.epoch == s.Epoch() {
		return // of an earlier time in this session, when it may have been done
	}
	if n := must(s.LastMutation(context.Background(), m.Client))(c.t); n != 0 {
		c.t.Errorf("a session hears %d mutations of another one's client", n)
	}
}
