package cache_test

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	"ret/shared/cache"
	"ret/shared/sqlite"
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

func openWorkspace(t testing.TB, path string, cfg sqlite.Config) *workspace.Workspace {
	t.Helper()
	w, err := workspace.Open(path, workspace.Options{SQLite: cfg})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

var roomy = cache.Limits{Entries: 1000, Bytes: 64 << 20}

func newCache(t testing.TB, limits cache.Limits, opts cache.Options) *cache.Cache {
	t.Helper()
	w := openWorkspace(t, filepath.Join(t.TempDir(), "workspace.db"), sqlite.Config{})
	c := cache.New(cache.NewMemory(limits), w, opts)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func set(t testing.TB, c *cache.Cache, key, value string) {
	t.Helper()
	if err := c.Set(t.Context(), key, []byte(value), 0); err != nil {
		t.Fatal(err)
	}
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
