package doctor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"ret/server/store"
	"ret/shared/cache"
	"ret/shared/sqlite"
	"ret/shared/workspace"
)

// centralDatabase looks into the database if there is one, else proves on a new
// one that there can be.
func centralDatabase(ctx context.Context, p *patient) (string, error) {
	path := p.cfg.SessionDB
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return newCentral(ctx, p)
	}
	if err != nil {
		return "", wrong(err, "%s cannot be read; check RET_SESSION_DB", path)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", wrong(nil, "others can read %s; run: chmod 600 %s", path, path)
	}
	return existingCentral(ctx, path)
}

func newCentral(ctx context.Context, p *patient) (string, error) {
	if _, err := existing(filepath.Dir(p.cfg.SessionDB)); err != nil {
		return "", wrong(err, "%s cannot be made; check RET_SESSION_DB", p.cfg.SessionDB)
	}
	db, err := store.Open(filepath.Join(p.scratch, "ret_session.db"))
	if err != nil {
		return "", wrong(err, "a database cannot be made")
	}
	defer db.Close()
	if err := sound(ctx, db); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s will be made at the first start; a new one works", p.cfg.SessionDB), nil
}

// existingCentral leaves the schema as it is: a server of an earlier version may
// be using it.
func existingCentral(ctx context.Context, path string) (string, error) {
	db, err := sqlite.Open(path, sqlite.Config{})
	if err != nil {
		return "", wrong(err, "%s cannot be opened", path)
	}
	defer db.Close()
	if err := sound(ctx, db); err != nil {
		return "", err
	}
	var version int
	err = db.Read(ctx, func(c *sqlite.Conn) error { return c.QueryRow("PRAGMA user_version", nil, &version) })
	switch {
	case err != nil:
		return "", wrong(err, "%s cannot be read", path)
	case version > store.Schema.Version():
		return "", wrong(nil, "%s was written by a newer RET (schema %d, this one knows %d)", path, version, store.Schema.Version())
	case version < store.Schema.Version():
		return fmt.Sprintf("sound; schema %d will be brought to %d at the next start", version, store.Schema.Version()), nil
	}
	return fmt.Sprintf("sound, schema %d", version), nil
}

// sound has SQLite look through the whole database.
func sound(ctx context.Context, db *sqlite.DB) error {
	var result string
	err := db.Read(ctx, func(c *sqlite.Conn) error { return c.QueryRow("PRAGMA quick_check(1)", nil, &result) })
	if err != nil || result != "ok" {
		return wrong(err, "the database is damaged (%s); restore it from a backup", result)
	}
	return nil
}

// lastWritten returns the time of the trail's newest line.
func lastWritten(ctx context.Context, path string) (last time.Time, err error) {
	if _, err := os.Stat(path); err != nil {
		return last, err
	}
	db, err := sqlite.Open(path, sqlite.Config{})
	if err != nil {
		return last, err
	}
	defer db.Close()
	err = db.Read(ctx, func(c *sqlite.Conn) error { return c.QueryRow("SELECT max(at) FROM audit", nil, &last) })
	return last, err
}

func sessionDatabase(_ context.Context, p *patient) (string, error) {
	w, err := openWorkspace(p, "session.db")
	if err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", wrong(err, "a session's database cannot be closed")
	}
	return fmt.Sprintf("a new one works, schema %d", workspace.Migrations.Version()), nil
}

func openWorkspace(p *patient, name string) (*workspace.Workspace, error) {
	w, err := workspace.Open(filepath.Join(p.scratch, name), workspace.Options{})
	if err != nil {
		return nil, wrong(err, "a session's database cannot be made")
	}
	return w, nil
}

// cacheRoundTrip sets, gets, lets expire and clears, once through memory and once
// from disk.
func cacheRoundTrip(ctx context.Context, p *patient) (string, error) {
	w, err := openWorkspace(p, "cache.db")
	if err != nil {
		return "", err
	}
	defer w.Close()
	start := time.Now()
	for _, limits := range []cache.Limits{{Entries: 10, Bytes: 1 << 20}, {}} {
		if err := roundTrip(ctx, w, limits); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("set, get, expire and clear work, in memory and on disk (%s)", time.Since(start).Round(time.Millisecond)), nil
}

func roundTrip(ctx context.Context, w *workspace.Workspace, limits cache.Limits) error {
	now := time.Now()
	c := cache.New(cache.NewMemory(limits), w.Entries(), cache.Options{Now: func() time.Time { return now }})
	defer c.Close()
	value := []byte("value")
	for key, ttl := range map[string]time.Duration{"doctor:short": time.Second, "doctor:long": time.Hour} {
		if err := c.Set(ctx, key, value, ttl); err != nil {
			return wrong(err, "the cache does not take an entry")
		}
		if e, ok := c.Get(ctx, key); !ok || !bytes.Equal(e.Value, value) {
			return wrong(nil, "the cache does not give back what it was given")
		}
	}
	now = now.Add(2 * time.Second)
	if _, ok := c.Get(ctx, "doctor:short"); ok {
		return wrong(nil, "an entry of the cache outlives its time")
	}
	if _, err := c.DeletePrefix(ctx, "doctor:"); err != nil {
		return wrong(err, "the cache cannot be cleared")
	}
	if _, ok := c.Get(ctx, "doctor:long"); ok {
		return wrong(nil, "an entry of the cache survives its removal")
	}
	return nil
}
