package files_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"ret/server/files"
	"ret/shared/sqlite"
)

// Wherever a crash cuts the write-ahead log of a session's database off, the database
// opens with what was committed up to there.
func TestLogCutAnywhere(t *testing.T) {
	root := t.TempDir()
	s := openStore(t, root)
	defer s.Close()
	f := openFolder(t, s, "one")
	database, logs := twelveCommits(t, root, f)
	log, folder := logs[11], filepath.Join(root, "sessions", "one")
	most := 0
	for cut := 0; cut <= len(log); cut += 512 {
		_ = os.Remove(filepath.Join(folder, "workspace.db-shm"))
		mustWrite(t, filepath.Join(folder, "workspace.db"), database)
		mustWrite(t, filepath.Join(folder, "workspace.db-wal"), log[:cut])
		rows := rowsOf(t, f, cut)
		if rows < most {
			t.Fatalf("cut at %d of %d: %d rows, and %d from a shorter log", cut, len(log), rows, most)
		}
		most = rows
	}
	if most != 12 {
		t.Errorf("%d of 12 rows are in the whole log", most)
	}
}

// A bit that flips in a log is told when the database is opened, and nothing that was
// acknowledged is forgotten without a word, but for the last two changes: what is wrong
// there may be what a power cut has left.
func TestFlippedLogIsTold(t *testing.T) {
	root := t.TempDir()
	s := openStore(t, root)
	defer s.Close()
	f := openFolder(t, s, "one")
	database, logs := twelveCommits(t, root, f)
	log, folder := logs[11], filepath.Join(root, "sessions", "one")
	told := 0
	for block := range len(log) / 4096 {
		changed := bytes.Clone(log)
		changed[block*4096+rand.IntN(4096)] ^= 1 << rand.IntN(8)
		_ = os.Remove(filepath.Join(folder, "workspace.db-shm"))
		mustWrite(t, filepath.Join(folder, "workspace.db"), database)
		mustWrite(t, filepath.Join(folder, "workspace.db-wal"), changed)
		_, _, err := f.Database()
		if errors.Is(err, files.ErrLog) {
			told++
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if rows := rowsOf(t, f, block); rows < 10 {
			t.Errorf("a bit of block %d of %d: %d rows of 12 are left, and nobody says so", block, len(log)/4096, rows)
		}
	}
	if told == 0 {
		t.Error("nothing is told")
	}
}

// Whatever blocks of its last change a power cut takes from a log, that is no damage, and
// what was acknowledged before it is there.
func TestPowerCutInALogIsNoDamage(t *testing.T) {
	root := t.TempDir()
	s := openStore(t, root)
	defer s.Close()
	f := openFolder(t, s, "one")
	database, logs := twelveCommits(t, root, f)
	folder := filepath.Join(root, "sessions", "one")
	for range 60 {
		n := 2 + rand.IntN(9)
		before, after := logs[n], logs[n+1]
		left := bytes.Clone(after)
		for at := 0; at < len(after); at += 4096 {
			if at+4096 <= len(before) && rand.IntN(2) == 0 {
				copy(left[at:at+4096], before[at:])
			} else if at >= len(before) && rand.IntN(2) == 0 {
				clear(left[at : at+4096])
			}
		}
		_ = os.Remove(filepath.Join(folder, "workspace.db-shm"))
		mustWrite(t, filepath.Join(folder, "workspace.db"), database)
		mustWrite(t, filepath.Join(folder, "workspace.db-wal"), left)
		if rows := rowsOf(t, f, n); rows < n+1 {
			t.Errorf("%d of %d rows are left", rows, n+1)
		}
	}
}

// twelveCommits writes twelve rows and returns the database as it lies under its log,
// and the log after each.
func twelveCommits(t *testing.T, root string, f *files.Folder) (database []byte, logs [][]byte) {
	t.Helper()
	folder := filepath.Join(root, "sessions", "one")
	db := openDatabase(t, f)
	for i := range 12 {
		err := db.Write(t.Context(), func(c *sqlite.Conn) error {
			if i == 0 {
				if _, err := c.Exec("CREATE TABLE t (i INTEGER, text TEXT)"); err != nil {
					return err
				}
			}
			_, err := c.Exec("INSERT INTO t VALUES (?, hex(randomblob(1000)))", i)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		logs = append(logs, mustRead(t, filepath.Join(folder, "workspace.db-wal")))
	}
	database = mustRead(t, filepath.Join(folder, "workspace.db"))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return database, logs
}

// A connection that is opened to read writes nothing, whatever is written beside it: what
// others read, and what is acknowledged next, is on disk.
func TestReadersThatComeLeaveTheLogAlone(t *testing.T) {
	root := t.TempDir()
	s := openStore(t, root)
	defer s.Close()
	f := openFolder(t, s, "one")
	db := openDatabase(t, f)
	databaseName := filepath.Join(root, "sessions", "one", "workspace.db")
	logName := databaseName + "-wal"
	write := func(sql string) {
		t.Helper()
		err := db.Write(t.Context(), func(c *sqlite.Conn) error {
			_, err := c.Exec(sql)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var read func(readers int)
	read = func(readers int) { // each opens a connection, and the last ones are opened first
		err := db.Read(t.Context(), func(c *sqlite.Conn) error {
			if readers > 1 {
				read(readers - 1)
			}
			return c.QueryRow("SELECT count(*) FROM t", nil, new(int))
		})
		if err != nil {
			t.Errorf("a reader beside %d others: %v", readers, err)
		}
	}
	write("CREATE TABLE t (i INTEGER)")
	before := mustRead(t, logName)
	read(3)
	if !bytes.Equal(mustRead(t, logName), before) {
		t.Error("who reads has written")
	}
	write("INSERT INTO t VALUES (1)")
	read(3)
	database, log := mustRead(t, databaseName), mustRead(t, logName)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	mustWrite(t, databaseName, database) // as a crash leaves it
	mustWrite(t, logName, log)
	if rows := rowsOf(t, f, 0); rows != 1 {
		t.Errorf("%d rows are left of 1", rows)
	}
}

// rowsOf opens the database and returns how many rows its table has.
func rowsOf(t *testing.T, f *files.Folder, cut int) (n int) {
	t.Helper()
	db := openDatabase(t, f)
	defer db.Close()
	err := db.Read(t.Context(), func(c *sqlite.Conn) error {
		var sound string
		if err := c.QueryRow("PRAGMA integrity_check", nil, &sound); err != nil || sound != "ok" {
			t.Errorf("cut at %d: %s, %v", cut, sound, err)
		}
		if err := c.QueryRow("SELECT count(*) FROM sqlite_schema", nil, &n); err != nil || n == 0 {
			return err
		}
		return c.QueryRow("SELECT count(*) FROM t", nil, &n)
	})
	if err != nil {
		t.Fatalf("cut at %d: %v", cut, err)
	}
	return n
}

func openDatabase(t *testing.T, f *files.Folder) *sqlite.DB {
	t.Helper()
	path, cfg, err := f.Database()
	if err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(path, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func mustRead(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func mustWrite(t *testing.T, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// What one connection has committed is read by the others at once, whatever its length:
// nothing of it is still on its way.
func TestCommitsAreReadAtOnce(t *testing.T) {
	s := openStore(t, t.TempDir())
	defer s.Close()
	f := openFolder(t, s, "one")
	db := openDatabase(t, f)
	defer db.Close()
	write := func(sql string, args ...any) {
		t.Helper()
		err := db.Write(t.Context(), func(c *sqlite.Conn) error {
			_, err := c.Exec(sql, args...)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	write("CREATE TABLE t (i INTEGER PRIMARY KEY, text TEXT)")
	for i := range 400 {
		length := rand.IntN(20_000)
		write("INSERT OR REPLACE INTO t VALUES (?, hex(zeroblob(?)))", i%7, length)
		err := db.Read(t.Context(), func(c *sqlite.Conn) error {
			var got int
			if err := c.QueryRow("SELECT length(text) FROM t WHERE i = ?", []any{i % 7}, &got); err != nil || got != 2*length {
				t.Errorf("commit %d: %d of %d bytes are read: %v", i, got, 2*length, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A bit that flips inside a value turns its block to noise, which breaks no structure
// of the database; the page's checksum tells.
func TestFlippedValueIsTold(t *testing.T) {
	root := t.TempDir()
	s := openStore(t, root)
	defer s.Close()
	f := openFolder(t, s, "one")
	db := openDatabase(t, f)
	err := db.Write(t.Context(), func(c *sqlite.Conn) error {
		if _, err := c.Exec("CREATE TABLE t (i INTEGER PRIMARY KEY, value BLOB)"); err != nil {
			return err
		}
		_, err := c.Exec("INSERT INTO t VALUES (1, zeroblob(20000))")
		return err
	})
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(root, "sessions", "one", "workspace.db")
	whole := mustRead(t, name)
	for block := range len(whole) / 4096 {
		changed := bytes.Clone(whole)
		changed[block*4096+rand.IntN(4096)] ^= 1 << rand.IntN(8)
		mustWrite(t, name, changed)
		if value, err := valueOf(t, f); err == nil && !bytes.Equal(value, make([]byte, 20_000)) {
			t.Errorf("block %d of %d: the value is another, and nobody says so", block, len(whole)/4096)
		}
	}
}

// valueOf opens the database and reads the only value.
func valueOf(t *testing.T, f *files.Folder) (value []byte, err error) {
	t.Helper()
	path, cfg, err := f.Database()
	if err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(path, cfg)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	err = db.Read(t.Context(), func(c *sqlite.Conn) error {
		return c.QueryRow("SELECT value FROM t", nil, &value)
	})
	return value, err
}
