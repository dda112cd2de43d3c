package cache_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ret/shared/cache"
	"ret/shared/fault"
	"ret/shared/workspace"
)

// testClock is a clock that a test moves.
type testClock struct {
	mu sync.Mutex
	at time.Time
}

func newTestClock() *testClock {
	return &testClock{at: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *testClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// heard keeps what the log was told.
type heard struct {
	mu   sync.Mutex
	errs []error
}

func (h *heard) hear(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.errs = append(h.errs, err)
}

func (h *heard) all() []error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.errs)
}

var (
	roomy = cache.Limits{Entries: 1000, Bytes: 64 << 20}
	none  = cache.Limits{} // everything is read from disk
)

// newCache returns a cache over a workspace of its own.
func newCache(t testing.TB, limits cache.Limits, opts cache.Options) *cache.Cache {
	t.Helper()
	c := cache.New(cache.NewMemory(limits), openWorkspace(t, newPath(t)).Entries(), opts)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// eachTier runs a test with everything in memory and with nothing in it.
func eachTier(t *testing.T, fn func(t *testing.T, limits cache.Limits)) {
	t.Run("memory", func(t *testing.T) { fn(t, roomy) })
	t.Run("stored", func(t *testing.T) { fn(t, none) })
}

func set(t testing.TB, c *cache.Cache, key, value string) {
	t.Helper()
	if err := c.Set(t.Context(), key, []byte(value), 0); err != nil {
		t.Fatal(err)
	}
}

// setAll is set for many keys, each its own value, which Stats brings to disk.
func setAll(t testing.TB, c *cache.Cache, keys ...string) {
	t.Helper()
	for _, key := range keys {
		if err := c.SetBehind(key, []byte(key), 0); err != nil {
			t.Fatal(err)
		}
	}
	stats(t, c)
}

func want(t testing.TB, c *cache.Cache, key, value string) {
	t.Helper()
	e, ok := c.Get(t.Context(), key)
	if !ok || string(e.Value) != value {
		t.Fatalf("%q is %q, %v; want %q", key, e.Value, ok, value)
	}
}

func wantNone(t testing.TB, c *cache.Cache, key string) {
	t.Helper()
	if e, ok := c.Get(t.Context(), key); ok {
		t.Fatalf("%q is %q, want nothing", key, e.Value)
	}
}

func stats(t testing.TB, c *cache.Cache) cache.Stats {
	t.Helper()
	s, err := c.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSetGetDelete(t *testing.T) {
	eachTier(t, func(t *testing.T, limits cache.Limits) {
		c := newCache(t, limits, cache.Options{})
		wantNone(t, c, "a")
		set(t, c, "a", "1")
		want(t, c, "a", "1")
		set(t, c, "a", "22")
		set(t, c, "b", "")
		want(t, c, "a", "22")
		want(t, c, "b", "")
		if s := stats(t, c); s.Entries != 2 || s.Bytes != 4 {
			t.Errorf("stats are %+v, want 2 entries with 4 bytes", s)
		}
		if err := c.Delete(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		wantNone(t, c, "a")
		if s := stats(t, c); s.Entries != 1 || s.Bytes != 1 || s.Hits != 3 || s.Misses != 2 {
			t.Errorf("stats are %+v", s)
		}
		wantNone(t, c, "a")
		want(t, c, "b", "")
	})
}

func TestExpiredIsGoneAtThatInstant(t *testing.T) {
	eachTier(t, func(t *testing.T, limits cache.Limits) {
		clock := newTestClock()
		c := newCache(t, limits, cache.Options{TTL: time.Minute, Now: clock.Now})
		set(t, c, "minute", "1")
		if err := c.Set(t.Context(), "hour", []byte("2"), time.Hour); err != nil {
			t.Fatal(err)
		}
		if err := c.Set(t.Context(), "ever", []byte("3"), cache.Forever); err != nil {
			t.Fatal(err)
		}
		clock.advance(time.Minute - 1)
		want(t, c, "minute", "1")
		clock.advance(1)
		wantNone(t, c, "minute")
		if s := stats(t, c); s.Entries != 2 {
			t.Errorf("%d entries are counted, want the 2 that live", s.Entries)
		}
		clock.advance(time.Hour)
		wantNone(t, c, "hour")
		want(t, c, "ever", "3")
	})
}

func TestEntrySaysWhenItWasStoredAndEnds(t *testing.T) {
	eachTier(t, func(t *testing.T, limits cache.Limits) {
		clock := newTestClock()
		c := newCache(t, limits, cache.Options{TTL: time.Minute, Now: clock.Now})
		at := clock.Now()
		set(t, c, "a", "1")
		clock.advance(time.Second)
		e, _ := c.Get(t.Context(), "a")
		if !e.StoredAt.Equal(at) || !e.ExpiresAt.Equal(at.Add(time.Minute)) {
			t.Errorf("stored at %v until %v", e.StoredAt, e.ExpiresAt)
		}
	})
}

func TestLimitsOfKeysAndValues(t *testing.T) {
	c := newCache(t, roomy, cache.Options{})
	for _, key := range []string{"", strings.Repeat("k", cache.MaxKeyBytes+1)} {
		if err := c.Set(t.Context(), key, nil, 0); !fault.Is(err, fault.Invalid) {
			t.Errorf("a key of %d bytes gave %v", len(key), err)
		}
	}
	big := bytes.Repeat([]byte{7}, cache.MaxValueBytes)
	if err := c.Set(t.Context(), strings.Repeat("k", cache.MaxKeyBytes), big, 0); err != nil {
		t.Errorf("the largest key and value gave %v", err)
	}
	if err := c.Set(t.Context(), "k", append(big, 7), 0); !fault.Is(err, fault.TooLarge) {
		t.Errorf("a value over the limit gave %v", err)
	}
	e, ok := c.Get(t.Context(), strings.Repeat("k", cache.MaxKeyBytes))
	if !ok || !bytes.Equal(e.Value, big) {
		t.Error("the largest value did not come back")
	}
}

func TestLeavingMemoryKeepsWhatIsStored(t *testing.T) {
	for name, limits := range map[string]cache.Limits{
		"by entries": {Entries: 10, Bytes: 1 << 20},
		"by bytes":   {Entries: 1000, Bytes: 10 << 10},
	} {
		t.Run(name, func(t *testing.T) {
			memory := cache.NewMemory(limits)
			c := cache.New(memory, openWorkspace(t, newPath(t)).Entries(), cache.Options{})
			defer c.Close()
			for i := range 100 {
				set(t, c, fmt.Sprint(i), strings.Repeat("x", 500))
				if held := memory.Held(); held.Entries > limits.Entries || held.Bytes > limits.Bytes {
					t.Fatalf("memory holds %+v, the limits are %+v", held, limits)
				}
			}
			if held := memory.Held(); held.Entries < 8 {
				t.Errorf("memory holds only %+v", held)
			}
			for i := range 100 {
				want(t, c, fmt.Sprint(i), strings.Repeat("x", 500))
			}
		})
	}
}

func TestMemoryKeepsWhatIsUsed(t *testing.T) {
	clock := newTestClock()
	c := newCache(t, cache.Limits{Entries: 20, Bytes: 1 << 20}, cache.Options{Now: clock.Now})
	for i := range 200 {
		set(t, c, fmt.Sprint("cold", i), "1")
		clock.advance(time.Second)
		if i == 0 {
			set(t, c, "hot", "1")
		}
		want(t, c, "hot", "1")
	}
	// All but the first read of hot were hits, or it would have been read anew.
	if s := stats(t, c); s.Hits != 200 || s.MemoryEntries != 20 {
		t.Errorf("%d hits and %d entries in memory, want 200 and 20", s.Hits, s.MemoryEntries)
	}
}

// The stored tier drops exactly those that were used the longest ago, and a read
// counts as use even if memory answered it.
func TestStoredTierDropsTheLeastRecentlyUsed(t *testing.T) {
	eachTier(t, func(t *testing.T, limits cache.Limits) {
		clock := newTestClock()
		const bound = 64 << 10
		c := newCache(t, limits, cache.Options{MaxStoredBytes: bound, Now: clock.Now})
		value := strings.Repeat("v", 1000)
		var order []string // least recently used first
		use := func(key string) {
			order = append(slices.DeleteFunc(order, func(k string) bool { return k == key }), key)
			clock.advance(time.Second)
		}
		for i := range 150 {
			key := fmt.Sprint("key", i)
			set(t, c, key, value)
			use(key)
			if old := fmt.Sprint("key", i/10); i%3 == 0 {
				if _, ok := c.Get(t.Context(), old); ok {
					use(old)
				}
			}
		}
		s := stats(t, c)
		if s.Bytes > bound || s.Evictions != 150-s.Entries {
			t.Fatalf("stats are %+v over a bound of %d", s, bound)
		}
		gone := len(order) - int(s.Entries)
		for i, key := range order {
			if _, ok := c.Get(t.Context(), key); ok != (i >= gone) {
				t.Errorf("%s, number %d in order of use, is there: %v", key, i, ok)
			}
		}
	})
}

func TestSessionsDoNotSeeEachOther(t *testing.T) {
	memory := cache.NewMemory(roomy)
	a := cache.New(memory, openWorkspace(t, newPath(t)).Entries(), cache.Options{})
	b := cache.New(memory, openWorkspace(t, newPath(t)).Entries(), cache.Options{})
	defer b.Close()
	set(t, a, "key", "of a")
	wantNone(t, b, "key")
	set(t, b, "key", "of b")
	want(t, a, "key", "of a")
	if n, err := b.DeletePrefix(t.Context(), ""); n != 1 || err != nil {
		t.Fatalf("removed %d, %v", n, err)
	}
	want(t, a, "key", "of a")
	a.Purge()
	wantNone(t, a, "key")
	if held := memory.Held(); held.Entries != 0 {
		t.Errorf("%d entries are left in memory", held.Entries)
	}
	if err := a.Set(t.Context(), "key", nil, 0); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a set after the purge gave %v", err)
	}
	if err := a.SetBehind("key", nil, 0); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a set behind after the purge gave %v", err)
	}
}

func TestSetBehindIsSeenAtOnceAndStoredByClose(t *testing.T) {
	eachTier(t, func(t *testing.T, limits cache.Limits) {
		path := newPath(t)
		w := openWorkspace(t, path)
		c := cache.New(cache.NewMemory(limits), w.Entries(), cache.Options{})
		for i := range 5000 {
			key := fmt.Sprint(i % 700)
			if err := c.SetBehind(key, []byte(fmt.Sprint(i)), 0); err != nil {
				t.Fatal(err)
			}
			want(t, c, key, fmt.Sprint(i))
		}
		set(t, c, "699", "durable")
		want(t, c, "699", "durable")
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		again := cache.New(cache.NewMemory(limits), w.Entries(), cache.Options{})
		defer again.Close()
		want(t, again, "0", "4900")
		want(t, again, "699", "durable")
	})
}

func TestDeleteIsForOneKeyAlone(t *testing.T) {
	c := newCache(t, roomy, cache.Options{})
	for _, key := range []string{"a", "a%", "a_", "a*", "ab"} {
		set(t, c, key, key)
	}
	if err := c.Delete(t.Context(), "a%"); err != nil {
		t.Fatal(err)
	}
	if s := stats(t, c); s.Entries != 4 {
		t.Errorf("%d entries are left, want 4", s.Entries)
	}
}

func TestCancelledSetDoesNotHappen(t *testing.T) {
	var log heard
	c := newCache(t, roomy, cache.Options{Log: log.hear})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Set(ctx, "a", []byte("1"), 0); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	wantNone(t, c, "a")
	if len(log.all()) != 0 {
		t.Error("a caller that gave up was logged as a failure")
	}
}

func TestHitAllocatesNothing(t *testing.T) {
	c := newCache(t, roomy, cache.Options{TTL: time.Hour})
	set(t, c, "key", "value")
	ctx := t.Context()
	if n := testing.AllocsPerRun(1000, func() { c.Get(ctx, "key") }); n != 0 {
		t.Errorf("%v allocations a hit", n)
	}
}

// What expired is reclaimed, and clients are told.
func TestSweepTellsClients(t *testing.T) {
	clock := newTestClock()
	w := openWorkspace(t, newPath(t))
	c := cache.New(cache.NewMemory(roomy), w.Entries(), cache.Options{TTL: time.Minute, Now: clock.Now})
	defer c.Close()
	for i := range 1000 {
		if err := c.SetBehind(fmt.Sprint(i), []byte("x"), 0); err != nil {
			t.Fatal(err)
		}
	}
	stats(t, c)
	clock.advance(time.Minute)
	if err := c.Sweep(); err != nil {
		t.Fatal(err)
	}
	if s := stats(t, c); s.Entries != 0 || s.MemoryEntries != 0 || s.Bytes != 0 {
		t.Errorf("after the sweep stats are %+v", s)
	}
	things, _, err := w.Things(t.Context(), 1, 5000)
	if err != nil {
		t.Fatal(err)
	}
	deleted := 0
	for _, thing := range things {
		if thing.Entity == workspace.EntityEntry && thing.Op == workspace.Del {
			deleted++
		}
	}
	if deleted != 1000 {
		t.Errorf("clients hear of %d deletions, want 1000", deleted)
	}
}
