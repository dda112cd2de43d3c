package session

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"ret/server/store"
	"ret/shared/fault"
	"ret/shared/sqlite"
)

// Config says how long sessions live and who erases them.
type Config struct {
	Idle        time.Duration
	OfflineIdle time.Duration // instead of Idle, once a client with a replica has joined
	MaxAge      time.Duration

	Purger Purger

	// Prepare makes what a session needs before it begins: its folder and its key.
	// undo takes it back where the session does not begin after all. Nil is nothing.
	Prepare func(sessionID string) (undo func(), err error)

	// Sign signs the receipt of a session that was erased and keeps it, in the
	// transaction that forgets the session. Nil leaves receipts unsigned.
	Sign func(c *sqlite.Conn, r *Receipt) error

	// InUse reports whether a session has an open live channel or a job at
	// work, which count as use. It is asked about every session once a second,
	// with a lock held: it must be quick and not call the registry. Nil is
	// never.
	InUse func(sessionID string) bool

	Now func() time.Time // nil is the machine's clock
	Log *slog.Logger     // nil is slog.Default
}

// Purger erases what a session held.
type Purger interface {
	// Purge stops the session's jobs, closes its sockets and makes all it
	// holds unreachable before it returns with what that was; SessionID and
	// At are filled in by the registry. Bytes may be unlinked after that.
	//
	// It is called once for every session that ends, and again only if it
	// failed or the process died in it. A session without a folder is no
	// error: its receipt is empty.
	Purge(ctx context.Context, s Session, reason store.Reason) (Receipt, error)
}

// Errors of Resolve; all are fault.SignedOut.
var (
	ErrSignedOut = fault.New(fault.SignedOut, "You are signed out. Please sign in again.")

	// ErrAbandoned says that the token came without its word: the person has
	// signed out in that browser. The caller ends the session.
	ErrAbandoned = fault.New(fault.SignedOut, "You have signed out in this browser. Please sign in again.")

	// ErrWrongWord says that the token came with a word that is not its own, as
	// another server on this host can set one. It ends nothing.
	ErrWrongWord = fault.New(fault.SignedOut, "This browser does not hold your session as it was given out. Please sign in again.")
)

// ErrNoSession is fault.NotFound.
var ErrNoSession = fault.New(fault.NotFound, "There is no such session; it may have ended already.")

// Registry holds the sessions of one server.
type Registry struct {
	db  *sqlite.DB
	cfg Config

	mu      sync.RWMutex
	byToken map[hash]*live   // those that live
	byID    map[string]*live // those too that are ending
	ended   endings

	// looking keeps looks at the database apart, so that an old one cannot
	// overtake a newer; beginnings share it, so that no look falls between a
	// session's row and its place in memory.
	looking  sync.RWMutex
	revision int64 // that the last look saw

	purges chan struct{}      // one token for each purge that may run
	ends   sync.WaitGroup     // purges under way
	ctx    context.Context    // of purges
	abort  context.CancelFunc // ends ctx
	loop   sync.WaitGroup
	stop   context.CancelFunc // ends the loop
}

// maxPurges bounds how many sessions are erased at once.
const maxPurges = 8

// Open loads the sessions in db. Nothing is purged before Start.
func Open(ctx context.Context, db *sqlite.DB, cfg Config) (*Registry, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Prepare == nil {
		cfg.Prepare = func(string) (func(), error) { return func() {}, nil }
	}
	if cfg.Sign == nil {
		cfg.Sign = func(*sqlite.Conn, *Receipt) error { return nil }
	}
	if cfg.InUse == nil {
		cfg.InUse = func(string) bool { return false }
	}
	r := &Registry{
		db: db, cfg: cfg,
		byToken: map[hash]*live{}, byID: map[string]*live{},
		purges: make(chan struct{}, maxPurges),
		stop:   func() {},
	}
	r.ctx, r.abort = context.WithCancel(context.Background())
	if err := r.load(ctx); err != nil {
		return nil, fmt.Errorf("load sessions: %w", err)
	}
	return r, nil
}

func (r *Registry) load(ctx context.Context) error {
	return r.db.Read(ctx, func(c *sqlite.Conn) error {
		stored, err := store.Sessions(c)
		if err != nil {
			return err
		}
		for _, s := range stored {
			user, err := store.UserByID(c, s.UserID)
			if err != nil && !fault.Is(err, fault.NotFound) {
				return err
			}
			r.add(s, user)
		}
		r.revision, err = store.Revision(c)
		return err
	})
}

// add takes a stored session into memory.
func (r *Registry) add(s store.Session, user store.User) *live {
	now := r.cfg.Now()
	l := &live{
		id: s.ID, token: hash(s.TokenHash), here: hash(s.HereHash), user: user,
		createdAt: onClock(now, s.CreatedAt), address: s.Address, device: s.Device,
		lastUsed: onClock(now, s.LastUsedAt), stored: s.LastUsedAt, offline: s.Offline, working: s.Working,
		ended: make(chan struct{}),
	}
	r.byID[l.id] = l
	if s.EndReason != "" {
		r.ended.add(l.token, s.EndReason)
		l.end(s.EndReason, store.Server)
		return l
	}
	r.byToken[l.token] = l
	return l
}

// Known reports whether a session is there, alive or ending.
func (r *Registry) Known(id string) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.byID[id] != nil
}

// Begin signs a user in and returns the session with what the browser is to
// hold of it.
func (r *Registry) Begin(ctx context.Context, user store.User, from netip.Addr, userAgent string) (Session, Credentials, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Session{}, Credentials{}, fmt.Errorf("make session id: %w", err)
	}
	cred := newCredentials()
	token, here := hashOf(cred.Token), hashOf(cred.Here)
	now := r.cfg.Now()
	s := store.Session{
		ID: id.String(), TokenHash: token[:], HereHash: here[:], UserID: user.ID,
		CreatedAt: now, LastUsedAt: now,
		Address: from.Unmap().String(), Device: DeviceName(userAgent),
	}
	undo, err := r.cfg.Prepare(s.ID)
	if err != nil {
		return Session{}, Credentials{}, fmt.Errorf("prepare session: %w", err)
	}
	r.looking.RLock()
	defer r.looking.RUnlock()
	if user, err = r.insert(ctx, s); err != nil {
		undo()
		return Session{}, Credentials{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.add(s, user).view(r.cfg), cred, nil
}

// insert stores the session if its user may still sign in, and returns the user
// as of now: the account may have changed since its password was checked.
func (r *Registry) insert(ctx context.Context, s store.Session) (user store.User, err error) {
	err = r.db.Write(ctx, func(c *sqlite.Conn) error {
		user, err = store.UserByID(c, s.UserID)
		if fault.Is(err, fault.NotFound) || err == nil && user.Locked {
			return ErrSignedOut
		}
		if err != nil {
			return err
		}
		return store.InsertSession(c, s)
	})
	return user, err
}

// Resolve returns the session that a request belongs to and counts the request
// as its use. It fails with ErrSignedOut, which is an EndedError for as long as it is
// known why the session ended, with ErrWrongWord, or with ErrAbandoned
// and the session that is to be ended.
func (r *Registry) Resolve(cred Credentials) (Session, error) {
	if cred.Token == "" {
		return Session{}, ErrSignedOut
	}
	token := hashOf(cred.Token)
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.byToken[token]
	if l == nil {
		return Session{}, r.ended.of(token)
	}
	if cred.Forgotten {
		return l.view(r.cfg), ErrAbandoned
	}
	if !l.here.matches(cred.Here) {
		return Session{}, ErrWrongWord
	}
	now := r.cfg.Now()
	if r.expired(l, now) {
		r.startEnd(l, store.ReasonExpired, store.Server)
		return Session{}, r.ended.of(token)
	}
	l.lastUsed = now
	return l.view(r.cfg), nil
}

// expired reports whether l's time is over, asking last whether it is in use.
func (r *Registry) expired(l *live, now time.Time) bool {
	l.pullBack(now)
	if now.Before(l.expiresAt(r.cfg)) {
		return false
	}
	r.noteInUse(l, now)
	return !now.Before(l.expiresAt(r.cfg))
}

// noteInUse counts open channels and unfinished jobs as use.
func (r *Registry) noteInUse(l *live, now time.Time) {
	if l.working || r.cfg.InUse(l.id) {
		l.lastUsed = now
	}
}

// Get returns a live session without counting as its use, or ErrNoSession.
func (r *Registry) Get(id string) (Session, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	l := r.byID[id]
	if l == nil || l.ending != nil {
		return Session{}, ErrNoSession
	}
	return l.view(r.cfg), nil
}

// List returns a user's live sessions, the newest first; with "" everybody's.
func (r *Registry) List(userID string) []Session {
	r.mu.RLock()
	defer r.mu.RUnlock()
	list := make([]Session, 0, len(r.byToken))
	for _, l := range r.byToken {
		if userID == "" || l.user.ID == userID {
			list = append(list, l.view(r.cfg))
		}
	}
	slices.SortFunc(list, func(a, b Session) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return list
}

// Use counts as use of a session what is no request: a frame, a finished job.
func (r *Registry) Use(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if l := r.byID[id]; l != nil && l.ending == nil {
		l.lastUsed = r.cfg.Now()
	}
}

// SetOffline gives a session the longer idle time: a client with a replica has
// said hello.
func (r *Registry) SetOffline(ctx context.Context, id string) error {
	if s, err := r.Get(id); err != nil || s.Offline {
		return err
	}
	return r.note(ctx, id, func(l *live) { l.offline = true }, func(c *sqlite.Conn) error {
		return store.SetOffline(c, id)
	})
}

// SetWorking notes whether a session has unfinished jobs. They count as use,
// and after a restart Working names the session.
func (r *Registry) SetWorking(ctx context.Context, id string, working bool) error {
	return r.note(ctx, id, func(l *live) { l.working = working }, func(c *sqlite.Conn) error {
		return store.SetWorking(c, id, working)
	})
}

// Working returns the sessions that have unfinished jobs.
func (r *Registry) Working() []Session {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var list []Session
	for _, l := range r.byToken {
		if l.working {
			list = append(list, l.view(r.cfg))
		}
	}
	return list
}

// note changes a live session in the database, then in memory.
func (r *Registry) note(ctx context.Context, id string, change func(*live), write func(*sqlite.Conn) error) error {
	if _, err := r.Get(id); err != nil {
		return err
	}
	if err := r.db.Write(ctx, write); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if l := r.byID[id]; l != nil && l.ending == nil {
		change(l)
		l.lastUsed = r.cfg.Now()
	}
	return nil
}
