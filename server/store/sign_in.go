package store

import (
	"errors"
	"time"

	"ret/shared/sqlite"
)

// SignIns returns how many sign-ins an address was allowed since a time, and
// when the first of them was.
func SignIns(c *sqlite.Conn, address string, since time.Time) (n int, first time.Time, err error) {
	err = c.QueryRow("SELECT count(*), min(at) FROM sign_in WHERE address = ? AND at >= ?", []any{address, since}, &n, &first)
	return n, first, err
}

// InsertSignIn counts a sign-in for an address.
func InsertSignIn(c *sqlite.Conn, address string, at time.Time) error {
	_, err := c.Exec("INSERT INTO sign_in (address, at) VALUES (?, ?)", address, at)
	return err
}

// PullSignIns moves an address's sign-ins that lie ahead of now to now: the clock
// was set back since.
func PullSignIns(c *sqlite.Conn, address string, now time.Time) error {
	_, err := c.Exec("UPDATE sign_in SET at = ?1 WHERE address = ?2 AND at > ?1", now, address)
	return err
}

// PullBack moves all that lies ahead of what can be, since the clock was set back:
// tries to now, one-time links to the end of their life.
func PullBack(c *sqlite.Conn, now, linksEnd time.Time) error {
	if _, err := c.Exec("UPDATE sign_in SET at = ?1 WHERE at > ?1", now); err != nil {
		return err
	}
	if _, err := c.Exec("UPDATE lockout SET failed_at = ?1 WHERE failed_at > ?1", now); err != nil {
		return err
	}
	_, err := c.Exec("UPDATE password_reset SET expires_at = ?1 WHERE expires_at > ?1", linksEnd)
	return err
}

// DeleteSignIns forgets the sign-ins before a time.
func DeleteSignIns(c *sqlite.Conn, before time.Time) error {
	_, err := c.Exec("DELETE FROM sign_in WHERE at < ?", before)
	return err
}

// Lockout is the failed sign-ins of a name from an address.
type Lockout struct {
	Failures int
	FailedAt time.Time // the last
}

// LockoutOf returns the failures under a key; none is the zero Lockout.
func LockoutOf(c *sqlite.Conn, key []byte) (Lockout, error) {
	var l Lockout
	err := c.QueryRow("SELECT failures, failed_at FROM lockout WHERE key = ?", []any{key}, &l.Failures, &l.FailedAt)
	if errors.Is(err, sqlite.ErrNoRows) {
		return Lockout{}, nil
	}
	return l, err
}

// SetLockout stores the failures under a key.
func SetLockout(c *sqlite.Conn, key []byte, l Lockout) error {
	_, err := c.Exec("INSERT OR REPLACE INTO lockout (key, failures, failed_at) VALUES (?, ?, ?)", key, l.Failures, l.FailedAt)
	return err
}

// DeleteLockout forgets the failures under a key.
func DeleteLockout(c *sqlite.Conn, key []byte) error {
	_, err := c.Exec("DELETE FROM lockout WHERE key = ?", key)
	return err
}

// DeleteLockouts forgets the failures of which the last was before a time.
func DeleteLockouts(c *sqlite.Conn, before time.Time) error {
	_, err := c.Exec("DELETE FROM lockout WHERE failed_at < ?", before)
	return err
}
