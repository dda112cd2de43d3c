package workspace_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"ret/shared/entries"
	"ret/shared/sqlite"
	"ret/shared/workspace"
)

func putEntry(t *testing.T, w *workspace.Workspace, key, value string) {
	t.Helper()
	err := w.Entries().Write(t.Context(), func(tx *entries.Tx) error {
		return tx.Put(entries.Stored{Key: key, Value: []byte(value), StoredAt: time.UnixMilli(1), Used: 1})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func settle(t *testing.T, w *workspace.Workspace) {
	t.Helper()
	if err := w.Entries().Write(t.Context(), (*entries.Tx).Settle); err != nil {
		t.Fatal(err)
	}
}

func wantEntry(t *testing.T, w *workspace.Workspace, key, value string) {
	t.Helper()
	e, found, err := w.Entries().Read(t.Context(), key)
	if err != nil || !found || string(e.Value) != value {
		t.Fatalf("%s is %q, %v, %v; want %q", key, e.Value, found, err, value)
	}
}

// Readers and counts see an entry at once, settled or not, and so does the next
// process.
func TestUnsettledEntriesCount(t *testing.T) {
	path := filepath.Join(t.TempDir(), "workspace.db")
	w, err := workspace.Open(path, workspace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	putEntry(t, w, "a", "settled")
	putEntry(t, w, "b", "1")
	settle(t, w)
	putEntry(t, w, "a", "new")
	putEntry(t, w, "c", "22")
	err = w.Entries().Write(t.Context(), func(tx *entries.Tx) error { return tx.Delete("b") })
	if err != nil {
		t.Fatal(err)
	}
	check := func() {
		t.Helper()
		wantEntry(t, w, "a", "new")
		wantEntry(t, w, "c", "22")
		if _, found, err := w.Entries().Read(t.Context(), "b"); found || err != nil {
			t.Errorf("a deleted entry: %v, %v", found, err)
		}
		if u := must(w.Usage(t.Context()))(t); u.CacheEntries != 2 || u.CacheBytes != 7 {
			t.Errorf("usage is %+v, want 2 entries with 7 bytes", u)
		}
	}
	check()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if w, err = workspace.Open(path, workspace.Options{}); err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	check()
}

// However often a key is set before it is settled, clients hear of it once, and
// no two changes share a seq.
func TestEntriesAreAnnouncedWhenSettled(t *testing.T) {
	w, heard := open(t)
	for i := range 30 {
		putEntry(t, w, fmt.Sprint("k", i%3), fmt.Sprint(i))
		if i%10 == 9 {
			settle(t, w)
		}
	}
	things, to, err := w.Things(t.Context(), 0, 100)
	if err != nil || len(things) != 3 {
		t.Fatalf("%d things, %v", len(things), err)
	}
	for i, thing := range things {
		e, ok := thing.Value.(*entries.Entry)
		if !ok || e.Key != thing.ID || e.Size != 2 || thing.Seq > to || i > 0 && thing.Seq <= things[i-1].Seq {
			t.Errorf("thing %d is %+v with %+v", i, thing.Change, e)
		}
	}
	heard.mu.Lock()
	defer heard.mu.Unlock()
	if len(heard.seqs) != 3 || heard.seqs[2] != to {
		t.Errorf("heard %v, want three settlings up to %d", heard.seqs, to)
	}
}

func TestOlderWorkspaceGetsEntries(t *testing.T) {
	path := filepath.Join(t.TempDir(), "workspace.db")
	old, err := sqlite.Open(path, sqlite.Config{Migrations: workspace.Migrations.UpTo(1)})
	if err != nil {
		t.Fatal(err)
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	w, err := workspace.Open(path, workspace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	putEntry(t, w, "a", "1")
	wantEntry(t, w, "a", "1")
}

// What an older workspace has not settled is there in the new one, counted and
// announced.
func TestOlderLogIsSettledByTheUpgrade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "workspace.db")
	old, err := sqlite.Open(path, sqlite.Config{Migrations: workspace.Migrations.UpTo(2)})
	if err != nil {
		t.Fatal(err)
	}
	err = old.Write(t.Context(), func(c *sqlite.Conn) error {
		for _, sql := range []string{
			`INSERT INTO meta (one, epoch, seq, entry_count, entry_bytes) VALUES (1, 'x', 40, 2, 6)`,
			`INSERT INTO entries (key, size, stored_at, used, value) VALUES ('a', 2, 1, 1, X'6161'), ('b', 2, 1, 1, X'6262')`,
			`INSERT INTO entry_log (n, key, size, stored_at, used, value) VALUES
				(7, 'c', 1, 1, 1, X'63'), (8, 'a', 3, 1, 1, X'6e6577'), (9, 'b', 0, 1, 1, NULL), (10, 'c', 4, 1, 1, X'63636363')`,
		} {
			if _, err := c.Exec(sql); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, old.Close()); err != nil {
		t.Fatal(err)
	}
	w, err := workspace.Open(path, workspace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	wantEntry(t, w, "a", "new")
	wantEntry(t, w, "c", "cccc")
	if _, found, err := w.Entries().Read(t.Context(), "b"); found || err != nil {
		t.Errorf("a deleted entry: %v, %v", found, err)
	}
	if u := must(w.Usage(t.Context()))(t); u.CacheEntries != 2 || u.CacheBytes != 9 {
		t.Errorf("usage is %+v, want 2 entries with 9 bytes", u)
	}
	things, to, err := w.Things(t.Context(), 40, 100)
	if err != nil || to != 44 || len(things) != 3 || things[0].ID != "a" || things[1].ID != "b" || things[2].ID != "c" || things[2].Seq != 44 {
		t.Errorf("changes up to %d are %+v, %v", to, things, err)
	}
}
