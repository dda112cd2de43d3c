// Command storewasm is a round of the replica's database in a browser's worker:
// SQLite as the module opens it, over the origin's files that JavaScript
// (rounds.js) opened. It prints what each of the following took, as one line of
// JSON in milliseconds: to commit a row, to read one, to import many, and to take
// over a delta. Or, if it is asked to, the same with and without encryption (crypt_js.go).
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"syscall/js"
	"time"

	"github.com/ncruces/go-sqlite3/vfs"

	"ret/shared/replica"
	"ret/shared/seal"
	"ret/shared/sqlite"
	"ret/shared/wire"
	"ret/wasm/opfs"
)

// What a round does; rounds.js has its rivals do the same.
const (
	first   = 100 // commits of a module that has just begun
	commits = 200
	rows    = 20_000
	reads   = 2_000
)

// For so long calls are made that do not count, before those that do: after some
// seconds a browser has compiled what they run as well as it can.
const (
	warmCommits = 5 * time.Second
	warmReads   = time.Second
)

// took is what is printed, in milliseconds.
type took struct {
	First  float64 `json:"first"`  // one of the first commits
	Commit float64 `json:"commit"` // one of those that follow
	Read   float64 `json:"read"`   // one of them
	Import float64 `json:"import"` // of all rows
	Apply  float64 `json:"apply"`  // of all changes
}

func main() {
	result, err := asked(context.Background())
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(result)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "storewasm:", err)
		os.Exit(1)
	}
}

// asked does the round that JavaScript names.
func asked(ctx context.Context) (any, error) {
	if js.Global().Get("retRound").String() == "crypt" {
		return cryptRound(ctx)
	}
	return round(ctx)
}

// config is as wasm/store_js.go and replica.Open have it.
func config(vfs string) sqlite.Config {
	return sqlite.Config{VFS: vfs, Exclusive: true, CacheKiB: 32 << 10, Checksums: true}
}

func round(ctx context.Context) (t took, err error) {
	pool, err := opfs.NewPool(opfs.Seal(opfs.Handles(), make([]byte, seal.KeySize)))
	if err != nil {
		return t, err
	}
	cfg := config("opfs")
	vfs.Register(cfg.VFS, pool)
	if err := ofRows(ctx, cfg, &t); err != nil {
		return t, err
	}
	t.Apply, err = ofChanges(ctx, cfg)
	return t, err
}

// ofRows measures a table of rows by itself.
func ofRows(ctx context.Context, cfg sqlite.Config, t *took) error {
	db, err := openRows(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // the file is removed next
	commit := func(i int) error {
		return db.Write(ctx, func(c *sqlite.Conn) error { return insert(c, rows+i) })
	}
	start := time.Now()
	if err := repeat(commits, commits+first, commit); err != nil {
		return err
	}
	t.First = time.Since(start).Seconds() * 1000 / first
	if err := warm(warmCommits, commits+first, commit); err != nil {
		return err
	}
	if t.Commit, err = each(commits, commit); err != nil {
		return err
	}
	if t.Import, err = each(1, func(int) error { return fill(ctx, db) }); err != nil {
		return err
	}
	t.Read, err = readRows(ctx, db)
	return err
}

// openRows opens a table of rows, which has none.
func openRows(ctx context.Context, cfg sqlite.Config) (*sqlite.DB, error) {
	db, err := sqlite.Open("rows.db", cfg)
	if err != nil {
		return nil, err
	}
	return db, db.Write(ctx, func(c *sqlite.Conn) error {
		_, err := c.Exec(`CREATE TABLE items (id TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`)
		return err
	})
}

// readRows says what it takes to read one.
func readRows(ctx context.Context, db *sqlite.DB) (float64, error) {
	read := func(i int) error {
		return db.ReadEach(ctx, func(c *sqlite.Conn) error {
			var value string
			return c.QueryRow(`SELECT value FROM items WHERE id = ?`, []any{key(i * 7919 % rows)}, &value)
		})
	}
	if err := warm(warmReads, 0, read); err != nil {
		return 0, err
	}
	return each(reads, read)
}

func fill(ctx context.Context, db *sqlite.DB) error {
	return db.Write(ctx, func(c *sqlite.Conn) error {
		for i := range rows {
			if err := insert(c, i); err != nil {
				return err
			}
		}
		return nil
	})
}

func insert(c *sqlite.Conn, i int) error {
	_, err := c.Exec(`INSERT INTO items (id, value) VALUES (?, ?)`, key(i), value(i))
	return err
}

func key(i int) string { return fmt.Sprintf("row-%07d", i) }

// value is about a hundred bytes.
func value(i int) string {
	return fmt.Sprintf("Customer %d of the north, Zürich, 2026-%02d-%02d, amount %d.%02d, open, without a note so far", i*7919, 1+i%12, 1+i%28, i*31, i%100)
}

const replicaFile = "replica.db"

// ofChanges measures a replica that takes over what a server says.
func ofChanges(ctx context.Context, cfg sqlite.Config) (float64, error) {
	r, err := replica.Open(ctx, replicaFile, cfg)
	if err != nil {
		return 0, err
	}
	defer func() { _ = r.Close() }() // the file is removed next
	frames, to, err := deltas()
	if err != nil {
		return 0, err
	}
	if _, err := r.Greeted(ctx, &wire.Welcome{Epoch: "another", Cursor: to}); err != nil {
		return 0, err
	}
	return each(1, func(int) error {
		for _, text := range frames {
			if err := apply(ctx, r, text); err != nil {
				return err
			}
		}
		return nil
	})
}

func apply(ctx context.Context, r *replica.Replica, text []byte) error {
	frame, err := wire.DecodeServer(text)
	if err != nil {
		return err
	}
	step, err := r.Apply(ctx, frame.(*wire.Delta))
	if err == nil && step != wire.Apply {
		err = fmt.Errorf("a delta was %s", step)
	}
	return err
}

// each calls fn so many times and returns what one call took, in milliseconds:
// browsers' clocks are too coarse for a single short one.
func each(times int, fn func(i int) error) (float64, error) {
	start := time.Now()
	err := repeat(0, times, fn)
	return time.Since(start).Seconds() * 1000 / float64(times), err
}

// warm calls fn for a while, with numbers from there on.
func warm(how time.Duration, from int, fn func(i int) error) error {
	for start := time.Now(); time.Since(start) < how; from++ {
		if err := fn(from); err != nil {
			return err
		}
	}
	return nil
}

func repeat(from, to int, fn func(i int) error) error {
	for i := from; i < to; i++ {
		if err := fn(i); err != nil {
			return err
		}
	}
	return nil
}
