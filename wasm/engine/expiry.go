package engine

import (
	"errors"
	"time"

	"ret/shared/replica"
	"ret/web/view"
)

// viewerEvery is how often the server is asked anew when the session ends: so much
// too early, at the most, a browser that loses the server erases.
const viewerEvery = 5 * time.Minute

// resume shows a replica that was whole once before the server is heard of, unless
// its session has run out while nobody looked.
func (e *Engine) resume() {
	facts, err := e.facts()
	if errors.Is(err, errNotWhole) {
		return
	}
	if err != nil {
		e.cfg.Log("replica not resumed", err)
		return
	}
	e.ready = true
	e.watchEnd(facts)
	if !e.ended {
		e.stand()
	}
}

// sessionEnd is when the session ends, as far as is known.
func (e *Engine) sessionEnd() time.Time {
	facts, err := e.facts()
	if err != nil {
		return e.greeting.ExpiresAt
	}
	return facts.ExpiresAt
}

// watchEnd erases when the session's time is up and no server is there to say
// otherwise.
func (e *Engine) watchEnd(facts view.Facts) {
	if facts.ExpiresAt.IsZero() {
		return
	}
	left := facts.ExpiresAt.Sub(e.cfg.Pages.Now())
	if left <= 0 && !e.online() {
		e.purged(&replica.Purge{Epoch: e.cfg.Replica.Epoch(), Reason: replica.ReasonExpired})
		return
	}
	if e.endWatch != nil {
		e.endWatch.Stop()
	}
	e.endWatch = time.AfterFunc(max(left, time.Second), func() { e.put(e.lookForEnd) })
}

func (e *Engine) lookForEnd() {
	facts, err := e.facts()
	if err != nil {
		e.cfg.Log("end of the session not known", err)
		return
	}
	e.watchEnd(facts)
}

// askViewerAgain asks in a while, for as long as the line stands.
func (e *Engine) askViewerAgain() {
	l := e.line
	time.AfterFunc(viewerEvery, func() {
		e.put(func() {
			if l != nil && e.line == l && e.ready {
				e.askViewer()
			}
		})
	})
}
