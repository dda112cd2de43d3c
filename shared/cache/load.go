package cache

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// errLoadPanicked is what those get who waited for a load that panicked.
var errLoadPanicked = errors.New("the load of this cache entry panicked")

// GetOrLoad returns what is stored under key, or else has load make it and keeps
// that for ttl, as SetBehind does: what is lost is loaded again. However many
// callers ask for a key at once, one load runs; the others wait for it as long
// as their ctx allows. If it ends because its caller gave up, another takes over.
//
// A value that a Set or Delete has overtaken while it was loaded is returned but
// not kept. Errors are load's own, fault.TooLarge and fault.Invalid.
func (c *Cache) GetOrLoad(ctx context.Context, key string, ttl time.Duration, load func(context.Context) ([]byte, error)) (Entry, error) {
	if err := checkKey(key); err != nil {
		return Entry{}, err
	}
	for {
		if e, ok := c.Get(ctx, key); ok {
			return e, nil
		}
		_, ticket, _ := c.order.read(key)
		f, mine := c.flights.join(key, ticket)
		if mine {
			return c.lead(ctx, f, key, ttl, load)
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			return Entry{}, ctx.Err()
		}
		if f.answers(ticket) {
			return f.entry, f.err
		}
	}
}

// lead runs the load that others wait for.
func (c *Cache) lead(ctx context.Context, f *flight, key string, ttl time.Duration, load func(context.Context) ([]byte, error)) (Entry, error) {
	f.err = errLoadPanicked
	defer c.flights.leave(key, f)

	// Between the miss and the ticket another flight may have landed, or a write
	// may have been committed and left memory again.
	if e, ok := c.look(ctx, key); ok {
		f.entry, f.err = e, nil
		return e, nil
	}
	f.entry, f.err = c.load(ctx, f.ticket, key, ttl, load)
	f.abandoned = f.err != nil && ctx.Err() != nil
	return f.entry, f.err
}

func (c *Cache) load(ctx context.Context, t ticket, key string, ttl time.Duration, load func(context.Context) ([]byte, error)) (Entry, error) {
	value, err := load(ctx)
	if err != nil {
		return Entry{}, fmt.Errorf("load cache entry: %w", err)
	}
	it, err := c.newItem(key, value, ttl)
	if err != nil {
		return Entry{}, err
	}
	c.sawBehind(c.order.loaded(t, it))
	return it.Entry, nil
}

// flights are the loads under way, one a key.
type flights struct {
	mu sync.Mutex
	by map[string]*flight
}

// flight is one load. Its results may be read once done is closed.
type flight struct {
	ticket    ticket // from before it began
	done      chan struct{}
	entry     Entry
	err       error
	abandoned bool // its caller gave up
}

// answers reports whether a flight that is done answers one who joined it with a
// ticket: not if a write came between the two, which the load may not have seen.
func (f *flight) answers(joined ticket) bool {
	return !f.abandoned && f.ticket == joined
}

// join returns the flight of a key; mine says that the caller must lead it.
func (fs *flights) join(key string, t ticket) (f *flight, mine bool) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if f := fs.by[key]; f != nil {
		return f, false
	}
	if fs.by == nil {
		fs.by = make(map[string]*flight)
	}
	f = &flight{ticket: t, done: make(chan struct{})}
	fs.by[key] = f
	return f, true
}

func (fs *flights) leave(key string, f *flight) {
	fs.mu.Lock()
	delete(fs.by, key)
	fs.mu.Unlock()
	close(f.done)
}
