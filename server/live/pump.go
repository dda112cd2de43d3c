package live

import (
	"errors"
	"time"

	"github.com/gorilla/websocket"

	"ret/shared/wire"
	"ret/shared/workspace"
	"ret/web/view"
)

// changesRead is how many changes are read for one delta.
const changesRead = 256

// A room rests after each delta for as long as making it took, within these, so
// that a burst of commits becomes few deltas and takes half a core at most.
const (
	leastRest = time.Millisecond
	mostRest  = 50 * time.Millisecond
)

// audience are clients that are to hear the same.
type audience struct {
	view    wire.View
	cursor  int64
	clients []*client
}

// wake starts to read the workspace for those that lag behind, if there may be
// any. It does not look, which takes long in a large room. The room's mutex is
// held.
func (r *Room) wake() {
	if r.reading || r.farewell != nil || len(r.clients) == 0 {
		return
	}
	r.reading = true
	r.hub.running.Go(r.pump) // a room that is not sent away keeps the hub from ending
}

// lagging returns the clients that lag behind the most among those that have
// taken their last delta, or nil. The room's mutex is held.
func (r *Room) lagging() *audience {
	var behind *audience
	for c := range r.clients {
		if !c.joined || c.delta != nil || c.farewell != nil || c.cursor >= r.latest {
			continue
		}
		if behind == nil || c.cursor < behind.cursor {
			behind = &audience{view: c.view, cursor: c.cursor}
		}
		if c.view == behind.view && c.cursor == behind.cursor {
			behind.clients = append(behind.clients, c)
		}
	}
	return behind
}

// pump gives deltas to those that lag behind until nobody does.
func (r *Room) pump() {
	for {
		r.mu.Lock()
		to := r.lagging()
		if to == nil || r.farewell != nil {
			r.reading = false
			r.mu.Unlock()
			return
		}
		r.mu.Unlock()
		started := time.Now()
		delta, reached, err := r.delta(to)
		if err != nil {
			r.drop(to, err)
			continue
		}
		r.hand(to, delta, reached)
		r.rest(time.Since(started))
	}
}

// hand gives a delta to its audience.
func (r *Room) hand(to *audience, delta *websocket.PreparedMessage, reached int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range to.clients {
		if c.farewell == nil {
			c.delta, c.cursor = delta, reached
		}
	}
	r.kickAll(to.clients)
	if reached <= to.cursor {
		r.latest = to.cursor // there is less than was announced: do not ask again
	}
}

// drop ends those that cannot be told what changed: they come back, and are told
// to start anew if that is why.
func (r *Room) drop(to *audience, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.farewell != nil {
		return // the workspace may be closed already
	}
	code, text := websocket.CloseTryAgainLater, "try again later"
	if errors.Is(err, workspace.ErrForgotten) {
		code, text = wire.CodeTooSlow, "too far behind"
	} else {
		r.hub.log.Error("changes not read", "session", r.sessionID, "err", err)
	}
	for _, c := range to.clients {
		c.end(code, text)
	}
}

func (r *Room) rest(took time.Duration) {
	timer := time.NewTimer(min(max(took, leastRest), mostRest))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.hub.ctx.Done():
	}
}

// delta makes the next delta for an audience.
func (r *Room) delta(to *audience) (*websocket.PreparedMessage, int64, error) {
	read := r.data
	if to.view == wire.ViewHTML {
		read = r.html
	}
	changes, end, err := read(to.cursor)
	if err != nil {
		return nil, 0, err
	}
	frame, reached := wire.EncodeDelta(to.cursor, end, changes)
	prepared, err := prepare(frame)
	return prepared, reached, err
}

// data reads changes with their values.
func (r *Room) data(after int64) ([]wire.EncodedChange, int64, error) {
	things, end, err := r.ws.Things(r.hub.ctx, after, changesRead)
	if err != nil {
		return nil, 0, err
	}
	changes := make([]wire.EncodedChange, 0, len(things))
	encoded, last := 0, after
	for _, thing := range things {
		if encoded > wire.DeltaBytes && thing.Seq != last {
			return changes, last, nil // no delta has more, and it would be encoded again for the next
		}
		text, err := wire.EncodeThing(thing)
		if err != nil {
			return nil, 0, err
		}
		encoded, last = encoded+len(text), thing.Seq
		changes = append(changes, wire.EncodedChange{Seq: thing.Seq, Text: text})
	}
	return changes, end, nil
}

// html reads changes as fragments of pages.
func (r *Room) html(after int64) ([]wire.EncodedChange, int64, error) {
	changed, end, err := r.ws.Changes(r.hub.ctx, after, changesRead)
	if err != nil {
		return nil, 0, err
	}
	changes, err := view.EncodeFragments(r.hub.ctx, r.ws, changed)
	return changes, end, err
}
