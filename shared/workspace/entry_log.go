package workspace

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"

	"ret/shared/sqlite"
)

// The log is settled when it reaches one of these, and before whatever needs
// entries to be whole.
const (
	maxLogRows  = 16 << 10
	maxLogBytes = 16 << 20
)

// entryLog knows in memory what lies in entry_log, which has no index: a random
// key would otherwise cost a random page of every index at each commit.
type entryLog struct {
	mu     sync.RWMutex
	newest map[string]int64 // row of a key's newest set, negative for a deletion
	known  int64            // newest covers the rows up to this one

	// The others are used on the writer only. After a write was undone they may
	// be off, which only moves the moment of the next settling.
	lastRow int64 // rows are never numbered twice
	rows    int
	bytes   int64 // of the rows
	total   int64 // what entries weighs without the log
}

// find returns a key's newest row: negative for a deletion, 0 if it has none.
func (l *entryLog) find(key string) int64 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.newest[key]
}

func (l *entryLog) added(key string, row int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.newest == nil {
		l.newest = make(map[string]int64)
	}
	l.newest[key] = row
	l.known = max(l.known, row, -row)
}

// newestRows returns the newest row of every key, as JSON in the order of rows.
// Those that are not committed yet are looked up; finding all of them in the
// table would mean sorting it.
func (l *entryLog) newestRows(c *sqlite.Conn) (string, error) {
	newest, known := l.committed()
	for r, err := range c.Query(`SELECT n, key FROM entry_log WHERE n > ? ORDER BY n`, known) {
		if err != nil {
			return "", err
		}
		newest[r.Text(1)] = r.Int64(0)
	}
	list, err := json.Marshal(slices.Sorted(maps.Values(newest)))
	return string(list), err
}

// committed returns the newest committed row of every key, and up to which row
// that is known.
func (l *entryLog) committed() (newest map[string]int64, known int64) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	newest = make(map[string]int64, len(l.newest))
	for key, row := range l.newest {
		newest[key] = max(row, -row)
	}
	return newest, l.known
}

// settled forgets rows up to last.
func (l *entryLog) settled(last int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key, row := range l.newest {
		if max(row, -row) <= last {
			delete(l.newest, key)
		}
	}
}

func (l *entryLog) full() bool { return l.rows >= maxLogRows || l.bytes >= maxLogBytes }

// append adds a row to the log; a nil value deletes the key.
func (l *entryLog) append(c *sqlite.Conn, e StoredEntry) error {
	l.lastRow++
	row := l.lastRow
	_, err := c.Exec(`INSERT INTO entry_log (n, key, size, stored_at, expires_at, used, value) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		row, e.Key, len(e.Value), e.StoredAt, e.ExpiresAt, e.Used, blob(e.Value))
	if err != nil {
		return fmt.Errorf("log entry: %w", err)
	}
	l.rows++
	l.bytes += int64(len(e.Key) + len(e.Value) + entryOverheadBytes)
	if e.Value == nil {
		row = -row
	}
	c.AfterCommit(func() { l.added(e.Key, row) })
	return nil
}

// blob is value as an argument: a nil slice would be bound as an empty blob.
func blob(value []byte) any {
	if value == nil {
		return nil
	}
	return value
}

// settleEntries moves the log into entries, gives every change its seq, and has
// the listener told. Each step is one statement however long the log is.
func (w *Workspace) settleEntries(c *sqlite.Conn) error {
	var first, last int64
	if err := c.QueryRow(`SELECT coalesce(min(n), 0), coalesce(max(n), 0) FROM entry_log`, nil, &first, &last); err != nil || last == 0 {
		return err
	}
	newest, err := w.log.newestRows(c)
	if err != nil {
		return fmt.Errorf("settle entries: %w", err)
	}
	diff, err := logDifference(c, newestListed, newest)
	if err != nil {
		return err
	}
	seq, err := w.countEntries(c, last-first+1, diff)
	if err != nil {
		return err
	}
	if err := moveLog(c, newest, seq-last); err != nil {
		return fmt.Errorf("settle entries: %w", err)
	}
	w.log.rows, w.log.bytes = 0, 0
	c.AfterCommit(func() { w.log.settled(last) })
	return nil
}

// countEntries adds diff to the totals and hands out that many seqs, of which it
// returns the last.
func (w *Workspace) countEntries(c *sqlite.Conn, seqs int64, diff EntryTotals) (seq int64, err error) {
	var total EntryTotals
	err = c.QueryRow(`UPDATE meta SET seq = seq + ?, entry_count = entry_count + ?, entry_bytes = entry_bytes + ?
		RETURNING seq, entry_count, entry_bytes`, []any{seqs, diff.Entries, diff.Bytes}, &seq, &total.Entries, &total.Bytes)
	if err != nil {
		return 0, fmt.Errorf("count entries: %w", err)
	}
	w.log.total = total.weight()
	c.AfterCommit(func() { w.listener.Changed(seq) })
	if (seq-seqs)/1024 != seq/1024 {
		err = forgetDeletions(c)
	}
	return seq, err
}

// openEntries settles what an earlier process left in the log.
func (w *Workspace) openEntries(c *sqlite.Conn) error {
	if err := w.settleEntries(c); err != nil {
		return err
	}
	total, err := entryTotals(c)
	w.log.total = total.weight()
	return err
}

// What the newest rows of the log are read from, as l: listed by number, which
// costs what it visits, or found by sorting the log.
const (
	newestListed = `json_each(?1) AS j CROSS JOIN entry_log AS l ON l.n = j.value`
	newestSorted = `(SELECT *, max(n) FROM entry_log GROUP BY key) AS l`
)

// logDifference is what settling the newest rows would add to the totals.
func logDifference(c *sqlite.Conn, newest string, args ...any) (diff EntryTotals, err error) {
	err = c.QueryRow(`SELECT
			coalesce(sum(l.value IS NOT NULL), 0) - count(e.n),
			coalesce(sum(iif(l.value IS NULL, 0, l.size + octet_length(l.key))), 0) - coalesce(sum(e.size + octet_length(e.key)), 0)
		FROM `+newest+` LEFT JOIN entries AS e ON e.key = l.key`, args, &diff.Entries, &diff.Bytes)
	return diff, err
}

// moveLog applies the newest rows of the log to entries and changes, and empties
// it. Row n becomes change n + shift.
func moveLog(c *sqlite.Conn, newest string, shift int64) error {
	steps := []struct {
		sql  string
		args []any
	}{
		{`DELETE FROM entries WHERE key IN (SELECT l.key FROM ` + newestListed + ` WHERE l.value IS NULL)`, []any{newest}},
		{`INSERT INTO entries (key, size, stored_at, expires_at, used, value)
			SELECT l.key, l.size, l.stored_at, l.expires_at, l.used, l.value FROM ` + newestListed + ` WHERE l.value IS NOT NULL
			ON CONFLICT (key) DO UPDATE SET size = excluded.size, stored_at = excluded.stored_at,
				expires_at = excluded.expires_at, used = excluded.used, value = excluded.value`, []any{newest}},
		{`INSERT INTO changes (entity, id, seq, op)
			SELECT 'entry', l.key, l.n + ?2, iif(l.value IS NULL, 'del', 'put') FROM ` + newestListed + ` WHERE true
			ON CONFLICT (entity, id) DO UPDATE SET seq = excluded.seq, op = excluded.op`, []any{newest, shift}},
		{`DELETE FROM entry_log`, nil},
	}
	for _, step := range steps {
		if _, err := c.Exec(step.sql, step.args...); err != nil {
			return err
		}
	}
	return nil
}
