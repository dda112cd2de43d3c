package workspace

import (
	"context"
	"crypto/sha256"
	"embed"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"ret/shared/entries"
	"ret/shared/fault"
	"ret/shared/sqlite"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Migrations are the schema's steps, for those who check or upgrade it.
var Migrations = sqlite.MustMigrations(migrationFiles, "migrations")

// Workspace is an open session database. Close it when done.
type Workspace struct {
	db       *sqlite.DB
	epoch    string
	now      func() time.Time
	listener Listener

	// unfinished counts the jobs that wait or run, as committed: counting them
	// for every submission would make a full queue quadratic.
	unfinished atomic.Int64

	entries *entries.Store

	// note hears of the changes of a shadow instead of recording them; see Effect.
	note func(Change)
}

// Listener hears of what was committed. Its methods are called on one goroutine
// in the order of commits and must not wait or call the workspace.
type Listener interface {
	// Changed says that changes up to seq are there to be read.
	Changed(seq int64)
	// Queued says that a job waits to be run, from runAfter on if that is set.
	Queued(job Queued)
	// Stopped says that a job was cancelled or deleted from outside its run.
	Stopped(jobID string)
}

// Queued is what the queue must know to run a job.
type Queued struct {
	ID       string
	Kind     string
	RunAfter time.Time
}

// Options configure Open; zero fields mean sensible defaults.
type Options struct {
	SQLite   sqlite.Config // Migrations is set by Open
	Now      func() time.Time
	Listener Listener
}

// Open opens or creates the workspace database at path.
func Open(path string, opts Options) (*Workspace, error) {
	opts.SQLite.Migrations = Migrations
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Listener == nil {
		opts.Listener = deaf{}
	}
	w := &Workspace{now: opts.Now, listener: opts.Listener}
	w.entries = entries.New(w.now, entries.History{Changed: w.listener.Changed, Forget: forgetDeletions})
	opts.SQLite.Pending = w.entries.Pending()
	db, err := sqlite.Open(path, opts.SQLite)
	if err != nil {
		return nil, fmt.Errorf("open workspace: %w", err)
	}
	w.db = db
	if err := w.readMeta(); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open workspace: %w", err)
	}
	return w, nil
}

// Read runs fn in a read transaction of the database, for who keeps more in it than a
// workspace: a replica.
func (w *Workspace) Read(ctx context.Context, fn func(*sqlite.Conn) error) error {
	return w.db.Read(ctx, fn)
}

// Write is Read for a transaction that writes; what it changes gets no seq by itself.
func (w *Workspace) Write(ctx context.Context, fn func(*sqlite.Conn) error) error {
	return w.db.Write(ctx, fn)
}

// BeginHistory has the workspace follow another history, from 0 on, of which deletions
// before floor are forgotten.
func (w *Workspace) BeginHistory(c *sqlite.Conn, epoch string, floor int64) error {
	_, err := c.Exec(`UPDATE meta SET epoch = ?, seq = 0, floor = ?, entry_count = 0, entry_bytes = 0, entry_evictions = 0`, epoch, floor)
	if err != nil {
		return err
	}
	c.AfterCommit(func() { w.epoch = epoch })
	return nil
}

// Close waits for the calls under way and closes the database.
func (w *Workspace) Close() error { return w.db.Close() }

// Discard is Close for a workspace that is erased next.
func (w *Workspace) Discard() error { return w.db.Discard() }

// Epoch names this workspace's history: a client that knows another one starts
// from nothing.
func (w *Workspace) Epoch() string { return w.epoch }

// Entries is what the session's cache has stored.
func (w *Workspace) Entries() *entries.Store { return w.entries }

// readMeta reads what is kept in memory, and gives a new workspace its epoch.
func (w *Workspace) readMeta() error {
	return w.db.Write(context.Background(), func(c *sqlite.Conn) error {
		if _, err := c.Exec(`INSERT INTO meta (one, epoch) VALUES (1, ?) ON CONFLICT DO NOTHING`, NewID()); err != nil {
			return err
		}
		u, err := counters(c)
		if err != nil {
			return err
		}
		w.unfinished.Store(u.Unfinished)
		if err := w.entries.Open(w.db, c); err != nil {
			return err
		}
		return c.QueryRow(`SELECT epoch FROM meta`, nil, &w.epoch)
	})
}

// NewID returns a new opaque id: a UUIDv7, which sorts by time.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// TableID is the id of a table that a job makes: the ordinal-th of those that
// begin with a document, by its manifest path. Whoever does the job, and however
// often, gives its tables the same ids. It is a UUIDv7 with the job's time and,
// where others are random, a hash.
func TableID(jobID, document string, ordinal int) string {
	job, _ := uuid.Parse(jobID) // another id than ours has no time
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %s", jobID, ordinal, document))
	id := uuid.UUID(sum[:16])
	copy(id[:6], job[:6])
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80
	return id.String()
}

// CheckID says whether an id made by a client may be used: it must be a UUIDv7
// in its usual form.
func CheckID(id string) error {
	u, err := uuid.Parse(id)
	if err != nil || u.Version() != 7 || u.String() != id {
		return fault.New(fault.Invalid, "The id %q is not a UUIDv7 in lower case. Leave it out, or make a new one.", id)
	}
	return nil
}

type deaf struct{}

func (deaf) Changed(int64)  {}
func (deaf) Queued(Queued)  {}
func (deaf) Stopped(string) {}
