package queue

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	"ret/shared/fault"
	"ret/shared/workspace"
)

var errStopping = fault.New(fault.Unavailable, "The server is stopping. The job goes on when it is back.")

// Task is one attempt at a job.
type Task struct {
	ID   string // of the job
	Kind string

	line    *Line
	since   time.Time // when it began to wait
	began   time.Time
	ctx     context.Context
	cancel  context.CancelCauseFunc
	claimed chan struct{}  // closed when the start has been written, or refused
	attempt workspace.Run  // valid after claimed
	refused error          // valid after claimed
	done    chan struct{}  // closed when the end has been written
	meter   meter          // for Report
	beats   sync.WaitGroup // the heartbeat
}

func newTask(l *Line, w waiting) *Task {
	t := &Task{
		ID: w.job.ID, Kind: w.job.Kind, line: l, since: w.since,
		claimed: make(chan struct{}), done: make(chan struct{}),
	}
	t.began = time.Now()
	t.ctx, t.cancel = context.WithCancelCause(l.queue.ctx)
	return t
}

// Fence waits until the start of this attempt is on disk and returns what its
// writes must carry, or workspace.ErrLost if the job is no longer to be run.
func (t *Task) Fence(ctx context.Context) (workspace.Run, error) {
	select {
	case <-t.claimed:
		return t.attempt, t.refused
	case <-ctx.Done():
		return workspace.Run{}, ctx.Err()
	}
}

// Job reads the job that is to be done.
func (t *Task) Job(ctx context.Context) (*workspace.Job, error) {
	return t.line.store.Job(ctx, t.ID)
}

// run does the attempt and hands its end to a goroutine of its own, so that the
// worker does not wait for the disk.
func (t *Task) run() {
	q := t.line.queue
	q.slots <- struct{}{}
	q.past.started(t.began.Sub(t.since))
	q.cfg.Observe.Started(t.Kind, t.began.Sub(t.since))
	q.finishing.Go(t.claim)
	err := t.attemptOnce()
	q.finishing.Go(func() {
		defer func() { <-q.slots }()
		t.end(err)
	})
}

// wait waits until the end of the attempt has been written.
func (t *Task) wait(ctx context.Context) error {
	select {
	case <-t.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// claim writes that the job runs. If it is no longer queued, the run is called
// off.
func (t *Task) claim() {
	// Not t.ctx: once written, the attempt must be known in order to be undone.
	t.attempt, t.refused = t.line.store.Start(context.Background(), t.ID, t.line.queue.cfg.Lease)
	close(t.claimed)
	if t.refused != nil {
		t.cancel(t.refused)
	}
}

// attemptOnce calls the runner; a panic is the job's failure, not the server's.
func (t *Task) attemptOnce() (err error) {
	defer func() {
		if p := recover(); p != nil {
			t.line.queue.cfg.Log.Error("job panicked", "kind", t.Kind, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	stop := t.heartbeat()
	defer stop()
	return t.line.runner.Run(t.ctx, t)
}

// end writes how the attempt ended.
func (t *Task) end(err error) {
	defer close(t.done)
	defer t.line.ended(t)
	defer t.cancel(nil)
	<-t.claimed
	if t.refused != nil {
		return // cancelled before it began
	}
	state, err := t.settle(err)
	if err != nil && !errors.Is(err, workspace.ErrLost) {
		t.line.queue.cfg.Log.Error("end of job not stored", "kind", t.Kind, "err", err)
	}
	t.line.queue.past.ended(state, time.Since(t.began))
	t.line.queue.cfg.Observe.Ended(t.Kind, state, time.Since(t.began))
}

// settle chooses between the ends that an attempt can have.
func (t *Task) settle(err error) (workspace.State, error) {
	// The ends are written even when the run was cancelled.
	ctx := context.WithoutCancel(t.ctx)
	q := t.line.queue
	switch {
	case err == nil:
		return workspace.StateSucceeded, t.line.runner.Finish(ctx, t.attempt, workspace.Outcome{State: workspace.StateSucceeded})
	case errors.Is(context.Cause(t.ctx), workspace.ErrLost):
		return workspace.StateCancelled, nil
	case t.ctx.Err() != nil: // shutdown
		return workspace.StateQueued, t.line.store.Requeue(ctx, t.attempt, time.Time{}, true)
	}
	if again, jobErr := t.mayTryAgain(ctx, err); jobErr != nil || again {
		if jobErr != nil {
			return workspace.StateQueued, jobErr
		}
		return workspace.StateQueued, t.line.store.Requeue(ctx, t.attempt, time.Now().Add(q.backoff(t.attempt.Attempt)), false)
	}
	if fault.KindOf(err) == fault.Internal {
		q.cfg.Log.Error("job failed", "kind", t.Kind, "err", err)
	}
	return workspace.StateFailed, t.line.runner.Finish(ctx, t.attempt, workspace.Outcome{State: workspace.StateFailed, Error: fault.Message(err)})
}

// mayTryAgain reports whether another attempt can help and is left.
func (t *Task) mayTryAgain(ctx context.Context, err error) (bool, error) {
	switch fault.KindOf(err) {
	case fault.Internal, fault.Unavailable, fault.NoSpace:
	default:
		return false, nil
	}
	job, err := t.Job(ctx)
	if err != nil {
		return false, err
	}
	return job.Attempt < job.MaxAttempts, nil
}

// backoff doubles with each attempt and is spread by half, so that jobs that
// failed together do not come back together.
func (q *Queue) backoff(attempt int) time.Duration {
	d := q.cfg.Backoff << min(attempt-1, 8)
	return d/2 + rand.N(d)
}
