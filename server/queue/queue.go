package queue

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"ret/server/turns"
	"ret/shared/workspace"
)

// Store is the part of a workspace that the queue needs.
type Store interface {
	Waiting(ctx context.Context) ([]workspace.Queued, error)
	Start(ctx context.Context, id string, lease time.Duration) (workspace.Run, error)
	Progress(ctx context.Context, run workspace.Run, p workspace.Progress, lease time.Duration) error
	Requeue(ctx context.Context, run workspace.Run, runAfter time.Time, keepAttempt bool) error
	Rescue(ctx context.Context, runs func(jobID string) bool) error
	Job(ctx context.Context, id string) (*workspace.Job, error)
}

// Runner does a session's jobs.
type Runner interface {
	// Run does the task's job. It stops soon after ctx ends, and asks at checkpoints
	// whether it is another session's turn (Task.Turn). Its error is shown to the person; kinds that can
	// pass by themselves (Unavailable, NoSpace, Internal) are tried again.
	Run(ctx context.Context, t *Task) error

	// Finish ends the run in the workspace and cleans up after it.
	Finish(ctx context.Context, run workspace.Run, out workspace.Outcome) error

	// Progress shows how far a job is; it must not wait.
	Progress(jobID string, p workspace.Progress)
}

// Config holds what a Queue needs; zero fields mean defaults.
type Config struct {
	Workers int // jobs at once; 0 runs by itself only what an earlier run left: see Line.RunNow
	Log     *slog.Logger
	Observe Observer

	Lease    time.Duration // 30 s: how long a run is believed without a sign of life
	Backoff  time.Duration // 2 s: the first pause before another attempt; doubles
	Patience time.Duration // 1.5 s: how long a run that is called off may take to end
}

// Observer hears of what the queue does, for metrics. Its methods must not wait.
type Observer interface {
	Started(kind string, waited time.Duration)
	Ended(kind string, state workspace.State, ran time.Duration)
}

// Queue hands the jobs of its lines to its workers.
type Queue struct {
	cfg    Config
	places *turns.Places // one for each worker; nil without workers

	mu       sync.Mutex
	lines    map[*Line]struct{}
	running  map[*Task]struct{}
	stopping bool
	idle     chan struct{} // closed when the queue stops and nothing runs any more

	slots chan struct{} // bounds the runs whose end is being written
	past  past
}

// maxFinishing bounds the ends of runs under way to disk; many share a commit.
const maxFinishing = 512

// New makes a queue. Stop ends it.
func New(cfg Config) *Queue {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Observe == nil {
		cfg.Observe = blind{}
	}
	if cfg.Lease == 0 {
		cfg.Lease = 30 * time.Second
	}
	if cfg.Backoff == 0 {
		cfg.Backoff = 2 * time.Second
	}
	if cfg.Patience == 0 {
		cfg.Patience = 1500 * time.Millisecond
	}
	q := &Queue{
		cfg: cfg, lines: map[*Line]struct{}{}, running: map[*Task]struct{}{},
		idle: make(chan struct{}), slots: make(chan struct{}, maxFinishing),
	}
	if cfg.Workers > 0 {
		q.places = turns.New(cfg.Workers)
	}
	return q
}

// Workers is how many jobs run at once.
func (q *Queue) Workers() int { return q.cfg.Workers }

// Stopping reports whether Stop has been called.
func (q *Queue) Stopping() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.stopping
}

// Stop takes no more jobs, waits for the running ones until ctx is done, then
// calls off those that still run and puts them back, without costing them an
// attempt. One that does not end within the queue's patience is cut off; the next
// start finds its job as if the process had died under it.
func (q *Queue) Stop(ctx context.Context) {
	q.mu.Lock()
	q.stopping = true
	for l := range q.lines {
		l.dropWaiting()
	}
	if len(q.running) == 0 {
		closeOnce(q.idle)
	}
	q.mu.Unlock()
	select {
	case <-q.idle:
		return
	case <-ctx.Done():
	}
	q.mu.Lock()
	for t := range q.running {
		t.callOff(errStopping)
	}
	q.mu.Unlock()
	<-q.idle
}

// after has fn called later, with the timer and under the mutex, which the caller
// holds as well.
func (q *Queue) after(d time.Duration, fn func(*time.Timer)) (timer *time.Timer) {
	timer = time.AfterFunc(d, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		fn(timer)
	})
	return timer
}

// blind is an Observer that looks away.
type blind struct{}

func (blind) Started(string, time.Duration)                {}
func (blind) Ended(string, workspace.State, time.Duration) {}
