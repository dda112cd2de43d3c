package workspace

import (
	"context"
	"fmt"

	"ret/shared/sqlite"
)

// KindQuery is the kind of the job that stands for a table that was made of others by a
// statement. It has ended when it appears, and is never run.
const KindQuery = "query"

// SaveTable adds a table that no document was converted to, with a finished job that
// stands for how it was made. Its blob is complete. ID and CreatedAt are set.
func (w *Workspace) SaveTable(ctx context.Context, t *Table) error {
	return w.db.Write(ctx, func(c *sqlite.Conn) error {
		job, now := NewID(), w.now()
		_, err := c.Exec(`INSERT INTO jobs (id, kind, state, options, attempt, max_attempts, created_at, started_at, finished_at, rows, first_file)
			VALUES (?1, ?2, 'succeeded', '{}', 1, 1, ?3, ?3, ?3, ?4, ?5)`, job, KindQuery, now, t.Rows, t.Name)
		if err != nil {
			return fmt.Errorf("insert job: %w", err)
		}
		if err := w.record(c, EntityJob, job, Put); err != nil {
			return err
		}
		return w.insertTable(c, job, t)
	})
}
