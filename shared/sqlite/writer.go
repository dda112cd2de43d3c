package sqlite

import (
	"context"
	"fmt"
	"runtime"
)

// maxBatch bounds how many writes share one commit, and with it how long the
// first of them waits for the others.
const maxBatch = 512

// request is one caller's turn at the writer.
type request struct {
	ctx      context.Context
	fn       func(*Conn) error
	readOnly bool

	after []func()
	err   error
	panic any
	done  chan struct{}
}

// Write runs fn in a transaction on the writer and returns once it is committed
// and on disk; other callers' functions may share the commit. fn's error undoes
// fn's own changes and is returned as it is. fn must not call the DB again.
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
	defer func() { _ = c.close() }()
	batch := make([]*request, 0, maxBatch)
	for first := range db.requests {
		batch = db.gather(append(batch[:0], first))
		commit(c, batch)
		for _, r := range batch {
			for _, fn := range r.after {
				fn()
			}
			close(r.done)
		}
		clear(batch)
	}
}

// gather adds what is waiting. Yielding once lets callers that were answered
// just now hand in their next write, which is what makes groups out of many
// callers in a loop.
func (db *DB) gather(batch []*request) []*request {
	runtime.Gosched()
	for len(batch) < maxBatch {
		select {
		case r, ok := <-db.requests:
			if !ok {
				return batch
			}
			batch = append(batch, r)
		default:
			return batch
		}
	}
	return batch
}

// commit runs the batch in one transaction and sets each request's outcome.
func commit(c *Conn, batch []*request) {
	err := begin(c)
	if err == nil {
		for i, r := range batch {
			if err = runOne(c, r); err != nil {
				// SQLite gave up the transaction: so did everyone in it.
				fail(batch[i+1:], err)
				batch = batch[:i+1]
				break
			}
		}
	}
	if err == nil {
		_, err = c.Exec("COMMIT")
	}
	if err != nil {
		if !c.raw.GetAutocommit() {
			_ = c.raw.Exec("ROLLBACK")
		}
		fail(batch, fmt.Errorf("commit: %w", err))
	}
}

func begin(c *Conn) error {
	_, err := c.Exec("BEGIN IMMEDIATE")
	return err
}

// runOne runs one request inside a savepoint. It returns an error only if the
// transaction itself is lost.
func runOne(c *Conn, r *request) error {
	if r.err = r.ctx.Err(); r.err != nil {
		return nil
	}
	if _, err := c.Exec("SAVEPOINT one"); err != nil {
		return err
	}
	r.call(c)
	if c.raw.GetAutocommit() {
		if r.err != nil {
			return r.err
		}
		return fmt.Errorf("transaction ended inside a write")
	}
	if r.err != nil || r.panic != nil {
		r.after = nil
		if _, err := c.Exec("ROLLBACK TO one"); err != nil {
			return err
		}
	}
	_, err := c.Exec("RELEASE one")
	return err
}

// call runs the request's function and keeps its panic for the caller.
func (r *request) call(c *Conn) {
	defer func() {
		if p := recover(); p != nil {
			r.panic = p
		}
		r.after, c.after = c.after, nil
	}()
	r.err = r.fn(c)
}

// fail gives err to all requests that did not fail on their own.
func fail(batch []*request, err error) {
	for _, r := range batch {
		r.after = nil
		if r.err == nil && r.panic == nil {
			r.err = err
		}
	}
}
