package session

import (
	"context"
	"time"

	"ret/server/store"
	"ret/shared/fault"
	"ret/shared/sqlite"
)

const (
	lookEvery  = 250 * time.Millisecond // for what other processes did
	sweepEvery = time.Second
	storeEvery = 30 * time.Second // last uses
)

// Start takes up what a crash left half ended, and from then on ends sessions
// whose time is over or that another process has ended.
func (r *Registry) Start() {
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	r.sweep()
	r.loop.Go(func() { r.run(ctx) })
}

// Close stops, waits for the purges under way and stores the last uses. When ctx
// ends it cuts the purges off; the next start takes them up. Nothing may be
// resolved or ended after it.
func (r *Registry) Close(ctx context.Context) error {
	r.stop()
	r.loop.Wait()
	defer context.AfterFunc(ctx, r.abort)()
	r.ends.Wait()
	return r.storeUses(context.WithoutCancel(ctx))
}

func (r *Registry) run(ctx context.Context) {
	look, sweep, uses := time.NewTicker(lookEvery), time.NewTicker(sweepEvery), time.NewTicker(storeEvery)
	defer look.Stop()
	defer sweep.Stop()
	defer uses.Stop()
	var complaint once
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-look.C:
			err = r.Refresh(ctx)
		case <-sweep.C:
			r.sweep()
			continue
		case <-uses.C:
			err = r.storeUses(ctx)
		}
		if complaint.changed(err) && ctx.Err() == nil {
			r.cfg.Log.Error("the database of sessions does not answer", "error", err)
		}
	}
}

// once says an error the first time only, until things work again.
type once struct{ failing bool }

func (o *once) changed(err error) bool {
	was := o.failing
	o.failing = err != nil
	return o.failing && !was
}

// sweep ends every session whose time is over, and tries again those that could
// not be erased.
func (r *Registry) sweep() {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.cfg.Now()
	for _, l := range r.byID {
		if l.ending != nil {
			r.startEnd(l, l.ending.reason, l.ending.by)
			continue
		}
		if r.noteInUse(l, now); r.expired(l, now) {
			r.startEnd(l, store.ReasonExpired, store.Server)
		}
	}
}

// storeUses writes the last uses that the database does not know yet.
func (r *Registry) storeUses(ctx context.Context) error {
	used := map[string]time.Time{}
	r.mu.RLock()
	for _, l := range r.byToken {
		if l.lastUsed.After(l.stored) {
			used[l.id] = l.lastUsed
		}
	}
	r.mu.RUnlock()
	if len(used) == 0 {
		return nil
	}
	err := r.db.Write(ctx, func(c *sqlite.Conn) error {
		for id, at := range used {
			if err := store.UseSession(c, id, at); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, at := range used {
		if l := r.byID[id]; l != nil {
			l.stored = at
		}
	}
	return nil
}

// Refresh acts at once on what the database says of sessions and roles. When it
// returns, those that are ending cannot be used any more; they are being erased.
func (r *Registry) Refresh(ctx context.Context) error {
	r.looking.Lock()
	defer r.looking.Unlock()
	var n news
	err := r.db.Read(ctx, func(c *sqlite.Conn) error {
		revision, err := store.Revision(c)
		if err != nil || revision == r.revision {
			return err
		}
		n, err = r.readNews(c)
		n.revision = revision
		return err
	})
	if err != nil || n.revision == 0 {
		return err
	}
	r.revision = n.revision
	r.take(n)
	return nil
}

// news is what other transactions did that the registry's memory must follow.
type news struct {
	revision int64
	users    map[string]store.User
	ending   []store.Session
}

func (r *Registry) readNews(c *sqlite.Conn) (n news, err error) {
	if n.ending, err = store.EndingSessions(c); err != nil {
		return n, err
	}
	n.users = map[string]store.User{}
	for _, s := range r.List("") {
		if _, seen := n.users[s.User.ID]; seen {
			continue
		}
		user, err := store.UserByID(c, s.User.ID)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return n, err
		}
		n.users[s.User.ID] = user
	}
	return n, nil
}

func (r *Registry) take(n news) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range n.ending {
		if l := r.byID[s.ID]; l != nil && l.ending == nil {
			r.startEnd(l, s.EndReason, store.Server)
		}
	}
	for _, l := range r.byToken {
		if user := n.users[l.user.ID]; user.ID != "" {
			l.user = user
		}
	}
}
