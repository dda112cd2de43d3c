package workspaces

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"ret/server/files"
	"ret/server/live"
	"ret/server/meaning"
	"ret/server/queue"
	"ret/server/session"
	"ret/shared/cache"
	"ret/shared/fault"
)

// Sessions is the part of the session registry that workspaces need.
type Sessions interface {
	// Get fails for a session that has ended. It is asked before a workspace is
	// opened, so that a request which ends after its session does not bring it
	// back.
	Get(id string) (session.Session, error)

	// SetWorking keeps in the database which sessions have unfinished jobs, so
	// that a start opens only those.
	SetWorking(ctx context.Context, id string, working bool) error
}

// Config is what a Registry needs; MaxOpen and Log have defaults.
type Config struct {
	Files  *files.Store
	Queue  *queue.Queue
	Hub    *live.Hub
	Runner func(*Open) queue.Runner // does a session's jobs

	// Meaning is what finds a session's rows by what they mean; nil where there is no
	// model for that.
	Meaning func(*Open) *meaning.Index

	// Memory is the tier that all sessions' caches share; Cache are the options of
	// each.
	Memory *cache.Memory
	Cache  cache.Options

	// MaxSessionBytes is what a session's blobs may come to; 0 is no limit.
	MaxSessionBytes int64

	MaxOpen     int           // workspaces kept open; 0 means 300
	SettleEvery time.Duration // how long the mark of a session with jobs may outlast them; 0 means 5 s

	Log *slog.Logger
}

// Registry holds the open workspaces.
type Registry struct {
	cfg      Config
	sessions Sessions

	mu      sync.Mutex
	entries map[string]*entry
}

// entry is a session that is open, being opened, closed or erased. It stays in the
// registry until that is done, so that a session's database has one owner at a
// time: a request that comes meanwhile waits for the end of closing.
type entry struct {
	ready  chan struct{} // closed when open or err is set
	open   *Open         // nil if it could not be opened
	err    error
	closed chan struct{} // made when closing to make room begins: closed when it is done
	erased chan struct{} // made by Purge: closed when it is done
}

// New makes a registry; nothing is opened yet, and nothing can be before Bind.
func New(cfg Config) *Registry {
	if cfg.MaxOpen == 0 {
		cfg.MaxOpen = 300
	}
	if cfg.SettleEvery == 0 {
		cfg.SettleEvery = 5 * time.Second
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Registry{cfg: cfg, entries: make(map[string]*entry)}
}

// Bind names the sessions whose workspaces these are. They in turn have the
// registry as their Purger, so one of the two has to come first.
func (r *Registry) Bind(sessions Sessions) { r.sessions = sessions }

var errEnded = fault.New(fault.SignedOut, "This session has ended. Please sign in again.")

// Use returns a session's workspace, opening it if need be, and a function that
// lets go of it. SignedOut if the session has ended. Once it ends, everything
// that is tried with the workspace fails.
func (r *Registry) Use(ctx context.Context, sessionID string) (o *Open, release func(), err error) {
	for {
		e := r.entry(ctx, sessionID)
		select {
		case <-e.ready:
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
		if e.err != nil {
			return nil, nil, e.err
		}
		closed, err := r.hold(e)
		if err != nil {
			return nil, nil, err
		}
		if closed == nil {
			r.makeRoom()
			return e.open, sync.OnceFunc(func() { r.release(e.open) }), nil
		}
		// It is being closed to make room: open it again after that.
		select {
		case <-closed:
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
}

// entry returns the session's entry; who comes first opens it.
func (r *Registry) entry(ctx context.Context, sessionID string) *entry {
	r.mu.Lock()
	e, opening := r.entries[sessionID], false
	if e == nil {
		e, opening = &entry{ready: make(chan struct{})}, true
		r.entries[sessionID] = e
	}
	r.mu.Unlock()
	if opening {
		r.fill(ctx, sessionID, e)
	}
	return e
}

// hold keeps an open workspace from being closed. If that has begun already, it
// returns what tells of its end.
func (r *Registry) hold(e *entry) (closed <-chan struct{}, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.erased != nil {
		return nil, errEnded
	}
	if e.closed != nil {
		return e.closed, nil
	}
	e.open.users++
	return nil, nil
}

// fill opens the workspace of an entry that others may be waiting for already.
func (r *Registry) fill(ctx context.Context, sessionID string, e *entry) {
	// Others wait for this too, so it must not end with one request.
	ctx = context.WithoutCancel(ctx)
	if _, err := r.sessions.Get(sessionID); err != nil {
		e.err = errEnded
	} else {
		e.open, e.err = r.open(ctx, sessionID)
	}
	close(e.ready)
	if e.err != nil {
		r.mu.Lock()
		if r.entries[sessionID] == e && e.erased == nil {
			delete(r.entries, sessionID)
		}
		r.mu.Unlock()
	}
}

func (r *Registry) release(o *Open) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o.users--
	o.lastUsed = time.Now()
}

// makeRoom closes the workspace that was used longest ago while too many are
// open. Those in use, with sockets or with jobs at work stay.
func (r *Registry) makeRoom() {
	for {
		e := r.takeOldest()
		if e == nil {
			return
		}
		if err := e.open.close(); err != nil {
			r.cfg.Log.Error("workspace not closed cleanly", "session", e.open.SessionID, "err", err)
		}
		r.cfg.Hub.CloseRoom(e.open.Room)
		r.endClose(e)
	}
}

// takeOldest begins to close an entry, which nobody else does then.
func (r *Registry) takeOldest() *entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	var oldest *entry
	open := 0
	for _, e := range r.entries {
		if e.closed != nil {
			continue
		}
		open++
		if !isReady(e) || e.open == nil || e.erased != nil {
			continue
		}
		o := e.open
		if o.users > 0 || o.Room.Clients() > 0 || o.Line.Busy() {
			continue
		}
		if oldest == nil || o.lastUsed.Before(oldest.open.lastUsed) {
			oldest = e
		}
	}
	if oldest == nil || open <= r.cfg.MaxOpen {
		return nil
	}
	oldest.closed = make(chan struct{})
	return oldest
}

// endClose lets the session be opened again.
func (r *Registry) endClose(e *entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.entries, e.open.SessionID)
	close(e.closed)
}

func isReady(e *entry) bool {
	select {
	case <-e.ready:
		return true
	default:
		return false
	}
}

// Open counts the workspaces that are open.
func (r *Registry) Open() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.entries)
}

// Bytes is what a session's files and tables come to, or 0 if its workspace is
// not open.
func (r *Registry) Bytes(sessionID string) int64 {
	r.mu.Lock()
	e := r.entries[sessionID]
	r.mu.Unlock()
	if e == nil || !isReady(e) || e.open == nil {
		return 0
	}
	return e.open.heldBytes() // 0 while it is being closed
}

// Disk says how many bytes of the disk are free that all sessions lie on, and how many it
// has; 0 and 0 where nobody can be asked.
func (r *Registry) Disk() (free, total int64) { return r.cfg.Files.Disk() }

// HeldBytes is what the files and tables of all open workspaces come to.
func (r *Registry) HeldBytes() (sum int64) {
	for _, o := range r.opened() {
		sum += o.heldBytes()
	}
	return sum
}

// heldBytes is 0 for a workspace that is being closed.
func (o *Open) heldBytes() int64 {
	held, err := o.HeldBytes(context.Background())
	if err != nil {
		return 0
	}
	return held + o.Folder.PartialBytes()
}

// InUse reports whether a session has an open socket or a job that waits or
// runs, which counts as use.
func (r *Registry) InUse(sessionID string) bool {
	r.mu.Lock()
	e := r.entries[sessionID]
	r.mu.Unlock()
	return e != nil && isReady(e) && e.open != nil && (e.open.Room.Clients() > 0 || e.open.Line.Busy())
}

// Close closes all workspaces. The queue and the hub must have stopped.
func (r *Registry) Close() error {
	r.mu.Lock()
	entries := r.entries
	r.entries = make(map[string]*entry)
	r.mu.Unlock()
	var errs []error
	for id, e := range entries {
		<-e.ready
		if e.closed != nil {
			<-e.closed
			continue
		}
		if e.open != nil {
			if err := e.open.close(); err != nil {
				errs = append(errs, fmt.Errorf("close session %s: %w", id, err))
			}
		}
	}
	return errors.Join(errs...)
}
