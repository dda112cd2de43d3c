package cache_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"ret/shared/cache"
)

// Each key has one writer, which counts up; whoever reads must see at least what
// was answered before the read began, whatever memory, loads and evictions do.
func TestNoReaderSeesAnOlderValue(t *testing.T) {
	for name, limits := range modelLimits {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCache(t, limits, cache.Options{})
			r := &rivals{T: t, cache: c, answered: make([]atomic.Int64, 40)}
			var writers, readers sync.WaitGroup
			done := make(chan struct{})
			for w := range 8 {
				writers.Go(func() { r.write(w*5, rand.New(rand.NewPCG(uint64(w), 7))) })
			}
			for w := range 4 {
				readers.Go(func() { r.readUntil(done, rand.New(rand.NewPCG(uint64(w), 8))) })
			}
			writers.Wait()
			close(done)
			readers.Wait()
		})
	}
}

type rivals struct {
	*testing.T
	cache    *cache.Cache
	answered []atomic.Int64 // by key: the newest value that was answered
}

// write counts up five keys that nobody else writes.
func (r *rivals) write(first int, random *rand.Rand) {
	for i := int64(1); i <= int64(steps()/20); i++ {
		n := first + random.IntN(5)
		key, value := "key"+strconv.Itoa(n), []byte(strconv.FormatInt(i, 10))
		var err error
		switch random.IntN(3) {
		case 0:
			err = r.cache.SetBehind(key, value, 0)
		case 1:
			err = r.cache.Delete(r.Context(), key)
			if err == nil {
				err = r.cache.Set(r.Context(), key, value, 0)
			}
		default:
			err = r.cache.Set(r.Context(), key, value, 0)
		}
		if err != nil {
			r.Error(err)
			return
		}
		r.answered[n].Store(i)
	}
}

func (r *rivals) readUntil(done chan struct{}, random *rand.Rand) {
	for {
		select {
		case <-done:
			return
		default:
		}
		runtime.Gosched() // nobody else would run under js
		n := random.IntN(len(r.answered))
		key, least := "key"+strconv.Itoa(n), r.answered[n].Load()
		var e cache.Entry
		ok := true
		if random.IntN(2) == 0 {
			e, ok = r.cache.Get(r.Context(), key)
		} else {
			// The source is as old as what was answered when the load began.
			var err error
			e, err = r.cache.GetOrLoad(r.Context(), key, 0, func(context.Context) ([]byte, error) {
				return []byte(strconv.FormatInt(r.answered[n].Load(), 10)), nil
			})
			if err != nil {
				r.Error(err)
			}
		}
		if !ok {
			continue // deleted, about to be set again
		}
		if got, _ := strconv.ParseInt(string(e.Value), 10, 64); got < least {
			r.Errorf("%s is %d after %d was answered", key, got, least)
			return
		}
	}
}

func TestOneLoadAKey(t *testing.T) {
	c := newCache(t, roomy, cache.Options{})
	var loads atomic.Int64
	begun, go_ := make(chan struct{}), make(chan struct{})
	load := func(context.Context) ([]byte, error) {
		if loads.Add(1) == 1 {
			close(begun)
		}
		<-go_
		return []byte("loaded"), nil
	}
	var callers sync.WaitGroup
	for range 50 {
		callers.Go(func() {
			e, err := c.GetOrLoad(t.Context(), "key", 0, load)
			if err != nil || string(e.Value) != "loaded" {
				t.Errorf("got %q, %v", e.Value, err)
			}
		})
	}
	<-begun
	close(go_)
	callers.Wait()
	if n := loads.Load(); n != 1 {
		t.Errorf("%d loads, want 1", n)
	}
	want(t, c, "key", "loaded")
}

func TestFailedLoadIsNotKept(t *testing.T) {
	c := newCache(t, roomy, cache.Options{})
	broken := errors.New("broken")
	_, err := c.GetOrLoad(t.Context(), "key", 0, func(context.Context) ([]byte, error) { return nil, broken })
	if !errors.Is(err, broken) {
		t.Fatalf("got %v", err)
	}
	wantNone(t, c, "key")
}

func TestWaiterTakesOverFromWhoGaveUp(t *testing.T) {
	c := newCache(t, roomy, cache.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	begun := make(chan struct{})
	var first, second sync.WaitGroup
	first.Go(func() {
		_, err := c.GetOrLoad(ctx, "key", 0, func(ctx context.Context) ([]byte, error) {
			close(begun)
			<-ctx.Done()
			return nil, ctx.Err()
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the first caller got %v", err)
		}
	})
	<-begun
	second.Go(func() {
		e, err := c.GetOrLoad(t.Context(), "key", 0, func(context.Context) ([]byte, error) { return []byte("second"), nil })
		if err != nil || string(e.Value) != "second" {
			t.Errorf("the second caller got %q, %v", e.Value, err)
		}
	})
	cancel()
	first.Wait()
	second.Wait()
}

func TestPanicOfALoadReachesItsCallerAlone(t *testing.T) {
	c := newCache(t, roomy, cache.Options{})
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was lost")
			}
		}()
		_, _ = c.GetOrLoad(t.Context(), "key", 0, func(context.Context) ([]byte, error) { panic("boom") })
	}()
	e, err := c.GetOrLoad(t.Context(), "key", 0, func(context.Context) ([]byte, error) { return []byte("fine"), nil })
	if err != nil || string(e.Value) != "fine" {
		t.Errorf("after a panic got %q, %v", e.Value, err)
	}
}

// A write that comes while a value is loaded wins, whichever ends first.
func TestLoadNeverOverwritesALaterWrite(t *testing.T) {
	writes := map[string]struct {
		do   func(*testing.T, *cache.Cache)
		left string
	}{
		"set":    {func(t *testing.T, c *cache.Cache) { set(t, c, "key", "new") }, "new"},
		"behind": {func(t *testing.T, c *cache.Cache) { _ = c.SetBehind("key", []byte("new"), 0) }, "new"},
		"delete": {func(t *testing.T, c *cache.Cache) { _ = c.Delete(t.Context(), "key") }, ""},
		"prefix": {func(t *testing.T, c *cache.Cache) {
			set(t, c, "key", "newer")
			_, _ = c.DeletePrefix(t.Context(), "k")
		}, ""},
	}
	for name, write := range writes {
		t.Run(name, func(t *testing.T) {
			c := newCache(t, roomy, cache.Options{})
			e, err := c.GetOrLoad(t.Context(), "key", 0, func(context.Context) ([]byte, error) {
				write.do(t, c)
				return []byte("old"), nil
			})
			if err != nil || string(e.Value) != "old" {
				t.Fatalf("got %q, %v", e.Value, err)
			}
			if write.left == "" {
				wantNone(t, c, "key")
				return
			}
			want(t, c, "key", write.left)
		})
	}
}

// Sessions come and go while others work; nothing of one is left behind.
func TestManySessionsAtOnce(t *testing.T) {
	memory := cache.NewMemory(cache.Limits{Entries: 50, Bytes: 1 << 20})
	var sessions sync.WaitGroup
	for i := range 10 {
		w := openWorkspace(t, newPath(t))
		sessions.Go(func() {
			c := cache.New(memory, w.Entries(), cache.Options{})
			mine := fmt.Sprint("of session ", i)
			for n := range 50 {
				key := fmt.Sprint(n)
				if err := c.SetBehind(key, []byte(mine), 0); err != nil {
					t.Error(err)
				}
				if e, ok := c.Get(t.Context(), key); !ok || string(e.Value) != mine {
					t.Errorf("session %d reads %q, %v", i, e.Value, ok)
				}
			}
			c.Purge()
		})
	}
	sessions.Wait()
	if held := memory.Held(); held.Entries != 0 || held.Bytes != 0 {
		t.Errorf("purged sessions left %+v", held)
	}
}
