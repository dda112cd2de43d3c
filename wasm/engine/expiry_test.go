package engine_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"ret/shared/workspace"
	"ret/wasm/engine"
)

// kept is a session whose browser was closed with a change that was not sent, while its
// clock was ahead of the server's.
func kept(t *testing.T, ahead time.Duration) (s *session, path string) {
	t.Helper()
	s = newSession(t)
	s.ahead.Store(int64(ahead))
	up := s.upload(t, "a.zip")
	path = filepath.Join(t.TempDir(), "replica.db")
	w := start(t, s, path)
	w.untilReady()
	w.untilKept()
	s.leave()
	w.untilStanding(offline)
	w.mutate(workspace.MutationFileDelete, idArgs{up.Files[0].ID})
	w.untilStanding(func(s engine.Standing) bool { return s.Waiting == 1 })
	_ = w.end()
	return s, path
}

// A clock that is wrong by hours erases nothing: it was as wrong when the server said
// what time it was.
func TestFastClockErasesNothing(t *testing.T) {
	for _, ahead := range []time.Duration{-10 * time.Hour, 10 * time.Hour} {
		t.Run(fmt.Sprint(ahead), func(t *testing.T) {
			s, path := kept(t, ahead)
			w := start(t, s, path)
			w.untilStanding(func(s engine.Standing) bool { return s.Ready && s.Waiting == 1 })
		})
	}
}

// A clock that is set forward while the browser is closed erases nothing as long as the
// server can be asked; and where it cannot, the time that is known ends the session.
func TestEndIsAskedBeforeAnythingIsErased(t *testing.T) {
	s, path := kept(t, 0)
	s.ahead.Store(int64(2 * time.Hour))
	s.away.Store(false) // its line is down still
	w := start(t, s, path)
	s.down.Store(false)
	w.Online()
	w.untilStanding(settled)
	_ = w.end()

	s, path = kept(t, 0)
	endsByTime(t, s, path)
}

// A session in which nothing has happened ends by its time as well.
func TestEmptySessionEndsByTime(t *testing.T) {
	s := newSession(t)
	path := filepath.Join(t.TempDir(), "replica.db")
	w := start(t, s, path)
	w.untilReady()
	w.untilKept()
	_ = w.end()
	s.leave()
	endsByTime(t, s, path)
}

// endsByTime opens a browser after the session's time, without a server.
func endsByTime(t *testing.T, s *session, path string) {
	t.Helper()
	s.ahead.Store(int64(2 * time.Hour))
	w := start(t, s, path)
	select {
	case err := <-w.ended:
		w.ended <- err
		if !errors.Is(err, engine.ErrPurged) {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(patience):
		t.Error("the session's time is up and it goes on")
	}
}
