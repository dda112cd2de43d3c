package workspaces

import (
	"context"
	"fmt"

	"ret/server/session"
	"ret/server/store"
	"ret/shared/workspace"
)

// Purge implements session.Purger: jobs stop, sockets are told why and closed,
// and the folder is out of reach when it returns; its bytes are unlinked soon
// after. The receipt says what the session held. Purging again, or a session
// without data, is no error.
func (r *Registry) Purge(ctx context.Context, s session.Session, reason store.Reason) (session.Receipt, error) {
	e, mine, err := r.beginErase(ctx, s.ID)
	if err != nil {
		return session.Receipt{}, err
	}
	if !mine {
		<-e.erased
		return session.Receipt{}, nil
	}
	defer r.endErase(s.ID, e)
	<-e.ready
	held, err := r.takeDown(ctx, s.ID, e.open, string(reason))
	if err != nil {
		// What cannot be counted or closed must go all the same.
		r.cfg.Log.Error("session not taken down cleanly", "session", s.ID, "err", err)
	}
	if err := r.cfg.Files.Remove(s.ID); err != nil {
		return session.Receipt{}, fmt.Errorf("purge session: %w", err)
	}
	return session.Receipt{
		Files: held.Files, Bytes: held.Bytes, Tables: held.Tables, Jobs: held.Jobs, CacheEntries: held.CacheEntries,
	}, nil
}

// beginErase marks the session's entry, or makes one that nobody can use. It
// reports false if another call is at it already. An entry that is being closed is
// waited for.
func (r *Registry) beginErase(ctx context.Context, sessionID string) (e *entry, mine bool, err error) {
	for {
		e, mine, closed := r.tryErase(sessionID)
		if closed == nil {
			return e, mine, nil
		}
		select {
		case <-closed:
		case <-ctx.Done():
			return nil, false, ctx.Err()
		}
	}
}

func (r *Registry) tryErase(sessionID string) (e *entry, mine bool, closed <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e = r.entries[sessionID]
	if e == nil {
		e = &entry{ready: make(chan struct{}), err: errEnded}
		close(e.ready)
		r.entries[sessionID] = e
	}
	if e.closed != nil {
		return nil, false, e.closed
	}
	if e.erased != nil {
		return e, false, nil
	}
	e.erased = make(chan struct{})
	return e, true, nil
}

func (r *Registry) endErase(sessionID string, e *entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.entries, sessionID)
	close(e.erased)
}

// takeDown counts what the session holds and closes it. o is nil if it was not
// open.
func (r *Registry) takeDown(ctx context.Context, sessionID string, o *Open, reason string) (held workspace.Usage, err error) {
	if o == nil {
		return r.countClosed(ctx, sessionID)
	}
	held, err = o.Usage(ctx)
	o.Room.Purge(reason)
	o.Cache.Purge()
	if closeErr := o.close(); err == nil {
		err = closeErr
	}
	r.cfg.Hub.CloseRoom(o.Room)
	return held, err
}

// countClosed reads what a session holds whose workspace is not open, without
// taking up its jobs.
func (r *Registry) countClosed(ctx context.Context, sessionID string) (held workspace.Usage, err error) {
	has, err := r.cfg.Files.Has(sessionID)
	if err != nil || !has {
		return held, err
	}
	folder, err := r.cfg.Files.Open(sessionID)
	if err != nil {
		return held, err
	}
	defer func() { _ = folder.Close() }()
	if err := folder.CheckDatabase(); err != nil {
		return held, err
	}
	ws, err := workspace.Open(folder.DatabasePath(), workspace.Options{})
	if err != nil {
		return held, err
	}
	held, err = ws.Usage(ctx)
	if closeErr := ws.Close(); err == nil {
		err = closeErr
	}
	return held, err
}
