package store

import (
	"time"

	"ret/shared/sqlite"
)

// Reason says why a session ended.
type Reason string

// The reasons, as the live channel's purge frame spells them.
const (
	ReasonLogout  Reason = "logout"  // by the person, in this browser or another
	ReasonExpired Reason = "expired" // idle or old
	ReasonRevoked Reason = "revoked" // by an admin, or with its account

	// ReasonUpgraded: an earlier version of RET had stored it in clear. Nobody is
	// connected then, so the live channel never says it; the database has it as
	// revoked, which is what a start says that takes up such an end.
	ReasonUpgraded Reason = "upgraded"
)

// Session is one sign-in as stored.
type Session struct {
	ID         string
	TokenHash  []byte
	HereHash   []byte
	UserID     string // "" if the user is gone
	CreatedAt  time.Time
	LastUsedAt time.Time // coarse
	Offline    bool      // a client with a replica has joined
	Working    bool      // has unfinished jobs
	Address    string
	Device     string
	EndReason  Reason // "" while it lives
}

const sessionColumns = `id, token_hash, here_hash, user_id, created_at, last_used_at,
	offline, working, address, device, end_reason`

// InsertSession adds a live session.
func InsertSession(c *sqlite.Conn, s Session) error {
	_, err := c.Exec(`INSERT INTO session (id, token_hash, here_hash, user_id, created_at, last_used_at, address, device)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		s.ID, s.TokenHash, s.HereHash, s.UserID, s.CreatedAt, s.LastUsedAt, s.Address, s.Device)
	return err
}

// Sessions returns all sessions, those that are ending among them.
func Sessions(c *sqlite.Conn) ([]Session, error) {
	return sessions(c, "SELECT "+sessionColumns+" FROM session")
}

// EndingSessions returns the sessions that have ended but are not erased yet.
func EndingSessions(c *sqlite.Conn) ([]Session, error) {
	return sessions(c, "SELECT "+sessionColumns+" FROM session WHERE end_reason IS NOT NULL")
}

// UseSession notes a session's last use. One that is ending or gone stays so.
func UseSession(c *sqlite.Conn, id string, at time.Time) error {
	_, err := c.Exec("UPDATE session SET last_used_at = ? WHERE id = ? AND end_reason IS NULL AND last_used_at < ?", at, id, at)
	return err
}

// SetOffline notes that a client with a replica has joined a session.
func SetOffline(c *sqlite.Conn, id string) error {
	_, err := c.Exec("UPDATE session SET offline = 1 WHERE id = ? AND end_reason IS NULL", id)
	return err
}

// SetWorking notes whether a session has unfinished jobs.
func SetWorking(c *sqlite.Conn, id string, working bool) error {
	_, err := c.Exec("UPDATE session SET working = ? WHERE id = ? AND end_reason IS NULL", working, id)
	return err
}

// EndSession marks a session as ending. It reports whether it was alive.
func EndSession(c *sqlite.Conn, id string, reason Reason) (bool, error) {
	if reason == ReasonUpgraded {
		reason = ReasonRevoked
	}
	n, err := c.Exec("UPDATE session SET end_reason = ? WHERE id = ? AND end_reason IS NULL", string(reason), id)
	// The trigger's change of revision counts too, so n is more than one.
	return n > 0, err
}

// EndSessionsOf marks all of a user's sessions but except as ending.
func EndSessionsOf(c *sqlite.Conn, userID, except string, reason Reason) error {
	_, err := c.Exec("UPDATE session SET end_reason = ? WHERE user_id = ? AND id <> ? AND end_reason IS NULL",
		string(reason), userID, except)
	return err
}

// DeleteSession removes the row of a session of which nothing is left. Of
// several callers one is told true.
func DeleteSession(c *sqlite.Conn, id string) (bool, error) {
	n, err := c.Exec("DELETE FROM session WHERE id = ?", id)
	return n > 0, err
}

func sessions(c *sqlite.Conn, sql string) ([]Session, error) {
	var list []Session
	for row, err := range c.Query(sql) {
		if err != nil {
			return nil, err
		}
		list = append(list, Session{
			ID:         row.Text(0),
			TokenHash:  row.Blob(1, nil),
			HereHash:   row.Blob(2, nil),
			UserID:     row.Text(3),
			CreatedAt:  row.Time(4),
			LastUsedAt: row.Time(5),
			Offline:    row.Int64(6) == 1,
			Working:    row.Int64(7) == 1,
			Address:    row.Text(8),
			Device:     row.Text(9),
			EndReason:  Reason(row.Text(10)),
		})
	}
	return list, nil
}
