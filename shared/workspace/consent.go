package workspace

import (
	"context"
	"errors"
	"time"

	"ret/shared/sqlite"
)

// Purpose is what an endpoint is asked for.
type Purpose string

// The purposes: answering questions, and finding by meaning.
const (
	PurposeChat  Purpose = "chat"
	PurposeEmbed Purpose = "embed"
)

// Consents reports when the session's person has said yes to an endpoint, by its name as
// they saw it: to another one they have not. Zero is never.
func (w *Workspace) Consents(ctx context.Context, purpose Purpose, endpoint string) (given time.Time, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		err := c.QueryRow(`SELECT given_at FROM consents WHERE purpose = ? AND endpoint = ?`, []any{string(purpose), endpoint}, &given)
		if errors.Is(err, sqlite.ErrNoRows) {
			return nil
		}
		return err
	})
	return given, err
}

// Consent notes that the session's person has said yes to an endpoint.
func (w *Workspace) Consent(ctx context.Context, purpose Purpose, endpoint string) error {
	return w.db.Write(ctx, func(c *sqlite.Conn) error {
		_, err := c.Exec(`INSERT INTO consents (purpose, endpoint, given_at) VALUES (?, ?, ?)
			ON CONFLICT (purpose) DO UPDATE SET endpoint = excluded.endpoint, given_at = excluded.given_at
			WHERE endpoint <> excluded.endpoint`, string(purpose), endpoint, w.Now())
		return err
	})
}

// Withdraw takes a yes back.
func (w *Workspace) Withdraw(ctx context.Context, purpose Purpose) error {
	return w.db.Write(ctx, func(c *sqlite.Conn) error {
		_, err := c.Exec(`DELETE FROM consents WHERE purpose = ?`, string(purpose))
		return err
	})
}
