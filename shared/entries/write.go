package entries

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"ret/shared/sqlite"
)

// Tx writes entries inside one Write.
type Tx struct {
	s *Store
	c *sqlite.Conn
}

// Within is a Tx of a transaction that is under way, for one who changes other things
// in it too.
func (s *Store) Within(c *sqlite.Conn) *Tx { return &Tx{s, c} }

// Write runs fn in a transaction, which it may share with others, and
// returns once that is committed and on disk. An error undoes fn's own changes.
func (s *Store) Write(ctx context.Context, fn func(*Tx) error) error {
	return s.db.Write(ctx, func(c *sqlite.Conn) error {
		if err := fn(&Tx{s, c}); err != nil {
			return err
		}
		if s.log.full() {
			return s.settle(c)
		}
		return nil
	})
}

// Put makes or replaces an entry.
func (tx *Tx) Put(e Stored) error {
	if e.Value == nil {
		e.Value = []byte{}
	}
	tx.s.log.add(e)
	return nil
}

// Delete removes an entry if it is there.
func (tx *Tx) Delete(key string) error {
	tx.s.log.add(Stored{Key: key, StoredAt: tx.s.now()})
	return nil
}

// Settle brings everything into its final place, so that all of it is counted
// and clients hear of it.
func (tx *Tx) Settle() error { return tx.s.settle(tx.c) }

// AfterCommit has fn called once everything in this transaction is on disk; it
// must not wait for anything.
func (tx *Tx) AfterCommit(fn func()) { tx.c.AfterCommit(fn) }

// Touch says when a key was last used. An entry that was put later than that
// stays as it is.
func (tx *Tx) Touch(key string, used int64) error {
	_, err := tx.c.Exec(`UPDATE entries SET used = ?1 WHERE key = ?2 AND used < ?1`, used, key)
	return err
}

// row is a settled entry about to be removed.
type row struct {
	n     int64
	key   string
	bytes int64 // of key and value
}

// remove deletes rows of entries, with their changes and counts.
func (tx *Tx) remove(rows []row) error {
	if len(rows) == 0 {
		return nil
	}
	diff := Totals{Entries: -int64(len(rows))}
	for _, r := range rows {
		diff.Bytes -= r.bytes
	}
	seq, err := tx.s.count(tx.c, int64(len(rows)), diff)
	if err != nil {
		return err
	}
	// In the order in which they lie on disk, so that each page is visited once.
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.n, b.n) })
	for i, r := range rows {
		if _, err := tx.c.Exec(`DELETE FROM entries WHERE n = ?`, r.n); err != nil {
			return err
		}
		_, err := tx.c.Exec(`INSERT INTO changes (entity, id, seq, op) VALUES ('entry', ?, ?, 'del')
			ON CONFLICT (entity, id) DO UPDATE SET seq = excluded.seq, op = excluded.op`, r.key, seq-int64(len(rows)-1-i))
		if err != nil {
			return err
		}
	}
	return nil
}

// KeyRange is the keys from From on and below Below; an empty Below means no end.
type KeyRange struct{ From, Below string }

// Removed is what DeleteMatching took away.
type Removed struct {
	Keys []string // expired ones too
	Live int      // how many had not expired
	Next string   // where to go on; empty when the range is done
}

// DeleteMatching removes the entries of a range whose key matches; a nil match
// takes all. It visits at most limit of them.
func (tx *Tx) DeleteMatching(in KeyRange, match func(key string) bool, at time.Time, limit int) (Removed, error) {
	var out Removed
	if err := tx.Settle(); err != nil {
		return out, err
	}
	var rows []row
	visited := 0
	for r, err := range tx.c.Query(`SELECT n, key, size, expires_at FROM entries
			WHERE key >= ?1 AND (?2 = '' OR key < ?2) ORDER BY key LIMIT ?3`, in.From, in.Below, limit+1) {
		if err != nil {
			return out, err
		}
		key := r.Text(1)
		if visited++; visited > limit {
			out.Next = key
			break
		}
		if match != nil && !match(key) {
			continue
		}
		rows = append(rows, row{r.Int64(0), key, r.Int64(2) + int64(len(key))})
		out.Keys = append(out.Keys, key)
		if r.IsNull(3) || r.Int64(3) > at.UnixMilli() {
			out.Live++
		}
	}
	if err := tx.remove(rows); err != nil {
		return Removed{}, fmt.Errorf("delete entries: %w", err)
	}
	return out, nil
}
