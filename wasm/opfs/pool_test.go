package opfs_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/ncruces/go-sqlite3/vfs"

	"ret/shared/fault"
	"ret/shared/sqlite"
	"ret/wasm/opfs"
)

var schema = sqlite.MustMigrations(fstest.MapFS{
	"m/0001_rows.sql": {Data: []byte("CREATE TABLE items (n INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;")},
}, "m")

var pools atomic.Int64

// open opens the database of a set of handles, as the browser does.
func open(tb testing.TB, handles []opfs.Handle) (*sqlite.DB, error) {
	tb.Helper()
	pool, err := opfs.NewPool(handles)
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("pool%d", pools.Add(1))
	vfs.Register(name, pool)
	tb.Cleanup(func() { vfs.Unregister(name) })
	return sqlite.Open("replica.db", sqlite.Config{VFS: name, Exclusive: true, Migrations: schema})
}

func mustOpen(tb testing.TB, handles []opfs.Handle) *sqlite.DB {
	tb.Helper()
	db, err := open(tb, handles)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() }) // the disk may be gone by then
	return db
}

// text fills a few pages, differently for each row.
func text(n int) string { return fmt.Sprintf("%0*d", 300+n%5*700, n) }

// insert adds two rows in one transaction: either both are there or none.
func insert(db *sqlite.DB, n int) error {
	return db.Write(context.Background(), func(c *sqlite.Conn) error {
		for _, n := range []int{2 * n, 2*n + 1} {
			if _, err := c.Exec("INSERT INTO items (n, text) VALUES (?, ?)", n, text(n)); err != nil {
				return err
			}
		}
		return nil
	})
}

// held reads all rows and checks what they say and that the database is sound.
func held(tb testing.TB, db *sqlite.DB) (rows int) {
	tb.Helper()
	err := db.Read(tb.Context(), func(c *sqlite.Conn) error {
		var sound string
		if err := c.QueryRow("PRAGMA integrity_check", nil, &sound); err != nil || sound != "ok" {
			return fmt.Errorf("integrity check: %s %w", sound, err)
		}
		for row, err := range c.Query("SELECT n, text FROM items ORDER BY n") {
			if err != nil {
				return err
			}
			if row.Int64(0) != int64(rows) || row.Text(1) != text(rows) {
				return fmt.Errorf("row %d is %d, %.20s…", rows, row.Int64(0), row.Text(1))
			}
			rows++
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return rows
}

func TestRowsSurviveClosing(t *testing.T) {
	d := newDisk(4)
	db := mustOpen(t, d.handles())
	for n := range 50 {
		if err := insert(db, n); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if got := held(t, mustOpen(t, d.handles())); got != 100 {
		t.Fatalf("%d rows, want 100", got)
	}
}

// A tab that goes away closes nothing; what it wrote is found all the same.
func TestRowsSurviveTermination(t *testing.T) {
	d := newDisk(4)
	db := mustOpen(t, d.handles())
	for n := range 50 {
		if err := insert(db, n); err != nil {
			t.Fatal(err)
		}
	}
	if got := held(t, mustOpen(t, d.handles())); got != 100 {
		t.Fatalf("%d rows, want 100", got)
	}
}

// fill writes until something fails, and returns how many inserts were answered.
func fill(db *sqlite.DB, most int) (answered int, err error) {
	for n := range most {
		if err := insert(db, n); err != nil {
			return n, err
		}
	}
	return most, nil
}

func TestPowerCutBetweenAnyTwoOperations(t *testing.T) {
	const inserts = 12
	whole := newDisk(4)
	if _, err := fill(mustOpen(t, whole.handles()), inserts); err != nil {
		t.Fatal(err)
	}
	for cut := 1; cut <= whole.ops; cut++ {
		random := rand.New(rand.NewPCG(uint64(cut), 7))
		d := newDisk(4)
		d.cutAt = cut
		answered := 0
		if db, err := open(t, d.handles()); err == nil {
			answered, _ = fill(db, inserts)
			_ = db.Close()
		}
		rows := held(t, mustOpen(t, d.afterCut(random).handles()))
		if rows%2 != 0 || rows < 2*answered {
			t.Fatalf("cut at %d: %d rows of %d answered inserts", cut, rows, answered)
		}
	}
}

// The write-ahead log goes back into the database now and then: cuts in there.
func TestPowerCutWhileCheckpointing(t *testing.T) {
	runs := 12
	if testing.Short() {
		runs = 5
	}
	for seed := range runs {
		random := rand.New(rand.NewPCG(uint64(seed), 3))
		d := newDisk(4)
		d.cutAt = 1500 + random.IntN(1500)
		db := mustOpen(t, d.handles())
		answered, err := fill(db, 2000)
		if err == nil {
			t.Fatalf("the power was never cut in %d operations", d.ops)
		}
		_ = db.Close()
		rows := held(t, mustOpen(t, d.afterCut(random).handles()))
		if rows%2 != 0 || rows < 2*answered {
			t.Fatalf("seed %d: %d rows of %d answered inserts", seed, rows, answered)
		}
	}
}

func TestFullQuotaIsSurvived(t *testing.T) {
	for _, short := range []bool{false, true} {
		t.Run(fmt.Sprintf("short writes %v", short), func(t *testing.T) {
			d := newDisk(4)
			db := mustOpen(t, d.handles())
			d.quota, d.short = 400<<10+100, short
			answered, err := fill(db, 1000)
			if !fault.Is(err, fault.NoSpace) {
				t.Fatalf("after %d inserts: %v", answered, err)
			}
			d.quota = 0 // something else was deleted
			if err := insert(db, answered); err != nil {
				t.Fatalf("after there was room again: %v", err)
			}
			if got := held(t, db); got != 2*answered+2 {
				t.Fatalf("%d rows of %d inserts", got, answered+1)
			}
		})
	}
}

func TestLostHandlesLoseNothingAnswered(t *testing.T) {
	d := newDisk(4)
	db := mustOpen(t, d.handles())
	d.lostAt = d.ops + 100
	answered, err := fill(db, 1000)
	if !fault.Is(err, fault.Unavailable) {
		t.Fatalf("after %d inserts: %v", answered, err)
	}
	_ = db.Close()
	d.lostAt = 0
	if got := held(t, mustOpen(t, d.handles())); got < 2*answered {
		t.Fatalf("%d rows of %d answered inserts", got, answered)
	}
}

func TestTornHeaderIsAFreeFile(t *testing.T) {
	d := newDisk(4)
	if err := mustOpen(t, d.handles()).Close(); err != nil {
		t.Fatal(err)
	}
	d.files[0].data[20] ^= 1
	db := mustOpen(t, d.handles())
	if got := held(t, db); got != 0 {
		t.Fatalf("%d rows", got)
	}
}

func TestNoFreeFile(t *testing.T) {
	if _, err := open(t, newDisk(0).handles()); !fault.Is(err, fault.Unavailable) && !fault.Is(err, fault.NoSpace) {
		t.Fatalf("a pool of no files opened a database: %v", err)
	}
}

func TestHandlesThatFailAtOnce(t *testing.T) {
	d := newDisk(4)
	d.lostAt = 1
	d.ops = 1
	if _, err := open(t, d.handles()); !errors.Is(err, opfs.ErrLost) {
		t.Fatalf("lost handles opened: %v", err)
	}
}
