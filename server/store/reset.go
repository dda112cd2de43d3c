package store

import (
	"errors"
	"time"

	"ret/shared/fault"
	"ret/shared/sqlite"
)

// ErrNoReset is fault.NotFound.
var ErrNoReset = fault.New(fault.NotFound, "This link was used already or is too old. Ask for a new one.")

// InsertReset stores a one-time link of a user and forgets the user's others.
func InsertReset(c *sqlite.Conn, tokenHash []byte, userID string, expires time.Time) error {
	if _, err := c.Exec("DELETE FROM password_reset WHERE user_id = ?", userID); err != nil {
		return err
	}
	_, err := c.Exec("INSERT INTO password_reset (token_hash, user_id, expires_at) VALUES (?, ?, ?)", tokenHash, userID, expires)
	return err
}

// TakeReset returns whose link this is and removes it, or ErrNoReset.
func TakeReset(c *sqlite.Conn, tokenHash []byte, now time.Time) (userID string, err error) {
	err = c.QueryRow("DELETE FROM password_reset WHERE token_hash = ? AND expires_at > ? RETURNING user_id",
		[]any{tokenHash, now}, &userID)
	if errors.Is(err, sqlite.ErrNoRows) {
		return "", ErrNoReset
	}
	return userID, err
}

// ResetEnds says until when links can be used, by user, of those that still can be.
func ResetEnds(c *sqlite.Conn, now time.Time) (map[string]time.Time, error) {
	ends := make(map[string]time.Time)
	for row, err := range c.Query("SELECT user_id, expires_at FROM password_reset WHERE expires_at > ?", now) {
		if err != nil {
			return nil, err
		}
		ends[row.Text(0)] = row.Time(1)
	}
	return ends, nil
}

// DeleteResets forgets the links that ended before a time.
func DeleteResets(c *sqlite.Conn, before time.Time) error {
	_, err := c.Exec("DELETE FROM password_reset WHERE expires_at < ?", before)
	return err
}
