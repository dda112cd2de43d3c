package sqlite

import (
	"context"
	"errors"
)

// request is one caller's turn at the writer.
type request struct {
	ctx context.Context
	fn  func(*Conn) error

	begun bool // fn has been called: from then on ctx is not looked at
	after []func()
	err   error
	panic any
	done  chan struct{}
}

// Write runs fn in a transaction on the writer and returns once it is committed
// and on disk; other callers' functions may share the commit. fn's error undoes
// fn's own changes and is returned as it is. fn must not call the DB again, and
// must bear to be called twice: if another function of the same commit fails,
// everything is undone and done again. What fn leaves in variables must be that
// of its last call.
//
// ctx counts until fn starts: a write under way is not interrupted, since SQLite
// would undo the whole batch.
func (db *DB) Write(ctx context.Context, fn func(*Conn) error) error {
	return db.submit(ctx, &request{fn: fn})
}

func (db *DB) submit(ctx context.Context, r *request) error {
	r.ctx, r.done = ctx, make(chan struct{})
	db.closing.RLock()
	if db.closed {
		db.closing.RUnlock()
		return errClosed
	}
	var gaveUp error
	select {
	case db.requests <- r:
	case <-ctx.Done():
		gaveUp = ctx.Err()
	}
	db.closing.RUnlock()
	if gaveUp != nil {
		return gaveUp
	}
	// From here on the answer is the writer's alone, or the caller could be
	// told that nothing happened while it did.
	<-r.done
	if r.panic != nil {
		panic(r.panic)
	}
	return r.err
}

// writeLoop owns the writer connection until the requests end.
func (db *DB) writeLoop(c *Conn) {
	defer close(db.stopped)
	defer func() { _ = db.disconnect(c) }()
	c.pending = db.cfg.Pending
	g := group{conn: c, pending: db.cfg.Pending, requests: db.requests}
	for first := range db.requests {
		g.commit(first)
		g.answer()
	}
}

// run runs a request. It returns an error only if the transaction is lost with
// it.
func (r *request) run(c *Conn, p Pending) error {
	if r.givenUp() {
		return nil
	}
	before, left := c.raw.TotalChanges(), p.Len()
	r.call(c)
	if err := r.lost(c); err != nil {
		return err
	}
	if !r.failed() {
		return nil
	}
	if c.raw.TotalChanges() != before { // also if it has flushed what others had left
		return errHalfDone
	}
	p.Truncate(left)
	return nil
}

// runInSavepoint is run for a request that may fail half done: it undoes that
// request alone.
func (r *request) runInSavepoint(c *Conn, p Pending) error {
	if r.givenUp() {
		return nil
	}
	// What others have left must not be undone with this one.
	if err := p.Flush(c); err != nil {
		return err
	}
	left := p.Len()
	if _, err := c.Exec("SAVEPOINT one"); err != nil {
		return err
	}
	r.call(c)
	if err := r.lost(c); err != nil {
		return err
	}
	if r.failed() {
		p.Truncate(left)
		if _, err := c.Exec("ROLLBACK TO one"); err != nil {
			return err
		}
	}
	_, err := c.Exec("RELEASE one")
	return err
}

// givenUp looks at ctx for the last time: a write that is done again after others
// have failed is not another one, and those that share its commit may have seen
// what it did.
func (r *request) givenUp() bool {
	if !r.begun {
		r.err = r.ctx.Err()
	}
	return !r.begun && r.err != nil
}

func (r *request) failed() bool { return r.err != nil || r.panic != nil }

// lost returns why SQLite gave up the whole transaction, if it did.
func (r *request) lost(c *Conn) error {
	if !c.raw.GetAutocommit() {
		return nil
	}
	if r.err != nil {
		return r.err
	}
	return errors.New("transaction ended inside a write")
}

// call runs the request's function and keeps its panic for the caller. Nothing is
// left of an earlier call.
func (r *request) call(c *Conn) {
	r.begun, r.after, r.err, r.panic = true, nil, nil, nil
	defer func() {
		if p := recover(); p != nil {
			r.panic = p
		}
		r.after, c.after = c.after, nil
		if r.failed() {
			r.after = nil
		}
	}()
	r.err = r.fn(c)
}
