package receipt

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"

	"ret/server/store"
	"ret/shared/sqlite"
)

// Signer gives receipts out. It may be used concurrently; who calls Add writes to the
// central database, one at a time.
type Signer struct{ key ed25519.PrivateKey }

// NewSigner signs with a key.
func NewSigner(key ed25519.PrivateKey) *Signer { return &Signer{key: key} }

// Add signs a receipt as the next one and keeps it in the central database's log, in
// the transaction of the caller.
func (s *Signer) Add(c *sqlite.Conn, r *Receipt) error {
	last, err := store.LastReceipt(c)
	if err != nil && !errors.Is(err, sqlite.ErrNoRows) {
		return fmt.Errorf("read last receipt: %w", err)
	}
	if r.Previous = ""; last != nil {
		r.Previous = hashOf(last)
	}
	if r.Uploads == nil {
		r.Uploads = []string{}
	}
	if err := store.AppendReceipt(c, r.sign(s.key)); err != nil {
		return fmt.Errorf("keep receipt: %w", err)
	}
	return nil
}

// Log calls each with all receipts, from the first on, in their canonical form.
func Log(ctx context.Context, db *sqlite.DB, each func(text []byte) error) error {
	return db.Read(ctx, func(c *sqlite.Conn) error { return store.EachReceipt(c, each) })
}
