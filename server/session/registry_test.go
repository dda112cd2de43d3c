package session_test

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ret/server/session"
	"ret/server/store"
	"ret/shared/fault"
	"ret/shared/sqlite"
)

func TestBeginThenResolve(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		began, cred := w.begin(ana)
		s, err := w.Resolve(cred)
		if err != nil {
			t.Fatal(err)
		}
		if s.ID != began.ID || s.User.Name != "ana" || s.Address != "192.0.2.7" || s.Device != "Firefox on Linux" {
			t.Errorf("resolved %+v", s)
		}
		if want := time.Now().Add(idle); !s.ExpiresAt.Equal(want) {
			t.Errorf("expires at %s, want %s", s.ExpiresAt, want)
		}
	})
}

func TestWhoMayNotResolve(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		_, a := w.begin(ana)
		_, b := w.begin(ben)
		for name, tt := range map[string]struct {
			cred session.Credentials
			want error
		}{
			"nothing":              {session.Credentials{}, session.ErrSignedOut},
			"only the word":        {session.Credentials{Here: a.Here}, session.ErrSignedOut},
			"another token":        {session.Credentials{Token: "x" + a.Token, Here: a.Here}, session.ErrSignedOut},
			"token without word":   {session.Credentials{Token: a.Token, Forgotten: true}, session.ErrAbandoned},
			"an empty word":        {session.Credentials{Token: a.Token}, session.ErrWrongWord},
			"another's word":       {session.Credentials{Token: a.Token, Here: b.Here}, session.ErrWrongWord},
			"the token's own hash": {session.Credentials{Token: string(tokenHash(t, w)), Here: a.Here}, session.ErrSignedOut},
		} {
			s, err := w.Resolve(tt.cred)
			if !errors.Is(err, tt.want) || !fault.Is(err, fault.SignedOut) {
				t.Errorf("%s: %v, want %v", name, err, tt.want)
			}
			if (s.ID != "") != (tt.want == session.ErrAbandoned) {
				t.Errorf("%s: session %q", name, s.ID)
			}
		}
	})
}

func tokenHash(t *testing.T, w *world) (h []byte) {
	t.Helper()
	err := w.db.Read(t.Context(), func(c *sqlite.Conn) error {
		list, err := store.Sessions(c)
		h = list[0].TokenHash
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestLockedOrRemovedCannotBegin(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.write(func(c *sqlite.Conn) error { return store.SetLocked(c, ana.ID, true) })
		w.write(func(c *sqlite.Conn) error { return store.DeleteUser(c, ben.ID) })
		for _, u := range []store.User{ana, ben} {
			if _, _, err := w.Begin(t.Context(), u, home, ""); !fault.Is(err, fault.SignedOut) {
				t.Errorf("%s began a session: %v", u.Name, err)
			}
		}
		if n := w.rows(); n != 0 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestEndErasesOnceAndForAll(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		s, cred := w.begin(ana)
		_, other := w.begin(ana)
		receipt, err := w.End(t.Context(), s.ID, store.ReasonLogout, s.Actor())
		if err != nil {
			t.Fatal(err)
		}
		want := session.Receipt{SessionID: s.ID, Files: 3, Bytes: 1234, Tables: 2, Jobs: 1, CacheEntries: 4, At: time.Now().UTC()}
		if !reflect.DeepEqual(receipt, want) {
			t.Errorf("receipt %+v, want %+v", receipt, want)
		}
		select {
		case <-s.Ended():
		default:
			t.Error("Ended is open")
		}
		if w.signedIn(cred) || !w.signedIn(other) {
			t.Error("the wrong session ended")
		}
		if n := w.purger.count(s.ID); n != 1 || w.rows() != 1 {
			t.Errorf("%d purges, %d rows", n, w.rows())
		}
		if _, err := w.End(t.Context(), s.ID, store.ReasonLogout, s.Actor()); !errors.Is(err, session.ErrNoSession) {
			t.Errorf("second end: %v", err)
		}
		if _, err := w.Get(s.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("get after the end: %v", err)
		}
	})
}

func TestEndLeavesALineWithoutSecrets(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		s, _ := w.begin(ana)
		if _, err := w.End(t.Context(), s.ID, store.ReasonLogout, s.Actor()); err != nil {
			t.Fatal(err)
		}
		err := w.db.Read(t.Context(), func(c *sqlite.Conn) error {
			lines, err := store.AuditTrail(c, "", 0, 10)
			if err != nil || len(lines) != 1 {
				t.Fatalf("%d lines, %v", len(lines), err)
			}
			got := lines[0]
			if got.Action != store.ActionSessionEnded || got.Actor.SessionID != s.ID || got.Actor.Name != "ana" ||
				got.Detail != "logout: erased 3 files of 1234 bytes, 2 tables, 1 jobs, 4 cache entries" {
				t.Errorf("line %+v", got)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestManyEndAtOnceShareOneReceipt(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.purger.hold = make(chan struct{})
		s, cred := w.begin(ana)
		var callers sync.WaitGroup
		receipts := make([]session.Receipt, 8)
		for i := range receipts {
			callers.Go(func() {
				var err error
				if receipts[i], err = w.End(context.Background(), s.ID, store.ReasonLogout, s.Actor()); err != nil {
					t.Errorf("end: %v", err)
				}
			})
		}
		synctest.Wait() // until all eight are waiting
		if w.signedIn(cred) {
			t.Error("signed in while it is being erased")
		}
		close(w.purger.hold)
		callers.Wait()
		for _, r := range receipts {
			if !reflect.DeepEqual(r, receipts[0]) || r.SessionID == "" {
				t.Errorf("receipts differ: %+v", receipts)
				break
			}
		}
		if n := w.purger.count(s.ID); n != 1 {
			t.Errorf("%d purges", n)
		}
	})
}

func TestIdleSessionEnds(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.start()
		s, cred := w.begin(ana)
		w.pass(idle - time.Second)
		if !w.signedIn(cred) {
			t.Fatal("ended early")
		}
		w.pass(idle - time.Second) // the request was a use
		if _, err := w.Get(s.ID); err != nil {
			t.Fatal("ended early after a use")
		}
		w.pass(2 * time.Second)
		if w.signedIn(cred) || w.purger.count(s.ID) != 1 || w.purger.reason[s.ID] != store.ReasonExpired {
			t.Errorf("not expired: %d purges, reason %q", w.purger.count(s.ID), w.purger.reason[s.ID])
		}
	})
}

func TestExpiredIsRefusedBeforeTheSweeperComes(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		s, cred := w.begin(ana)
		w.pass(idle)
		if w.signedIn(cred) {
			t.Error("signed in at the end of its time")
		}
		synctest.Wait()
		if n := w.purger.count(s.ID); n != 1 {
			t.Errorf("%d purges", n)
		}
	})
}

func TestNothingOutlivesTheLongestLife(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.start()
		s, cred := w.begin(ana)
		w.inUse.Store(s.ID, true)
		w.pass(24*idle - time.Second)
		if !w.signedIn(cred) {
			t.Fatal("ended early, though in use")
		}
		w.pass(2 * time.Second)
		if w.signedIn(cred) {
			t.Error("outlived its longest life")
		}
	})
}

func TestUseThatIsNoRequest(t *testing.T) {
	for name, use := range map[string]func(*world, string, bool){
		"open channel": func(w *world, id string, on bool) {
			if w.inUse.Delete(id); on {
				w.inUse.Store(id, true)
			}
		},
		"unfinished job": func(w *world, id string, on bool) {
			if err := w.SetWorking(context.Background(), id, on); err != nil {
				w.t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				s, _ := w.begin(ana)
				unused, _ := w.begin(ana)
				use(w, s.ID, true)
				w.start()
				w.pass(3 * idle)
				if _, err := w.Get(s.ID); err != nil {
					t.Fatal("ended while in use")
				}
				if _, err := w.Get(unused.ID); err == nil {
					t.Error("another's use kept an idle session alive")
				}
				use(w, s.ID, false)
				w.pass(idle - 2*time.Second)
				if _, err := w.Get(s.ID); err != nil {
					t.Error("its idle time did not begin with the end of the use")
				}
				w.pass(3 * time.Second)
				if _, err := w.Get(s.ID); err == nil {
					t.Error("never ended")
				}
			})
		})
	}
}

func TestOfflineIdleTime(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		s, cred := w.begin(ana)
		if err := w.SetOffline(t.Context(), s.ID); err != nil {
			t.Fatal(err)
		}
		w.reopen()
		w.pass(8*idle - time.Second)
		if !w.signedIn(cred) {
			t.Error("the longer idle time was forgotten")
		}
	})
}

// reopen is what a restart does.
func TestRestartKeepsSessionsAndTheirLastUse(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		s, cred := w.begin(ana)
		if err := w.SetWorking(t.Context(), s.ID, true); err != nil {
			t.Fatal(err)
		}
		w.pass(50 * time.Second)
		w.Use(s.ID)
		w.reopen()
		if list := w.Working(); len(list) != 1 || list[0].ID != s.ID {
			t.Errorf("working: %v", list)
		}
		if err := w.SetWorking(t.Context(), s.ID, false); err != nil {
			t.Fatal(err)
		}
		w.reopen()
		w.pass(50 * time.Second)
		if !w.signedIn(cred) {
			t.Error("the last use was lost")
		}
	})
}

func TestLateRequestRevivesNothing(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.start()
		s, cred := w.begin(ana)
		w.purger.hold = make(chan struct{})
		go func() { _, _ = w.End(context.Background(), s.ID, store.ReasonLogout, s.Actor()) }()
		synctest.Wait()
		w.Use(s.ID)
		for name, late := range map[string]func(context.Context, string) error{
			"SetOffline": w.SetOffline,
			"SetWorking": func(ctx context.Context, id string) error { return w.SetWorking(ctx, id, true) },
		} {
			if err := late(t.Context(), s.ID); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s on an ending session: %v", name, err)
			}
		}
		w.pass(time.Minute) // the loop stores last uses
		close(w.purger.hold)
		synctest.Wait()
		w.reopen()
		if w.signedIn(cred) || w.rows() != 0 {
			t.Errorf("revived; %d rows", w.rows())
		}
	})
}

func TestFailedPurgeIsTriedAgain(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.start()
		s, cred := w.begin(ana)
		w.purger.fail <- errors.New("disk gone")
		w.purger.fail <- errors.New("disk gone")
		if _, err := w.End(t.Context(), s.ID, store.ReasonLogout, s.Actor()); err == nil {
			t.Fatal("a failed purge gave a receipt")
		}
		if w.signedIn(cred) || w.rows() != 1 {
			t.Fatalf("reachable, or forgotten: %d rows", w.rows())
		}
		w.pass(3 * time.Second)
		if n := w.purger.count(s.ID); n != 3 || w.rows() != 0 {
			t.Errorf("%d purges, %d rows", n, w.rows())
		}
	})
}

func TestStartTakesUpWhatACrashLeft(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		s, cred := w.begin(ana)
		w.purger.hold = make(chan struct{})
		go func() { _, _ = w.End(context.Background(), s.ID, store.ReasonLogout, s.Actor()) }()
		synctest.Wait()
		cut, cancel := context.WithCancel(t.Context())
		cancel()
		if err := w.Close(cut); err != nil { // does not wait for the purge
			t.Fatal(err)
		}
		w.purger.hold = nil
		w.open()
		if w.signedIn(cred) {
			t.Error("half ended, and signed in again")
		}
		w.start()
		synctest.Wait()
		if n := w.purger.count(s.ID); n != 1 || w.rows() != 0 || w.purger.reason[s.ID] != store.ReasonLogout {
			t.Errorf("%d purges for %q, %d rows", n, w.purger.reason[s.ID], w.rows())
		}
	})
}

func TestAnotherProcessEndsSessionsWithinASecond(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.start()
		s, cred := w.begin(ana)
		_, bens := w.begin(ben)
		other, err := store.Open(w.path)
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		err = other.Write(t.Context(), func(c *sqlite.Conn) error {
			if err := store.SetRole(c, ben.ID, store.RoleAdmin); err != nil {
				return err
			}
			return store.EndSessionsOf(c, ana.ID, "", store.ReasonRevoked)
		})
		if err != nil {
			t.Fatal(err)
		}
		w.pass(time.Second)
		if w.signedIn(cred) || w.purger.count(s.ID) != 1 || w.purger.reason[s.ID] != store.ReasonRevoked {
			t.Errorf("%d purges for %q", w.purger.count(s.ID), w.purger.reason[s.ID])
		}
		if b, err := w.Resolve(bens); err != nil || b.User.Role != store.RoleAdmin {
			t.Errorf("ben is %q, %v", b.User.Role, err)
		}
	})
}

func TestRemovedUsersSessionIsPurgedAfterARestart(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		s, _ := w.begin(ana)
		w.write(func(c *sqlite.Conn) error {
			if err := store.EndSessionsOf(c, ana.ID, "", store.ReasonRevoked); err != nil {
				return err
			}
			return store.DeleteUser(c, ana.ID)
		})
		w.reopen()
		w.start()
		synctest.Wait()
		if n := w.purger.count(s.ID); n != 1 || w.rows() != 0 {
			t.Errorf("%d purges, %d rows", n, w.rows())
		}
	})
}

func TestEndUserSparesTheExceptionAndOthers(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		kept, keptCred := w.begin(ana)
		for range 20 {
			w.begin(ana)
		}
		_, bens := w.begin(ben)
		receipts, err := w.EndUser(t.Context(), ana.ID, kept.ID, store.ReasonLogout, kept.Actor())
		if err != nil || len(receipts) != 20 {
			t.Fatalf("%d receipts, %v", len(receipts), err)
		}
		if !w.signedIn(keptCred) || !w.signedIn(bens) {
			t.Error("a spared session ended")
		}
		if list := w.List(ana.ID); len(list) != 1 || len(w.List("")) != 2 {
			t.Errorf("listed %d of ana's, %d in all", len(list), len(w.List("")))
		}
	})
}
