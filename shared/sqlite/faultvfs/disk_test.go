package faultvfs_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/ncruces/go-sqlite3"

	"ret/shared/sqlite/faultvfs"
)

// rowsAfterCut inserts rows one by one, cuts the power at a random one, and
// returns how many were answered and how many are left.
func rowsAfterCut(t *testing.T, synchronous string, random *rand.Rand) (answered, left int) {
	t.Helper()
	disk := faultvfs.New(t)
	folder := t.TempDir()
	db := open(t, filepath.Join(t.TempDir(), "x.db"), disk.Name())
	exec(t, db, "PRAGMA journal_mode=wal; PRAGMA synchronous="+synchronous+"; CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT)")
	exec(t, db, "PRAGMA wal_checkpoint(TRUNCATE)")
	answered = 1 + random.IntN(40)
	for i := range answered {
		exec(t, db, fmt.Sprintf("INSERT INTO t VALUES (%d, hex(randomblob(2000)))", i))
	}
	if err := disk.Cut(folder, random); err != nil {
		t.Fatal(err)
	}
	after := open(t, filepath.Join(folder, "x.db"), "")
	if got := text(t, after, "PRAGMA integrity_check"); got != "ok" {
		t.Fatalf("the database is damaged: %s", got)
	}
	if _, err := fmt.Sscan(text(t, after, "SELECT count(*) FROM t"), &left); err != nil {
		t.Fatal(err)
	}
	return answered, left
}

func open(t *testing.T, path, vfs string) *sqlite3.Conn {
	t.Helper()
	dsn := "file:" + path
	if vfs != "" {
		dsn += "?vfs=" + vfs
	}
	db, err := sqlite3.Open(dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func exec(t *testing.T, db *sqlite3.Conn, sql string) {
	t.Helper()
	if err := db.Exec(sql); err != nil {
		t.Fatal(err)
	}
}

func text(t *testing.T, db *sqlite3.Conn, sql string) string {
	t.Helper()
	stmt, _, err := db.Prepare(sql)
	if err != nil {
		t.Fatal(err)
	}
	defer stmt.Close()
	if !stmt.Step() {
		t.Fatal(stmt.Err())
	}
	return stmt.ColumnText(0)
}

// The disk must tell the setting that keeps its word from the one that does not,
// or else what it says of others is worth nothing.
func TestOnlySynchronousFullSurvivesACut(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	lost := 0
	for range 15 {
		if answered, left := rowsAfterCut(t, "FULL", random); left < answered {
			t.Errorf("FULL lost %d of %d rows", answered-left, answered)
		}
		answered, left := rowsAfterCut(t, "NORMAL", random)
		lost += answered - left
	}
	if lost == 0 {
		t.Error("NORMAL lost nothing: the disk keeps what was not synced")
	}
}

func TestFailingDisk(t *testing.T) {
	disk := faultvfs.New(t)
	db := open(t, filepath.Join(t.TempDir(), "x.db"), disk.Name())
	exec(t, db, "CREATE TABLE t (n)")
	disk.Fail(func(op faultvfs.Op) error {
		if op == faultvfs.Write {
			return sqlite3.FULL
		}
		return nil
	})
	if err := db.Exec("INSERT INTO t VALUES (1)"); err == nil {
		t.Fatal("a full disk took a row")
	}
	disk.Fail(nil)
	exec(t, db, "INSERT INTO t VALUES (2)")
	if got := text(t, db, "SELECT group_concat(n) FROM t"); got != "2" {
		t.Fatalf("rows are %s, want 2", got)
	}
}
