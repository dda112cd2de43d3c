package workspace

import (
	"context"
	"time"

	"ret/shared/entries"
	"ret/shared/sqlite"
)

// Usage is what a workspace holds.
type Usage struct {
	Files        int64 // uploads
	Bytes        int64 // of uploads
	TableBytes   int64
	Tables       int64
	Jobs         int64
	Unfinished   int64 // jobs that are queued or running
	CacheEntries int64
	CacheBytes   int64
}

// Held is what the person has that counts against the session's limit: the bytes
// of uploads and tables.
func (u Usage) Held() int64 { return u.Bytes + u.TableBytes }

// Usage says what the workspace holds. Files, tables and jobs are counted in the
// transactions that change them (the triggers of 0008_counters.sql), so asking
// costs the same however many there are.
func (w *Workspace) Usage(ctx context.Context) (u Usage, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		if u, err = counters(c); err != nil {
			return err
		}
		cached, err := entries.Held(c)
		u.CacheEntries, u.CacheBytes = cached.Entries, cached.Bytes
		return err
	})
	return u, err
}

// HeldBytes is what counts against the session's limit: Usage.Held, and what the
// answers to its clients' mutations take.
func (w *Workspace) HeldBytes(ctx context.Context) (n int64, err error) {
	err = w.db.ReadEach(ctx, func(c *sqlite.Conn) error {
		n, err = heldBytes(c)
		return err
	})
	return n, err
}

const countersSQL = `SELECT file_count, file_bytes, table_count, table_bytes, job_count, unfinished_count FROM meta`

// counters reads what is counted of files, tables and jobs.
func counters(c *sqlite.Conn) (u Usage, err error) {
	err = c.QueryRow(countersSQL, nil,
		&u.Files, &u.Bytes, &u.Tables, &u.TableBytes, &u.Jobs, &u.Unfinished)
	return u, err
}

// Blobs returns the names of all blobs that the workspace's rows know.
func (w *Workspace) Blobs(ctx context.Context) (map[string]bool, error) {
	known := make(map[string]bool)
	err := w.db.Read(ctx, func(c *sqlite.Conn) error {
		for row, err := range c.Query(`SELECT blob FROM files UNION ALL SELECT blob FROM tables`) {
			if err != nil {
				return err
			}
			known[row.Text(0)] = true
		}
		return nil
	})
	return known, err
}

const heldSQL = `SELECT file_bytes + table_bytes + answer_bytes, answer_bytes FROM meta`

func heldBytes(c *sqlite.Conn) (int64, error) {
	held, _, err := heldAndAnswers(c)
	return held, err
}

// heldAndAnswers is what is held, and how much of it are answers.
func heldAndAnswers(c *sqlite.Conn) (held, answers int64, err error) {
	err = c.QueryRow(heldSQL, nil, &held, &answers)
	return held, answers, err
}

// Now is the clock as the database keeps it, so that what is returned equals
// what is read later.
func (w *Workspace) Now() time.Time { return w.now().UTC().Truncate(time.Millisecond) }
