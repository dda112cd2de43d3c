package entries

import (
	"fmt"
	"sync"

	"ret/shared/sqlite"
)

const (
	// The log is settled when it reaches one of these, and before whatever needs
	// entries to be whole.
	maxLogEntries = 16 << 10
	maxLogBytes   = 16 << 20

	// maxBatchBytes is what a row of the log holds, if it holds more than one
	// entry: reading one of them reads the row.
	maxBatchBytes = 32 << 10
)

// setLog knows in memory what lies in entry_log, which has no index: a random
// key would otherwise cost a random page of every index at each commit. The sets
// of a commit are written together, so that each costs a copy and no statement.
type setLog struct {
	mu     sync.RWMutex
	newest map[string]int64 // number of a key's newest set, negative for a deletion

	// The others are used on the writer only. After a write was undone counts may
	// be off, which only moves the moment of the next settling.
	sets    []numbered // of this transaction
	flushed int        // how many of these have their number and are in the table
	batch   []byte     // kept for its room
	last    int64      // number given; none is given twice
	entries int        // since the last settling
	bytes   int64      // of these
	total   int64      // what entries weighs without the log
}

// numbered is a set with its number, once it has one.
type numbered struct {
	Stored
	n int64 // negative for a deletion
}

var _ sqlite.Pending = (*setLog)(nil)

// find returns the number of a key's newest set: negative for a deletion, 0 if it
// has none.
func (l *setLog) find(key string) int64 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.newest[key]
}

// settled forgets sets up to last.
func (l *setLog) settled(last int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key, n := range l.newest {
		if max(n, -n) <= last {
			delete(l.newest, key)
		}
	}
}

func (l *setLog) full() bool { return l.entries >= maxLogEntries || l.bytes >= maxLogBytes }

// add leaves an entry for the end of the commit; a nil value deletes the key.
func (l *setLog) add(e Stored) {
	l.sets = append(l.sets, numbered{Stored: e})
	l.entries++
	l.bytes += int64(len(e.Key) + len(e.Value) + overheadBytes)
}

// Begin implements sqlite.Pending, as do the methods below it.
func (l *setLog) Begin() { l.Truncate(0) }

func (l *setLog) Len() int { return len(l.sets) }

func (l *setLog) Truncate(n int) {
	clear(l.sets[n:])
	l.sets = l.sets[:n]
	l.flushed = min(l.flushed, n)
}

func (l *setLog) Flush(c *sqlite.Conn) error {
	for l.flushed < len(l.sets) {
		first := l.last + 1
		l.batch = l.batch[:0]
		for ; l.flushed < len(l.sets); l.flushed++ {
			s := &l.sets[l.flushed]
			if len(l.batch) > 0 && len(l.batch)+len(s.Key)+len(s.Value) > maxBatchBytes {
				break
			}
			l.batch = appendEntry(l.batch, s.Stored)
			l.number(s)
		}
		if _, err := c.Exec(`INSERT INTO entry_log (n, entries) VALUES (?, ?)`, first, l.batch); err != nil {
			return fmt.Errorf("log entries: %w", err)
		}
	}
	if cap(l.batch) > 2*maxBatchBytes {
		l.batch = nil
	}
	return nil
}

func (l *setLog) number(s *numbered) {
	l.last++
	s.n = l.last
	if s.Value == nil {
		s.n = -s.n
	}
}

func (l *setLog) Committed() {
	if len(l.sets) == 0 {
		return
	}
	defer l.Truncate(0) // values are not held longer than needed
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.newest == nil {
		l.newest = make(map[string]int64)
	}
	for _, s := range l.sets {
		l.newest[s.Key] = s.n
	}
}

// logged yields every set of the log with its number, in order. An entry is valid
// for its own iteration.
func logged(c *sqlite.Conn, yield func(n int64, e batchEntry) error) error {
	var batch []byte
	for row, err := range c.Query(`SELECT n, entries FROM entry_log ORDER BY n`) {
		if err != nil {
			return err
		}
		n := row.Int64(0)
		batch = row.Blob(1, batch[:0])
		for raw, err := range batchEntries(batch) {
			if err != nil {
				return err
			}
			e, err := raw.decode()
			if err == nil {
				err = yield(n, e)
			}
			if err != nil {
				return err
			}
			n++
		}
	}
	return nil
}

// readLogged reads the set of this number, if the log has it.
func readLogged(c *sqlite.Conn, n int64, e *Stored) error {
	var first int64
	var batch []byte
	err := c.QueryRow(`SELECT n, entries FROM entry_log WHERE n <= ? ORDER BY n DESC LIMIT 1`, []any{n}, &first, &batch)
	if err != nil {
		return err
	}
	for raw, err := range batchEntries(batch) {
		if err != nil {
			return err
		}
		if first < n {
			first++
			continue
		}
		found, err := raw.decode()
		if err != nil || found.value == nil || string(found.key) != e.Key {
			return errorOr(err, sqlite.ErrNoRows)
		}
		e.Value = append(make([]byte, 0, len(found.value)), found.value...) // a batch's worth must not be held
		e.StoredAt, e.ExpiresAt, e.Used = found.storedAt, found.expiresAt, found.used
		return nil
	}
	return sqlite.ErrNoRows
}

func errorOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}
