package live

import (
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"ret/shared/fault"
	"ret/shared/wire"
	"ret/shared/workspace"
)

// Room has the sockets of one session.
type Room struct {
	hub       *Hub
	sessionID string
	ws        *workspace.Workspace

	mu       sync.Mutex
	clients  map[*client]struct{}
	latest   int64 // seq of the last change
	reading  bool  // a goroutine reads the workspace for clients that lag behind
	jobs     map[string]*jobProgress
	timer    *time.Timer   // sends progress that came too soon; nil: none is waiting
	farewell *closing      // how all are sent away; nil: they are welcome
	waiting  int           // clients that have not been told the farewell yet
	told     chan struct{} // closed when waiting comes to 0
	leaving  chan struct{} // closed when the farewell is said
	large    turns         // of the room's own frames, as Hub.large
}

func newRoom(h *Hub, sessionID string, ws *workspace.Workspace) *Room {
	return &Room{
		hub: h, sessionID: sessionID, ws: ws,
		clients: make(map[*client]struct{}), jobs: make(map[string]*jobProgress),
		told: make(chan struct{}), leaving: make(chan struct{}), large: make(turns, largeFramesOfRoom),
	}
}

// Clients counts the room's sockets.
func (r *Room) Clients() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.clients)
}

// Changed says that changes up to seq can be read, as workspace.Listener does.
func (r *Room) Changed(seq int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.latest = max(r.latest, seq)
	r.wake()
}

// Purge tells all clients that the session is erased, and why ("logout",
// "expired" or "revoked"), and closes their sockets with 4001; nobody can join
// afterwards. It does not wait: the function that it returns does, until everybody
// has been told, or cut off purgeWithin after the call.
func (r *Room) Purge(reason string) (wait func()) {
	frame, err := wire.Encode(wire.Purge{Epoch: r.ws.Epoch(), Reason: wire.Reason(reason)})
	if err != nil {
		r.hub.log.Error("purge not announced", "session", r.sessionID, "err", err)
	}
	r.sendAway(closing{wire.CodePurged, reason}, frame)
	until := time.Now().Add(min(purgeWithin, r.hub.cfg.CloseWithin))
	return func() { r.wait(until) }
}

// purgeWithin is for the farewell of a session that ends: whoever signs out does not
// wait for a tab that takes nothing any more.
const purgeWithin = 20 * time.Millisecond

// sendAway ends all sockets, now and later; the open ones get last first, if it
// is not nil, also those whose hello is still on its way. The first farewell
// counts.
func (r *Room) sendAway(how closing, last []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.farewell != nil {
		return
	}
	r.farewell = &how
	close(r.leaving)
	r.waiting = len(r.clients)
	if r.waiting == 0 {
		close(r.told)
	}
	for c := range r.clients {
		c.parting = true
		if last != nil && c.farewell == nil {
			c.answers = [][]byte{last}
		}
		if c.done {
			r.out(c)
		}
		c.end(how.code, how.text)
	}
}

// awaitFarewell waits for sendAway, but not for long.
func (r *Room) awaitFarewell() {
	timer := time.NewTimer(r.hub.cfg.CloseWithin)
	defer timer.Stop()
	select {
	case <-r.leaving:
	case <-timer.C:
	}
}

// out notes that a client has been told the farewell, or cannot be. The room's
// mutex is held.
func (r *Room) out(c *client) {
	if !c.parting {
		return
	}
	c.parting = false
	if r.waiting--; r.waiting == 0 {
		close(r.told)
	}
}

// wait waits until everybody has been told the farewell, and cuts off those that
// have not at a time.
func (r *Room) wait(until time.Time) {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-r.told:
		return
	case <-timer.C:
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.clients {
		if c.parting {
			c.cut()
		}
	}
}

var (
	errStopping   = fault.New(fault.Unavailable, "The server is stopping. Try again in a moment.")
	errTooCrowded = fault.New(fault.TooMany, "Too many tabs of this session are open.")
)

// enter counts a socket that is about to open.
func (r *Room) enter(c *client) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.farewell != nil {
		return errStopping
	}
	if len(r.clients) >= r.hub.cfg.MaxSockets {
		return errTooCrowded
	}
	r.clients[c] = struct{}{}
	r.hub.figures.sockets.Add(1)
	return nil
}

// begin hands a socket that is open to its reader. It reports false if it opened
// too late.
func (r *Room) begin(c *client, conn *websocket.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c.ending.Load() {
		return false
	}
	c.conn = conn
	r.hub.running.Go(c.read)
	if c.farewell != nil {
		c.kick()
	}
	return true
}

func (r *Room) leave(c *client) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.out(c)
	delete(r.clients, c)
	c.gone = true
	r.hub.figures.sockets.Add(-1)
	if len(r.clients) == 0 && r.timer != nil {
		r.timer.Stop()
		r.timer = nil
	}
}

// errClosed means that the room was closed while a client said hello.
var errClosed = fault.New(fault.Unavailable, "This session's room is closed.")

// join greets a client and has it told what it does not know.
func (r *Room) join(c *client, hello *wire.Hello) error {
	ctx := r.hub.ctx
	expiresAt, err := r.hub.cfg.Hello(ctx, r.sessionID, hello.View == wire.ViewData)
	if err != nil {
		return err
	}
	end, err := r.ws.Cursor(ctx)
	if err != nil {
		return err
	}
	lastN, err := r.ws.LastMutation(ctx, hello.Client)
	if err != nil {
		return err
	}
	w := wire.Welcome{Epoch: r.ws.Epoch(), Cursor: end.Seq, ExpiresAt: expiresAt.UTC(), LastN: lastN}
	var greeting wire.Frame = w
	cursor := hello.Cursor
	if !follows(hello, w.Epoch, end) {
		greeting, cursor = wire.Reset(w), 0
	}
	text, err := wire.Encode(greeting)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.farewell != nil {
		return errClosed
	}
	c.view, c.cursor, c.joined = hello.View, cursor, true
	c.answer(text)
	r.latest = max(r.latest, end.Seq)
	r.wake()
	return nil
}

// follows reports whether the server can tell what changed since a client's
// cursor.
func follows(hello *wire.Hello, epoch string, end workspace.Cursor) bool {
	if hello.Cursor == 0 {
		return hello.Epoch == "" || hello.Epoch == epoch
	}
	return hello.Epoch == epoch && hello.Cursor >= end.Floor && hello.Cursor <= end.Seq
}

// mutate does a client's mutation.
func (r *Room) mutate(m workspace.Mutation) (workspace.Answer, error) {
	r.hub.cfg.Used(r.sessionID)
	if r.hub.cfg.Mutate != nil {
		return r.hub.cfg.Mutate(r.hub.ctx, r.sessionID, m)
	}
	return r.ws.Mutate(r.hub.ctx, m, workspace.Around{})
}

// prepare makes a frame that many sockets can send.
func prepare(frame []byte) (*websocket.PreparedMessage, error) {
	return websocket.NewPreparedMessage(websocket.TextMessage, frame)
}
