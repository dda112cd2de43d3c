package session

import (
	"errors"
	"testing"

	"ret/server/store"
)

// No more endings than so many are remembered, and the oldest is forgotten first.
func TestEndingsAreBounded(t *testing.T) {
	var e endings
	token := func(n int) hash { return hash{byte(n), byte(n >> 8)} }
	for n := range mostEnded + 3 {
		e.add(token(n), store.ReasonExpired)
	}
	e.add(token(mostEnded), store.ReasonLogout) // known already
	for n, want := range map[int]bool{0: false, 2: false, 3: true, mostEnded: true, mostEnded + 2: true} {
		var ended *EndedError
		if got := errors.As(e.of(token(n)), &ended); got != want || got && ended.Reason != store.ReasonExpired {
			t.Errorf("the ending %d is known: %v", n, got)
		}
	}
	if len(e.reasons) != mostEnded || len(e.order) != mostEnded {
		t.Errorf("%d and %d are kept", len(e.reasons), len(e.order))
	}
}
