package replica

import (
	"context"
	"errors"

	"ret/shared/sqlite"
)

// SetViewer keeps, in a replica that is whole, what only the server could say of
// its pages. It is part of this history: another one begins without.
func (r *Replica) SetViewer(ctx context.Context, facts []byte) error {
	return r.Write(ctx, func(c *sqlite.Conn) error {
		_, err := c.Exec(`INSERT INTO viewer (one, facts) VALUES (1, ?) ON CONFLICT DO UPDATE SET facts = excluded.facts`, string(facts))
		return err
	})
}

// Viewer returns what SetViewer was given, or nil: then this replica was never
// whole.
func (r *Replica) Viewer(ctx context.Context) (facts []byte, err error) {
	err = r.Read(ctx, func(c *sqlite.Conn) error {
		var text string
		err := c.QueryRow(`SELECT facts FROM viewer`, nil, &text)
		if errors.Is(err, sqlite.ErrNoRows) {
			return nil
		}
		facts = []byte(text)
		return err
	})
	return facts, err
}
