package engine

import (
	"errors"
	"time"

	"ret/shared/wire"
	"ret/web/view"
)

// viewerEvery is how often the server is asked anew when the session ends: so much
// too early, at the most, a browser that loses the server erases.
const viewerEvery = 5 * time.Minute

// resume shows a replica that was whole once before the server is heard of, unless
// its session has run out while nobody looked.
func (e *Engine) resume() {
	v, err := e.viewer()
	if errors.Is(err, errNotWhole) {
		return
	}
	if err != nil {
		e.cfg.Log("replica not resumed", err)
		return
	}
	e.clock.said(v.SaidAt, v.HeardAt)
	e.watchEnd(v.Facts)
	if e.endAsked || e.ended {
		return
	}
	e.ready = true
	e.stand()
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
	left := facts.ExpiresAt.Sub(e.clock.now())
	if left <= 0 && !e.online() {
		e.askWhetherEnded()
		return
	}
	e.watchEndIn(left)
}

func (e *Engine) watchEndIn(left time.Duration) {
	if e.endWatch != nil {
		e.endWatch.Stop()
	}
	e.endWatch = time.AfterFunc(max(left, time.Second), func() { e.put(e.lookForEnd) })
}

// askWhetherEnded asks the server before anything is erased by time alone: this
// computer's clock may be wrong, and what was not sent would be lost. If it cannot be
// reached, time decides.
func (e *Engine) askWhetherEnded() {
	if e.endAsked {
		return
	}
	e.endAsked = true
	epoch := e.cfg.Replica.Epoch()
	e.cfg.Pages.Fetch("", "/api/v1/viewer", func(status int, body []byte) {
		e.put(func() {
			e.endAsked = false
			switch {
			case e.cfg.Replica.Epoch() != epoch || e.online():
				e.lookForEnd()
			case status == 200:
				if err := e.hearViewer(body); err != nil {
					e.cfg.Log("viewer not kept", err)
				}
			case status == 0 || status == 401 || status >= 500:
				e.purged(&wire.Purge{Epoch: epoch, Reason: wire.ReasonExpired})
			default: // it is there, and does not say
				e.watchEndIn(time.Second)
			}
		})
	})
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
