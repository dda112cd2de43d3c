package queue_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"ret/server/queue"
	"ret/shared/fault"
	"ret/shared/workspace"
)

// endless is a job that works until it is called off, asking at each step whether
// it is another's turn.
func endless(began chan<- string) func(context.Context, *queue.Task) error {
	return func(ctx context.Context, task *queue.Task) error {
		began <- task.ID
		for {
			for range 1000 { // the work of a step
				_ = time.Now()
			}
			if err := task.Turn(ctx); err != nil {
				return err
			}
		}
	}
}

// A lone small job starts within 250 ms beside endless ones of another session
// that hold all workers, and costs them nothing.
func TestLoneJobBesideEndlessOnes(t *testing.T) {
	q := newQueue(t, 2)
	began := make(chan string, 10)
	busy := newDesk(t, q, endless(began))
	first, second := busy.submit(t), busy.submit(t)
	<-began
	<-began
	started := make(chan time.Time, 1)
	lone := newDesk(t, q, func(context.Context, *queue.Task) error {
		started <- time.Now()
		return nil
	})
	for range 5 {
		asked := time.Now()
		id := lone.submit(t)
		if took := (<-started).Sub(asked); took > startsWithin {
			t.Errorf("it started after %v", took)
		}
		lone.await(t, id, workspace.StateSucceeded)
	}
	for _, id := range []string{first, second} {
		if job := busy.await(t, id, workspace.StateRunning); job.Attempt != 1 {
			t.Errorf("attempt %d", job.Attempt)
		}
	}
	if n := len(began); n != 0 {
		t.Errorf("%d runs began anew", n)
	}
}

// Any number of runs may have begun and be waiting for their next turn; the one that has
// a worker ends nevertheless.
func TestRunsThatWaitForTheirTurnKeepNobodyFromEnding(t *testing.T) {
	q := newQueue(t, 2)
	const runs = 1100 // more than may write their end at once
	var begun atomic.Int64
	all := make(chan struct{})
	d := newDesk(t, q, func(ctx context.Context, task *queue.Task) error {
		if begun.Add(1) == runs {
			close(all)
		}
		for begun.Load() < runs {
			if err := task.StepAside(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	ids := make([]string, runs)
	for i := range ids {
		ids[i] = d.submit(t)
	}
	<-all
	for _, id := range ids {
		d.await(t, id, workspace.StateSucceeded)
	}
}

// With more sessions that work without end than there are workers each has its
// share, and one who comes is served.
func TestEndlessJobsOfManySessionsShare(t *testing.T) {
	const sessions = 6
	q := newQueue(t, 2)
	var steps [sessions]atomic.Int64
	for i := range sessions {
		d := newDesk(t, q, func(ctx context.Context, task *queue.Task) error {
			for {
				steps[i].Add(1)
				if err := task.Turn(ctx); err != nil {
					return err
				}
			}
		})
		d.submit(t)
		d.submit(t)
	}
	for i := range steps { // the test's own time limit bounds it
		for steps[i].Load() < 1000 {
			time.Sleep(time.Millisecond)
		}
	}
	started := make(chan time.Time, 1)
	lone := newDesk(t, q, func(context.Context, *queue.Task) error {
		started <- time.Now()
		return nil
	})
	asked := time.Now()
	lone.submit(t)
	if took := (<-started).Sub(asked); took > startsWithin {
		t.Errorf("it started after %v", took)
	}
}

// deafRun never looks at its context.
func deafRun(began chan<- *queue.Task, revoked *atomic.Bool, release <-chan struct{}) func(context.Context, *queue.Task) error {
	return func(_ context.Context, task *queue.Task) error {
		task.OnSever(func() { revoked.Store(true) })
		began <- task
		<-release
		return nil
	}
}

// Closing a line does not wait for a run that heeds nothing: it is cut off, and
// what it does later counts for nothing.
func TestWhatHangsIsCutOff(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(t *testing.T, q *queue.Queue, d *desk, id string)
	}{
		{"close", func(_ *testing.T, _ *queue.Queue, d *desk, _ string) { d.line.Close() }},
		{"stop", func(_ *testing.T, q *queue.Queue, _ *desk, _ string) {
			now, cancel := context.WithCancel(context.Background())
			cancel()
			q.Stop(now)
		}},
		{"cancel", func(t *testing.T, q *queue.Queue, d *desk, id string) {
			if _, err := d.Cancel(t.Context(), id, 0); err != nil {
				t.Fatal(err)
			}
			for q.Figures().Running > 0 {
				time.Sleep(time.Millisecond)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			q := newQueue(t, 1)
			began, release := make(chan *queue.Task, 1), make(chan struct{})
			var revoked atomic.Bool
			d := newDesk(t, q, deafRun(began, &revoked, release))
			id := d.submit(t)
			task := <-began
			d.await(t, id, workspace.StateRunning)
			at := time.Now()
			c.end(t, q, d, id)
			if took := time.Since(at); took > 2*time.Second {
				t.Errorf("it took %v", took)
			}
			if !revoked.Load() {
				t.Error("the run still holds what it had")
			}
			if _, err := task.Fence(t.Context()); !errors.Is(err, workspace.ErrLost) {
				t.Errorf("its fence says %v", err)
			}
			close(release)
			if job, err := d.Job(t.Context(), id); err != nil || job.State == workspace.StateSucceeded {
				t.Errorf("job %v: %v", job, err)
			}
		})
	}
}

// The place of a run that hangs is free once its job has been cancelled.
func TestCancelledJobThatHangsGivesItsPlaceBack(t *testing.T) {
	q := newQueue(t, 1)
	began, release := make(chan *queue.Task, 1), make(chan struct{})
	defer close(release)
	var revoked atomic.Bool
	hang := newDesk(t, q, deafRun(began, &revoked, release))
	id := hang.submit(t)
	<-began
	if _, err := hang.Cancel(t.Context(), id, 0); err != nil {
		t.Fatal(err)
	}
	other := newDesk(t, q, succeed)
	other.await(t, other.submit(t), workspace.StateSucceeded)
}

// brokenStore is a workspace whose writes fail for a while, as on a full or ill
// disk.
type brokenStore struct {
	*workspace.Workspace
	start, finish, requeue atomic.Int64 // how often each is to fail
}

var errIll = fault.New(fault.Unavailable, "ill")

func (b *brokenStore) Start(ctx context.Context, id string, lease time.Duration) (workspace.Run, error) {
	if b.start.Add(-1) >= 0 {
		return workspace.Run{}, errIll
	}
	return b.Workspace.Start(ctx, id, lease)
}

func (b *brokenStore) Requeue(ctx context.Context, run workspace.Run, after time.Time, keep bool) error {
	if b.requeue.Add(-1) >= 0 {
		return errIll
	}
	return b.Workspace.Requeue(ctx, run, after, keep)
}

func (b *brokenStore) finishOf(d *desk) func(context.Context, workspace.Run, workspace.Outcome) error {
	return func(ctx context.Context, run workspace.Run, out workspace.Outcome) error {
		if b.finish.Add(-1) >= 0 {
			return errIll
		}
		_, err := d.Workspace.Finish(ctx, run, out)
		return err
	}
}

// A start, an end or a putting back that cannot be written is tried again until it
// is.
func TestWritesOfARunAreTriedAgain(t *testing.T) {
	for name, ill := range map[string]func(*brokenStore){
		"start":   func(b *brokenStore) { b.start.Store(2) },
		"finish":  func(b *brokenStore) { b.finish.Store(3) },
		"requeue": func(b *brokenStore) { b.requeue.Store(3) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := newQueue(t, 1)
			var tries atomic.Int64
			b := &brokenStore{}
			ill(b)
			d := openDeskOver(t, q, b, func(context.Context, *queue.Task) error {
				if tries.Add(1) == 1 && name == "requeue" {
					return errIll
				}
				return nil
			})
			d.await(t, d.submit(t), workspace.StateSucceeded)
		})
	}
}
