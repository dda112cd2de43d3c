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
		if err := a.eraseFolder(id); err != nil {
			return err
		}
		a.log.Warn("the folder of a session that the database does not know is erased", "session", id)
		if err := a.noteUnknown(ctx, id); err != nil {
			return fmt.Errorf("note erased folder: %w", err)
		}
	}
	return nil
}

// eraseFolder removes a folder, and overwrites first what an earlier version of RET
// has stored in clear.
func (a *App) eraseFolder(id string) error {
	keyed, err := a.files.Keyed(id)
	if err != nil {
		return err
	}
	if !keyed {
		if err := a.files.Overwrite(id); err != nil {
			return err
		}
	}
	_, err = a.files.Remove(id)
	return err
}

// endUnkeyed ends the sessions that an earlier version of RET has stored in clear,
// and overwrites what they hold: it cannot be kept as it is, and nothing stored in
// clear would be erased by a key.
func (a *App) endUnkeyed(ctx context.Context) error {
	for _, s := range a.sessions.List("") {
		has, err := a.files.Has(s.ID)
		if err != nil {
			return err
		}
		keyed, err := a.files.Keyed(s.ID)
		if err != nil {
			return err
		}
		if !has || keyed {
			continue
		}
		if err := a.files.Overwrite(s.ID); err != nil {
			return err
		}
		if _, err := a.sessions.End(ctx, s.ID, store.ReasonUpgraded, store.Server); err != nil {
			return err
		}
		a.log.Warn("a session that was stored without encryption is ended and erased", "session", s.ID)
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
