package sqlite

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// busyTimeout comes first in settings: with any other pragma in the DSN the
// driver drops its own default.
const busyTimeout = 10 * time.Second

// Config says how a database is opened. The zero value is an ordinary file
// database without migrations.
type Config struct {
	// VFS names the registered file system to open through; "" is the default.
	VFS string

	// Key encrypts the database, by a VFS that does so. It is handed over as the first
	// statement of each connection and never in the name of the file, which errors
	// repeat.
	Key []byte

	// Migrations bring the schema up to date; nil leaves it alone.
	Migrations *Migrations

	// Readers is how many reader connections may be open at once; 0 means 4.
	// They are opened when first needed.
	Readers int

	// Exclusive uses one connection for everything and locks the file for as
	// long as it is open.
	Exclusive bool

	// Pending is what writes leave for the end of their commit; nil if they leave
	// nothing.
	Pending Pending

	// Checksums gives each page a checksum, so that a page that went bad on disk is
	// found when it is read. It is for databases that are made anew.
	Checksums bool

	// CacheKiB is each connection's page cache at most; 0 means 2048 for one that reads
	// and 8192 for one that writes: a write that outgrows it has its pages written, and
	// if need be encrypted, several times.
	CacheKiB int
}

// checksumBytes is what a page's checksum takes, by which SQLite's and ours know
// that a database has them.
const checksumBytes = 8

// settings are applied to a connection, in order. One that only reads writes nothing when
// it is opened: it would wait for the writer, and its commit for nobody.
func (cfg Config) settings(reads bool) []string {
	set := []string{fmt.Sprintf("busy_timeout=%d", busyTimeout.Milliseconds())}
	if cfg.Exclusive {
		// Before the first access: WAL then needs no shared memory.
		set = append(set, "locking_mode=exclusive")
	}
	set = append(set, "synchronous=full") // before whatever writes: other connections must find it on disk
	if !reads {
		set = append(set, "auto_vacuum=incremental") // before the first table; lets a file shrink again
	}
	return append(set,
		"journal_mode=wal",
		"foreign_keys=on",
		"secure_delete=on", // what is deleted is overwritten, not only unlinked
		"temp_store=memory",
		"trusted_schema=off",
		"journal_size_limit=4194304",
		fmt.Sprintf("cache_size=-%d", cfg.cacheKiB(reads)),
	)
}

func (cfg Config) cacheKiB(reads bool) int {
	switch {
	case cfg.CacheKiB != 0:
		return cfg.CacheKiB
	case reads:
		return 2048
	default:
		return 8192
	}
}

// connect opens one connection with all settings.
func connect(path string, cfg Config, reads bool) (*Conn, error) {
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath()
	if cfg.VFS != "" {
		dsn += "?vfs=" + url.QueryEscape(cfg.VFS)
	}
	raw, err := sqlite3.Open(dsn)
	if err != nil {
		return nil, translate(err)
	}
	c := &Conn{raw: raw, stmts: make(map[string]*sqlite3.Stmt)}
	if err := cfg.unlock(raw); err != nil {
		_ = c.close()
		return nil, err
	}
	if cfg.Checksums {
		// What each page leaves free for its checksum counts from the first write on,
		// so an older database stays as it is.
		if _, err := raw.FileControl("main", sqlite3.FCNTL_RESERVE_BYTES, checksumBytes); err != nil {
			_ = c.close()
			return nil, fmt.Errorf("enable checksums: %w", translate(err))
		}
	}
	if err := addFold(raw); err != nil {
		_ = c.close()
		return nil, fmt.Errorf("add function: %w", translate(err))
	}
	for _, s := range cfg.settings(reads) {
		if err := raw.Exec("PRAGMA " + s); err != nil {
			_ = c.close()
			return nil, fmt.Errorf("set %s: %w", s, translate(err))
		}
	}
	return c, nil
}

// unlock hands over the key. An error of it does not hold the statement.
func (cfg Config) unlock(raw *sqlite3.Conn) error {
	if cfg.Key == nil {
		return nil
	}
	if err := raw.Exec("PRAGMA hexkey='" + hex.EncodeToString(cfg.Key) + "'"); err != nil {
		return errors.New("the database's key was not taken")
	}
	return nil
}
