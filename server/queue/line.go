package queue

import (
	"context"
	"fmt"
	"time"

	"ret/shared/workspace"
)

// Line is one session's jobs in the queue. Its fields belong to the queue's
// mutex.
type Line struct {
	owner  string
	queue  *Queue
	store  Store
	runner Runner

	pending []waiting            // to be run now, oldest first
	running map[string]*Task     // by job id
	later   map[string]stopTimer // jobs that wait for their time
	listed  bool                 // in the queue's ring
	closed  bool
	idle    chan struct{} // made by Close: closed when nothing runs any more
}

type waiting struct {
	job   workspace.Queued
	since time.Time
}

type stopTimer interface{ Stop() bool }

// NewLine makes the line of a session, its owner. Whoever opens it passes on what
// the workspace announces, Queued and Stopped, calls Resume once, and closes it.
func (q *Queue) NewLine(owner string, store Store, runner Runner) *Line {
	l := &Line{owner: owner, queue: q, store: store, runner: runner, running: map[string]*Task{}, later: map[string]stopTimer{}}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.lines[l] = struct{}{}
	return l
}

// Rates returns how fast a running job has been, in units a second: a sample each
// second of the last minutes, oldest first. Nil if it does not run.
func (l *Line) Rates(jobID string) []float64 {
	l.queue.mu.Lock()
	t := l.running[jobID]
	l.queue.mu.Unlock()
	if t == nil {
		return nil
	}
	return t.meter.rates()
}

// Resume queues the jobs that the workspace has waiting, also those that a crash
// interrupted. It must come before any other job is submitted. Without workers no
// request waits for these jobs any more, so they are run beside the requests.
func (l *Line) Resume(ctx context.Context) error {
	jobs, err := l.store.Waiting(ctx)
	if err != nil {
		return fmt.Errorf("resume jobs: %w", err)
	}
	if l.queue.cfg.Workers == 0 && len(jobs) > 0 {
		l.queue.goUnlessStopping(func() { l.runAll(jobs) })
		return nil
	}
	for _, job := range jobs {
		l.Queued(job)
	}
	return nil
}

// Queued tells the line of a job that waits, as workspace.Listener says.
func (l *Line) Queued(job workspace.Queued) {
	q := l.queue
	if q.cfg.Workers == 0 {
		return // whoever submits it runs it
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if l.closed {
		return
	}
	if wait := time.Until(job.RunAfter); wait > 0 {
		l.later[job.ID] = time.AfterFunc(wait, func() { l.due(job) })
		return
	}
	l.push(job)
}

// due moves a job whose time has come to the waiting ones.
func (l *Line) due(job workspace.Queued) {
	l.queue.mu.Lock()
	defer l.queue.mu.Unlock()
	if _, ok := l.later[job.ID]; ok && !l.closed {
		delete(l.later, job.ID)
		l.push(job)
	}
}

func (l *Line) push(job workspace.Queued) {
	l.pending = append(l.pending, waiting{job, time.Now()})
	if !l.listed {
		l.listed = true
		l.queue.ring = append(l.queue.ring, l)
	}
	l.queue.wake.Signal()
}

// pop takes the oldest waiting job. It returns nil if there is none.
func (l *Line) pop() *Task {
	if l.closed || len(l.pending) == 0 {
		return nil
	}
	w := l.pending[0]
	l.pending[0] = waiting{}
	l.pending = l.pending[1:]
	return l.begin(w)
}

// begin registers a run; the caller holds the queue's mutex.
func (l *Line) begin(w waiting) *Task {
	t := newTask(l, w)
	l.running[w.job.ID] = t
	return t
}

// Stopped tells the line that a job was cancelled, as workspace.Listener says.
func (l *Line) Stopped(jobID string) {
	q := l.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	if timer, ok := l.later[jobID]; ok {
		timer.Stop()
		delete(l.later, jobID)
	}
	if t, ok := l.running[jobID]; ok {
		t.cancel(workspace.ErrLost)
	}
	// A waiting one is found out when it starts.
}

// Busy reports whether anything waits or runs.
func (l *Line) Busy() bool {
	q := l.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(l.pending)+len(l.running)+len(l.later) > 0
}

// runAll runs jobs that wait, one after the other. Those left when the line
// closes wait for the next start.
func (l *Line) runAll(jobs []workspace.Queued) {
	for _, job := range jobs {
		err := l.RunNow(context.Background(), job.ID, job.Kind)
		if !l.open() {
			return
		}
		if err != nil {
			l.queue.cfg.Log.Error("waiting job not run", "kind", job.Kind, "err", err)
		}
	}
}

// open reports whether jobs of the line are still begun.
func (l *Line) open() bool {
	l.queue.mu.Lock()
	defer l.queue.mu.Unlock()
	return !l.closed && !l.queue.stopping
}

// RunNow runs a queued job on the caller's goroutine, with all its attempts: the
// way of RET_WORKERS=0. It returns when the job has ended. If somebody else is
// running it, it waits for that.
func (l *Line) RunNow(ctx context.Context, jobID, kind string) error {
	for {
		if err := l.runOnce(ctx, jobID, kind); err != nil {
			return err
		}
		job, err := l.store.Job(ctx, jobID)
		if err != nil || job.State != workspace.StateQueued {
			return err
		}
	}
}

// runOnce makes one attempt at a job, or waits for the one under way.
func (l *Line) runOnce(ctx context.Context, jobID, kind string) error {
	q := l.queue
	q.mu.Lock()
	if l.closed || q.stopping {
		q.mu.Unlock()
		return errStopping
	}
	if t := l.running[jobID]; t != nil {
		q.mu.Unlock()
		return t.wait(ctx)
	}
	t := l.begin(waiting{workspace.Queued{ID: jobID, Kind: kind}, time.Now()})
	q.workers.Add(1) // for this one job the caller is a worker
	q.mu.Unlock()
	defer q.workers.Done()
	defer context.AfterFunc(ctx, func() { t.cancel(ctx.Err()) })()
	t.run()
	<-t.done
	return nil
}

// Close cancels the line's runs, waits until none is left and leaves the queue.
// What they stored stays.
func (l *Line) Close() {
	q := l.queue
	q.mu.Lock()
	if l.closed {
		q.mu.Unlock()
		return
	}
	l.closed = true
	delete(q.lines, l)
	l.pending = nil
	for id, timer := range l.later {
		timer.Stop()
		delete(l.later, id)
	}
	l.idle = make(chan struct{})
	for _, t := range l.running {
		t.cancel(workspace.ErrLost)
	}
	if len(l.running) == 0 {
		close(l.idle)
	}
	q.mu.Unlock()
	<-l.idle
}

// ended takes a run off the line.
func (l *Line) ended(t *Task) {
	q := l.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	if l.running[t.ID] == t {
		delete(l.running, t.ID)
	}
	if l.idle != nil && len(l.running) == 0 {
		close(l.idle)
	}
}
