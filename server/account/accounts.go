package account

import (
	"context"
	"log/slog"
	"time"

	"ret/server/store"
	"ret/shared/sqlite"
)

// Config says how signing in is bounded.
type Config struct {
	MaxAttempts int           // failures of a name from an address until both are locked out
	Lockout     time.Duration // how long that lasts after the last failure
	SignIns     int           // per address and Window; 0 does not limit them
	Window      time.Duration

	// Secret keys what is stored of names that were tried, so that a copy of the
	// database tells nobody which they were; LoadSecret has one. All processes that
	// let people sign in over one database need the same.
	Secret []byte

	// Sessions hears at once that sessions have been ended; nil if this
	// process holds none.
	Sessions Sessions

	// Now is the clock; nil is the machine's.
	Now func() time.Time
}

// Sessions is the part of the session registry that account needs.
type Sessions interface {
	// Refresh acts on the sessions that the database says are ending, and
	// returns when nobody can use them any more.
	Refresh(ctx context.Context) error
}

// Accounts are the users of one central database.
type Accounts struct {
	db     *sqlite.DB
	cfg    Config
	hasher *hasher
	turns  turns
}

// New returns the accounts in db.
func New(db *sqlite.DB, cfg Config) *Accounts {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Accounts{db: db, cfg: cfg, hasher: newHasher(), turns: turns{keys: map[string]*turn{}}}
}

// ByID returns a user, or a fault.NotFound.
func (a *Accounts) ByID(ctx context.Context, id string) (u store.User, err error) {
	err = a.db.Read(ctx, func(c *sqlite.Conn) error {
		u, err = store.UserByID(c, id)
		return err
	})
	return u, err
}

// ByName returns a user, or a fault.NotFound.
func (a *Accounts) ByName(ctx context.Context, name string) (u store.User, err error) {
	err = a.db.Read(ctx, func(c *sqlite.Conn) error {
		u, err = store.UserByName(c, fold(name))
		return err
	})
	return u, err
}

// List returns up to limit users by name, from the one after the name after.
func (a *Accounts) List(ctx context.Context, after string, limit int) (users []store.User, err error) {
	err = a.db.Read(ctx, func(c *sqlite.Conn) error {
		users, err = store.Users(c, after, limit)
		return err
	})
	return users, err
}

// Trail returns up to limit lines of the audit trail, the newest first, from
// the one before the line with ID before; 0 starts at the newest. With who they are
// those of one user.
func (a *Accounts) Trail(ctx context.Context, who string, before int64, limit int) (lines []store.AuditEntry, err error) {
	err = a.db.Read(ctx, func(c *sqlite.Conn) error {
		lines, err = store.AuditTrail(c, who, before, limit)
		return err
	})
	return lines, err
}

// keptAuditLines bounds the trail: some 20 MB.
const keptAuditLines = 100_000

const sweepEvery = 10 * time.Minute

// Run sweeps now and then until ctx is done.
func (a *Accounts) Run(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := a.Sweep(ctx); err != nil && ctx.Err() == nil {
			log.Error("old sign-ins and audit lines not removed", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// Sweep forgets what no longer counts: old tries, links and lines of the trail.
func (a *Accounts) Sweep(ctx context.Context) error {
	now := a.cfg.Now()
	return a.db.Write(ctx, func(c *sqlite.Conn) error {
		if err := store.PullBack(c, now, now.Add(ResetLife)); err != nil {
			return err
		}
		if err := store.DeleteSignIns(c, now.Add(-a.cfg.Window)); err != nil {
			return err
		}
		if err := store.DeleteLockouts(c, now.Add(-a.cfg.Lockout)); err != nil {
			return err
		}
		if err := store.DeleteResets(c, now); err != nil {
			return err
		}
		return store.TrimAudit(c, keptAuditLines)
	})
}

// refresh tells the registry of this process, if there is one, that sessions
// have been ended. Those of another process find out by themselves.
func (a *Accounts) refresh(ctx context.Context) error {
	if a.cfg.Sessions == nil {
		return nil
	}
	return a.cfg.Sessions.Refresh(ctx)
}

// audit appends a line about a user to the trail.
func (a *Accounts) audit(c *sqlite.Conn, action store.Action, by store.Actor, subject, detail string) error {
	return store.AppendAudit(c, store.AuditEntry{At: a.cfg.Now(), Action: action, Actor: by, Subject: subject, Detail: detail})
}
