package cache

import (
	"context"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"ret/shared/entries"
	"ret/shared/fault"
)

// What a key and a value may be.
const (
	MaxKeyBytes   = 512
	MaxValueBytes = 8 << 20
)

// Forever is a time to live that does not end.
const Forever time.Duration = -1

// Store is the stored tier of one session; *entries.Store is one.
type Store interface {
	// Read returns what is committed under a key, expired or not.
	Read(ctx context.Context, key string) (e entries.Stored, found bool, err error)
	// Write runs fn in a transaction and returns once that is on disk.
	Write(ctx context.Context, fn func(*entries.Tx) error) error
	// Totals counts what is alive at a time.
	Totals(ctx context.Context, at time.Time) (entries.Totals, error)
	// Checkpoint has the file become as small as a Vacuum has made it.
	Checkpoint(ctx context.Context) error
}

// Options configure a Cache; zero fields mean what their comment says.
type Options struct {
	// TTL is the time to live of entries that are set without one; 0 means
	// Forever.
	TTL time.Duration

	// MaxStoredBytes bounds the stored tier; 0 means no bound.
	MaxStoredBytes int64

	// Now is the clock; nil means the system's.
	Now func() time.Time

	// Log hears of failures of the database, once for as long as they last; nil
	// means nobody does.
	Log func(err error)
}

// Cache is the cache of one session. Close or Purge it when done.
type Cache struct {
	store Store
	space *space
	opts  Options
	clock clock

	order   order
	flights flights
	misses  atomic.Int64
	reading reporter // failures of reads
	writing reporter // failures of writes

	flushing sync.Mutex // held while what is behind is being written
	upkeep   upkeep
}

// New returns a session's cache in front of its store. It owns a goroutine,
// which Close and Purge end.
func New(memory *Memory, store Store, opts Options) *Cache {
	if opts.TTL == 0 {
		opts.TTL = Forever
	}
	if opts.MaxStoredBytes == 0 {
		opts.MaxStoredBytes = math.MaxInt64 / 2
	}
	if opts.Log == nil {
		opts.Log = func(error) {}
	}
	c := &Cache{store: store, space: memory.newSpace(), opts: opts}
	c.clock = newWallClock()
	if opts.Now != nil {
		c.clock = givenClock(opts.Now)
	}
	c.reading.log, c.writing.log = opts.Log, opts.Log
	c.order.space = c.space
	c.startUpkeep()
	return c
}

// Get returns what is stored under key and has not expired. A database that
// cannot be read is a miss. A hit in memory allocates nothing.
func (c *Cache) Get(ctx context.Context, key string) (Entry, bool) {
	e, ok, _ := c.Find(ctx, key)
	return e, ok
}

// Find is Get for who must tell a miss from a database that cannot be read.
func (c *Cache) Find(ctx context.Context, key string) (Entry, bool, error) {
	if it := c.space.get(key, c.clock.now()); it != nil {
		return it.Entry, true, nil
	}
	e, ok, err := c.getCold(ctx, key)
	if ok {
		c.space.hits.add()
	} else {
		c.misses.Add(1)
	}
	return e, ok, err
}

// look is Get that counts no miss.
func (c *Cache) look(ctx context.Context, key string) (Entry, bool) {
	if it := c.space.get(key, c.clock.now()); it != nil {
		return it.Entry, true
	}
	e, ok, _ := c.getCold(ctx, key)
	return e, ok
}

// getCold reads what is not in memory and keeps it there, unless the key was
// written in the meantime.
func (c *Cache) getCold(ctx context.Context, key string) (Entry, bool, error) {
	behind, ticket, open := c.order.read(key)
	switch {
	case !open:
		return Entry{}, false, nil
	case behind != nil:
		return behind.Entry, c.clock.now() < behind.expires, nil
	}
	stored, found, err := c.store.Read(ctx, key)
	c.reading.saw(ctx, err)
	if err != nil || !found {
		return Entry{}, false, err
	}
	it := c.itemOf(stored)
	if it.expires <= it.used.Load() {
		return Entry{}, false, nil
	}
	c.order.keep(ticket, it)
	return it.Entry, true, nil
}

func (c *Cache) itemOf(e entries.Stored) *item {
	it := &item{
		Entry:   Entry{Value: e.Value, StoredAt: e.StoredAt, ExpiresAt: e.ExpiresAt},
		space:   c.space,
		key:     e.Key,
		expires: math.MaxInt64,
	}
	it.used.Store(c.clock.now())
	if !e.ExpiresAt.IsZero() {
		it.expires = e.ExpiresAt.UnixNano()
	}
	return it
}

// Set stores value under key and returns once that is on disk. The entry lives
// for ttl; 0 means the default time to live.
//
// Errors a caller may branch on: fault.TooLarge, fault.Invalid for the key,
// fault.NoSpace, fault.Unavailable. After an error the key has its old value.
func (c *Cache) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	it, err := c.newItem(key, value, ttl)
	if err != nil {
		return err
	}
	return c.write(ctx, key, func(tx *entries.Tx) error {
		if err := tx.Put(it.stored()); err != nil {
			return err
		}
		tx.AfterCommit(func() { c.order.committed(key, it) })
		return c.makeRoom(tx)
	})
}

// Delete removes key and returns once that is on disk.
func (c *Cache) Delete(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	return c.write(ctx, key, func(tx *entries.Tx) error {
		if err := tx.Delete(key); err != nil {
			return err
		}
		tx.AfterCommit(func() { c.order.committed(key, nil) })
		return nil
	})
}

// write runs one key's change in the order of commits.
func (c *Cache) write(ctx context.Context, key string, fn func(*entries.Tx) error) error {
	if err := c.announce(key); err != nil {
		return err
	}
	defer c.order.end(key)
	if err := c.update(ctx, fn); err != nil {
		return err
	}
	c.upkeep.wake()
	return nil
}

// announce begins a write of a key. What is behind under it is written before,
// since the write is to be newer; by then it has been announced, so that no load
// comes in between.
func (c *Cache) announce(key string) error {
	behind, err := c.order.begin(key)
	if behind {
		c.flush()
	}
	return err
}

// update writes to the store.
func (c *Cache) update(ctx context.Context, fn func(*entries.Tx) error) error {
	err := c.store.Write(ctx, fn)
	c.writing.saw(ctx, err)
	if err != nil {
		return fmt.Errorf("write cache: %w", err)
	}
	return nil
}

// makeRoom drops the least recently used from the store if it is over its bound
// by so much that it is worth settling the log: without this slack a full cache
// would settle at every write.
func (c *Cache) makeRoom(tx *entries.Tx) error {
	if tx.Weight() <= c.opts.MaxStoredBytes+c.opts.MaxStoredBytes/64 {
		return nil
	}
	return c.settle(tx)
}

// settle brings the log into place and holds the bound exactly.
func (c *Cache) settle(tx *entries.Tx) error {
	if err := tx.Settle(); err != nil || tx.Weight() <= c.opts.MaxStoredBytes {
		return err
	}
	if err := c.writeUses(tx); err != nil {
		return err
	}
	dropped, err := tx.Evict(c.opts.MaxStoredBytes)
	tx.AfterCommit(func() { c.order.dropped(dropped) })
	return err
}

// writeUses brings to the store when entries were used.
func (c *Cache) writeUses(tx *entries.Tx) error {
	uses := c.space.takeUses()
	if len(uses) == 0 {
		return nil
	}
	// What lies in the log has no row yet that could be touched.
	if err := tx.Settle(); err != nil {
		return err
	}
	for _, u := range uses {
		if err := tx.Touch(u.key, u.at); err != nil {
			return err
		}
	}
	return nil
}

// newItem checks what was handed in. Times are whole milliseconds, as stored, so
// that both tiers agree on the instant at which an entry expires.
func (c *Cache) newItem(key string, value []byte, ttl time.Duration) (*item, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	if len(value) > MaxValueBytes {
		return nil, fault.New(fault.TooLarge, "A cache value may have up to %d MiB. Store less under this key, or split it.", MaxValueBytes>>20)
	}
	if int64(len(key)+len(value)) > c.opts.MaxStoredBytes/2 {
		return nil, fault.New(fault.TooLarge, "This value is larger than half of what this session may cache. Store less under this key, or split it.")
	}
	if value == nil {
		value = []byte{}
	}
	if ttl == 0 {
		ttl = c.opts.TTL
	}
	now := c.clock.now()
	it := &item{Entry: Entry{Value: value}, space: c.space, key: key, expires: math.MaxInt64}
	it.used.Store(now)
	it.StoredAt = time.UnixMilli(now / 1e6).UTC()
	if ttl >= 0 {
		it.ExpiresAt = time.UnixMilli((now + int64(ttl)) / 1e6).UTC()
		it.expires = it.ExpiresAt.UnixNano()
	}
	return it, nil
}

func checkKey(key string) error {
	if len(key) < 1 || len(key) > MaxKeyBytes {
		return fault.New(fault.Invalid, "A cache key must have between 1 and %d bytes.", MaxKeyBytes)
	}
	return nil
}

func (it *item) stored() entries.Stored {
	return entries.Stored{Key: it.key, Value: it.Value, StoredAt: it.StoredAt, ExpiresAt: it.ExpiresAt, Used: it.used.Load()}
}
