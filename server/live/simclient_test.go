package live_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"ret/shared/wire"
	"ret/shared/workspace"
	"ret/web/page"
)

// simClient is a client of the simulation: a replica, or a page that follows
// fragments. Its own goroutine has it.
type simClient struct {
	*world
	session string
	id      string
	page    bool
	rand    *rand.Rand

	epoch    string
	cursor   int64
	things   map[string]string // values of a replica by thing
	elements map[string]string // HTML of a page by element id
	seen     map[string]bool   // changes since the last reset

	outbox  []wire.Mutate // not answered yet
	n       int64
	answers map[int64]wire.Frame
	submits int // mutations that make a job each
}

func newSimClient(w *world, session string, page bool, r *rand.Rand) *simClient {
	c := &simClient{world: w, session: session, id: workspace.NewID(), page: page, rand: r, answers: make(map[int64]wire.Frame)}
	c.forget()
	return c
}

// forget drops the replica but keeps the outbox.
func (c *simClient) forget() {
	c.cursor = 0
	c.things, c.elements, c.seen = make(map[string]string), make(map[string]string), make(map[string]bool)
}

// live connects again and again while things go wrong; then until its outbox is
// empty; then once more, when nothing changes any more, to have it all.
func (c *simClient) live() {
	for !isClosed(c.calm) {
		c.connect(func(conn *websocket.Conn) { c.faultyLife(conn) })
	}
	deadline := time.Now().Add(4 * patience)
	for len(c.outbox) > 0 && time.Now().Before(deadline) {
		c.connect(func(conn *websocket.Conn) {
			for len(c.outbox) > 0 && c.hear(conn, patience) {
			}
		})
	}
	c.faulty.Done()
	<-c.still
	_, end := c.sessions[c.session].state(c.t)
	for c.cursor < end && time.Now().Before(deadline) {
		c.connect(func(conn *websocket.Conn) {
			for c.cursor < end && c.hear(conn, patience) {
			}
		})
	}
}

func isClosed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}

// connect says hello and lives; then the connection breaks.
func (c *simClient) connect(life func(*websocket.Conn)) {
	dialer := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}, NetDialContext: c.line.dial, HandshakeTimeout: patience}
	conn, _, err := dialer.Dial("ws://pipes/?session="+c.session, nil)
	if err != nil {
		return // a restart is under way
	}
	defer func() { _ = conn.NetConn().Close() }() // without a farewell
	hello := wire.Hello{Client: c.id, Epoch: c.epoch, Cursor: c.cursor, View: wire.ViewData}
	if c.page {
		hello.View = wire.ViewHTML
	}
	if !c.say(conn, hello) {
		return
	}
	// What is not answered yet may or may not have been done.
	for _, m := range c.outbox {
		if !c.say(conn, m) {
			return
		}
	}
	life(conn)
}

// faultyLife hears and says a few things, with accidents.
func (c *simClient) faultyLife(conn *websocket.Conn) {
	for range 1 + c.rand.IntN(12) {
		switch c.rand.IntN(12) {
		case 0, 1:
			c.mutate(conn)
		case 2: // again, though it may have been heard
			for _, m := range c.outbox {
				c.say(conn, m)
			}
		case 3: // stops reading for a time: sent away as too slow, or cut off
			<-time.After(time.Duration(c.rand.IntN(20)) * time.Millisecond)
		case 4:
			if c.rand.IntN(8) == 0 { // loses what it had stored
				c.epoch = ""
				c.forget()
				return
			}
		default:
			if !c.hear(conn, 5*time.Millisecond) {
				return
			}
		}
	}
}

// mutate asks for something new.
func (c *simClient) mutate(conn *websocket.Conn) {
	c.n++
	m := wire.Mutate{Client: c.id, N: c.n, Name: "entry.put"}
	switch c.rand.IntN(3) {
	case 0:
		m.Args = fmt.Appendf(nil, `{"key":"%s/%d","value":"dg=="}`, c.session, c.rand.IntN(8))
	case 1:
		m.Name, m.Args = "job.retry", json.RawMessage(`{"id":"none"}`)
	case 2:
		// Each of these makes one job, so jobs count how often it was done.
		file := c.anyFile()
		if file == "" {
			m.Name, m.Args = "entry.delete", fmt.Appendf(nil, `{"key":"%s/0"}`, c.session)
			break
		}
		m.Name, m.Args = "job.submit", fmt.Appendf(nil, `{"kind":"once","files":["%s"]}`, file)
	}
	c.outbox = append(c.outbox, m)
	c.say(conn, m)
}

func (c *simClient) anyFile() string {
	for id := range c.things {
		if file, ok := strings.CutPrefix(id, "file "); ok {
			return file
		}
	}
	return ""
}

func (c *simClient) say(conn *websocket.Conn, f wire.Frame) bool {
	text, err := wire.Encode(f)
	if err != nil {
		c.t.Error(err)
		return false
	}
	_ = conn.SetWriteDeadline(time.Now().Add(patience))
	return conn.WriteMessage(websocket.TextMessage, text) == nil
}

// hear takes one frame; false means that the connection is lost, or silent.
func (c *simClient) hear(conn *websocket.Conn, within time.Duration) bool {
	_ = conn.SetReadDeadline(time.Now().Add(within))
	_, data, err := conn.ReadMessage()
	if err != nil {
		return false
	}
	frame, err := wire.DecodeServer(data)
	if err != nil {
		c.t.Errorf("%v: %s", err, data)
		return false
	}
	switch f := frame.(type) {
	case *wire.Welcome:
		c.epoch = f.Epoch
	case *wire.Reset:
		c.epoch = f.Epoch
		c.forget()
	case *wire.Delta:
		c.follow(f)
	case *wire.Progress:
		c.mine(f.Job, f.Progress.Message)
	case *wire.Ack:
		c.answered(f.N, f)
	case *wire.Rejected:
		c.answered(f.N, f)
	default:
		c.t.Errorf("unexpected %T", f)
	}
	return true
}

// mine checks that texts belong to the client's session.
func (c *simClient) mine(texts ...string) {
	for _, text := range texts {
		for _, name := range sessionNames {
			if name != c.session && strings.Contains(text, name) {
				c.t.Errorf("a client of %s hears %.200s", c.session, text)
			}
		}
	}
}

func (c *simClient) follow(d *wire.Delta) {
	if step := wire.Follow(c.cursor, d.From, d.To); step != wire.Apply {
		c.t.Errorf("delta from %d to %d at %d: %s", d.From, d.To, c.cursor, step)
		return
	}
	c.cursor = d.To
	for _, ch := range d.Changes {
		mark := fmt.Sprint(ch.Seq, " ", ch.Target)
		if c.seen[mark] && !strings.HasPrefix(ch.Swap, "replace") {
			c.t.Errorf("change %s comes twice", mark)
		}
		c.seen[mark+" "+elementID(ch.HTML)] = true
		c.mine(ch.ID, string(ch.Value), ch.HTML)
		if c.page {
			c.applyHTML(ch)
		} else {
			c.applyData(ch, mark)
		}
	}
}

func (c *simClient) applyData(ch wire.Change, mark string) {
	if c.seen[mark+"data"] {
		c.t.Errorf("change %s comes twice", mark)
	}
	c.seen[mark+"data"] = true
	id := thingID(ch.Entity, ch.ID)
	if ch.Op == workspace.Del {
		delete(c.things, id)
	} else {
		c.things[id] = string(ch.Value)
	}
}

var idAttribute = regexp.MustCompile(`\sid="([^"]+)"`)

func elementID(html string) string {
	if m := idAttribute.FindStringSubmatch(html); m != nil {
		return m[1]
	}
	return ""
}

func (c *simClient) applyHTML(ch wire.Change) {
	switch ch.Swap {
	case "append":
		c.elements[elementID(ch.HTML)] = ch.HTML
	case "remove":
		delete(c.elements, ch.Target)
	}
}

// answered checks that a mutation is answered the same however often.
func (c *simClient) answered(n int64, f wire.Frame) {
	text, _ := wire.Encode(f)
	if old := c.answers[n]; old != nil {
		if was, _ := wire.Encode(old); string(was) != string(text) {
			c.t.Errorf("mutation %d is answered %s, was %s", n, text, was)
		}
		return
	}
	if len(c.outbox) == 0 || c.outbox[0].N != n {
		c.t.Errorf("mutation %d is answered out of turn", n)
		return
	}
	if _, done := f.(*wire.Ack); done && c.outbox[0].Name == "job.submit" {
		c.submits++
	}
	c.answers[n] = f
	c.outbox = c.outbox[1:]
}

// check compares the client with its server.
func (c *simClient) check() {
	s := c.sessions[c.session]
	state, end := s.state(c.t)
	if len(c.outbox) > 0 || int64(len(c.answers)) != c.n || c.cursor != end {
		c.t.Errorf("client of %s: %d mutations unanswered, cursor %d of %d", c.session, len(c.outbox), c.cursor, end)
		return
	}
	if !c.page {
		c.checkThings(state)
		return
	}
	c.checkElements(state)
}

func (c *simClient) checkThings(state map[string]string) {
	for id := range maps.Keys(state) {
		if c.things[id] != state[id] {
			c.t.Errorf("replica of %s has %s as\n%s\nserver:\n%s", c.session, id, c.things[id], state[id])
		}
		delete(c.things, id)
	}
	for id := range c.things {
		c.t.Errorf("replica of %s still has %s", c.session, id)
	}
}

// checkElements wants all that a page shows, and nothing that is gone. Of files a page
// shows the newest; once a session has had more than those, an older one may be
// missing, since what has pushed it out may be deleted again.
func (c *simClient) checkElements(state map[string]string) {
	had := c.files[slices.Index(sessionNames, c.session)].Load()
	for id := range state {
		entity, thing, _ := strings.Cut(id, " ")
		leftOut := entity == "entry" || entity == "file" && had > page.WorkbenchFiles
		if !leftOut && c.elements[entity+"-"+thing] == "" {
			c.t.Errorf("page of %s lacks %s", c.session, id)
		}
		delete(c.elements, entity+"-"+thing)
	}
	for id := range c.elements {
		if !strings.HasPrefix(id, "group-") {
			c.t.Errorf("page of %s still has %s", c.session, id)
		}
	}
}
