package queue

import (
	"context"
	"time"

	"ret/server/turns"
	"ret/shared/workspace"
)

// record is all that the queue knows of one job, from its submission to its end. A
// line has one for each job that waits or runs and none for any other, so no job
// is ever in two places. Everything that happens to a job is a transition of its
// record, and all of them are in this file:
//
//	           queued                 begin               end
//	(none) ───────────▶ waiting ───────────────▶ running ─────▶ (none)
//	   │                 ▲ │  ▲                    │  │
//	   │ queued, not yet │ │  └──── end, again ────┘  │ queued: again
//	   ▼                 │ │                          │ stopped: called off, not again
//	 later ──────────────┘ └─ stopped ──▶ (none)      ▼
//	   └── stopped ──▶ (none)                      running
//
// A job that is queued while its run is still at work (cancelled and retried, or
// put back by the run itself) waits for that run to end: again. When the line
// closes, waiting records go and runs are called off; a run that does not heed
// that is cut off (Task.sever), which is its end.
//
// The fields belong to the queue's mutex.
type record struct {
	line  *Line
	job   workspace.Queued
	stage stage

	since time.Time         // waiting: from when on
	place *turns.Place      // waiting, running; nil where the caller is the worker
	timer *time.Timer       // later
	task  *Task             // running
	again *workspace.Queued // running: what to do at its end
}

// maxPause is longer than any pause between attempts: one that a clock made longer
// by being set back is cut to it.
const maxPause = 15 * time.Minute

type stage uint8

const (
	waiting stage = iota // in line for a place
	later                // its time has not come
	running              // from taking the place until the end is written
	gone
)

// queued: a job was submitted, retried or put back.
func (l *Line) queued(job workspace.Queued) {
	r := l.records[job.ID]
	switch {
	case r == nil:
		r = &record{line: l, job: job, stage: gone}
		r.wait()
	case r.stage == running:
		r.again = &job
	default: // it stands in line already; its time may be another
		r.leaveLine()
		r.job = job
		r.wait()
	}
}

// wait puts a record in line, or lets it wait for its time. A line that is closed
// begins nothing any more: what waits lies in the workspace.
func (r *record) wait() {
	l := r.line
	if l.closed || l.queue.stopping {
		r.remove()
		return
	}
	l.records[r.job.ID] = r
	l.waiting++
	if pause := min(time.Until(r.job.RunAfter), maxPause); pause > 0 {
		r.stage = later
		r.timer = l.queue.after(pause, r.due)
		return
	}
	r.stage, r.since = waiting, time.Now()
	r.place = l.queue.places.Ask(l, r.begin)
}

// leaveLine takes a record that waits out of every line.
func (r *record) leaveLine() {
	switch r.stage {
	case waiting:
		r.place.Leave()
		r.place = nil
	case later:
		r.timer.Stop()
		r.timer = nil
	default:
		return
	}
	r.line.waiting--
	r.stage = gone
}

// remove ends a record.
func (r *record) remove() {
	r.leaveLine()
	r.stage = gone
	if r.line.records[r.job.ID] == r {
		delete(r.line.records, r.job.ID)
	}
}

// due: the time of a job has come. A timer that was stopped too late does nothing.
func (r *record) due(timer *time.Timer) {
	if r.timer == timer {
		r.leaveLine()
		r.job.RunAfter = time.Time{} // by the timer; the clock may have been set
		r.wait()
	}
}

// begin: a job that waits has been given a place.
func (r *record) begin() {
	q := r.line.queue
	q.mu.Lock()
	if r.stage != waiting { // it was stopped just now, and has left the place
		q.mu.Unlock()
		return
	}
	r.line.waiting--
	t := r.run()
	q.mu.Unlock()
	t.run()
}

// beginNow: the caller, who is its worker, runs a job that has no record.
func (l *Line) beginNow(job workspace.Queued) *Task {
	r := &record{line: l, job: job, since: time.Now()}
	l.records[job.ID] = r
	return r.run()
}

func (r *record) run() *Task {
	r.stage = running
	r.task = newTask(r)
	r.line.running++
	r.line.queue.running[r.task] = struct{}{}
	return r.task
}

// stopped: a job was cancelled.
func (l *Line) stopped(jobID string) {
	r := l.records[jobID]
	switch {
	case r == nil:
	case r.stage == running:
		r.again = nil
		r.task.callOff(workspace.ErrLost)
	default:
		r.remove()
	}
}

// end: a run's end has been written, or it was cut off. Its second end is none.
func (r *record) end() {
	l := r.line
	if r.stage != running {
		return
	}
	r.task.closeOff()
	l.running--
	delete(l.queue.running, r.task)
	r.stage, r.place, r.task = gone, nil, nil
	if job := r.again; job != nil && l.queue.places != nil {
		r.again, r.job = nil, *job
		r.wait()
	} else {
		r.remove()
	}
	l.tellIdle()
}

// close: the line begins nothing any more.
func (l *Line) close(cause error) {
	for _, r := range l.records {
		if r.stage == running {
			r.again = nil
			r.task.callOff(cause)
		} else {
			r.remove()
		}
	}
}

// dropWaiting: the queue stops. Runs go on for a while.
func (l *Line) dropWaiting() {
	for _, r := range l.records {
		if r.stage != running {
			r.remove()
		}
	}
}

// callOff ends a run's context; if it does not end within the queue's patience, it
// is cut off.
func (t *Task) callOff(cause error) {
	t.cancel(cause)
	if cause != workspace.ErrLost {
		t.hurry() // whoever closes does not wait for a disk that fails
	}
	if t.patience == nil {
		t.patience = time.AfterFunc(t.queue().cfg.Patience, t.sever)
	}
}

// closeOff lets go of what belongs to a run; its end is known from here on.
func (t *Task) closeOff() {
	if t.patience != nil {
		t.patience.Stop()
	}
	t.cancel(context.Canceled)
	t.hurry()
	close(t.done)
}
