package account_test

import (
	"context"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ret/server/account"
	"ret/server/store"
	"ret/shared/fault"
	"ret/shared/sqlite"
)

const password = "correct horse"

var (
	home = netip.MustParseAddr("192.0.2.7")
	away = netip.MustParseAddr("198.51.100.9")
)

// refreshes counts how often the registry was told of a change.
type refreshes struct{ atomic.Int64 }

func (r *refreshes) Refresh(context.Context) error {
	r.Add(1)
	return nil
}

// world is accounts over a real database, inside a synctest bubble whose time
// moves only when a test lets it.
type world struct {
	*account.Accounts
	t        *testing.T
	db       *sqlite.DB
	sessions *refreshes
	ana      store.User
	root     store.User // the admin
}

func inWorld(t *testing.T, cfg account.Config, test func(*testing.T, *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newWorld(t, cfg)) })
}

func newWorld(t *testing.T, cfg account.Config) *world {
	t.Helper()
	db, err := store.Open(filepath.Join(t.TempDir(), "ret_session.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	w := &world{t: t, db: db, sessions: &refreshes{}}
	cfg.Sessions = w.sessions
	w.Accounts = account.New(db, cfg)
	w.root = w.add("root", store.RoleAdmin)
	w.ana = w.add("ana", store.RoleUser)
	return w
}

func limits() account.Config {
	return account.Config{MaxAttempts: 5, Lockout: 15 * time.Minute, SignIns: 1000, Window: time.Minute}
}

func (w *world) add(name string, role store.Role) store.User {
	w.t.Helper()
	u, err := w.Add(w.t.Context(), store.CommandLine, name, password, role)
	if err != nil {
		w.t.Fatal(err)
	}
	return u
}

// signIn returns the kind of failure, or "" for none.
func (w *world) signIn(name, password string, from netip.Addr) string {
	_, _, err := w.SignIn(context.Background(), name, password, from)
	if err == nil {
		return ""
	}
	return fault.KindOf(err).String()
}

func (w *world) trail() []store.AuditEntry {
	w.t.Helper()
	lines, err := w.Trail(context.Background(), "", 0, 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	return lines
}

func (w *world) actions() (list []store.Action) {
	for _, l := range slices.Backward(w.trail()) {
		list = append(list, l.Action)
	}
	return list
}

func wantKind(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Errorf("error %v, want %s", err, kind)
	}
}

func TestSignIn(t *testing.T) {
	inWorld(t, limits(), func(t *testing.T, w *world) {
		u, rate, err := w.SignIn(t.Context(), " Ana ", password, home)
		if err != nil || u.ID != w.ana.ID || u.Role != store.RoleUser {
			t.Fatalf("%+v, %v", u, err)
		}
		if rate != (account.Rate{Limit: 1000, Remaining: 999, Reset: time.Minute}) {
			t.Errorf("rate %+v", rate)
		}
		if u, _ = w.ByID(t.Context(), u.ID); u.LastSignInAt.IsZero() {
			t.Error("the sign-in was not noted")
		}
	})
}

func TestWhoMayNotSignIn(t *testing.T) {
	inWorld(t, limits(), func(t *testing.T, w *world) {
		ben := w.add("ben", store.RoleUser)
		if err := w.SetLocked(t.Context(), store.CommandLine, ben.ID, true); err != nil {
			t.Fatal(err)
		}
		sentences := map[string]bool{}
		for _, tt := range [][2]string{
			{"ana", "wrong horse"},
			{"ana", ""},
			{"ana", strings.Repeat("x", 1<<20)},
			{"ben", password}, // locked
			{"nobody", password},
			{"", password},
			{"' OR 1=1 --", password},
		} {
			_, _, err := w.SignIn(t.Context(), tt[0], tt[1], home)
			wantKind(t, err, fault.SignedOut)
			sentences[fault.Message(err)] = true
		}
		if len(sentences) != 1 {
			t.Errorf("the answers tell who exists: %v", sentences)
		}
	})
}

func TestUnknownNamesTakeTheSameTime(t *testing.T) {
	account.UseRealCost(t)
	w := newWorld(t, limits()) // in real time
	best := func(name string) time.Duration {
		least := time.Hour
		for i := range 4 {
			from := netip.AddrFrom4([4]byte{10, 0, 0, byte(i)})
			start := time.Now()
			if kind := w.signIn(name, "wrong horse", from); kind != "signed_out" {
				t.Fatalf("%s: %s", name, kind)
			}
			least = min(least, time.Since(start))
		}
		return least
	}
	known, unknown := best("ana"), best("nobody")
	if unknown < known/2 || known < unknown/2 {
		t.Errorf("a known name takes %s, an unknown one %s", known, unknown)
	}
}

func TestLockoutIsPerNameAndAddress(t *testing.T) {
	for _, name := range []string{"ana", "nobody"} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, limits(), func(t *testing.T, w *world) {
				for range 5 {
					if kind := w.signIn(name, "wrong horse", home); kind != "signed_out" {
						t.Fatalf("locked out early: %s", kind)
					}
				}
				_, _, err := w.SignIn(t.Context(), name, password, home)
				wantKind(t, err, fault.TooMany)
				if got := fault.RetryAfter(err); got != 15*time.Minute {
					t.Errorf("retry after %s", got)
				}
				if kind := w.signIn("root", password, home); kind != "" {
					t.Errorf("another name from there: %s", kind)
				}
				if kind := w.signIn(name, "wrong horse", away); kind != "signed_out" {
					t.Errorf("the same name from elsewhere: %s", kind)
				}
				time.Sleep(15*time.Minute - time.Second)
				if kind := w.signIn(name, password, home); kind != "too_many" {
					t.Errorf("just before the end: %q", kind)
				}
				time.Sleep(time.Second)
				if kind := w.signIn(name, "wrong horse", home); kind != "signed_out" {
					t.Errorf("after the end: %s", kind)
				}
			})
		})
	}
}

func TestRightPasswordForgivesFailures(t *testing.T) {
	inWorld(t, limits(), func(t *testing.T, w *world) {
		for range 3 {
			for range 4 {
				w.signIn("ana", "wrong horse", home)
			}
			if kind := w.signIn("ana", password, home); kind != "" {
				t.Fatalf("right password: %s", kind)
			}
		}
	})
}

func TestParallelGuessesGetNoMoreTries(t *testing.T) {
	inWorld(t, limits(), func(t *testing.T, w *world) {
		if got := inParallel(20, func() string { return w.signIn("ana", "wrong horse", home) }); got["signed_out"] != 5 || got["too_many"] != 15 {
			t.Errorf("answers %v, want 5 looked at and 15 refused", got)
		}
	})
}

func TestParallelRightSignInsAllPass(t *testing.T) {
	inWorld(t, limits(), func(t *testing.T, w *world) {
		if got := inParallel(20, func() string { return w.signIn("ana", password, home) }); got[""] != 20 {
			t.Errorf("answers %v", got)
		}
	})
}

// inParallel counts the answers of n calls at once.
func inParallel(n int, call func() string) map[string]int {
	var mu sync.Mutex
	var calls sync.WaitGroup
	answers := map[string]int{}
	for range n {
		calls.Go(func() {
			answer := call()
			mu.Lock()
			defer mu.Unlock()
			answers[answer]++
		})
	}
	calls.Wait()
	return answers
}

func TestNoWindowLetsMoreThanTheLimitPass(t *testing.T) {
	cfg := limits()
	cfg.SignIns = 3
	inWorld(t, cfg, func(t *testing.T, w *world) {
		pass := func() bool { return w.signIn("nobody", "x", home) == "signed_out" }
		for range 2 {
			if !pass() { // at 0 s
				t.Fatal("refused within the limit")
			}
		}
		time.Sleep(59 * time.Second)
		if !pass() || pass() { // at 59 s the third, and a fourth too many
			t.Fatal("not three in the first window")
		}
		time.Sleep(2 * time.Second)
		// At 61 s the first two no longer count, but the one of 59 s does.
		passed := 0
		for range 3 {
			if pass() {
				passed++
			}
		}
		if passed != 2 {
			t.Errorf("%d more in the window from 59 s, want 2", passed)
		}
		_, rate, err := w.SignIn(t.Context(), "nobody", "x", home)
		wantKind(t, err, fault.TooMany)
		if got := fault.RetryAfter(err); got <= 57*time.Second || got > 59*time.Second || rate.Remaining != 0 {
			t.Errorf("retry after %s, rate %+v", got, rate)
		}
		if kind := w.signIn("nobody", "x", away); kind != "signed_out" {
			t.Errorf("another address: %s", kind)
		}
	})
}

func TestRateIsExactUnderConcurrency(t *testing.T) {
	cfg := limits()
	cfg.SignIns, cfg.MaxAttempts = 7, 1000
	inWorld(t, cfg, func(t *testing.T, w *world) {
		if got := inParallel(32, func() string { return w.signIn("ana", password, home) }); got[""] != 7 || got["too_many"] != 25 {
			t.Errorf("answers %v, want 7 and 25", got)
		}
	})
}

func TestRateOff(t *testing.T) {
	cfg := limits()
	cfg.SignIns, cfg.MaxAttempts = 0, 1000
	inWorld(t, cfg, func(t *testing.T, w *world) {
		for range 30 {
			if kind := w.signIn("nobody", "x", home); kind != "signed_out" {
				t.Fatal(kind)
			}
		}
	})
}

func TestNetwork(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.7":            "192.0.2.7",
		"::ffff:192.0.2.7":     "192.0.2.7",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"2001:db8:1:2:ffff::1": "2001:db8:1:2::/64",
		"2001:db8:1:3::1":      "2001:db8:1:3::/64",
		"fe80::1%eth0":         "fe80::/64",
		"::1":                  "::/64",
	} {
		if got := account.Network(netip.MustParseAddr(in)); got != want {
			t.Errorf("Network(%s) = %s, want %s", in, got, want)
		}
	}
}

func TestNobodySignsInWithoutADatabase(t *testing.T) {
	inWorld(t, limits(), func(t *testing.T, w *world) {
		if err := w.db.Close(); err != nil {
			t.Fatal(err)
		}
		if kind := w.signIn("ana", password, home); kind != "unavailable" {
			t.Errorf("answer %q", kind)
		}
	})
}

func TestTrailTellsOfSignInsWithoutSecrets(t *testing.T) {
	inWorld(t, limits(), func(t *testing.T, w *world) {
		w.signIn("ana", password, home)
		w.signIn("my-secret-password", "x", home)
		for range 5 {
			w.signIn("ana", "wrong horse", away)
		}
		want := []store.Action{
			store.ActionUserAdded, store.ActionUserAdded, store.ActionSignIn, store.ActionSignInFailed,
			store.ActionSignInFailed, store.ActionSignInFailed, store.ActionSignInFailed, store.ActionSignInFailed,
			store.ActionSignInFailed, store.ActionLockout,
		}
		if got := w.actions(); !slices.Equal(got, want) {
			t.Errorf("actions %v", got)
		}
		for _, l := range w.trail() {
			all := strings.Join([]string{l.Actor.Name, l.Subject, l.Detail}, " ")
			if strings.Contains(all, "secret") || strings.Contains(all, "horse") {
				t.Errorf("a secret in the trail: %+v", l)
			}
		}
	})
}

func TestTrailPages(t *testing.T) {
	inWorld(t, limits(), func(t *testing.T, w *world) {
		for range 5 {
			w.signIn("ana", password, home)
		}
		var ids []int64
		for before := int64(0); ; before = ids[len(ids)-1] {
			page, err := w.Trail(t.Context(), "", before, 3)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range page {
				ids = append(ids, l.ID)
			}
			if len(page) < 3 {
				break
			}
		}
		if !slices.Equal(ids, []int64{7, 6, 5, 4, 3, 2, 1}) {
			t.Errorf("pages gave %v", ids)
		}
	})
}

func TestSweepForgetsOnlyWhatNoLongerCounts(t *testing.T) {
	cfg := limits()
	cfg.SignIns, cfg.MaxAttempts = 1, 1
	inWorld(t, cfg, func(t *testing.T, w *world) {
		w.signIn("ana", "wrong horse", home)
		if err := w.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if kind := w.signIn("ana", password, home); kind != "too_many" {
			t.Error("the sweep let an address through")
		}
		time.Sleep(2 * time.Minute)
		if err := w.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if kind := w.signIn("ana", password, home); kind != "too_many" {
			t.Error("the sweep forgave a lockout")
		}
		time.Sleep(15 * time.Minute)
		if err := w.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if kind := w.signIn("ana", password, home); kind != "" {
			t.Errorf("still refused: %s", kind)
		}
	})
}

func TestEnsureAdmin(t *testing.T) {
	db, err := store.Open(filepath.Join(t.TempDir(), "ret_session.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	a := account.New(db, limits())
	generated, err := a.EnsureAdmin(t.Context(), "")
	if err != nil || len(generated) < 20 {
		t.Fatalf("password %q, %v", generated, err)
	}
	u, _, err := a.SignIn(t.Context(), "admin", generated, home)
	if err != nil || u.Role != store.RoleAdmin {
		t.Fatalf("%+v, %v", u, err)
	}
	again, err := a.EnsureAdmin(t.Context(), "another password")
	if err != nil || again != "" {
		t.Errorf("a second admin was made: %q, %v", again, err)
	}
	if _, _, err := a.SignIn(t.Context(), "admin", "another password", home); !fault.Is(err, fault.SignedOut) {
		t.Errorf("RET_ADMIN_PASSWORD replaced a password: %v", err)
	}
}

// stored counts the rows that tries to sign in have left.
func (w *world) stored() (n int) {
	w.t.Helper()
	err := w.db.Read(w.t.Context(), func(c *sqlite.Conn) error {
		return c.QueryRow("SELECT (SELECT count(*) FROM sign_in) + (SELECT count(*) FROM lockout)", nil, &n)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}
