package session

import (
	"time"

	"ret/server/receipt"
	"ret/server/store"
)

// Session is one sign-in as others see it. It is a copy: LastUsedAt and
// ExpiresAt are those of the moment it was asked for.
type Session struct {
	ID         string
	User       store.User
	CreatedAt  time.Time
	LastUsedAt time.Time
	ExpiresAt  time.Time     // unless it is used before
	EndsBy     time.Time     // whatever is done
	Idle       time.Duration // how long it lives unused
	Offline    bool          // a client with a replica has joined
	Address    string        // that signed in
	Device     string        // that signed in, for a person

	ended <-chan struct{}
}

// Ended is closed when the session ends: whoever works for it stops.
func (s Session) Ended() <-chan struct{} { return s.ended }

// Actor is the session's user in the audit trail.
func (s Session) Actor() store.Actor {
	return store.Actor{UserID: s.User.ID, Name: s.User.Name, Address: s.Address, SessionID: s.ID}
}

// Receipt says what was erased with a session.
type Receipt = receipt.Receipt

// live is a session in memory. The registry's lock guards all that changes.
type live struct {
	id        string
	token     hash
	here      hash
	createdAt time.Time
	address   string
	device    string

	user     store.User
	lastUsed time.Time
	stored   time.Time // the last use that the database knows
	offline  bool
	working  bool

	ended  chan struct{} // closed when it ends
	ending *ending       // nil while it lives
}

// ending is the end of a session, which all who ask for it share.
type ending struct {
	reason  store.Reason
	by      store.Actor
	attempt *attempt // nil while none is under way
	failed  bool     // an earlier one did
}

// attempt is one try at erasing a session.
type attempt struct {
	done    chan struct{} // closed when the rest is known
	receipt Receipt
	err     error
}

// idle is how long the session lives unused.
func (l *live) idle(cfg Config) time.Duration {
	if l.offline {
		return cfg.OfflineIdle
	}
	return cfg.Idle
}

// pullBack counts what lies ahead of now, since the clock was set back, as of now:
// nobody stays signed in longer for it. The registry's lock is held.
func (l *live) pullBack(now time.Time) {
	if l.createdAt.After(now) {
		l.createdAt = now
	}
	if l.lastUsed.After(now) {
		l.lastUsed = now
	}
}

// onClock is a time that was stored, at most now, as one that goes on by the
// machine's monotonic clock: a clock that is set ends nobody's session early.
func onClock(now, at time.Time) time.Time {
	return now.Add(min(0, at.Sub(now)))
}

func (l *live) expiresAt(cfg Config) time.Time {
	idle, age := l.lastUsed.Add(l.idle(cfg)), l.createdAt.Add(cfg.MaxAge)
	if idle.Before(age) {
		return idle
	}
	return age
}

func (l *live) view(cfg Config) Session {
	return Session{
		ID: l.id, User: l.user,
		CreatedAt: l.createdAt, LastUsedAt: l.lastUsed, ExpiresAt: l.expiresAt(cfg), EndsBy: l.createdAt.Add(cfg.MaxAge),
		Idle: l.idle(cfg), Offline: l.offline,
		Address: l.address, Device: l.device,
		ended: l.ended,
	}
}
