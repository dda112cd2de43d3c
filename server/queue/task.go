package queue

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"ret/server/turns"
	"ret/shared/fault"
	"ret/shared/workspace"
)

var (
	errStopping = fault.New(fault.Unavailable, "The server is stopping. The job goes on when it is back.")
	errClosing  = fault.New(fault.Unavailable, "This session's data is being closed.")
)

// Task is one attempt at a job.
type Task struct {
	ID   string // of the job
	Kind string

	record  *record
	place   *turns.Place // nil where the caller is the worker
	began   time.Time
	ctx     context.Context
	cancel  context.CancelCauseFunc
	claimed chan struct{}  // closed when the start has been written, or refused
	attempt workspace.Run  // valid after claimed
	refused error          // valid after claimed
	done    chan struct{}  // closed when the end is known
	meter   meter          // for Report
	bytes   atomic.Int64   // of the job's files
	beats   sync.WaitGroup // the heartbeat

	hurried context.Context // done when the end is not to be tried again any more
	hurry   context.CancelFunc

	patience *time.Timer // since it was called off; the queue's mutex guards it

	severing sync.Mutex
	severed  bool
	onSever  []func()
}

func newTask(r *record) *Task {
	t := &Task{
		ID: r.job.ID, Kind: r.job.Kind, record: r, place: r.place, began: time.Now(),
		claimed: make(chan struct{}), done: make(chan struct{}),
	}
	t.ctx, t.cancel = context.WithCancelCause(context.Background())
	t.hurried, t.hurry = context.WithCancel(context.Background())
	return t
}

func (t *Task) line() *Line   { return t.record.line }
func (t *Task) queue() *Queue { return t.record.line.queue }

// Fence waits until the start of this attempt is on disk and returns what its
// writes must carry, or workspace.ErrLost if the job is no longer to be run.
func (t *Task) Fence(ctx context.Context) (workspace.Run, error) {
	if t.isSevered() {
		return workspace.Run{}, workspace.ErrLost
	}
	select {
	case <-t.claimed:
		return t.attempt, t.refused
	case <-ctx.Done():
		return workspace.Run{}, ctx.Err()
	}
}

// Job reads the job that is to be done.
func (t *Task) Job(ctx context.Context) (*workspace.Job, error) {
	return t.line().store.Job(ctx, t.ID)
}

// HasBytes notes what the job's files come to, for the figures.
func (t *Task) HasBytes(n int64) { t.bytes.Store(n) }

// Turn is a run's checkpoint, to be called after each piece of work and cheap enough
// for every read of a source. Where another session waits and has no place, the run
// hands its own over and goes on when it has one again; its attempt, its lease and
// what it has done stay as they are. All goroutines of a run pause with it. The
// error is that of ctx, or of the run if it was called off.
func (t *Task) Turn(ctx context.Context) error { return t.rest(ctx, (*turns.Place).Rest) }

// StepAside is Turn for a run that cannot go on at present: any job that waits may
// have its place.
func (t *Task) StepAside(ctx context.Context) error { return t.rest(ctx, (*turns.Place).StepAside) }

// Outside does something for which the run needs no place, such as waiting for a
// network: others have it meanwhile. The error is that of do, of ctx, or of the run if it
// was called off.
func (t *Task) Outside(ctx context.Context, do func() error) error {
	if t.place == nil {
		return do()
	}
	if err := t.place.Outside(ctx, do); err != nil {
		return err
	}
	return context.Cause(t.ctx)
}

func (t *Task) rest(ctx context.Context, rest func(*turns.Place, context.Context) error) error {
	if t.place != nil {
		if err := rest(t.place, ctx); err != nil {
			return err
		}
	}
	return context.Cause(t.ctx)
}

// run does the attempt and hands its end to a goroutine of its own, so that the
// place is free for the next job while the disk is waited for.
func (t *Task) run() {
	q := t.queue()
	waited := t.began.Sub(t.record.since)
	q.past.started(waited)
	q.cfg.Observe.Started(t.Kind, waited)
	go t.claim()
	err := t.attemptOnce()
	// Only now: a run that gives its place to others would keep them from ending.
	q.slots <- struct{}{}
	if t.place != nil {
		t.place.Leave()
	}
	go func() {
		defer func() { <-q.slots }()
		t.end(err)
	}()
}

// wait waits until the end of the attempt is known.
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
	t.attempt, t.refused = t.line().store.Start(context.Background(), t.ID, t.queue().cfg.Lease)
	close(t.claimed)
	if t.refused != nil {
		t.cancel(t.refused)
	}
}

// attemptOnce calls the runner; a panic is the job's failure, not the server's.
func (t *Task) attemptOnce() (err error) {
	defer func() {
		if p := recover(); p != nil {
			t.queue().cfg.Log.Error("job panicked", "kind", t.Kind, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	stop := t.heartbeat()
	defer stop()
	return t.line().runner.Run(t.ctx, t)
}

// end writes how the attempt ended, however often that has to be tried, and takes
// the run off the line.
func (t *Task) end(err error) {
	<-t.claimed
	again := t.refusedByTheDisk()
	if t.refused == nil && !t.isSevered() {
		t.settle(err)
	}
	q := t.queue()
	q.mu.Lock()
	defer q.mu.Unlock()
	if r := t.record; r.task == t {
		if again != nil && r.again == nil && t.patience == nil {
			r.again = again
		}
		r.end()
	}
}

// refusedByTheDisk is when to begin again a run whose start could not be written.
// Its job waits in the workspace as before.
func (t *Task) refusedByTheDisk() *workspace.Queued {
	err := t.startError()
	if err == nil {
		return nil
	}
	t.queue().cfg.Log.Error("start of job not stored", "kind", t.Kind, "err", err)
	return &workspace.Queued{ID: t.ID, Kind: t.Kind, RunAfter: time.Now().Add(t.queue().backoff(1))}
}

// startError is why the start could not be written, nil if it was or if the job is
// not to be run any more.
func (t *Task) startError() error {
	select {
	case <-t.claimed:
	default:
		return nil
	}
	if errors.Is(t.refused, workspace.ErrLost) {
		return nil
	}
	return t.refused
}
