package entries

import (
	"errors"
	"fmt"

	"ret/shared/sqlite"
)

// settling holds a part of the log while it is moved: statements over it take
// each step for many entries at once.
const settling = `CREATE TEMP TABLE settling (
	n INTEGER PRIMARY KEY, key TEXT NOT NULL, size INTEGER NOT NULL, stored_at INTEGER NOT NULL,
	expires_at INTEGER, used INTEGER NOT NULL, value BLOB
) STRICT`

// maxSettlingBytes bounds such a part, and with it the memory it takes.
const maxSettlingBytes = 1 << 20

// Open makes the store that of a database, and settles what an earlier process left in
// its log.
func (s *Store) Open(db *sqlite.DB, c *sqlite.Conn) error {
	s.db = db
	if _, err := c.Exec(settling); err != nil {
		return err
	}
	if err := s.settle(c); err != nil {
		return err
	}
	total, err := settledTotals(c)
	s.log.total = total.weight()
	return err
}

// settle moves the log into entries, gives every change its seq, and has
// the listener told.
func (s *Store) settle(c *sqlite.Conn) error {
	if err := s.log.Flush(c); err != nil {
		return err
	}
	newest, err := newestLogged(c)
	if err != nil {
		return fmt.Errorf("settle entries: %w", err)
	}
	if newest.last == 0 {
		return nil
	}
	m := move{c: c, newest: newest}
	if err := c.QueryRow(`SELECT seq FROM meta`, nil, &m.shift); err != nil {
		return err
	}
	m.shift += 1 - newest.first // the first change is the next
	if err := m.run(); err != nil {
		return fmt.Errorf("settle entries: %w", err)
	}
	if _, err := s.count(c, newest.last-newest.first+1, m.diff); err != nil {
		return err
	}
	s.log.entries, s.log.bytes = 0, 0
	s.log.last = max(s.log.last, newest.last)
	c.AfterCommit(func() { s.log.settled(newest.last) })
	return nil
}

// newestSets are the newest sets of a log.
type newestSets struct {
	first, last int64            // numbers in the log, 0 if it is empty
	of          map[string]int64 // by key
}

func newestLogged(c *sqlite.Conn) (newestSets, error) {
	s := newestSets{of: make(map[string]int64)}
	err := logged(c, func(n int64, e batchEntry) error {
		if s.last == 0 {
			s.first = n
		}
		s.last = n
		s.of[string(e.key)] = n
		return nil
	})
	return s, err
}

// move brings a log's newest sets into entries and changes. Set n becomes change
// n + shift.
type move struct {
	c      *sqlite.Conn
	newest newestSets
	shift  int64
	diff   Totals // what it adds to the totals
	bytes  int64  // in settling
}

func (m *move) run() error {
	err := logged(m.c, func(n int64, e batchEntry) error {
		if m.newest.of[string(e.key)] != n {
			return nil
		}
		_, err := m.c.Exec(`INSERT INTO settling (n, key, size, stored_at, expires_at, used, value) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			n, string(e.key), len(e.value), e.storedAt, e.expiresAt, e.used, blob(e.value))
		m.bytes += int64(len(e.key) + len(e.value) + overheadBytes)
		if err == nil && m.bytes >= maxSettlingBytes {
			err = m.part()
		}
		return err
	})
	if err == nil {
		err = m.part()
	}
	if err != nil {
		return err
	}
	_, err = m.c.Exec(`DELETE FROM entry_log`)
	return err
}

// blob is value as an argument: a nil slice would be bound as an empty blob.
func blob(value []byte) any {
	if value == nil {
		return nil
	}
	return value
}

// part moves what is in settling.
func (m *move) part() error {
	var diff Totals
	err := m.c.QueryRow(`SELECT
			coalesce(sum(l.value IS NOT NULL), 0) - count(e.n),
			coalesce(sum(iif(l.value IS NULL, 0, l.size + octet_length(l.key))), 0) - coalesce(sum(e.size + octet_length(e.key)), 0)
		FROM settling AS l LEFT JOIN entries AS e ON e.key = l.key`, nil, &diff.Entries, &diff.Bytes)
	if err != nil {
		return err
	}
	m.diff.Entries += diff.Entries
	m.diff.Bytes += diff.Bytes
	_, err = m.c.Exec(`DELETE FROM entries WHERE key IN (SELECT key FROM settling WHERE value IS NULL)`)
	if err == nil {
		_, err = m.c.Exec(`INSERT INTO entries (key, size, stored_at, expires_at, used, value)
			SELECT key, size, stored_at, expires_at, used, value FROM settling WHERE value IS NOT NULL
			ON CONFLICT (key) DO UPDATE SET size = excluded.size, stored_at = excluded.stored_at,
				expires_at = excluded.expires_at, used = excluded.used, value = excluded.value`)
	}
	if err == nil {
		_, err = m.c.Exec(`INSERT INTO changes (entity, id, seq, op)
			SELECT 'entry', key, n + ?, iif(value IS NULL, 'del', 'put') FROM settling WHERE true
			ON CONFLICT (entity, id) DO UPDATE SET seq = excluded.seq, op = excluded.op`, m.shift)
	}
	if err == nil {
		_, err = m.c.Exec(`DELETE FROM settling`)
	}
	m.bytes = 0
	return err
}

// count adds diff to the totals and hands out that many seqs, of which it
// returns the last.
func (s *Store) count(c *sqlite.Conn, seqs int64, diff Totals) (seq int64, err error) {
	var total Totals
	err = c.QueryRow(`UPDATE meta SET seq = seq + ?, entry_count = entry_count + ?, entry_bytes = entry_bytes + ?
		RETURNING seq, entry_count, entry_bytes`, []any{seqs, diff.Entries, diff.Bytes}, &seq, &total.Entries, &total.Bytes)
	if err != nil {
		return 0, fmt.Errorf("count entries: %w", err)
	}
	s.log.total = total.weight()
	c.AfterCommit(func() { s.history.Changed(seq) })
	if (seq-seqs)/1024 != seq/1024 {
		err = s.history.Forget(c)
	}
	return seq, err
}

// logDifference is what settling the log would add to the totals.
func logDifference(c *sqlite.Conn) (diff Totals, err error) {
	newest, err := newestLogged(c)
	if err != nil {
		return diff, err
	}
	err = logged(c, func(n int64, e batchEntry) error {
		if newest.of[string(e.key)] != n {
			return nil
		}
		if e.value != nil {
			diff.Entries++
			diff.Bytes += int64(len(e.key) + len(e.value))
		}
		var size int64
		err := c.QueryRow(`SELECT size FROM entries WHERE key = ?`, []any{string(e.key)}, &size)
		if errors.Is(err, sqlite.ErrNoRows) {
			return nil
		}
		diff.Entries--
		diff.Bytes -= size + int64(len(e.key))
		return err
	})
	return diff, err
}
