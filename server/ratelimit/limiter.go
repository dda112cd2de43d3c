package ratelimit

import (
	"fmt"
	"hash/maphash"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Config says what a Limiter lets pass.
type Config struct {
	Limit  int           // requests in any window; 0 lets all pass
	Window time.Duration // how long

	// Clients bounds how many clients have a window of their own; 0 means
	// 200,000, which take about 40 MB if all are active.
	Clients int

	Now func() time.Time // nil means the system's clock
	Log func(err error)  // hears once if the limiter fails
}

// shardCount spreads callers over locks.
const shardCount = 16

// sharedSlots bounds the instants in the windows of a shard that clients share.
const sharedSlots = 32 << 10

// Limiter counts the requests of clients.
type Limiter struct {
	limit  int
	window int64
	now    func() int64
	log    func(error)
	failed atomic.Bool

	seed   maphash.Seed
	shards [shardCount]shard
}

// shard holds the clients that one lock guards. Clients are known by a hash with
// a secret seed: two that meet share a window, which nobody can bring about.
type shard struct {
	mu     sync.Mutex
	room   int
	own    *simplelru.LRU[uint64, *window]
	shared []*window
	last   int64 // the newest instant seen, so that time never runs back
}

// New returns a limiter without any client.
func New(cfg Config) *Limiter {
	if cfg.Clients == 0 {
		cfg.Clients = 200_000
	}
	if cfg.Log == nil {
		cfg.Log = func(error) {}
	}
	l := &Limiter{limit: cfg.Limit, window: int64(cfg.Window), log: cfg.Log, seed: maphash.MakeSeed()}
	start := time.Now()
	l.now = func() int64 { return int64(time.Since(start)) }
	if cfg.Now != nil {
		l.now = func() int64 { return cfg.Now().UnixNano() }
	}
	for i := range l.shards {
		l.shards[i] = newShard(max(cfg.Clients/shardCount, 1), max(sharedSlots/max(cfg.Limit, 1), 1))
	}
	return l
}

func newShard(room, shared int) shard {
	own, err := simplelru.NewLRU[uint64, *window](room, nil)
	if err != nil {
		panic(err) // room is positive
	}
	return shard{room: room, own: own, shared: make([]*window, shared)}
}

// Allow counts a request of a client and says whether it may pass. A refused one
// is not counted.
func (l *Limiter) Allow(client string) Decision {
	return l.allow(maphash.String(l.seed, client))
}

// AllowAddress is Allow for a network address. All of an IPv6 /64 is one client,
// since whoever has one address of it has all.
func (l *Limiter) AllowAddress(address netip.Addr) Decision {
	bytes := address.As16()
	if address.Is6() && !address.Is4In6() {
		clear(bytes[8:])
	}
	return l.allow(maphash.Bytes(l.seed, bytes[:]))
}

func (l *Limiter) allow(client uint64) (d Decision) {
	if l.limit <= 0 {
		return Decision{Allowed: true}
	}
	defer l.failOpen(&d)
	sh := &l.shards[client%shardCount]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	now := max(l.now(), sh.last)
	sh.last = now
	w := sh.windowOf(client, now-l.window)
	return l.decide(w, now)
}

func (l *Limiter) decide(w *window, now int64) Decision {
	w.expire(now - l.window)
	d := Decision{Limit: l.limit, Allowed: w.count < l.limit}
	if d.Allowed {
		w.add(now, l.limit)
	}
	d.Remaining = l.limit - w.count
	d.Reset = time.Duration(w.oldest() + l.window - now)
	return d
}

// windowOf returns the client's own window, making room for it if it has none,
// or else a shared one. Everything at or before over has left the window.
func (sh *shard) windowOf(client uint64, over int64) *window {
	if w, ok := sh.own.Get(client); ok {
		return w
	}
	// Two for each newcomer, so that those who stay away do not pile up.
	sh.forget(over)
	sh.forget(over)
	slot := &sh.shared[client>>32%uint64(len(sh.shared))]
	if sh.own.Len() == sh.room {
		if *slot == nil {
			*slot = &window{}
		}
		return *slot
	}
	// It may have used the shared window before: all in it counts as its own.
	if *slot != nil {
		(*slot).expire(over)
	}
	w := copyOf(*slot)
	sh.own.Add(client, w)
	return w
}

// forget drops the client that was seen the longest ago, if its window is over.
func (sh *shard) forget(over int64) {
	if _, w, ok := sh.own.GetOldest(); ok && (w.count == 0 || w.newest() <= over) {
		sh.own.RemoveOldest()
	}
}

// failOpen lets the request pass if the limiter panics, and says so once.
func (l *Limiter) failOpen(d *Decision) {
	p := recover()
	if p == nil {
		return
	}
	*d = Decision{Allowed: true}
	if l.failed.CompareAndSwap(false, true) {
		l.log(fmt.Errorf("rate limiter failed, requests pass uncounted: %v", p))
	}
}
