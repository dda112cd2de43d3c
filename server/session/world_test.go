package session_test

import (
	"context"
	"net/netip"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ret/server/session"
	"ret/server/store"
	"ret/shared/fault"
	"ret/shared/sqlite"
)

// idle is short, since the registry looks about four times a second.
const idle = time.Minute

var (
	home = netip.MustParseAddr("192.0.2.7")
	ana  = store.User{ID: "ana-id", Name: "ana", Role: store.RoleUser}
	ben  = store.User{ID: "ben-id", Name: "ben", Role: store.RoleUser}
)

// purger counts the purges of each session. What is sent on fail is the answer
// of as many purges; hold, if set, keeps them waiting.
type purger struct {
	mu     sync.Mutex
	purged map[string]int
	reason map[string]store.Reason
	fail   chan error
	hold   chan struct{}
}

func newPurger() *purger {
	return &purger{
		purged: map[string]int{}, reason: map[string]store.Reason{},
		fail: make(chan error, 10),
	}
}

func (p *purger) Purge(ctx context.Context, s session.Session, reason store.Reason) (session.Receipt, error) {
	if p.hold != nil {
		select {
		case <-p.hold:
		case <-ctx.Done():
			return session.Receipt{}, ctx.Err()
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.purged[s.ID]++
	p.reason[s.ID] = reason
	select {
	case err := <-p.fail:
		return session.Receipt{}, err
	default:
		return session.Receipt{Files: 3, Bytes: 1234, Tables: 2, Jobs: 1, CacheEntries: 4}, nil
	}
}

func (p *purger) count(id string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.purged[id]
}

// world is a registry over a real database, inside a synctest bubble: time is
// the bubble's own and moves only when a test lets it.
type world struct {
	*session.Registry
	t      *testing.T
	path   string
	db     *sqlite.DB
	purger *purger
	inUse  sync.Map     // session IDs with an open channel
	set    atomic.Int64 // nanoseconds by which the wall clock was set
}

func inWorld(t *testing.T, test func(*testing.T, *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newWorld(t)) })
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		t: t, path: filepath.Join(t.TempDir(), "ret_session.db"), purger: newPurger(),
	}
	w.openDB()
	w.write(func(c *sqlite.Conn) error {
		for _, u := range []store.User{ana, ben} {
			u.CreatedAt = time.Now()
			if err := store.InsertUser(c, u, "$argon2id$none"); err != nil {
				return err
			}
		}
		return nil
	})
	w.open()
	return w
}

func (w *world) openDB() {
	w.t.Helper()
	db, err := store.Open(w.path)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = db.Close() })
	w.db = db
}

func (w *world) open() {
	w.t.Helper()
	r, err := session.Open(w.t.Context(), w.db, session.Config{
		Idle: idle, OfflineIdle: 8 * idle, MaxAge: 24 * idle,
		Purger: w.purger,
		InUse: func(id string) bool {
			_, open := w.inUse.Load(id)
			return open
		},
		Now: func() time.Time {
			if set := w.set.Load(); set != 0 {
				return time.Now().Round(0).Add(time.Duration(set)) // as read after a start
			}
			return time.Now()
		},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.Registry = r
}

func (w *world) start() {
	w.t.Helper()
	w.Start()
	w.t.Cleanup(func() { _ = w.Close(context.Background()) })
}

// pass lets time pass, then everything that it sets off.
func (w *world) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (w *world) write(fn func(*sqlite.Conn) error) {
	w.t.Helper()
	if err := w.db.Write(context.Background(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) begin(u store.User) (session.Session, session.Credentials) {
	w.t.Helper()
	s, cred, err := w.Begin(w.t.Context(), u, home, "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
	if err != nil {
		w.t.Fatal(err)
	}
	return s, cred
}

func (w *world) rows() int {
	w.t.Helper()
	var n int
	err := w.db.Read(context.Background(), func(c *sqlite.Conn) error {
		list, err := store.Sessions(c)
		n = len(list)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) signedIn(cred session.Credentials) bool {
	w.t.Helper()
	_, err := w.Resolve(cred)
	if err != nil && !fault.Is(err, fault.SignedOut) {
		w.t.Fatalf("resolve: %v", err)
	}
	return err == nil
}

func (w *world) reopen() {
	w.t.Helper()
	if err := w.Close(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	w.open()
}
