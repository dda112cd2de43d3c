// Package store owns the central database: who may sign in, which sessions
// there are, and the audit trail. What a session holds lies elsewhere, in a
// database of its own.
//
// Each noun has a file of functions that work inside a transaction the caller
// has begun, so that a change of an account, the end of its sessions and its
// line in the trail are one commit. Nothing here decides who may do what; the
// packages account and session do.
//
// Open's result may be used by any number of goroutines, and by several
// processes at once: `ret user` works while a server runs. Revision tells a
// server that another process changed something it holds in memory.
package store

import (
	"embed"
	"fmt"
	"os"

	"ret/shared/fault"
	"ret/shared/sqlite"
)

//go:embed schema/*.sql
var schema embed.FS

// Schema is the central database's schema with all its steps.
var Schema = sqlite.MustMigrations(schema, "schema")

// Open opens or creates the central database at path, for this user alone.
func Open(path string) (*sqlite.DB, error) {
	// SQLite would make it for everybody. Its journals follow the umask, and lie
	// in a folder that is ours alone.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "The database of accounts and sessions cannot be opened. Check RET_SESSION_DB and its folder's rights.")
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("create central database: %w", err)
	}
	db, err := sqlite.Open(path, sqlite.Config{Migrations: Schema})
	if err != nil {
		return nil, fmt.Errorf("open central database: %w", err)
	}
	return db, nil
}

// Revision returns a number that grows with every change that a running server
// must hear of: a session that ends, a role that changes.
func Revision(c *sqlite.Conn) (int64, error) {
	var n int64
	err := c.QueryRow("SELECT n FROM revision", nil, &n)
	return n, err
}

// one turns a change of no row into err.
func one(rows int64, err, missing error) error {
	if err == nil && rows == 0 {
		return missing
	}
	return err
}
