package queue_test

import (
	"context"
	"sync/atomic"
	"testing"

	"ret/server/queue"
	"ret/shared/workspace"
)

// A job that is cancelled while it waits, and retried, stands in line once: one run
// begins, and the session can end while it is at work.
func TestCancelledAndRetriedWhileItWaits(t *testing.T) {
	q := newQueue(t, 2)
	gate, began := make(chan struct{}), make(chan string, 10)
	var long atomic.Int64
	d := newDesk(t, q, func(ctx context.Context, task *queue.Task) error {
		began <- task.ID
		if long.Add(1) <= 2 {
			<-gate
			return nil
		}
		<-ctx.Done()
		return ctx.Err()
	})
	for range 2 {
		d.submit(t)
		<-began
	}
	id := d.submit(t)
	if _, err := d.Cancel(t.Context(), id, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Retry(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if f := q.Figures(); f.Waiting != 1 || f.Running != 2 {
		t.Errorf("%d wait and %d run, want 1 and 2", f.Waiting, f.Running)
	}
	close(gate)
	if got := <-began; got != id {
		t.Errorf("%s began", got)
	}
	d.await(t, id, workspace.StateRunning)
	d.line.Close()
	if n := len(began); n != 0 {
		t.Errorf("%d more runs began", n)
	}
}
