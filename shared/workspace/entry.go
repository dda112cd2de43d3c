package workspace

import (
	"context"
	"errors"
	"time"

	"ret/shared/sqlite"
)

// Entry is a thing that the session cache keeps. Clients hear of its metadata
// only.
type Entry struct {
	Key       string     `json:"key"`
	Size      int64      `json:"size"` // of the value
	StoredAt  time.Time  `json:"stored_at"`
	ExpiresAt *time.Time `json:"expires_at"` // nil if it does not end
}

// StoredEntry is an entry as the cache reads and writes it. Expired ones are
// there until they are swept: whoever reads compares ExpiresAt with its clock.
type StoredEntry struct {
	Key       string
	Value     []byte
	StoredAt  time.Time
	ExpiresAt time.Time // zero if it does not end
	Used      int64     // when last used, in Unix nanoseconds: who goes first
}

// entryOverheadBytes is what a row costs beside its key and value, roughly; it
// counts against a bound, so that tiny entries are bounded too.
const entryOverheadBytes = 64

// EntryTotals is what the stored tier of the cache holds.
type EntryTotals struct {
	Entries   int64 // that have not expired
	Bytes     int64 // of their keys and values
	Evictions int64 // dropped for room, ever
}

// weight is what counts against a bound.
func (t EntryTotals) weight() int64 { return t.Bytes + t.Entries*entryOverheadBytes }

// ReadEntry returns a key's entry; found is false if there is none.
func (w *Workspace) ReadEntry(ctx context.Context, key string) (e StoredEntry, found bool, err error) {
	n := w.log.find(key)
	if n < 0 {
		return e, false, nil
	}
	e.Key = key
	err = w.db.ReadEach(ctx, func(c *sqlite.Conn) error {
		err := sqlite.ErrNoRows
		if n > 0 {
			// Not there any more if it was settled in between, and then below.
			err = readLogged(c, n, &e)
		}
		if errors.Is(err, sqlite.ErrNoRows) {
			err = c.QueryRow(`SELECT value, stored_at, expires_at, used FROM entries WHERE key = ?`, []any{key},
				&e.Value, &e.StoredAt, &e.ExpiresAt, &e.Used)
		}
		if errors.Is(err, sqlite.ErrNoRows) {
			return nil
		}
		found = err == nil
		return err
	})
	return e, found, err
}

// EntryTotals counts the entries that are alive at a time.
func (w *Workspace) EntryTotals(ctx context.Context, at time.Time) (t EntryTotals, err error) {
	err = w.WriteEntries(ctx, func(tx *EntryTx) error {
		if err := tx.Settle(); err != nil {
			return err
		}
		t, err = entryTotals(tx.c)
		if err != nil {
			return err
		}
		var dead, deadBytes int64
		err = tx.c.QueryRow(`SELECT count(*), coalesce(sum(size + octet_length(key)), 0) FROM entries WHERE expires_at <= ?`,
			[]any{at.UnixMilli()}, &dead, &deadBytes)
		t.Entries -= dead
		t.Bytes -= deadBytes
		return err
	})
	return t, err
}

// entryTotals counts all rows of entries, expired ones too.
func entryTotals(c *sqlite.Conn) (t EntryTotals, err error) {
	err = c.QueryRow(`SELECT entry_count, entry_bytes, entry_evictions FROM meta`, nil, &t.Entries, &t.Bytes, &t.Evictions)
	return t, err
}

// entryByKey returns the metadata of a settled entry.
func entryByKey(c *sqlite.Conn, key string) (*Entry, error) {
	e := &Entry{Key: key}
	var expiresAt time.Time
	err := c.QueryRow(`SELECT size, stored_at, expires_at FROM entries WHERE key = ?`, []any{key}, &e.Size, &e.StoredAt, &expiresAt)
	if err != nil {
		return nil, err
	}
	if !expiresAt.IsZero() {
		e.ExpiresAt = &expiresAt
	}
	return e, nil
}

// entryUsage adds what the cache holds, settled or not.
func entryUsage(c *sqlite.Conn, u *Usage) error {
	settled, err := entryTotals(c)
	if err != nil {
		return err
	}
	diff, err := logDifference(c)
	u.CacheEntries = settled.Entries + diff.Entries
	u.CacheBytes = settled.Bytes + diff.Bytes
	return err
}
