package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"ret/shared/fault"
	"ret/shared/sqlite"
)

var testMigrations = sqlite.MustMigrations(fstest.MapFS{
	"m/0001_item.sql": {Data: []byte("CREATE TABLE items (key TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT;")},
	"m/0002_more.sql": {Data: []byte("ALTER TABLE items ADD COLUMN note TEXT")},
}, "m")

func open(t *testing.T, path string, cfg sqlite.Config) *sqlite.DB {
	t.Helper()
	if cfg.Migrations == nil {
		cfg.Migrations = testMigrations
	}
	db, err := sqlite.Open(path, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func insert(key string, n int) func(*sqlite.Conn) error {
	return func(c *sqlite.Conn) error {
		_, err := c.Exec("INSERT INTO items (key, n) VALUES (?, ?)", key, n)
		return err
	}
}

func count(t *testing.T, db *sqlite.DB) (n int) {
	t.Helper()
	err := db.Read(t.Context(), func(c *sqlite.Conn) error {
		return c.QueryRow("SELECT count(*) FROM items", nil, &n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Both ways of opening must keep the same promises.
func eachWay(t *testing.T, fn func(t *testing.T, cfg sqlite.Config)) {
	t.Run("shared", func(t *testing.T) { fn(t, sqlite.Config{}) })
	t.Run("exclusive", func(t *testing.T) { fn(t, sqlite.Config{Exclusive: true}) })
}

func TestConcurrentWritesAreAllDurable(t *testing.T) {
	eachWay(t, func(t *testing.T, cfg sqlite.Config) {
		path := filepath.Join(t.TempDir(), "x.db")
		db := open(t, path, cfg)
		var wg sync.WaitGroup
		for i := range 300 {
			wg.Go(func() {
				if err := db.Write(t.Context(), insert(fmt.Sprint(i), i)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if got := count(t, open(t, path, cfg)); got != 300 {
			t.Fatalf("%d rows, want 300", got)
		}
	})
}

// In a shared commit one caller's error or panic must undo that caller alone.
func TestFailureUndoesOnlyItsOwnWork(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "x.db"), sqlite.Config{})
	broken := errors.New("broken")
	var wg sync.WaitGroup
	for i := range 120 {
		wg.Go(func() {
			defer func() {
				if p := recover(); (p != nil) != (i%3 == 2) {
					t.Errorf("caller %d: panic %v", i, p)
				}
			}()
			ran := false
			err := db.Write(t.Context(), func(c *sqlite.Conn) error {
				c.AfterCommit(func() { ran = true })
				if err := insert(fmt.Sprint(i), i)(c); err != nil {
					return err
				}
				switch i % 3 {
				case 1:
					return broken
				case 2:
					panic("boom")
				}
				return nil
			})
			if want := i%3 == 0; (err == nil) != want || ran != want {
				t.Errorf("caller %d: err %v, after commit ran: %v", i, err, ran)
			}
		})
	}
	wg.Wait()
	if got := count(t, db); got != 40 {
		t.Fatalf("%d rows, want 40", got)
	}
}

func TestConstraintIsTold(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "x.db"), sqlite.Config{})
	if err := db.Write(t.Context(), insert("a", 1)); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), insert("a", 2)); !sqlite.IsConstraint(err) {
		t.Fatalf("duplicate key gave %v", err)
	}
}

func TestReadSeesOneSnapshotAndCannotWrite(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "x.db"), sqlite.Config{})
	err := db.Read(t.Context(), func(c *sqlite.Conn) error {
		var before, after int
		if err := c.QueryRow("SELECT count(*) FROM items", nil, &before); err != nil {
			return err
		}
		if err := db.Write(t.Context(), insert("a", 1)); err != nil {
			return err
		}
		if err := c.QueryRow("SELECT count(*) FROM items", nil, &after); err != nil {
			return err
		}
		if before != after {
			t.Errorf("the snapshot moved from %d to %d rows", before, after)
		}
		if _, err := c.Exec("DELETE FROM items"); err == nil {
			t.Error("a reader could write")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestReadEachSeesEveryCommitAndCannotWrite(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "x.db"), sqlite.Config{})
	err := db.ReadEach(t.Context(), func(c *sqlite.Conn) error {
		for want := range 3 {
			var n int
			if err := c.QueryRow("SELECT count(*) FROM items", nil, &n); err != nil || n != want {
				t.Errorf("%d rows, want %d (%v)", n, want, err)
			}
			if err := db.Write(t.Context(), insert(fmt.Sprint(want), want)); err != nil {
				t.Error(err)
			}
		}
		if err := insert("x", 1)(c); err == nil {
			t.Error("a read wrote")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSettingsHoldOnEveryConnection(t *testing.T) {
	want := map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1",
		"busy_timeout": "10000", "auto_vacuum": "2", "temp_store": "2", "trusted_schema": "0",
	}
	check := func(c *sqlite.Conn) error {
		for name, value := range want {
			var got string
			if err := c.QueryRow("PRAGMA "+name, nil, &got); err != nil {
				return err
			}
			if got != value {
				return fmt.Errorf("%s is %s, want %s", name, got, value)
			}
		}
		return nil
	}
	eachWay(t, func(t *testing.T, cfg sqlite.Config) {
		cfg.Readers = 2
		db := open(t, filepath.Join(t.TempDir(), "x.db"), cfg)
		if err := db.Write(t.Context(), check); err != nil {
			t.Error(err)
		}
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				if err := db.Read(t.Context(), check); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
	})
}

func TestQueryInsideTheSameQuery(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "x.db"), sqlite.Config{})
	const all = "SELECT n FROM items ORDER BY n"
	pairs := 0
	err := db.Write(t.Context(), func(c *sqlite.Conn) error {
		for i := range 3 {
			if err := insert(fmt.Sprint(i), i)(c); err != nil {
				return err
			}
		}
		for _, err := range c.Query(all) {
			if err != nil {
				return err
			}
			for _, err := range c.Query(all) {
				if err != nil {
					return err
				}
				pairs++
			}
		}
		return nil
	})
	if err != nil || pairs != 9 {
		t.Fatalf("%d pairs, err %v", pairs, err)
	}
}

func TestCancelledReadStops(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "x.db"), sqlite.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	err := db.Read(ctx, func(c *sqlite.Conn) error {
		cancel()
		var n int
		return c.QueryRow("WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM r) SELECT count(*) FROM r", nil, &n)
	})
	if err == nil {
		t.Fatal("an endless query ended without an error")
	}
	if got := count(t, db); got != 0 {
		t.Fatalf("%d rows", got)
	}
}

func TestClosed(t *testing.T) {
	eachWay(t, func(t *testing.T, cfg sqlite.Config) {
		db := open(t, filepath.Join(t.TempDir(), "x.db"), cfg)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if err := db.Write(t.Context(), insert("a", 1)); !fault.Is(err, fault.Unavailable) {
			t.Errorf("write after close: %v", err)
		}
		if err := db.Read(t.Context(), func(*sqlite.Conn) error { return nil }); !fault.Is(err, fault.Unavailable) {
			t.Errorf("read after close: %v", err)
		}
	})
}

func TestUpgradeAndRefusal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	old := open(t, path, sqlite.Config{Migrations: testMigrations.UpTo(1)})
	if err := old.Write(t.Context(), insert("kept", 7)); err != nil {
		t.Fatal(err)
	}
	_ = old.Close()

	upgraded := open(t, path, sqlite.Config{})
	if got := count(t, upgraded); got != 1 {
		t.Fatalf("%d rows after the upgrade", got)
	}
	_ = upgraded.Close()

	_, err := sqlite.Open(path, sqlite.Config{Migrations: testMigrations.UpTo(1)})
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(fault.Message(err), "newer RET") {
		t.Fatalf("an older program opened a newer schema: %v", err)
	}
}

func TestNotADatabase(t *testing.T) {
	_, err := sqlite.Open(t.TempDir(), sqlite.Config{Migrations: testMigrations})
	if !fault.Is(err, fault.Unavailable) {
		t.Fatalf("a folder opened: %v", err)
	}
}

// A bit that flips inside a value breaks no structure; its page's checksum tells.
func TestChecksumsFindAFlippedBit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	for _, checksums := range []bool{false, true} {
		cfg := sqlite.Config{Exclusive: true, Checksums: checksums}
		db := open(t, path, cfg)
		if err := db.Write(t.Context(), insert("a value that is looked for", 1)); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		at := bytes.Index(content, []byte("looked for"))
		content[at] ^= 1
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		again := open(t, path, cfg)
		err = again.Read(t.Context(), func(c *sqlite.Conn) error {
			var n int
			return c.QueryRow("SELECT count(*) FROM items WHERE note IS NULL", nil, &n)
		})
		if sqlite.IsDamaged(err) != checksums {
			t.Errorf("with checksums %v: %v", checksums, err)
		}
		_ = again.Close()
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// A discarded database is left as it is: what its log holds is not written back.
func TestDiscard(t *testing.T) {
	for _, discard := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "x.db")
		db := open(t, path, sqlite.Config{})
		if err := db.Write(t.Context(), insert("a", 1)); err != nil {
			t.Fatal(err)
		}
		if n := count(t, db); n != 1 { // by a reader, which is the last to close
			t.Fatalf("%d rows", n)
		}
		end := db.Close
		if discard {
			end = db.Discard
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(path + "-wal"); (err == nil) != discard {
			t.Errorf("discarded %v: the log is there: %v", discard, err == nil)
		}
		if err := db.Write(t.Context(), insert("b", 1)); !fault.Is(err, fault.Unavailable) {
			t.Errorf("discarded %v: write after it: %v", discard, err)
		}
	}
}
