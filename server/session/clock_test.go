package session_test

import (
	"testing"
	"time"

	"ret/server/session"
	"ret/server/store"
	"ret/shared/sqlite"
)

// A clock that was set back lets nobody stay signed in for longer than the idle time
// from then on, whether the server was started again or not.
func TestClockIsSetBack(t *testing.T) {
	for name, restart := range map[string]bool{"while it runs": false, "before a start": true} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				s, cred := w.begin(ana)
				w.set.Store(int64(-365 * 24 * time.Hour))
				if restart {
					w.reopen()
				}
				w.start()
				time.Sleep(2 * time.Second) // a sweep
				if got, err := w.Get(s.ID); err != nil || got.ExpiresAt.Sub(time.Now().Add(time.Duration(w.set.Load()))) > idle {
					t.Errorf("it would live until %v: %v", got.ExpiresAt, err)
				}
				time.Sleep(idle)
				if _, err := w.Resolve(cred); err == nil || w.purger.reason[s.ID] != store.ReasonExpired {
					t.Errorf("it outlives its idle time: %v", err)
				}
			})
		})
	}
}

// A time that was stored goes on by the monotonic clock: setting the wall clock
// forward ends no session that is used.
func TestStoredTimesGoOnMonotonically(t *testing.T) {
	now := time.Now()
	at := session.OnClock(now, now.Round(0).Add(-time.Minute))
	if at == at.Round(0) {
		t.Error("the time has no monotonic reading, so a clock that is set moves it")
	}
	if !at.Equal(now.Add(-time.Minute)) || !session.OnClock(now, now.Add(time.Hour)).Equal(now) {
		t.Errorf("a minute ago is %v", at)
	}
}

// What a user did last outlives the session in which it was done.
func TestLastSeenIsTheLastUse(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		s, cred := w.begin(ana)
		time.Sleep(10 * time.Second)
		used := time.Now()
		if !w.signedIn(cred) {
			t.Fatal("not signed in")
		}
		time.Sleep(time.Second)
		if _, err := w.End(t.Context(), s.ID, store.ReasonLogout, store.Server); err != nil {
			t.Fatal(err)
		}
		err := w.db.Read(t.Context(), func(c *sqlite.Conn) error {
			u, err := store.UserByID(c, ana.ID)
			if d := u.LastSeenAt.Sub(used).Abs(); d > time.Millisecond {
				t.Errorf("last seen %v off", d)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
