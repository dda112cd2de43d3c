package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ret/server/store"
	"ret/shared/sqlite"
)

// End ends a session and returns its receipt once nothing of it can be reached.
// Callers at the same time share one end and one receipt; after it there is
// ErrNoSession. A caller whose ctx ends first stops waiting, not the end.
func (r *Registry) End(ctx context.Context, id string, reason store.Reason, by store.Actor) (Receipt, error) {
	r.mu.Lock()
	l := r.byID[id]
	if l == nil {
		r.mu.Unlock()
		return Receipt{}, ErrNoSession
	}
	a := r.startEnd(l, reason, by)
	r.mu.Unlock()
	return a.wait(ctx)
}

// EndUser ends all of a user's sessions but the one with the ID except, and
// returns their receipts. Its error joins those of the sessions that are ended
// but could not be erased yet; they are tried again.
func (r *Registry) EndUser(ctx context.Context, userID, except string, reason store.Reason, by store.Actor) ([]Receipt, error) {
	receipts := []Receipt{}
	var failed error
	for _, a := range r.startEndUser(userID, except, reason, by) {
		receipt, err := a.wait(ctx)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		receipts = append(receipts, receipt)
	}
	return receipts, failed
}

func (r *Registry) startEndUser(userID, except string, reason store.Reason, by store.Actor) []*attempt {
	r.mu.Lock()
	defer r.mu.Unlock()
	var attempts []*attempt
	for _, l := range r.byToken {
		if l.user.ID == userID && l.id != except {
			attempts = append(attempts, r.startEnd(l, reason, by))
		}
	}
	return attempts
}

func (a *attempt) wait(ctx context.Context) (Receipt, error) {
	select {
	case <-a.done:
		return a.receipt, a.err
	case <-ctx.Done():
		return Receipt{}, ctx.Err()
	}
}

// startEnd makes l unreachable and begins to erase it, unless someone has.
// The registry's lock is held.
func (r *Registry) startEnd(l *live, reason store.Reason, by store.Actor) *attempt {
	if l.ending == nil {
		delete(r.byToken, l.token)
		r.ended.add(l.token, reason)
		l.end(reason, by)
	}
	if l.ending.attempt == nil {
		a := &attempt{done: make(chan struct{})}
		l.ending.attempt = a
		r.ends.Go(func() { r.finish(l, a) })
	}
	return l.ending.attempt
}

// end marks l as ending.
func (l *live) end(reason store.Reason, by store.Actor) {
	l.ending = &ending{reason: reason, by: by}
	close(l.ended)
}

// finish erases an ended session. It does not stop for whoever asked: what has
// begun to end ends.
func (r *Registry) finish(l *live, a *attempt) {
	select {
	case r.purges <- struct{}{}:
		a.receipt, a.err = r.erase(r.ctx, l)
		<-r.purges
	case <-r.ctx.Done():
		a.err = r.ctx.Err()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if a.err == nil {
		delete(r.byID, l.id)
	} else if l.ending.attempt = nil; !l.ending.failed {
		l.ending.failed = true
		r.cfg.Log.Error("a session that has ended is not erased yet; trying again", "session", l.id, "error", a.err)
	}
	close(a.done)
}

// erase goes the way of doc.go from the second step on. If the database cannot
// take the mark, the data is erased all the same: that frees the disk.
func (r *Registry) erase(ctx context.Context, l *live) (Receipt, error) {
	markErr := r.db.Write(ctx, func(c *sqlite.Conn) error {
		// What the user did last is not forgotten with the session.
		if err := store.UseSession(c, l.id, l.lastUsed); err != nil {
			return err
		}
		_, err := store.EndSession(c, l.id, l.ending.reason)
		return err
	})
	receipt, err := r.cfg.Purger.Purge(ctx, l.view(r.cfg), l.ending.reason)
	if err != nil {
		return Receipt{}, errors.Join(fmt.Errorf("purge session: %w", err), markErr)
	}
	receipt.SessionID, receipt.At = l.id, r.cfg.Now().UTC().Truncate(time.Millisecond)
	if err := r.forget(ctx, l, &receipt); err != nil {
		return Receipt{}, fmt.Errorf("forget session: %w", err)
	}
	return receipt, nil
}

// forget removes the row, signs the receipt and leaves what it says in the trail.
func (r *Registry) forget(ctx context.Context, l *live, receipt *Receipt) error {
	return r.db.Write(ctx, func(c *sqlite.Conn) error {
		if was, err := store.DeleteSession(c, l.id); err != nil || !was {
			return err
		}
		if err := r.cfg.Sign(c, receipt); err != nil {
			return err
		}
		return store.AppendAudit(c, store.AuditEntry{
			At: receipt.At, Action: store.ActionSessionEnded,
			Actor:   l.ending.by,
			Subject: l.user.Name,
			Detail:  string(l.ending.reason) + ": " + erased(receipt),
		})
	})
}

// erased is what a receipt says, for the trail.
func erased(r *Receipt) string {
	if r.Unknown {
		return "erased what could not be counted"
	}
	return fmt.Sprintf("erased %d files of %d bytes, %d tables, %d jobs, %d cache entries",
		r.Files, r.Bytes, r.Tables, r.Jobs, r.CacheEntries)
}
