package workspaces

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"ret/shared/workspace"
)

// work keeps the mark that a session has unfinished jobs. It is set before a job
// is enqueued, so that no crash can leave a job behind that no start knows of,
// and taken back some time after the last one has ended.
type work struct {
	mu     sync.Mutex
	marked bool // by this run
	left   bool // an earlier run may have left the mark, and nobody has looked
	coming int  // submissions under way
	set    func(ctx context.Context, working bool) error
}

// Expect is called before jobs are submitted; done when they have been.
func (o *Open) Expect(ctx context.Context) (done func(), err error) {
	w := &o.work
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.marked {
		if err := w.set(ctx, true); err != nil {
			return nil, err
		}
		w.marked = true
	}
	w.coming++
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.coming--
	}, nil
}

// RunFollowing runs what waits of a kind of job that follows others: the way of
// RET_WORKERS=0.
func (o *Open) RunFollowing(ctx context.Context, kind string) error {
	waiting, err := o.Jobs(ctx, workspace.StateQueued, workspace.Page{})
	if err != nil {
		return err
	}
	for _, job := range waiting.Items {
		if job.Kind != kind {
			continue
		}
		if err := o.Line.RunNow(ctx, job.ID, job.Kind); err != nil {
			return err
		}
	}
	return nil
}

// settle takes the mark back if nothing is left to do.
func (o *Open) settle(ctx context.Context) error {
	w := &o.work
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.marked && !w.left || w.coming > 0 || o.Line.Busy() {
		return nil
	}
	if err := w.set(ctx, false); err != nil {
		return err
	}
	w.marked, w.left = false, false
	return nil
}

// rescue takes up jobs that nobody runs although their rows say so. Only a session
// with unfinished jobs can have any.
func (o *Open) rescue(ctx context.Context) error {
	o.work.mu.Lock()
	unfinished := o.work.marked || o.work.left
	o.work.mu.Unlock()
	if !unfinished {
		return nil
	}
	return o.Line.Rescue(ctx)
}

// abandonedAfter is how long an upload in pieces waits for its next one.
const abandonedAfter = 24 * time.Hour

// dropAbandoned removes the uploads that nobody goes on with.
func (o *Open) dropAbandoned(log *slog.Logger) {
	n, err := o.Folder.DropAbandoned(time.Now().Add(-abandonedAfter))
	if n > 0 || err != nil {
		log.Info("abandoned uploads dropped", "session", o.SessionID, "uploads", n, "err", err)
	}
}

// Watch takes back the marks of sessions whose jobs are done and drops abandoned
// uploads, until ctx is done.
func (r *Registry) Watch(ctx context.Context) {
	ticker := time.NewTicker(r.cfg.SettleEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		for _, o := range r.opened() {
			if err := o.settle(ctx); err != nil && ctx.Err() == nil {
				r.cfg.Log.Warn("end of a session's jobs not noted", "session", o.SessionID, "err", err)
			}
			if err := o.rescue(ctx); err != nil && ctx.Err() == nil {
				r.cfg.Log.Warn("jobs left running not taken up", "session", o.SessionID, "err", err)
			}
			o.dropAbandoned(r.cfg.Log)
		}
	}
}

func (r *Registry) opened() []*Open {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]*Open, 0, len(r.entries))
	for _, e := range r.entries {
		if isReady(e) && e.open != nil && e.erased == nil && e.closed == nil {
			list = append(list, e.open)
		}
	}
	return list
}
