package account_test

import (
	"context"
	"errors"
	"net/netip"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"ret/server/account"
	"ret/server/store"
	"ret/shared/fault"
	"ret/shared/sqlite"
)

// A clock that is set back or forward by a year makes nobody wait longer than a
// lockout or a window, from then on.
func TestClockIsSet(t *testing.T) {
	const year = 365 * 24 * time.Hour
	for name, jump := range map[string]time.Duration{"back": -year, "forward": year} {
		t.Run(name, func(t *testing.T) {
			var set time.Duration
			cfg := limits()
			cfg.SignIns = 6
			cfg.Now = func() time.Time { return time.Now().Add(set) }
			inWorld(t, cfg, func(t *testing.T, w *world) {
				for range 5 {
					w.signIn("ana", "wrong horse", home)
				}
				away := netip.MustParseAddr("198.51.100.9")
				for range cfg.SignIns {
					w.signIn("bob", "wrong horse", away)
				}
				set = jump
				if jump < 0 {
					_, _, err := w.SignIn(t.Context(), "ana", password, home)
					if wait := fault.RetryAfter(err); wait <= 0 || wait > cfg.Lockout {
						t.Errorf("locked out for %v: %v", wait, err)
					}
					_, rate, err := w.SignIn(t.Context(), "bob", password, away)
					if wait := fault.RetryAfter(err); wait <= 0 || wait > cfg.Window+time.Second || rate.Reset > cfg.Window+time.Second {
						t.Errorf("the address waits for %v, rate %+v: %v", wait, rate, err)
					}
					time.Sleep(cfg.Lockout + time.Second)
				}
				if kind := w.signIn("ana", password, home); kind != "" {
					t.Errorf("the right password, after all waits: %s", kind)
				}
			})
		})
	}
}

// A sweep brings back what a clock that ran ahead has stored, and links too.
func TestSweepPullsBackWhatLiesAhead(t *testing.T) {
	set := 365 * 24 * time.Hour
	cfg := limits()
	cfg.Now = func() time.Time { return time.Now().Add(set) }
	inWorld(t, cfg, func(t *testing.T, w *world) {
		token, _, err := w.NewReset(t.Context(), store.CommandLine, w.ana.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.signIn("ana", "wrong horse", home)
		set = 0
		if err := w.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(account.ResetLife + time.Minute)
		if err := w.Reset(t.Context(), token, "new horse", home); !fault.Is(err, fault.NotFound) {
			t.Errorf("a link outlives its day: %v", err)
		}
		if err := w.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := count(t, w.db, "lockout") + count(t, w.db, "sign_in WHERE at > "+"unixepoch('now', '+1 year') * 1000"); n != 0 {
			t.Errorf("%d tries are kept", n)
		}
	})
}

func count(t *testing.T, db *sqlite.DB, from string) (n int) {
	t.Helper()
	err := db.Read(t.Context(), func(c *sqlite.Conn) error { return c.QueryRow("SELECT count(*) FROM "+from, nil, &n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Whoever gives requests up before a password was looked at locks nobody out.
func TestGivenUpTriesAreNoFailures(t *testing.T) {
	db, err := store.Open(filepath.Join(t.TempDir(), "ret_session.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	a := account.New(db, limits())
	if _, err := a.Add(t.Context(), store.CommandLine, "ana", password, store.RoleUser); err != nil {
		t.Fatal(err)
	}
	free := a.HoldHasher()
	for range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		answered := make(chan error, 1)
		go func() {
			_, _, err := a.SignIn(ctx, "ana", "wrong horse", home)
			answered <- err
		}()
		if !a.UntilWaiting(answered) { // for its password to be looked at
			cancel()
			t.Fatalf("a request that is given up: %v", <-answered)
		}
		cancel()
		if err := <-answered; !errors.Is(err, context.Canceled) {
			t.Fatalf("a request that was given up: %v", err)
		}
	}
	free()
	if _, _, err := a.SignIn(t.Context(), "ana", password, home); err != nil {
		t.Errorf("locked out by requests that were given up: %v", err)
	}
}

// In a rush a password may wait long for its turn to be looked at: the right one
// is still right then, and a wrong one counts.
func TestSignInMayWaitLong(t *testing.T) {
	inWorld(t, limits(), func(t *testing.T, w *world) {
		free := w.HoldHasher()
		answers := make(chan error, 2)
		for name, word := range map[string]string{"ana": password, "bob": "wrong horse"} {
			go func() {
				_, _, err := w.SignIn(t.Context(), name, word, home)
				answers <- err
			}()
		}
		time.Sleep(5 * time.Minute)
		free()
		var wrong int
		for range 2 {
			switch err := <-answers; {
			case fault.Is(err, fault.SignedOut):
				wrong++
			case err != nil:
				t.Errorf("after a long wait: %v", err)
			}
		}
		if wrong != 1 {
			t.Errorf("%d of 2 passwords were wrong", wrong)
		}
	})
}

// The stored key says nothing to who has the database alone.
func TestLockoutKeyNeedsTheSecret(t *testing.T) {
	keyOf := func(secret string) (key []byte) {
		synctest.Test(t, func(t *testing.T) {
			cfg := limits()
			cfg.Secret = []byte(secret)
			w := newWorld(t, cfg)
			w.signIn("ana", "wrong horse", netip.MustParseAddr("192.0.2.7"))
			err := w.db.Read(t.Context(), func(c *sqlite.Conn) error {
				return c.QueryRow("SELECT key FROM lockout", nil, &key)
			})
			if err != nil {
				t.Fatal(err)
			}
		})
		return key
	}
	if a, b, again := keyOf("a"), keyOf("b"), keyOf("a"); string(a) == string(b) || string(a) != string(again) {
		t.Errorf("keys %x, %x, %x", a, b, again)
	}
}
