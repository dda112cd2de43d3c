package app

import (
	"context"
	"fmt"
	"time"

	"ret/server/store"
	"ret/shared/sqlite"
)

// sweepUnknown erases the folders of sessions that the central database does not
// know: nobody can reach or end those any more, and what they hold is readable on
// the disk. They stay behind when an older central database is restored.
func (a *App) sweepUnknown(ctx context.Context) error {
	ids, err := a.files.Sessions()
	if err != nil {
		return err
	}
	for _, id := range ids {
		if a.sessions.Known(id) {
			continue
		}
		if err := a.files.Remove(id); err != nil {
			return err
		}
		a.log.Warn("the folder of a session that the database does not know is erased", "session", id)
		if err := a.noteUnknown(ctx, id); err != nil {
			return fmt.Errorf("note erased folder: %w", err)
		}
	}
	return nil
}

func (a *App) noteUnknown(ctx context.Context, id string) error {
	return a.central.Write(ctx, func(c *sqlite.Conn) error {
		return store.AppendAudit(c, store.AuditEntry{
			At: time.Now(), Action: store.ActionUnknownErased, Actor: store.Server, Subject: id,
			Detail: "the folder of a session that the database does not know was erased at start",
		})
	})
}
