package cache_test

import (
	"context"
	"testing"

	"ret/shared/cache"
	"ret/shared/entries"
)

// hookedStore is a workspace that lets a test come in between.
type hookedStore struct {
	*entries.Store
	afterRead   func() // once, between a read and what the cache makes of it
	beforeWrite func() // once, between a write and its commit
}

func (s *hookedStore) Read(ctx context.Context, key string) (entries.Stored, bool, error) {
	e, found, err := s.Store.Read(ctx, key)
	once(&s.afterRead)
	return e, found, err
}

func (s *hookedStore) Write(ctx context.Context, fn func(*entries.Tx) error) error {
	return s.Store.Write(ctx, func(tx *entries.Tx) error {
		err := fn(tx)
		once(&s.beforeWrite)
		return err
	})
}

func once(hook *func()) {
	if fn := *hook; fn != nil {
		*hook = nil
		fn()
	}
}

// hookedCache returns a cache with nothing in memory, over a store in which key
// has the value "old".
func hookedCache(t *testing.T) (*cache.Cache, *hookedStore) {
	t.Helper()
	store := &hookedStore{Store: openWorkspace(t, newPath(t)).Entries()}
	earlier := cache.New(cache.NewMemory(roomy), store, cache.Options{})
	set(t, earlier, "key", "old")
	if err := earlier.Close(); err != nil {
		t.Fatal(err)
	}
	c := cache.New(cache.NewMemory(roomy), store, cache.Options{})
	t.Cleanup(func() { _ = c.Close() })
	return c, store
}

// A read that a write has overtaken returns what it found, and keeps nothing.
func TestOvertakenReadIsNotKept(t *testing.T) {
	writes := map[string]struct {
		do   func(*cache.Cache)
		left string
	}{
		"set":    {func(c *cache.Cache) { set(t, c, "key", "new") }, "new"},
		"behind": {func(c *cache.Cache) { setAll(t, c, "key") }, "key"},
		"delete": {func(c *cache.Cache) { _ = c.Delete(t.Context(), "key") }, ""},
		"prefix": {func(c *cache.Cache) { _, _ = c.DeletePrefix(t.Context(), "k") }, ""},
	}
	for name, write := range writes {
		t.Run(name, func(t *testing.T) {
			c, store := hookedCache(t)
			store.afterRead = func() { write.do(c) }
			want(t, c, "key", "old")
			if write.left == "" {
				wantNone(t, c, "key")
				return
			}
			want(t, c, "key", write.left)
		})
	}
}

// A write behind that comes while another write is being committed is the newer
// one, in memory as on disk.
func TestWriteBehindOutlivesAnEarlierCommit(t *testing.T) {
	writes := map[string]func(*cache.Cache) error{
		"set":    func(c *cache.Cache) error { return c.Set(t.Context(), "key", []byte("earlier"), 0) },
		"delete": func(c *cache.Cache) error { return c.Delete(t.Context(), "key") },
		"prefix": func(c *cache.Cache) error {
			_, err := c.DeletePrefix(t.Context(), "k")
			return err
		},
	}
	for name, write := range writes {
		t.Run(name, func(t *testing.T) {
			c, store := hookedCache(t)
			store.beforeWrite = func() {
				if err := c.SetBehind("key", []byte("later"), 0); err != nil {
					t.Error(err)
				}
			}
			if err := write(c); err != nil {
				t.Fatal(err)
			}
			want(t, c, "key", "later")
			stats(t, c)
			want(t, c, "key", "later")
			if e, found, err := store.Store.Read(t.Context(), "key"); !found || err != nil || string(e.Value) != "later" {
				t.Errorf("the store has %q, %v, %v", e.Value, found, err)
			}
		})
	}
}

// A load that began before a write must not answer who asks after it, even if
// nothing is stored any more.
func TestLoadFromBeforeAWriteAnswersNobodyAfterIt(t *testing.T) {
	c := newCache(t, roomy, cache.Options{})
	begun, goOn := make(chan struct{}), make(chan struct{})
	first := make(chan string, 1)
	go func() {
		e, _ := c.GetOrLoad(t.Context(), "key", 0, func(context.Context) ([]byte, error) {
			close(begun)
			<-goOn
			return []byte("old"), nil
		})
		first <- string(e.Value)
	}()
	<-begun
	set(t, c, "key", "new")
	if err := c.Delete(t.Context(), "key"); err != nil {
		t.Fatal(err)
	}
	second := make(chan string, 1)
	go func() {
		e, _ := c.GetOrLoad(t.Context(), "key", 0, func(context.Context) ([]byte, error) { return []byte("newer"), nil })
		second <- string(e.Value)
	}()
	close(goOn)
	if got := <-first; got != "old" {
		t.Errorf("the first load gave %q", got)
	}
	if got := <-second; got != "newer" {
		t.Errorf("who asked after the write got %q", got)
	}
	want(t, c, "key", "newer")
}
