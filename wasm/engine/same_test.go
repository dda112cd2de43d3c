package engine_test

import (
	"errors"
	"path/filepath"
	"testing"

	"ret/shared/wire"
	"ret/wasm/engine"
	"ret/web/view"
)

// around is where a differs from b.
func around(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	return a[max(0, i-200):min(len(a), i+200)]
}

func TestPagesOfServerAndReplicaAreTheSameBytes(t *testing.T) {
	s := newSession(t)
	for n := range 11 {
		s.mix(t, n)
	}
	w := start(t, s, filepath.Join(t.TempDir(), "replica.db"))
	w.untilReady()
	same(t, s, w)
	for n := range 20 {
		s.mix(t, 11+n)
		w.untilAt(s)
		same(t, s, w)
	}
}

// What a page follows by the engine is what it would follow by the server.
func TestFragmentsOfServerAndReplicaAreTheSame(t *testing.T) {
	s := newSession(t)
	s.mix(t, 0)
	w := start(t, s, filepath.Join(t.TempDir(), "replica.db"))
	w.untilReady()
	for n := range 15 {
		from := must(s.Cursor(t.Context()))(t).Seq
		s.mix(t, n)
		w.untilAt(s)
		changed, _, err := s.Changes(t.Context(), from, 1000)
		want := must(view.Fragments(t.Context(), s.Workspace, must(changed, err)(t)))(t)
		changed, _, err = w.replica.Changes(t.Context(), from, 1000)
		got := must(view.Fragments(t.Context(), w.replica.Workspace, must(changed, err)(t)))(t)
		if len(got) != len(want) {
			t.Fatalf("%d fragments, want %d", len(got), len(want))
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("fragment %d:\n%+v\n%+v", i, got[i], want[i])
			}
		}
	}
}

func TestReplicaFollowsThroughCutsAndRestarts(t *testing.T) {
	s := newSession(t)
	path := filepath.Join(t.TempDir(), "replica.db")
	w := start(t, s, path)
	for n := range 40 {
		s.mix(t, n)
		switch n % 4 {
		case 1:
			s.cut()
		case 3:
			if err := w.end(); err == nil {
				t.Fatal("an engine that was stopped ended without an error")
			}
			w = start(t, s, path)
		}
	}
	w.untilReady()
	w.untilAt(s)
	same(t, s, w)
}

// A replica of another session, or of one that was erased, is no part of this.
func TestReplicaOfAnotherHistoryIsBegunAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "replica.db")
	other := newSession(t)
	other.mix(t, 0)
	w := start(t, other, path)
	w.untilReady()
	_ = w.end()

	s := newSession(t)
	for n := range 3 {
		s.mix(t, n)
	}
	w = start(t, s, path)
	w.untilReady()
	w.untilAt(s)
	same(t, s, w)
}

// A page that says hello to the engine gets all that came since it was drawn,
// and then what comes, in deltas that chain.
func TestPageFollowsWithoutAGap(t *testing.T) {
	s := newSession(t)
	s.mix(t, 0)
	w := start(t, s, filepath.Join(t.TempDir(), "replica.db"))
	w.untilReady()
	at := must(s.Cursor(t.Context()))(t).Seq
	for n := range 5 {
		s.mix(t, n)
	}
	w.untilAt(s)
	w.Ask(engine.Ask{Type: engine.AskFollow, Page: "page", Epoch: s.Epoch(), Cursor: at})
	var welcome wire.Welcome
	w.expect("welcome", &welcome)
	if now := must(s.Cursor(t.Context()))(t).Seq; welcome.Cursor != now || welcome.Epoch != s.Epoch() {
		t.Fatalf("welcomed at %d of %d", welcome.Cursor, now)
	}
	s.mix(t, 6)
	end := must(s.Cursor(t.Context()))(t).Seq
	for at < end {
		var d wire.Delta
		w.expect("delta", &d)
		if d.To <= at {
			continue // said to all before the page was there
		}
		if d.From != at {
			t.Fatalf("a delta from %d follows %d", d.From, at)
		}
		at = d.To
	}
}

func TestPageOfAnotherHistoryIsTurnedAway(t *testing.T) {
	s := newSession(t)
	s.mix(t, 0)
	w := start(t, s, filepath.Join(t.TempDir(), "replica.db"))
	w.untilReady()
	w.Ask(engine.Ask{Type: engine.AskFollow, Page: "page", Epoch: "another", Cursor: 1})
	var reset wire.Reset
	w.expect("reset", &reset)

	ahead := must(s.Cursor(t.Context()))(t).Seq + 5
	w.Ask(engine.Ask{Type: engine.AskFollow, Page: "page", Epoch: s.Epoch(), Cursor: ahead})
	var standing engine.Standing
	w.expect("standing", &standing)
	if standing.Ready {
		t.Error("a page that knows more than the engine follows it")
	}
}

// A client that comes when the session is over already says why as the server does, and
// invents nothing.
func TestEndIsToldAsTheServerTellsIt(t *testing.T) {
	for told, want := range map[string]wire.Reason{
		"logout": wire.ReasonLogout, "expired": wire.ReasonExpired, "revoked": wire.ReasonRevoked, "": wire.ReasonUnknown,
	} {
		s := newSession(t)
		s.refuse.Store(&told)
		w := start(t, s, filepath.Join(t.TempDir(), "replica.db"))
		var purge wire.Purge
		w.expect("purge", &purge)
		if purge.Reason != want {
			t.Errorf("%q is told as %q", told, purge.Reason)
		}
	}
}

func TestPurgeEndsTheEngineAndTellsPages(t *testing.T) {
	s := newSession(t)
	s.mix(t, 0)
	w := start(t, s, filepath.Join(t.TempDir(), "replica.db"))
	w.untilReady()
	s.room.Purge("logout")
	var purge wire.Purge
	w.expect("purge", &purge)
	if purge.Reason != wire.ReasonLogout {
		t.Errorf("purged for %q", purge.Reason)
	}
	err := <-w.ended
	w.ended <- err
	if !errors.Is(err, engine.ErrPurged) {
		t.Errorf("ended with %v", err)
	}
}
