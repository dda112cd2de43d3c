package account_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"ret/server/account"
	"ret/server/store"
	"ret/shared/fault"
	"ret/shared/sqlite"
)

func TestAddRefuses(t *testing.T) {
	inWorld(t, limits(), func(t *testing.T, w *world) {
		for _, tt := range []struct {
			name, password string
			role           store.Role
			want           fault.Kind
		}{
			{"ab", password, store.RoleUser, fault.Invalid},
			{strings.Repeat("a", 65), password, store.RoleUser, fault.Invalid},
			{"ana maria", password, store.RoleUser, fault.Invalid},
			{"änna", password, store.RoleUser, fault.Invalid},
			{"../ana", password, store.RoleUser, fault.Invalid},
			{"new", "short", store.RoleUser, fault.Invalid},
			{"new", strings.Repeat("x", 1025), store.RoleUser, fault.Invalid},
			{"new", password, "super_admin", fault.Invalid},
			{"new", password, "", fault.Invalid},
			{"ANA", password, store.RoleUser, fault.Conflict},
		} {
			_, err := w.Add(t.Context(), store.CommandLine, tt.name, tt.password, tt.role)
			wantKind(t, err, tt.want)
		}
		if users, err := w.List(t.Context(), "", 10); err != nil || len(users) != 2 {
			t.Errorf("%d users, %v", len(users), err)
		}
	})
}

func TestNamesAreFolded(t *testing.T) {
	inWorld(t, limits(), func(t *testing.T, w *world) {
		u := w.add("Ben.B-2_x", store.RoleUser)
		if u.Name != "ben.b-2_x" {
			t.Errorf("name %q", u.Name)
		}
		if found, err := w.ByName(t.Context(), "BEN.B-2_X"); err != nil || found.ID != u.ID {
			t.Errorf("%+v, %v", found, err)
		}
	})
}

func TestListPages(t *testing.T) {
	inWorld(t, limits(), func(t *testing.T, w *world) {
		first, err := w.List(t.Context(), "", 1)
		if err != nil || len(first) != 1 || first[0].Name != "ana" {
			t.Fatalf("%v, %v", first, err)
		}
		rest, err := w.List(t.Context(), first[0].Name, 10)
		if err != nil || len(rest) != 1 || rest[0].Name != "root" {
			t.Errorf("%v, %v", rest, err)
		}
	})
}

// session gives a user a stored session with the given ID.
func (w *world) session(id string, of store.User) {
	w.t.Helper()
	hash := []byte(strings.Repeat(id, 32))[:32]
	err := w.db.Write(w.t.Context(), func(c *sqlite.Conn) error {
		return store.InsertSession(c, store.Session{
			ID: id, TokenHash: hash, HereHash: hash, UserID: of.ID, CreatedAt: time.Now(), LastUsedAt: time.Now(),
		})
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// ending returns the IDs of the sessions that are to be erased.
func (w *world) ending() string {
	w.t.Helper()
	var ids []string
	err := w.db.Read(w.t.Context(), func(c *sqlite.Conn) error {
		list, err := store.EndingSessions(c)
		for _, s := range list {
			ids = append(ids, s.ID)
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.Join(ids, "")
}

func TestChangesEndSessionsAtOnce(t *testing.T) {
	by := store.CommandLine
	for name, tt := range map[string]struct {
		change func(*world) error
		ends   string
	}{
		"lock":     {func(w *world) error { return w.SetLocked(w.t.Context(), by, w.ana.ID, true) }, "ab"},
		"remove":   {func(w *world) error { return w.Remove(w.t.Context(), by, w.ana.ID) }, "ab"},
		"password": {func(w *world) error { return w.SetPassword(w.t.Context(), by, w.ana.ID, "new horse") }, "ab"},
		"unlock":   {func(w *world) error { return w.SetLocked(w.t.Context(), by, w.ana.ID, false) }, ""},
		"role":     {func(w *world) error { return w.SetRole(w.t.Context(), by, w.ana.ID, store.RoleAdmin) }, ""},
		"one's own password": {func(w *world) error {
			me := store.Actor{UserID: w.ana.ID, Name: "ana", SessionID: "a"}
			return w.ChangePassword(w.t.Context(), me, password, "new horse", home)
		}, "b"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, limits(), func(t *testing.T, w *world) {
				w.session("a", w.ana)
				w.session("b", w.ana)
				w.session("r", w.root)
				if err := tt.change(w); err != nil {
					t.Fatal(err)
				}
				if got := w.ending(); got != tt.ends {
					t.Errorf("ended %q, want %q", got, tt.ends)
				}
				if w.sessions.Load() != 1 {
					t.Errorf("the registry was told %d times", w.sessions.Load())
				}
			})
		})
	}
}

func TestChangesOfNobody(t *testing.T) {
	inWorld(t, limits(), func(t *testing.T, w *world) {
		by, id := store.CommandLine, "no-such-id"
		wantKind(t, w.SetLocked(t.Context(), by, id, true), fault.NotFound)
		wantKind(t, w.SetRole(t.Context(), by, id, store.RoleAdmin), fault.NotFound)
		wantKind(t, w.SetPassword(t.Context(), by, id, password), fault.NotFound)
		wantKind(t, w.Remove(t.Context(), by, id), fault.NotFound)
		_, _, err := w.NewReset(t.Context(), by, id)
		wantKind(t, err, fault.NotFound)
	})
}

func TestTheLastAdminStays(t *testing.T) {
	inWorld(t, limits(), func(t *testing.T, w *world) {
		by := store.CommandLine
		refused := func() {
			t.Helper()
			wantKind(t, w.SetLocked(t.Context(), by, w.root.ID, true), fault.Conflict)
			wantKind(t, w.SetRole(t.Context(), by, w.root.ID, store.RoleUser), fault.Conflict)
			wantKind(t, w.Remove(t.Context(), by, w.root.ID), fault.Conflict)
		}
		refused()
		second := w.add("second", store.RoleAdmin)
		if err := w.SetLocked(t.Context(), by, second.ID, true); err != nil {
			t.Fatal(err)
		}
		refused() // a locked admin does not count
		if err := w.SetLocked(t.Context(), by, second.ID, false); err != nil {
			t.Fatal(err)
		}
		if err := w.Remove(t.Context(), by, w.root.ID); err != nil {
			t.Errorf("one of two admins: %v", err)
		}
	})
}

func TestAdminsCannotDemoteEachOtherAtOnce(t *testing.T) {
	inWorld(t, limits(), func(t *testing.T, w *world) {
		second := w.add("second", store.RoleAdmin)
		ids := make(chan string, 2)
		ids <- w.root.ID
		ids <- second.ID
		got := inParallel(2, func() string {
			return fault.KindOf(w.SetRole(t.Context(), store.CommandLine, <-ids, store.RoleUser)).String()
		})
		if got["conflict"] != 1 {
			t.Errorf("answers %v, want one conflict", got)
		}
	})
}

func TestChangePasswordNeedsTheOldOne(t *testing.T) {
	inWorld(t, limits(), func(t *testing.T, w *world) {
		me := store.Actor{UserID: w.ana.ID, Name: "ana"}
		change := func(old, password string) error {
			return w.ChangePassword(t.Context(), me, old, password, home)
		}
		wantKind(t, change(password, "short"), fault.Invalid)
		for range 5 {
			wantKind(t, change("wrong horse", "new horse"), fault.Denied)
		}
		wantKind(t, change(password, "new horse"), fault.TooMany)
		if err := w.ChangePassword(t.Context(), me, password, "new horse", away); err != nil {
			t.Fatal(err)
		}
		if old, now := w.signIn("ana", password, away), w.signIn("ana", "new horse", away); old != "signed_out" || now != "" {
			t.Errorf("old password: %q, new one: %q", old, now)
		}
	})
}

func TestResetLink(t *testing.T) {
	inWorld(t, limits(), func(t *testing.T, w *world) {
		by := store.Actor{UserID: w.root.ID, Name: "root"}
		newLink := func() string {
			t.Helper()
			token, expires, err := w.NewReset(t.Context(), by, w.ana.ID)
			if err != nil || !expires.Equal(time.Now().Add(account.ResetLife)) {
				t.Fatalf("expires %s, %v", expires, err)
			}
			return token
		}
		reset := func(token string) error { return w.Reset(t.Context(), token, "new horse", home) }

		old, token := newLink(), newLink()
		wantKind(t, reset(old), fault.NotFound)
		wantKind(t, reset(token+"x"), fault.NotFound)
		w.session("a", w.ana)
		if err := reset(token); err != nil {
			t.Fatal(err)
		}
		if w.signIn("ana", "new horse", home) != "" || w.ending() != "a" {
			t.Error("password or sessions stayed")
		}
		wantKind(t, reset(token), fault.NotFound)

		late := newLink()
		time.Sleep(account.ResetLife)
		wantKind(t, reset(late), fault.NotFound)
	})
}

func TestResetGuessesCountAsSignIns(t *testing.T) {
	cfg := limits()
	cfg.SignIns = 2
	inWorld(t, cfg, func(t *testing.T, w *world) {
		from := netip.MustParseAddr("2001:db8::1")
		beside := netip.MustParseAddr("2001:db8::2") // of the same /64
		wantKind(t, w.Reset(t.Context(), "guess", "new horse", from), fault.NotFound)
		wantKind(t, w.Reset(t.Context(), "guess", "new horse", beside), fault.NotFound)
		wantKind(t, w.Reset(t.Context(), "guess", "new horse", from), fault.TooMany)
	})
}

// Whoever is invited sets their own password, once; until then nobody signs in as them.
func TestInvite(t *testing.T) {
	inWorld(t, limits(), func(t *testing.T, w *world) {
		by := store.Actor{UserID: w.root.ID, Name: "root"}
		bea, token, expires, err := w.Invite(t.Context(), by, "Bea", store.RoleUser)
		if err != nil || bea.Name != "bea" || !expires.Equal(time.Now().Add(account.ResetLife)) {
			t.Fatalf("%+v until %s, %v", bea, expires, err)
		}
		if w.signIn("bea", "", home) == "" {
			t.Error("signed in without a password")
		}
		ends, err := w.ResetEnds(t.Context())
		if err != nil || len(ends) != 1 || !ends[bea.ID].Equal(expires) {
			t.Errorf("links end %v, %v", ends, err)
		}
		if err := w.Reset(t.Context(), token, "new horse", home); err != nil {
			t.Fatal(err)
		}
		if w.signIn("bea", "new horse", home) != "" {
			t.Error("the password was not set")
		}
		if ends, err = w.ResetEnds(t.Context()); err != nil || len(ends) != 0 {
			t.Errorf("a used link ends %v, %v", ends, err)
		}
		_, _, _, err = w.Invite(t.Context(), by, "bea", store.RoleUser)
		wantKind(t, err, fault.Conflict)
		_, _, _, err = w.Invite(t.Context(), by, "x", store.RoleUser)
		wantKind(t, err, fault.Invalid)
	})
}
