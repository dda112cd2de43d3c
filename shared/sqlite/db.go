package sqlite

import (
	"context"
	"fmt"
	"sync"

	"github.com/ncruces/go-sqlite3"

	"ret/shared/fault"
)

var errClosed = fault.New(fault.Unavailable, "This session's data is closed. Please sign in again.")

// DB is an open database. Close it when done.
type DB struct {
	path string
	cfg  Config

	requests chan *request
	stopped  chan struct{} // closed when the writer has ended

	closing sync.RWMutex // held for reading by every call under way
	closed  bool

	discarded bool // set before requests is closed

	idle   chan *Conn    // open readers without work
	permit chan struct{} // one for each reader that may be open
}

// Open opens or creates the database at path and brings its schema up to date.
func Open(path string, cfg Config) (*DB, error) {
	if cfg.Readers == 0 {
		cfg.Readers = 4
	}
	if cfg.Pending == nil {
		cfg.Pending = nothingPending{}
	}
	conn, err := connect(path, cfg, false)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := cfg.recover(conn); err != nil {
		_ = conn.close()
		return nil, fmt.Errorf("open database: %w", err)
	}
	if cfg.Migrations != nil {
		if err := cfg.Migrations.apply(conn); err != nil {
			_ = conn.close()
			return nil, fmt.Errorf("open database: %w", err)
		}
	}
	db := &DB{
		path:     path,
		cfg:      cfg,
		requests: make(chan *request, maxBatch),
		stopped:  make(chan struct{}),
		idle:     make(chan *Conn, cfg.Readers),
		permit:   make(chan struct{}, cfg.Readers),
	}
	go db.writeLoop(conn)
	return db, nil
}

// Close waits for the calls under way, then closes all connections. Calls after
// it return an Unavailable error. Closing twice is harmless.
func (db *DB) Close() error { return db.end(false) }

// Discard is Close for a database that nobody will open again: its log is not written
// back into it, which takes its time.
func (db *DB) Discard() error { return db.end(true) }

func (db *DB) end(discard bool) error {
	db.closing.Lock()
	if db.closed {
		db.closing.Unlock()
		return nil
	}
	db.closed, db.discarded = true, discard
	close(db.requests)
	db.closing.Unlock()
	<-db.stopped

	var first error
	close(db.idle)
	for c := range db.idle {
		if err := db.disconnect(c); err != nil && first == nil {
			first = fmt.Errorf("close reader: %w", err)
		}
	}
	return first
}

// disconnect closes a connection, of which the last one writes the log back.
func (db *DB) disconnect(c *Conn) error {
	if db.discarded {
		_, _ = c.raw.Config(sqlite3.DBCONFIG_NO_CKPT_ON_CLOSE, true) // it only saves time
	}
	return c.close()
}

// Read runs fn on a reader connection, inside one snapshot of the database.
// A done ctx interrupts it.
func (db *DB) Read(ctx context.Context, fn func(*Conn) error) error {
	if db.cfg.Exclusive {
		return db.submit(ctx, &request{fn: fn})
	}
	return db.onReader(ctx, func(c *Conn) error { return snapshot(ctx, c, fn) })
}

// ReadEach is Read for a function that needs no snapshot over all its queries,
// which saves a third of the time of a small one: each query sees what was
// committed when it began. ctx counts until fn starts.
func (db *DB) ReadEach(ctx context.Context, fn func(*Conn) error) error {
	if db.cfg.Exclusive {
		return db.submit(ctx, &request{fn: fn})
	}
	return db.onReader(ctx, fn)
}

// onReader runs fn with a reader connection.
func (db *DB) onReader(ctx context.Context, fn func(*Conn) error) error {
	db.closing.RLock()
	defer db.closing.RUnlock()
	if db.closed {
		return errClosed
	}
	c, err := db.reader(ctx)
	if err != nil {
		return err
	}
	defer func() {
		db.idle <- c
		<-db.permit
	}()
	return fn(c)
}

// reader takes a permit and with it an idle connection or a new one.
func (db *DB) reader(ctx context.Context) (*Conn, error) {
	select {
	case db.permit <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case c := <-db.idle:
		return c, nil
	default:
	}
	c, err := connect(db.path, db.cfg, true)
	if err == nil {
		_, err = c.Exec("PRAGMA query_only=on")
	}
	if err != nil {
		<-db.permit
		return nil, fmt.Errorf("open reader: %w", err)
	}
	return c, nil
}

// snapshot runs fn inside a deferred transaction. It ends it even when fn
// panics, so that the connection can be used again.
func snapshot(ctx context.Context, c *Conn, fn func(*Conn) error) error {
	if _, err := c.Exec("BEGIN"); err != nil {
		return err
	}
	c.raw.SetInterrupt(ctx)
	defer func() {
		c.raw.SetInterrupt(context.Background())
		_, _ = c.Exec("ROLLBACK") // nothing was written
	}()
	return fn(c)
}
