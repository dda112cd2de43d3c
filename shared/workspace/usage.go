package workspace

import (
	"context"
	"time"

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

// Usage counts what the workspace holds.
func (w *Workspace) Usage(ctx context.Context) (u Usage, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		if err := c.QueryRow(`SELECT count(*), coalesce(sum(size), 0) FROM files`, nil, &u.Files, &u.Bytes); err != nil {
			return err
		}
		if err := c.QueryRow(`SELECT count(*), coalesce(sum(bytes), 0) FROM tables`, nil, &u.Tables, &u.TableBytes); err != nil {
			return err
		}
		if err := c.QueryRow(`SELECT count(*) FROM jobs`, nil, &u.Jobs); err != nil {
			return err
		}
		if err := c.QueryRow(`SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')`, nil, &u.Unfinished); err != nil {
			return err
		}
		return entryUsage(c, &u)
	})
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

// heldBytes is what counts against a session's limit.
func heldBytes(c *sqlite.Conn) (n int64, err error) {
	err = c.QueryRow(`SELECT (SELECT coalesce(sum(size), 0) FROM files) + (SELECT coalesce(sum(bytes), 0) FROM tables)`, nil, &n)
	return n, err
}

// now is the clock as the database keeps it, so that what is returned equals
// what is read later.
func now(w *Workspace) time.Time { return w.now().UTC().Truncate(time.Millisecond) }
