// Package entries is the stored tier of a session's cache: what it keeps on disk.
//
// A set is appended to a log, which costs one page of the database however many keys
// there are, and settled into its table together with many others. Settled entries
// have their place in the session's history.
//
// A Store lies in the session's database, which the workspace opens. It may be used by
// any number of goroutines; a Tx by the one that was given it.
package entries

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

// History is the session's history, which says what has changed.
type History struct {
	Changed func(seq int64)          // tells of a change once it is committed
	Forget  func(*sqlite.Conn) error // forgets old deletions
}

// Store is the entries of a session. New makes it, and Open what is in the database
// its own.
type Store struct {
	db      *sqlite.DB
	now     func() time.Time
	history History
	log     setLog
}

// New makes a store. Its Pending belongs into the configuration by which its database
// is opened.
func New(now func() time.Time, history History) *Store { return &Store{now: now, history: history} }

// Pending is what the store has still to write at the end of a transaction.
func (s *Store) Pending() sqlite.Pending { return &s.log }

// Stored is an entry as the cache reads and writes it. Expired ones are
// there until they are swept: whoever reads compares ExpiresAt with its clock.
type Stored struct {
	Key       string
	Value     []byte
	StoredAt  time.Time
	ExpiresAt time.Time // zero if it does not end
	Used      int64     // when last used, in Unix nanoseconds: who goes first
}

// overheadBytes is what a row costs beside its key and value, roughly; it
// counts against a bound, so that tiny entries are bounded too.
const overheadBytes = 64

// Totals is what the stored tier of the cache holds.
type Totals struct {
	Entries   int64 // that have not expired
	Bytes     int64 // of their keys and values
	Evictions int64 // dropped for room, ever
}

// weight is what counts against a bound.
func (t Totals) weight() int64 { return t.Bytes + t.Entries*overheadBytes }

// Read returns a key's entry; found is false if there is none.
func (s *Store) Read(ctx context.Context, key string) (e Stored, found bool, err error) {
	n := s.log.find(key)
	if n < 0 {
		return e, false, nil
	}
	e.Key = key
	err = s.db.ReadEach(ctx, func(c *sqlite.Conn) error {
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

// Totals counts the entries that are alive at a time.
func (s *Store) Totals(ctx context.Context, at time.Time) (t Totals, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		if err := tx.Settle(); err != nil {
			return err
		}
		t, err = settledTotals(tx.c)
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

// settledTotals counts all rows of entries, expired ones too.
func settledTotals(c *sqlite.Conn) (t Totals, err error) {
	err = c.QueryRow(`SELECT entry_count, entry_bytes, entry_evictions FROM meta`, nil, &t.Entries, &t.Bytes, &t.Evictions)
	return t, err
}

// ByKey returns the metadata of a settled entry.
func ByKey(c *sqlite.Conn, key string) (*Entry, error) {
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

// Held is what is there within a transaction, settled or not, expired ones too.
func Held(c *sqlite.Conn) (Totals, error) {
	t, err := settledTotals(c)
	if err != nil {
		return t, err
	}
	diff, err := logDifference(c)
	t.Entries += diff.Entries
	t.Bytes += diff.Bytes
	return t, err
}
