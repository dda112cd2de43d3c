package session_test

import (
	"errors"
	"testing"

	"ret/server/session"
	"ret/server/store"
)

// A browser that comes with the token of a session that has ended is told why.
func TestWhyASessionEndedIsKnown(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.start()
		why := func(cred session.Credentials) store.Reason {
			t.Helper()
			_, err := w.Resolve(cred)
			var ended *session.EndedError
			if !errors.Is(err, session.ErrSignedOut) || !errors.As(err, &ended) {
				t.Fatalf("resolve: %v", err)
			}
			return ended.Reason
		}
		first, old := w.begin(ana)
		other, revoked := w.begin(ana)
		_, expired := w.begin(ben)
		for id, reason := range map[string]store.Reason{first.ID: store.ReasonLogout, other.ID: store.ReasonRevoked} {
			if _, err := w.End(t.Context(), id, reason, store.Server); err != nil {
				t.Fatal(err)
			}
		}
		w.pass(2 * idle)
		for want, cred := range map[store.Reason]session.Credentials{
			store.ReasonLogout: old, store.ReasonRevoked: revoked, store.ReasonExpired: expired,
		} {
			if got := why(cred); got != want {
				t.Errorf("ended for %q, not %q", got, want)
			}
		}
	})
}
