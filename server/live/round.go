package live

import (
	"runtime"
	"sync/atomic"
	"time"
)

// round has a few goroutines write to many sockets: most take a frame at once,
// and a goroutine for each would cost more than the write. A socket that does not
// take it keeps its goroutine, and others go on with the rest.
type round struct {
	clients []*client
	next    atomic.Int64 // index of the first client that nobody has taken
}

const (
	// fewClients are kicked one by one.
	fewClients = 2

	// stalled is how long nobody need take a client before more goroutines are
	// put to it.
	stalled = 2 * time.Millisecond
)

// kickAll starts the writers of clients that have something to be sent. The
// room's mutex is held.
func (r *Room) kickAll(clients []*client) {
	if len(clients) <= fewClients {
		for _, c := range clients {
			c.kick()
		}
		return
	}
	turn := &round{clients: make([]*client, 0, len(clients))}
	for _, c := range clients {
		if c.mayWrite() {
			c.writing = true
			turn.clients = append(turn.clients, c)
		}
	}
	r.hub.running.Go(func() { turn.run(r.hub) })
}

// run sees to it that all clients are taken soon, however many of them are stuck.
func (t *round) run(h *Hub) {
	workers := runtime.GOMAXPROCS(0)
	t.add(h, workers)
	ticker := time.NewTicker(stalled)
	defer ticker.Stop()
	for taken := int64(-1); int(t.next.Load()) < len(t.clients); {
		if now := t.next.Load(); now == taken {
			t.add(h, workers)
			workers *= 2
		} else {
			taken = now
		}
		<-ticker.C
	}
}

func (t *round) add(h *Hub, workers int) {
	for range min(workers, len(t.clients)) {
		h.running.Go(t.write)
	}
}

// write takes one client after the other.
func (t *round) write() {
	for i := t.next.Add(1) - 1; int(i) < len(t.clients); i = t.next.Add(1) - 1 {
		t.clients[i].write()
	}
}
