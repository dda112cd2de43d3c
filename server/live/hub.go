package live

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"ret/shared/workspace"
)

// Config is what a Hub needs; zero fields mean the defaults.
type Config struct {
	Log *slog.Logger

	// Origin is the address that pages come from, "https://ret.example"; empty
	// means whatever host the request names.
	Origin string

	// Hello hears that a client has joined, with a replica or without, and
	// returns when the session ends unless it is used. fault.NotFound says that it
	// has ended.
	Hello func(ctx context.Context, sessionID string, replica bool) (expiresAt time.Time, err error)

	// Used hears that a client of the session did something, or left.
	Used func(sessionID string)

	// Mutate does a client's mutation, as workspace.Mutate does without more.
	Mutate func(ctx context.Context, sessionID string, m workspace.Mutation) (workspace.Answer, error)

	// Admit counts a mutation as a request of the session, or says how long it must
	// wait before it asks again. A socket whose mutation waits is not read from, but
	// gets all that it would get.
	Admit func(sessionID string) (wait time.Duration)

	MaxSockets int // 64: of one session

	HelloWithin time.Duration // 5 s: for a client's first frame
	FrameWithin time.Duration // 10 s: without a byte of a frame that has begun, and for all of it beyond leastRate
	PingEvery   time.Duration // 25 s; a client that is silent for twice as long is gone
	SlowAfter   time.Duration // 10 s: a client that takes longer for a frame is sent away
	GiveUpAfter time.Duration // 30 s: one that takes longer than this is cut off instead
	CloseWithin time.Duration // 1 s: for farewells
}

// Hub has the rooms of all open sessions. Close it when done.
type Hub struct {
	cfg      Config
	log      *slog.Logger
	upgrader websocket.Upgrader

	ctx     context.Context // of everything the hub does; ends with Close
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu     sync.RWMutex
	rooms  map[string]*Room
	closed bool

	beat    *heartbeat
	large   turns // frames that are read beyond smallFrameBytes
	figures figures
}

// figures are counted as they come.
type figures struct {
	sockets   atomic.Int64
	slow      atomic.Int64
	deltas    atomic.Int64
	progress  atomic.Int64
	mutations atomic.Int64
}

// Figures are a hub's counts, for metrics.
type Figures struct {
	Sockets   int64 // open now
	Rooms     int64 // open now
	Slow      int64 // sockets ended because they read too slowly
	Deltas    int64 // sent, counting one for each socket
	Progress  int64 // likewise
	Mutations int64 // answered
}

// NewHub makes a hub and starts its pings.
func NewHub(cfg Config) *Hub {
	h := &Hub{cfg: withDefaults(cfg), rooms: make(map[string]*Room), large: make(turns, largeFrames)}
	h.log = h.cfg.Log
	h.upgrader = newUpgrader()
	h.ctx, h.cancel = context.WithCancel(context.Background())
	h.beat = newHeartbeat(h.cfg.PingEvery)
	h.running.Go(func() { h.beat.run(h.ctx) })
	return h
}

func withDefaults(cfg Config) Config {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Hello == nil {
		cfg.Hello = func(context.Context, string, bool) (time.Time, error) { return time.Now().Add(time.Hour), nil }
	}
	if cfg.Used == nil {
		cfg.Used = func(string) {}
	}
	if cfg.Admit == nil {
		cfg.Admit = func(string) time.Duration { return 0 }
	}
	if cfg.MaxSockets == 0 {
		cfg.MaxSockets = 64
	}
	orDefault := func(d *time.Duration, standard time.Duration) {
		if *d == 0 {
			*d = standard
		}
	}
	orDefault(&cfg.HelloWithin, 5*time.Second)
	orDefault(&cfg.FrameWithin, 10*time.Second)
	orDefault(&cfg.PingEvery, 25*time.Second)
	orDefault(&cfg.SlowAfter, 10*time.Second)
	orDefault(&cfg.GiveUpAfter, 30*time.Second)
	orDefault(&cfg.CloseWithin, time.Second)
	return cfg
}

// Room returns the room of a session whose workspace has been opened, making it
// if there is none. It is there until CloseRoom; the workspace must stay open as
// long as the room has clients.
func (h *Hub) Room(sessionID string, ws *workspace.Workspace) *Room {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rooms[sessionID]
	if r == nil || r.ws != ws {
		r = newRoom(h, sessionID, ws)
		h.rooms[sessionID] = r
	}
	if h.closed {
		r.sendAway(restart, nil)
	}
	return r
}

// restart tells clients to come back.
var restart = closing{websocket.CloseServiceRestart, "restart"}

// CloseRoom forgets a room, though not another that its session has by now.
// Clients that are still in it are told to come back.
func (h *Hub) CloseRoom(r *Room) {
	h.mu.Lock()
	if h.rooms[r.sessionID] == r {
		delete(h.rooms, r.sessionID)
	}
	h.mu.Unlock()
	r.sendAway(restart, nil)
	r.wait(time.Now().Add(h.cfg.CloseWithin))
}

// Clients counts the sockets of all sessions.
func (h *Hub) Clients() int { return int(h.figures.sockets.Load()) }

// Figures returns the hub's counts.
func (h *Hub) Figures() Figures {
	h.mu.RLock()
	rooms := int64(len(h.rooms))
	h.mu.RUnlock()
	f := &h.figures
	return Figures{
		Rooms: rooms, Sockets: f.sockets.Load(), Slow: f.slow.Load(),
		Deltas: f.deltas.Load(), Progress: f.progress.Load(), Mutations: f.mutations.Load(),
	}
}

// Close lets nobody in any more, tells all clients that the server restarts, and
// waits until all sockets and goroutines have ended; a socket that is not told by
// Config.CloseWithin, or when ctx is done, is cut off. Closing twice is harmless.
func (h *Hub) Close(ctx context.Context) {
	rooms := h.lock()
	for _, r := range rooms {
		r.sendAway(restart, nil)
	}
	until := time.Now().Add(h.cfg.CloseWithin)
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(until) {
		until = deadline
	}
	for _, r := range rooms {
		r.wait(until)
	}
	h.cancel()
	h.running.Wait()
}

// lock closes the door and returns the rooms.
func (h *Hub) lock() []*Room {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	return slices.Collect(maps.Values(h.rooms))
}
