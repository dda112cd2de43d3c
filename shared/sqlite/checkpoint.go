package sqlite

import (
	"context"
	"fmt"

	"github.com/ncruces/go-sqlite3"
)

// Checkpoint moves what is committed from the write-ahead log into the database
// file, as far as no reader is in the way; a file that has fewer pages shrinks
// with it. SQLite does so by itself after a thousand pages, so this is for those
// who have just made a file smaller. It does not wait for the writer.
func (db *DB) Checkpoint(ctx context.Context) error {
	if db.cfg.Exclusive {
		return nil // its only connection is always inside a transaction
	}
	return db.Read(ctx, func(c *Conn) error {
		// The reader's transaction begins with its first query, of which there
		// is none: a connection that reads can not checkpoint.
		if _, _, err := c.raw.WALCheckpoint("main", sqlite3.CHECKPOINT_PASSIVE); err != nil {
			return fmt.Errorf("checkpoint: %w", translate(err))
		}
		return nil
	})
}

// recover moves what an earlier run has left in the log of an encrypted database into
// its file. The log's last block holds the end of what was acknowledged, and is
// written anew with what follows, so a power cut could take both.
func (cfg Config) recover(c *Conn) error {
	if cfg.Key == nil {
		return nil
	}
	if _, _, err := c.raw.WALCheckpoint("main", sqlite3.CHECKPOINT_TRUNCATE); err != nil {
		return fmt.Errorf("checkpoint: %w", translate(err))
	}
	return nil
}
