package queue

import (
	"context"
	"fmt"

	"ret/shared/workspace"
)

// Line is one session's jobs in the queue. Its fields belong to the queue's
// mutex; what happens to its jobs stands in record.go.
type Line struct {
	owner  string
	queue  *Queue
	store  Store
	runner Runner

	records map[string]*record // of the jobs that wait or run
	waiting int                // of them: wait
	running int                // of them: run
	closed  bool
	idle    chan struct{} // made by Close: closed when nothing runs any more
}

// NewLine makes the line of a session, its owner. Whoever opens it passes on what
// the workspace announces, Queued and Stopped, calls Resume once, and closes it.
func (q *Queue) NewLine(owner string, store Store, runner Runner) *Line {
	l := &Line{owner: owner, queue: q, store: store, runner: runner, records: map[string]*record{}}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.lines[l] = struct{}{}
	return l
}

// Rates returns how fast a running job has been, in units a second: a sample each
// second of the last minutes, oldest first. Nil if it does not run.
func (l *Line) Rates(jobID string) []float64 {
	t := l.task(jobID)
	if t == nil {
		return nil
	}
	return t.meter.rates()
}

// task is a job's run under way, or nil.
func (l *Line) task(jobID string) *Task {
	l.queue.mu.Lock()
	defer l.queue.mu.Unlock()
	if r := l.records[jobID]; r != nil {
		return r.task
	}
	return nil
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
		go l.runAll(jobs)
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
	l.queued(job)
}

// Stopped tells the line that a job was cancelled, as workspace.Listener says.
func (l *Line) Stopped(jobID string) {
	l.queue.mu.Lock()
	defer l.queue.mu.Unlock()
	l.stopped(jobID)
}

// Busy reports whether anything waits or runs.
func (l *Line) Busy() bool {
	l.queue.mu.Lock()
	defer l.queue.mu.Unlock()
	return len(l.records) > 0
}

// Rescue queues jobs again whose lease is over and that nobody runs: a run that was
// cut off may have left its job so. It is called now and then.
func (l *Line) Rescue(ctx context.Context) error {
	return l.store.Rescue(ctx, func(jobID string) bool { return l.task(jobID) != nil })
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
		if err := l.runOnce(ctx, workspace.Queued{ID: jobID, Kind: kind}); err != nil {
			return err
		}
		job, err := l.store.Job(ctx, jobID)
		if err != nil || job.State != workspace.StateQueued {
			return err
		}
	}
}

// runOnce makes one attempt at a job, or waits for the one under way.
func (l *Line) runOnce(ctx context.Context, job workspace.Queued) error {
	q := l.queue
	q.mu.Lock()
	if l.closed || q.stopping {
		q.mu.Unlock()
		return errStopping
	}
	if r := l.records[job.ID]; r != nil && r.stage == running {
		t := r.task
		q.mu.Unlock()
		return t.wait(ctx)
	}
	t := l.beginNow(job)
	q.mu.Unlock()
	defer context.AfterFunc(ctx, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		if t.record.task == t {
			t.callOff(ctx.Err())
		}
	})()
	go t.run()
	<-t.done // also if it had to be cut off
	return t.startError()
}

// Close calls the line's runs off, waits until none is left and leaves the queue.
// It returns within the queue's patience: a run that has not ended by then is cut
// off from the session's data. What runs stored stays, and what they did not end
// waits for the next time.
func (l *Line) Close() {
	q := l.queue
	q.mu.Lock()
	if !l.closed {
		l.closed = true
		l.idle = make(chan struct{})
		delete(q.lines, l)
		l.close(errClosing)
		l.tellIdle()
	}
	q.mu.Unlock()
	<-l.idle
}

// tellIdle lets those go on who wait until nothing runs.
func (l *Line) tellIdle() {
	if l.closed && l.running == 0 {
		closeOnce(l.idle)
	}
	if q := l.queue; q.stopping && len(q.running) == 0 {
		closeOnce(q.idle)
	}
}

// closeOnce closes a channel that the caller's lock guards.
func closeOnce(c chan struct{}) {
	select {
	case <-c:
	default:
		close(c)
	}
}
