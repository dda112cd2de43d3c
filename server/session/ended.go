package session

import "ret/server/store"

// EndedError says why the session of a request is no more. It is an ErrSignedOut.
type EndedError struct{ Reason store.Reason }

func (e *EndedError) Error() string { return ErrSignedOut.Error() }

// Unwrap makes it an ErrSignedOut.
func (e *EndedError) Unwrap() error { return ErrSignedOut }

// mostEnded bounds for how many sessions it is known why they ended.
const mostEnded = 4096

// endings remembers why the last sessions ended, so that a browser that still has
// the token of one is told. It is memory only: of a session nothing is kept.
type endings struct {
	reasons map[hash]store.Reason
	order   []hash // a ring: at next stands the oldest
	next    int
}

func (e *endings) add(token hash, reason store.Reason) {
	if _, known := e.reasons[token]; known {
		return
	}
	if e.reasons == nil {
		e.reasons = map[hash]store.Reason{}
	}
	e.reasons[token] = reason
	if len(e.order) < mostEnded {
		e.order = append(e.order, token)
		return
	}
	delete(e.reasons, e.order[e.next])
	e.order[e.next] = token
	e.next = (e.next + 1) % mostEnded
}

// of is the answer to a token that opens no session.
func (e *endings) of(token hash) error {
	if reason, known := e.reasons[token]; known {
		return &EndedError{Reason: reason}
	}
	return ErrSignedOut
}
