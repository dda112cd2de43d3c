package main

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"ret/server/queue"
	"ret/shared/workspace"
)

// retQueue is a session with its line in RET's queue.
type retQueue struct {
	*workspace.Workspace
	queue *queue.Queue
	line  *queue.Line
	began func(at time.Time)
	at    sync.Map // when a job was enqueued, by id
	live  atomic.Bool
}

func openRet(folder string, began func(at time.Time)) (jobQueue, error) {
	return openSession(queue.New(queue.Config{Workers: runtime.GOMAXPROCS(0)}), folder, began)
}

func openSession(q *queue.Queue, folder string, began func(at time.Time)) (*retQueue, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	r := &retQueue{queue: q, began: began}
	var err error
	if r.Workspace, err = workspace.Open(filepath.Join(folder, "workspace.db"), workspace.Options{Listener: r}); err != nil {
		return nil, err
	}
	r.line = q.NewLine(folder, r.Workspace, queue.Runner(r))
	return r, nil
}

func (r *retQueue) enqueue(ctx context.Context, at time.Time) error {
	id := workspace.NewID()
	r.at.Store(id, at)
	_, _, err := r.Submit(ctx, workspace.NewJob{ID: id, Kind: "empty"})
	return err
}

// start makes the line known to the workspace: before, what is enqueued waits as
// it does while no server runs.
func (r *retQueue) start(ctx context.Context) error {
	r.live.Store(true)
	return r.line.Resume(ctx)
}

func (r *retQueue) close() {
	r.line.Close()
	r.queue.Stop(context.Background())
	_ = r.Workspace.Close()
}

func (r *retQueue) Changed(int64) {}
func (r *retQueue) Queued(job workspace.Queued) {
	if r.live.Load() {
		r.line.Queued(job)
	}
}
func (r *retQueue) Stopped(id string) { r.line.Stopped(id) }

func (r *retQueue) Run(_ context.Context, t *queue.Task) error {
	if at, ok := r.at.LoadAndDelete(t.ID); ok {
		r.began(at.(time.Time))
	}
	return nil
}

func (r *retQueue) Finish(ctx context.Context, run workspace.Run, out workspace.Outcome) error {
	_, err := r.Workspace.Finish(ctx, run, out)
	return err
}

func (r *retQueue) Progress(string, workspace.Progress) {}

// loneJob measures a job of one session, in milliseconds, while another session
// has others waiting.
func (b *queueBench) loneJob(others int) (float64, error) {
	q := queue.New(queue.Config{Workers: runtime.GOMAXPROCS(0)})
	b.opened += 2
	busy, err := openSession(q, filepath.Join(b.folder, "busy", time.Now().Format("150405.000000")), func(time.Time) {})
	if err != nil {
		return 0, err
	}
	done := make(chan time.Duration, 1)
	lone, err := openSession(q, filepath.Join(b.folder, "lone", time.Now().Format("150405.000000")), func(at time.Time) { done <- time.Since(at) })
	if err != nil {
		return 0, err
	}
	busy.live.Store(true)
	lone.live.Store(true)
	defer func() {
		lone.line.Close()
		busy.close()
		_ = lone.Workspace.Close()
	}()
	if err := b.enqueueMany(busy, manyCallers, others); err != nil {
		return 0, err
	}
	if err := lone.enqueue(b.ctx, time.Now()); err != nil {
		return 0, err
	}
	return (<-done).Seconds() * 1000, nil
}
