package entries

import (
	"context"
	"fmt"
	"time"
)

// Weight is at least what the entries weigh: what replaces another one counts
// beside it until it is settled.
func (tx *Tx) Weight() int64 { return tx.s.log.total + tx.s.log.bytes }

// Evict drops the entries that were used the longest ago until the others weigh
// at most maxBytes, and returns the dropped keys.
func (tx *Tx) Evict(maxBytes int64) (keys []string, err error) {
	if err := tx.Settle(); err != nil {
		return nil, err
	}
	total, err := settledTotals(tx.c)
	if err != nil {
		return nil, err
	}
	over := total.weight() - maxBytes
	if over <= 0 {
		return nil, nil
	}
	var rows []row
	for r, err := range tx.c.Query(`SELECT n, key, size FROM entries ORDER BY used, n`) {
		if err != nil {
			return nil, err
		}
		key := r.Text(1)
		old := row{r.Int64(0), key, r.Int64(2) + int64(len(key))}
		rows = append(rows, old)
		keys = append(keys, key)
		if over -= old.bytes + overheadBytes; over <= 0 {
			break
		}
	}
	if err := tx.remove(rows); err != nil {
		return nil, fmt.Errorf("evict entries: %w", err)
	}
	_, err = tx.c.Exec(`UPDATE meta SET entry_evictions = entry_evictions + ?`, len(rows))
	return keys, err
}

// Sweep deletes at most limit entries that have expired and returns their keys.
func (tx *Tx) Sweep(at time.Time, limit int) (keys []string, err error) {
	if err := tx.Settle(); err != nil {
		return nil, err
	}
	var rows []row
	for r, err := range tx.c.Query(`SELECT n, key, size FROM entries WHERE expires_at <= ? ORDER BY expires_at LIMIT ?`,
		at.UnixMilli(), limit) {
		if err != nil {
			return nil, err
		}
		key := r.Text(1)
		rows = append(rows, row{r.Int64(0), key, r.Int64(2) + int64(len(key))})
		keys = append(keys, key)
	}
	if err := tx.remove(rows); err != nil {
		return nil, fmt.Errorf("sweep entries: %w", err)
	}
	return keys, nil
}

// Checkpoint has the database file become as small as Vacuum has made it.
func (s *Store) Checkpoint(ctx context.Context) error { return s.db.Checkpoint(ctx) }

// vacuumPages is how many free pages one call of Vacuum gives back, 1 MiB, and
// how many it leaves for what is written next.
const vacuumPages = 256

// Vacuum gives free pages back to the file system; done says that few are left.
func (tx *Tx) Vacuum() (done bool, err error) {
	var free int
	if err := tx.c.QueryRow(`PRAGMA freelist_count`, nil, &free); err != nil || free <= vacuumPages {
		return true, err
	}
	for _, err := range tx.c.Query(fmt.Sprintf("PRAGMA incremental_vacuum(%d)", vacuumPages)) {
		if err != nil {
			return false, err
		}
	}
	return false, nil
}
