package jobs

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
)

// Documents share the budget: never more than it holds are at work, small ones do
// not wait, and who gives up leaves nothing taken.
func TestMemoryIsShared(t *testing.T) {
	m := NewMemory(100 << 20)
	const size = 10 << 20 // needs 34 MiB, so two fit
	var now, aside atomic.Int64
	var all sync.WaitGroup
	stepAside := func(ctx context.Context) error { aside.Add(1); return ctx.Err() }
	first, err := m.admit(t.Context(), 1<<40, stepAside) // all there is
	if err != nil {
		t.Fatal(err)
	}
	if release, err := m.admit(t.Context(), smallDocument, stepAside); err != nil {
		t.Error(err)
	} else {
		release()
	}
	given, cancel := context.WithCancel(t.Context())
	gaveUp := make(chan error)
	go func() {
		_, err := m.admit(given, size, stepAside)
		gaveUp <- err
	}()
	for aside.Load() == 0 { // it waits, and lets others go first
		select {
		case err := <-gaveUp:
			t.Fatalf("it did not wait: %v", err)
		default:
		}
	}
	cancel()
	if err := <-gaveUp; err == nil {
		t.Error("it was admitted beside all there is")
	}
	for range 20 {
		all.Go(func() {
			release, err := m.admit(t.Context(), size, stepAside)
			if err != nil {
				t.Error(err)
				return
			}
			if n := now.Add(1); n > 2 {
				t.Errorf("%d at once", n)
			}
			now.Add(-1)
			release()
		})
	}
	first()
	all.Wait()
	if !m.free.TryAcquire(m.total) {
		t.Error("something is still taken")
	}
}
