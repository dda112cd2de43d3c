package queue

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"ret/shared/workspace"
)

// Store is the part of a workspace that the queue needs.
type Store interface {
	Waiting(ctx context.Context) ([]workspace.Queued, error)
	Start(ctx context.Context, id string, lease time.Duration) (workspace.Run, error)
	Progress(ctx context.Context, run workspace.Run, p workspace.Progress, lease time.Duration) error
	Requeue(ctx context.Context, run workspace.Run, runAfter time.Time, keepAttempt bool) error
	Job(ctx context.Context, id string) (*workspace.Job, error)
}

// Runner does a session's jobs.
type Runner interface {
	// Run does the task's job. Its error is shown to the person; kinds that can
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

	Lease   time.Duration // 30 s: how long a run is believed without a sign of life
	Backoff time.Duration // 2 s: the first pause before another attempt; doubles
}

// Observer hears of what the queue does, for metrics. Its methods must not wait.
type Observer interface {
	Started(kind string, waited time.Duration)
	Ended(kind string, state workspace.State, ran time.Duration)
}

// Queue hands the jobs of its lines to its workers.
type Queue struct {
	cfg Config

	mu       sync.Mutex
	wake     *sync.Cond
	ring     []*Line // lines with work, in turn
	lines    map[*Line]struct{}
	stopping bool

	workers   sync.WaitGroup
	finishing sync.WaitGroup
	slots     chan struct{} // bounds the runs whose end is being written
	stop      context.CancelFunc
	ctx       context.Context // of all runs; cancelled in the second stage of Stop
	past      past
}

// maxFinishing bounds the ends of runs under way to disk; many share a commit.
const maxFinishing = 512

// New starts a queue's workers. Stop ends them.
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
	q := &Queue{cfg: cfg, lines: map[*Line]struct{}{}, slots: make(chan struct{}, maxFinishing)}
	q.wake = sync.NewCond(&q.mu)
	q.ctx, q.stop = context.WithCancel(context.Background())
	for range cfg.Workers {
		q.workers.Go(q.work)
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
// puts those back that still run, without costing them an attempt.
func (q *Queue) Stop(ctx context.Context) {
	q.mu.Lock()
	q.stopping = true
	q.wake.Broadcast()
	q.mu.Unlock()

	ended := make(chan struct{})
	go func() {
		q.workers.Wait()
		q.finishing.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
	q.stop()
	<-ended
}

// goUnlessStopping runs fn on a goroutine that Stop waits for.
func (q *Queue) goUnlessStopping(fn func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.stopping {
		q.workers.Go(fn)
	}
}

// work takes one job after the other, from one line after the other.
func (q *Queue) work() {
	for {
		t := q.next()
		if t == nil {
			return
		}
		t.run()
	}
}

// next waits for a job. It returns nil when the queue stops.
func (q *Queue) next() *Task {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		if q.stopping {
			return nil
		}
		if t := q.take(); t != nil {
			return t
		}
		q.wake.Wait()
	}
}

// take gives the first line its turn and moves it to the end.
func (q *Queue) take() *Task {
	for len(q.ring) > 0 {
		l := q.ring[0]
		q.ring = q.ring[1:]
		t := l.pop()
		if len(l.pending) > 0 {
			q.ring = append(q.ring, l)
		} else {
			l.listed = false
		}
		if t != nil {
			return t
		}
	}
	return nil
}

// blind is an Observer that looks away.
type blind struct{}

func (blind) Started(string, time.Duration)                {}
func (blind) Ended(string, workspace.State, time.Duration) {}
