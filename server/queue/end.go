package queue

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"ret/shared/fault"
	"ret/shared/workspace"
)

// How long a run waits before it tries again to write its end: from the first
// failure on, doubling up to the last.
const (
	firstWriteAgain = 50 * time.Millisecond
	lastWriteAgain  = 5 * time.Second
)

// settle writes how the attempt ended and tries until that is written, or until
// the line closes: then the next start takes the job up.
func (t *Task) settle(err error) {
	q := t.queue()
	for pause := firstWriteAgain; ; pause = min(2*pause, lastWriteAgain) {
		state, writeErr := t.writeEnd(err)
		if writeErr == nil || errors.Is(writeErr, workspace.ErrLost) {
			q.past.ended(state, time.Since(t.began))
			q.cfg.Observe.Ended(t.Kind, state, time.Since(t.began))
			return
		}
		q.cfg.Log.Error("end of job not stored yet", "kind", t.Kind, "err", writeErr)
		select {
		case <-time.After(pause/2 + rand.N(pause)):
		case <-t.hurried.Done():
			return
		}
	}
}

// writeEnd chooses between the ends that an attempt can have.
func (t *Task) writeEnd(err error) (workspace.State, error) {
	// The ends are written even when the run was called off.
	ctx := context.Background()
	q, line := t.queue(), t.line()
	if err == nil {
		return workspace.StateSucceeded, line.runner.Finish(ctx, t.attempt, workspace.Outcome{State: workspace.StateSucceeded})
	}
	if t.ctx.Err() != nil {
		return t.putBack(ctx)
	}
	again, jobErr := t.mayTryAgain(ctx, err)
	switch {
	case jobErr != nil:
		return workspace.StateQueued, jobErr
	case again:
		return workspace.StateQueued, line.store.Requeue(ctx, t.attempt, time.Now().Add(q.backoff(t.attempt.Attempt)), false)
	}
	if fault.KindOf(err) == fault.Internal {
		q.cfg.Log.Error("job failed", "kind", t.Kind, "err", err)
	}
	return workspace.StateFailed, line.runner.Finish(ctx, t.attempt, workspace.Outcome{State: workspace.StateFailed, Error: fault.Message(err)})
}

// putBack queues the job of a run that was called off, without costing it an
// attempt. One that was cancelled is not this run's any more; but if it was
// cancelled and retried before this run's start was written, it is.
func (t *Task) putBack(ctx context.Context) (workspace.State, error) {
	err := t.line().store.Requeue(ctx, t.attempt, time.Time{}, true)
	if errors.Is(err, workspace.ErrLost) {
		return workspace.StateCancelled, err
	}
	return workspace.StateQueued, err
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
