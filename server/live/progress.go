package live

import (
	"time"

	"github.com/gorilla/websocket"

	"ret/shared/wire"
	"ret/shared/workspace"
)

// progressEvery is the least time between two progress frames of a job.
const progressEvery = 100 * time.Millisecond

// jobProgress is the newest progress of a job.
type jobProgress struct {
	progress workspace.Progress
	fresh    bool // not sent yet
	sentAt   time.Time
}

// Progress shows the room's clients how far a job is. What comes sooner than
// progressEvery after the last waits, and gives way to what comes after it.
func (r *Room) Progress(jobID string, p workspace.Progress) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.clients) == 0 || r.farewell != nil {
		return
	}
	j := r.jobs[jobID]
	if j == nil {
		j = &jobProgress{}
		r.jobs[jobID] = j
	}
	j.progress, j.fresh = p, true
	r.showProgress()
}

// showProgress sends what is due and comes back for what is not. The room's
// mutex is held.
func (r *Room) showProgress() {
	now := time.Now()
	for id, j := range r.jobs {
		switch due := j.sentAt.Add(progressEvery); {
		case j.fresh && !now.Before(due):
			j.fresh, j.sentAt = false, now
			r.broadcast(id, j.progress)
		case j.fresh:
			r.showProgressIn(due.Sub(now))
		case now.Sub(j.sentAt) > time.Minute:
			delete(r.jobs, id)
		}
	}
}

func (r *Room) showProgressIn(d time.Duration) {
	if r.timer != nil {
		return
	}
	r.timer = time.AfterFunc(d, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.timer = nil
		if len(r.clients) > 0 && r.farewell == nil {
			r.showProgress()
		}
	})
}

// broadcast replaces what clients have not sent of a job's progress.
func (r *Room) broadcast(jobID string, p workspace.Progress) {
	frame, err := wire.Encode(wire.Progress{Job: jobID, Progress: p})
	var prepared *websocket.PreparedMessage
	if err == nil {
		prepared, err = prepare(frame)
	}
	if err != nil {
		r.hub.log.Error("progress not shown", "session", r.sessionID, "err", err)
		return
	}
	told := make([]*client, 0, len(r.clients))
	for c := range r.clients {
		if !c.joined || c.farewell != nil {
			continue
		}
		if c.progress == nil {
			c.progress = make(map[string]*websocket.PreparedMessage)
		}
		c.progress[jobID] = prepared
		told = append(told, c)
	}
	r.kickAll(told)
}
