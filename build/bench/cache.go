package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"ret/shared/cache"
	"ret/shared/workspace"
)

// The workload of the cache: values of 128 bytes under 1,000 keys, which is what
// memory holds by default, unless a measurement says otherwise.
const (
	valueBytes = 128
	keyCount   = 1000
	measured   = 2 * time.Second
)

// cacheBench is a cache and its rivals.
type cacheBench struct {
	*bench
	ctx    context.Context
	folder string
	opened int
	keys   []string
	value  []byte

	always, everysec *redis.Client // nil if Redis is not installed
}

func benchCache(ctx context.Context, b *bench) error {
	folder, remove, err := workFolder()
	if err != nil {
		return err
	}
	defer remove()
	always, stopAlways, err := startRedis(ctx, folder, "always")
	if err != nil {
		return err
	}
	defer stopAlways()
	everysec, stopEverysec, err := startRedis(ctx, folder, "everysec")
	if err != nil {
		return err
	}
	defer stopEverysec()

	cb := &cacheBench{bench: b, ctx: ctx, folder: folder, value: make([]byte, valueBytes), always: always, everysec: everysec}
	for i := range keyCount {
		cb.keys = append(cb.keys, fmt.Sprintf("user:%d:profile", i))
	}
	return errors.Join(
		cb.gets(),
		cb.coldGet("cache_get_cold", 10_000),
		cb.coldGet("cache_get_cold_100000", 100_000),
		cb.sets(), cb.evictingSet(), cb.overHTTP(), cb.purge(), cb.memory(), cb.hitRatio(),
	)
}

// open returns a cache over a workspace of its own.
func (b *cacheBench) open(limits cache.Limits) (c *cache.Cache, done func(), err error) {
	b.opened++
	path := filepath.Join(b.folder, strconv.Itoa(b.opened)+".db")
	w, err := workspace.Open(path, workspace.Options{})
	if err != nil {
		return nil, nil, err
	}
	c = cache.New(cache.NewMemory(limits), w.Entries(), cache.Options{Log: func(err error) { b.note("cache: %v", err) }})
	return c, func() { _, _ = c.Close(), w.Close() }, nil
}

var defaultLimits = cache.Limits{Entries: keyCount, Bytes: 64 << 20}

func (b *cacheBench) key(caller, i int) string { return b.keys[(caller*31+i*7)%len(b.keys)] }

// rival measures the same with Redis, or says that there is none.
func (b *cacheBench) rival(client *redis.Client, name string, callers int, fn func(caller, i int) error) (string, float64, error) {
	if client == nil {
		return "none", 0, nil
	}
	value, err := rate(callers, measured, fn)
	return name, value, err
}

func (b *cacheBench) gets() error {
	c, done, err := b.open(defaultLimits)
	if err != nil {
		return err
	}
	defer done()
	for _, key := range b.keys {
		err = errors.Join(err, c.SetBehind(key, b.value, 0))
		if b.everysec != nil {
			err = errors.Join(err, b.everysec.Set(b.ctx, key, b.value, 0).Err())
		}
	}
	if err != nil {
		return err
	}
	hit := func(caller, i int) error {
		if _, ok := c.Get(b.ctx, b.key(caller, i)); !ok {
			return errors.New("a miss")
		}
		return nil
	}
	for _, callers := range []int{1, 50} {
		value, err := rate(callers, measured, hit)
		if err != nil {
			return err
		}
		name, rivalValue, err := b.rival(b.everysec, fmt.Sprintf("redis_get_%d", callers), callers, func(caller, i int) error {
			return b.everysec.Get(b.ctx, b.key(caller, i)).Err()
		})
		if err != nil {
			return err
		}
		b.report(result{
			Name: fmt.Sprintf("cache_get_%d", callers), Value: value, Unit: "ops/s", Rival: name, RivalValue: rivalValue,
			Floor: "map_mutex", FloorValue: b.mapFloor(callers), Allocs: allocs(func() { _ = hit(1, 1) }),
		})
	}
	return nil
}

// mapFloor is what a plain map with one mutex does.
func (b *cacheBench) mapFloor(callers int) float64 {
	var mu sync.Mutex
	m := make(map[string][]byte)
	for _, key := range b.keys {
		m[key] = b.value
	}
	value, _ := rate(callers, measured/4, func(caller, i int) error {
		mu.Lock()
		defer mu.Unlock()
		if m[b.key(caller, i)] == nil {
			return errors.New("a miss")
		}
		return nil
	})
	return value
}

// coldGet reads what is not in memory, among so many entries.
func (b *cacheBench) coldGet(name string, stored int) error {
	c, done, err := b.open(cache.Limits{Entries: 10, Bytes: 1 << 20})
	if err != nil {
		return err
	}
	defer done()
	if err := b.fill(c, stored); err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(1, 2))
	perSecond, err := rate(1, measured, func(int, int) error {
		if _, ok := c.Get(b.ctx, numbered(random.IntN(stored))); !ok {
			return errors.New("a miss")
		}
		return nil
	})
	if err != nil {
		return err
	}
	rival, rivalPerSecond, err := b.rival(b.everysec, "redis_get_1", 1, func(_, i int) error {
		return b.everysec.Get(b.ctx, b.key(0, i)).Err()
	})
	if err != nil {
		return err
	}
	b.report(result{Name: name, Value: 1e6 / perSecond, Unit: "us", Rival: rival, RivalValue: 1e6 / rivalPerSecond, Allocs: -1})
	return nil
}

func numbered(i int) string { return "entry:" + strconv.Itoa(i) }

// fill stores numbered entries and waits until they are settled.
func (b *cacheBench) fill(c *cache.Cache, n int) error {
	for i := range n {
		if err := c.SetBehind(numbered(i), b.value, 0); err != nil {
			return err
		}
	}
	_, err := c.Stats(b.ctx)
	return err
}

func (b *cacheBench) sets() error {
	c, done, err := b.open(defaultLimits)
	if err != nil {
		return err
	}
	defer done()
	sync, err := fsyncTime(b.folder)
	if err != nil {
		return err
	}
	for _, callers := range []int{1, 50, 256} {
		r, err := b.set(fmt.Sprintf("cache_set_%d", callers), callers, b.always, "redis_always_set", b.key, func(key string) error {
			return c.Set(b.ctx, key, b.value, 0)
		})
		if err != nil {
			return err
		}
		// One sync can serve all callers, so this is the most that is possible.
		r.Floor, r.FloorValue = "fsync", float64(callers)/sync.Seconds()
		b.report(r)
	}
	r, err := b.set("cache_set_behind_50", 50, b.everysec, "redis_everysec_set", b.key, func(key string) error {
		return c.SetBehind(key, b.value, 0)
	})
	if err == nil {
		b.report(r)
	}
	return err
}

// evictingSet sets ever new keys, so that each drops another from memory.
func (b *cacheBench) evictingSet() error {
	c, done, err := b.open(defaultLimits)
	if err != nil {
		return err
	}
	defer done()
	var made atomic.Int64
	fresh := func(int, int) string { return "new:" + strconv.FormatInt(made.Add(1), 10) }
	r, err := b.set("cache_set_evicting_50", 50, b.always, "redis_always_set", fresh, func(key string) error {
		return c.Set(b.ctx, key, b.value, 0)
	})
	if err == nil {
		b.report(r)
	}
	return err
}

// set measures a way to set beside a Redis.
func (b *cacheBench) set(name string, callers int, client *redis.Client, rivalName string, key func(caller, i int) string, set func(key string) error) (result, error) {
	r := result{Name: name, Unit: "ops/s", Rival: "none", Allocs: -1}
	var rival func(caller, i int) error
	if client != nil {
		r.Rival = fmt.Sprintf("%s_%d", rivalName, callers)
		rival = func(caller, i int) error { return client.Set(b.ctx, key(caller, i), b.value, 0).Err() }
	}
	var err error
	r.Value, r.RivalValue, err = sideBySide(callers, 2*measured, func(caller, i int) error { return set(key(caller, i)) }, rival)
	return r, err
}

// purge removes 10,000 entries by their prefix among 1,000,000. Redis has no
// command for it: it scans all keys.
func (b *cacheBench) purge() error {
	c, done, err := b.open(defaultLimits)
	if err != nil {
		return err
	}
	defer done()
	key := func(i int) string { return fmt.Sprintf("group%d:%d", i%100, i) }
	for i := range 1_000_000 {
		if err := c.SetBehind(key(i), []byte("v"), 0); err != nil {
			return err
		}
	}
	if _, err := c.Stats(b.ctx); err != nil {
		return err
	}
	start := time.Now()
	n, err := c.DeletePrefix(b.ctx, "group42:")
	if err != nil || n != 10_000 {
		return fmt.Errorf("purged %d: %w", n, err)
	}
	r := result{Name: "cache_purge_10000", Value: float64(time.Since(start).Microseconds()) / 1e3, Unit: "ms", Rival: "none", Allocs: -1}
	if b.everysec != nil {
		took, err := b.purgeRedis(key)
		if err != nil {
			return err
		}
		r.Rival, r.RivalValue = "redis_scan_unlink", float64(took.Microseconds())/1e3
	}
	b.report(r)
	return nil
}

func (b *cacheBench) purgeRedis(key func(int) string) (time.Duration, error) {
	for i := 0; i < 1_000_000; i += 10_000 {
		pipe := b.everysec.Pipeline()
		for j := range 10_000 {
			pipe.Set(b.ctx, key(i+j), "v", 0)
		}
		if _, err := pipe.Exec(b.ctx); err != nil {
			return 0, err
		}
	}
	start := time.Now()
	var found []string
	for it := b.everysec.Scan(b.ctx, 0, "group42:*", 10_000).Iterator(); it.Next(b.ctx); {
		found = append(found, it.Val())
	}
	err := b.everysec.Unlink(b.ctx, found...).Err()
	return time.Since(start), errors.Join(err, b.everysec.FlushAll(b.ctx).Err())
}

// memory is what an entry costs beside its key and value.
func (b *cacheBench) memory() error {
	const entries = 100_000
	before := heapBytes()
	c, done, err := b.open(cache.Limits{Entries: entries, Bytes: 1 << 30})
	if err != nil {
		return err
	}
	defer done()
	keyBytes := 0
	for i := range entries {
		key := numbered(i)
		keyBytes += len(key)
		if err := c.SetBehind(key, make([]byte, valueBytes), 0); err != nil {
			return err
		}
	}
	s, err := c.Stats(b.ctx)
	if err != nil || s.MemoryEntries != entries {
		return fmt.Errorf("%d entries are in memory: %w", s.MemoryEntries, err)
	}
	overhead := (heapBytes()-before-float64(keyBytes))/entries - valueBytes
	b.report(result{Name: "cache_entry_overhead", Value: overhead, Unit: "bytes", Allocs: -1})
	return nil
}

// hitRatio reads 100,000 keys by a Zipf law (s = 1.01) through 1,000 entries in
// memory. The floor is what keeping the most popular ones would give.
func (b *cacheBench) hitRatio() error {
	c, done, err := b.open(defaultLimits)
	if err != nil {
		return err
	}
	defer done()
	const keys, reads = 100_000, 300_000
	zipf := rand.NewZipf(rand.New(rand.NewPCG(3, 4)), 1.01, 1, keys-1)
	hits, best := 0, 0
	for range reads {
		n := int(zipf.Uint64())
		if n < keyCount {
			best++
		}
		loaded := false
		_, err := c.GetOrLoad(b.ctx, numbered(n), 0, func(context.Context) ([]byte, error) {
			loaded = true
			return b.value, nil
		})
		if err != nil {
			return err
		}
		if !loaded {
			hits++
		}
	}
	s, err := c.Stats(b.ctx)
	if err != nil {
		return err
	}
	b.report(result{
		Name: "cache_hit_ratio_zipf", Value: float64(s.Hits) / reads, Unit: "ratio",
		Floor: "best_possible", FloorValue: float64(best) / reads, Allocs: -1,
	})
	b.note("of the reads %.3f were answered by memory or disk", float64(hits)/reads)
	return nil
}
