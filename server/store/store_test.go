package store_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ret/server/store"
	"ret/shared/fault"
	"ret/shared/sqlite"
)

var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func open(t *testing.T, path string) *sqlite.DB {
	t.Helper()
	db, err := store.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func write(t *testing.T, db *sqlite.DB, fn func(*sqlite.Conn) error) {
	t.Helper()
	if err := db.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func addUser(t *testing.T, db *sqlite.DB, name string) store.User {
	t.Helper()
	u := store.User{ID: name + "-id", Name: name, Role: store.RoleUser, CreatedAt: now}
	write(t, db, func(c *sqlite.Conn) error { return store.InsertUser(c, u, "$argon2id$x") })
	return u
}

func sessionOf(u store.User, n byte) store.Session {
	return store.Session{
		ID: fmt.Sprint("session-", n), UserID: u.ID, CreatedAt: now, LastUsedAt: now,
		TokenHash: bytes.Repeat([]byte{n}, 32), HereHash: bytes.Repeat([]byte{n}, 32),
	}
}

func TestFileIsForUsAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ret_session.db")
	open(t, path)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestFolderThatIsMissing(t *testing.T) {
	_, err := store.Open(filepath.Join(t.TempDir(), "no", "such", "folder.db"))
	if !fault.Is(err, fault.Unavailable) {
		t.Errorf("%v, want unavailable", err)
	}
}

// TestUpgrade opens a database of every earlier schema, and finds what was in it.
func TestUpgrade(t *testing.T) {
	for version := 1; version <= store.Schema.Version(); version++ {
		t.Run(fmt.Sprint("from ", version), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ret_session.db")
			old, err := sqlite.Open(path, sqlite.Config{Migrations: store.Schema.UpTo(version)})
			if err != nil {
				t.Fatal(err)
			}
			write(t, old, func(c *sqlite.Conn) error {
				// Written out, since the functions of this package know the
				// newest schema only.
				_, err := c.Exec(`INSERT INTO user (id, name, role, password_hash, created_at)
					VALUES ('u', 'ana', 'admin', '$argon2id$x', 1)`)
				return err
			})
			if err := old.Close(); err != nil {
				t.Fatal(err)
			}
			err = open(t, path).Read(t.Context(), func(c *sqlite.Conn) error {
				u, err := store.UserByName(c, "ana")
				if u.Role != store.RoleAdmin {
					t.Errorf("user %+v", u)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestNewerSchemaIsRefusedAndLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ret_session.db")
	newer, err := sqlite.Open(path, sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer newer.Close()
	write(t, newer, func(c *sqlite.Conn) error {
		_, err := c.Exec("PRAGMA user_version=999")
		return err
	})
	if _, err := store.Open(path); !fault.Is(err, fault.Unavailable) {
		t.Errorf("%v, want unavailable", err)
	}
	err = newer.Read(t.Context(), func(c *sqlite.Conn) error {
		var tables, version int
		if err := c.QueryRow("SELECT count(*) FROM sqlite_schema", nil, &tables); err != nil {
			return err
		}
		err := c.QueryRow("PRAGMA user_version", nil, &version)
		if tables != 0 || version != 999 {
			t.Errorf("it has %d tables and version %d now", tables, version)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestConstraintsHold(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "ret_session.db"))
	ana := addUser(t, db, "ana")
	write(t, db, func(c *sqlite.Conn) error { return store.InsertSession(c, sessionOf(ana, 1)) })
	for name, broken := range map[string]func(*sqlite.Conn) error{
		"capitals in a name": func(c *sqlite.Conn) error {
			return store.InsertUser(c, store.User{ID: "x", Name: "Ben", Role: store.RoleUser}, "$argon2id$x")
		},
		"a plain password": func(c *sqlite.Conn) error { return store.SetPasswordHash(c, ana.ID, "correct horse") },
		"an unknown role":  func(c *sqlite.Conn) error { return store.SetRole(c, ana.ID, "king") },
		"a token twice": func(c *sqlite.Conn) error {
			s := sessionOf(ana, 1)
			s.ID = "other"
			return store.InsertSession(c, s)
		},
		"a session of nobody": func(c *sqlite.Conn) error { return store.InsertSession(c, sessionOf(store.User{ID: "nobody"}, 2)) },
		"an unknown reason": func(c *sqlite.Conn) error {
			_, err := store.EndSession(c, "session-1", "boredom")
			return err
		},
		"a user who is still signed in": func(c *sqlite.Conn) error { return store.DeleteUser(c, ana.ID) },
	} {
		if err := db.Write(t.Context(), broken); !sqlite.IsConstraint(err) {
			t.Errorf("%s: %v, want a broken constraint", name, err)
		}
	}
}

func TestWhatIsEndingStaysSo(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "ret_session.db"))
	ana := addUser(t, db, "ana")
	write(t, db, func(c *sqlite.Conn) error { return store.InsertSession(c, sessionOf(ana, 1)) })
	end := func(reason store.Reason) (alive bool) {
		t.Helper()
		write(t, db, func(c *sqlite.Conn) (err error) {
			alive, err = store.EndSession(c, "session-1", reason)
			return err
		})
		return alive
	}
	if !end(store.ReasonLogout) || end(store.ReasonExpired) {
		t.Error("it did not end exactly once")
	}
	write(t, db, func(c *sqlite.Conn) error {
		if err := store.UseSession(c, "session-1", now.Add(time.Hour)); err != nil {
			return err
		}
		return store.EndSessionsOf(c, ana.ID, "", store.ReasonRevoked)
	})
	err := db.Read(t.Context(), func(c *sqlite.Conn) error {
		list, err := store.EndingSessions(c)
		if len(list) != 1 || list[0].EndReason != store.ReasonLogout || !list[0].LastUsedAt.Equal(now) {
			t.Errorf("ending: %+v", list)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestRevisionGrowsWithWhatServersMustHear(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "ret_session.db"))
	ana := addUser(t, db, "ana")
	revision := func() (n int64) {
		t.Helper()
		err := db.Read(t.Context(), func(c *sqlite.Conn) (err error) {
			n, err = store.Revision(c)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, tt := range []struct {
		name  string
		do    func(*sqlite.Conn) error
		heard bool
	}{
		{"sign-in", func(c *sqlite.Conn) error { return store.InsertSession(c, sessionOf(ana, 1)) }, false},
		{"use", func(c *sqlite.Conn) error { return store.UseSession(c, "session-1", now.Add(time.Second)) }, false},
		{"role", func(c *sqlite.Conn) error { return store.SetRole(c, ana.ID, store.RoleAdmin) }, true},
		{"end", func(c *sqlite.Conn) error { return store.EndSessionsOf(c, ana.ID, "", store.ReasonRevoked) }, true},
	} {
		before := revision()
		write(t, db, tt.do)
		if grew := revision() > before; grew != tt.heard {
			t.Errorf("%s: revision grew: %v, want %v", tt.name, grew, tt.heard)
		}
	}
}

func TestTrimAuditKeepsTheNewest(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "ret_session.db"))
	write(t, db, func(c *sqlite.Conn) error {
		for range 5 {
			if err := store.AppendAudit(c, store.AuditEntry{At: now, Action: store.ActionSignIn}); err != nil {
				return err
			}
		}
		return store.TrimAudit(c, 2)
	})
	err := db.Read(t.Context(), func(c *sqlite.Conn) error {
		lines, err := store.AuditTrail(c, "", 0, 10)
		if len(lines) != 2 || lines[0].ID != 5 || lines[1].ID != 4 {
			t.Errorf("lines %+v", lines)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
