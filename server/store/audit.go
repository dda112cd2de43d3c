package store

import (
	"time"

	"ret/shared/sqlite"
)

// Action is what a line of the audit trail tells of.
type Action string

// The actions.
const (
	ActionSignIn         Action = "sign_in"
	ActionSignInFailed   Action = "sign_in_failed"
	ActionLockout        Action = "lockout"
	ActionSessionEnded   Action = "session_ended"
	ActionUserAdded      Action = "user_added"
	ActionUserRemoved    Action = "user_removed"
	ActionUserLocked     Action = "user_locked"
	ActionUserUnlocked   Action = "user_unlocked"
	ActionRoleChanged    Action = "role_changed"
	ActionPasswordSet    Action = "password_set"
	ActionResetLinkMade  Action = "reset_link_made"
	ActionResetLinkTaken Action = "reset_link_used"
	ActionUnknownErased  Action = "unknown_erased"
)

// Actor is who did something, as far as is known.
type Actor struct {
	UserID    string // "" if it was no user
	Name      string // a user's name, or what acted instead
	Address   string
	SessionID string
}

// Actors that are no users.
var (
	CommandLine = Actor{Name: "(command line)"}
	Server      = Actor{Name: "(server)"}
)

// AuditEntry is a line of the trail. It holds no secrets, and no text that a
// stranger typed.
type AuditEntry struct {
	ID      int64
	At      time.Time
	Action  Action
	Actor   Actor
	Subject string // the user or session it was done to
	Detail  string
}

// AppendAudit adds a line; its ID is given by the database.
func AppendAudit(c *sqlite.Conn, e AuditEntry) error {
	_, err := c.Exec(`INSERT INTO audit (at, action, actor_id, actor, address, session_id, subject, detail)
		VALUES (?, ?, nullif(?, ''), ?, ?, nullif(?, ''), ?, ?)`,
		e.At, string(e.Action), e.Actor.UserID, e.Actor.Name, e.Actor.Address, e.Actor.SessionID, e.Subject, e.Detail)
	return err
}

// AuditTrail returns up to limit lines, the newest first, from the one before
// the line with ID before; 0 starts at the newest. With who they are only those that
// a user of this name did or that were done to it.
func AuditTrail(c *sqlite.Conn, who string, before int64, limit int) ([]AuditEntry, error) {
	var list []AuditEntry
	for row, err := range c.Query(`SELECT id, at, action, actor_id, actor, address, session_id, subject, detail
		FROM audit WHERE (?1 = 0 OR id < ?1) AND (?3 = '' OR actor = ?3 COLLATE NOCASE OR subject = ?3 COLLATE NOCASE)
		ORDER BY id DESC LIMIT ?2`, before, limit, who) {
		if err != nil {
			return nil, err
		}
		list = append(list, AuditEntry{
			ID:      row.Int64(0),
			At:      row.Time(1),
			Action:  Action(row.Text(2)),
			Actor:   Actor{UserID: row.Text(3), Name: row.Text(4), Address: row.Text(5), SessionID: row.Text(6)},
			Subject: row.Text(7),
			Detail:  row.Text(8),
		})
	}
	return list, nil
}

// TrimAudit keeps the newest keep lines.
func TrimAudit(c *sqlite.Conn, keep int) error {
	_, err := c.Exec("DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - ?", keep)
	return err
}
