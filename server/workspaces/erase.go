package workspaces

import (
	"context"
	"errors"
	"fmt"

	"ret/server/receipt"
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
	receipt, err := r.takeDown(ctx, s.ID, e.open, string(reason))
	if err != nil {
		// What cannot be counted or closed must go all the same.
		r.cfg.Log.Error("session not taken down cleanly", "session", s.ID, "err", err)
	}
	if receipt.KeyDestroyed, err = r.cfg.Files.Remove(s.ID); err != nil {
		return session.Receipt{}, fmt.Errorf("purge session: %w", err)
	}
	return receipt, nil
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

// takeDown counts what the session holds and closes it, so that nobody can go on with
// it. o is nil if it was not open.
func (r *Registry) takeDown(ctx context.Context, sessionID string, o *Open, reason string) (held session.Receipt, err error) {
	if o == nil {
		return r.countClosed(ctx, sessionID)
	}
	told := o.Room.Purge(reason)
	o.Folder.Revoke() // so that jobs end at their next byte
	o.Line.Close()
	held, err = count(ctx, sessionID, o.Workspace)
	told()
	o.Cache.Purge()
	err = errors.Join(err, o.discard())
	r.cfg.Hub.CloseRoom(o.Room)
	return held, err
}

// count says what a workspace holds; the receipt says so where it cannot.
func count(ctx context.Context, sessionID string, w *workspace.Workspace) (session.Receipt, error) {
	held, err := w.Usage(ctx)
	if err != nil {
		return session.Receipt{Unknown: true}, err
	}
	digests, err := w.Digests(ctx)
	if err != nil {
		return session.Receipt{Unknown: true}, err
	}
	r := session.Receipt{
		Files: held.Files, Bytes: held.Bytes, Tables: held.Tables, Jobs: held.Jobs, CacheEntries: held.CacheEntries,
	}
	for _, digest := range digests {
		r.Uploads = append(r.Uploads, receipt.Upload(sessionID, digest))
	}
	return r, nil
}

// countClosed counts what a session holds whose workspace is not open, without
// taking up its jobs.
func (r *Registry) countClosed(ctx context.Context, sessionID string) (held session.Receipt, err error) {
	has, err := r.cfg.Files.Has(sessionID)
	if err != nil || !has {
		return held, err
	}
	held = session.Receipt{Unknown: true}
	folder, err := r.cfg.Files.Open(sessionID)
	if err != nil {
		return held, err
	}
	defer func() { _ = folder.Close() }()
	if err := folder.CheckDatabase(); err != nil {
		return held, err
	}
	w, err := openWorkspace(folder, nil)
	if err != nil {
		return held, err
	}
	held, err = count(ctx, sessionID, w)
	return held, errors.Join(err, w.Discard())
}
