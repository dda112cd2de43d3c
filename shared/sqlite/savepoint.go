package sqlite

import (
	"errors"
	"fmt"
)

// Try runs fn inside the current Write. If fn fails, its own changes and what it
// had for after the commit or left for its end are undone, and the Write may go
// on; fn's error is returned as it is.
func (c *Conn) Try(fn func() error) error {
	// What was left before must not be undone with what fn does.
	if err := c.pending.Flush(c); err != nil {
		return err
	}
	left := c.pending.Len()
	if _, err := c.Exec("SAVEPOINT try"); err != nil {
		return err
	}
	before := len(c.after)
	failed := fn()
	if failed == nil {
		_, err := c.Exec("RELEASE try")
		return err
	}
	c.after = c.after[:before]
	c.pending.Truncate(left)
	if c.raw.GetAutocommit() {
		return failed // SQLite gave up the whole transaction
	}
	if _, err := c.Exec("ROLLBACK TO try"); err != nil {
		return errors.Join(failed, fmt.Errorf("undo: %w", err))
	}
	if _, err := c.Exec("RELEASE try"); err != nil {
		return errors.Join(failed, fmt.Errorf("undo: %w", err))
	}
	return failed
}
