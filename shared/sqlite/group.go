package sqlite

import (
	"errors"
	"fmt"
	"runtime"
	"time"
)

// maxBatch bounds how many writes share one commit, and with it how long the
// first of them waits for the others.
const maxBatch = 512

// group gathers writes into commits: those that are there when a commit begins or
// come while their forerunners run, and those that are about to come because
// their callers were answered just now. Most of a commit is waiting for the disk,
// so what it costs hardly depends on how many share it.
type group struct {
	conn     *Conn
	pending  Pending
	requests <-chan *request

	batch []*request
	last  int           // how many shared the last commit
	took  time.Duration // by the last commit
}

// commit runs the first request and those that join it in one transaction and
// sets each one's outcome.
//
// Savepoints cost a third of a small write and are needed only where a request
// fails after it has changed something. So the batch runs without them first, and
// in that rare case is undone and run again with them.
func (g *group) commit(first *request) {
	g.batch = append(g.batch[:0], first)
	err := g.transact(g.runAll)
	if errors.Is(err, errHalfDone) {
		err = g.transact(g.runAgain)
	}
	if err != nil {
		g.fail(fmt.Errorf("commit: %w", err))
	}
}

// answer lets the callers go on.
func (g *group) answer() {
	for _, r := range g.batch {
		for _, fn := range r.after {
			fn()
		}
		close(r.done)
	}
	g.last = len(g.batch)
	clear(g.batch)
}

// errHalfDone says that a request failed after it had changed something that
// others of its batch share a transaction with.
var errHalfDone = errors.New("a request failed half done")

// transact has run run the batch inside a transaction.
func (g *group) transact(run func() error) error {
	_, err := g.conn.Exec("BEGIN IMMEDIATE")
	if err == nil {
		g.pending.Begin()
		err = run()
	}
	if err == nil {
		err = g.pending.Flush(g.conn)
	}
	if err == nil {
		began := time.Now()
		_, err = g.conn.Exec("COMMIT")
		g.took = time.Since(began)
	}
	if err == nil {
		g.pending.Committed()
	} else if !g.conn.raw.GetAutocommit() {
		_ = g.conn.raw.Exec("ROLLBACK")
	}
	return err
}

// runAll runs the batch, which grows meanwhile.
func (g *group) runAll() error {
	for i := 0; i < len(g.batch); i++ {
		if err := g.batch[i].run(g.conn, g.pending); err != nil {
			return err
		}
		if i == len(g.batch)-1 {
			g.gather()
		}
	}
	return nil
}

// runAgain runs a batch that was undone, as it is.
func (g *group) runAgain() error {
	for _, r := range g.batch {
		if err := r.runInSavepoint(g.conn, g.pending); err != nil {
			return err
		}
	}
	return nil
}

// gather adds what is waiting. If there is nothing but fewer have come than were
// answered just now, it lets the others hand in their next write first: that is
// what makes whole groups out of many callers in a loop. It does so for an eighth
// of what a commit takes at most, since they may have no next write.
func (g *group) gather() {
	var until time.Time
	for n := len(g.batch); len(g.batch) < maxBatch; {
		select {
		case r, ok := <-g.requests:
			if !ok {
				return
			}
			g.batch = append(g.batch, r)
			continue
		default:
		}
		if len(g.batch) > n || len(g.batch) >= g.last {
			return
		}
		if until.IsZero() {
			until = time.Now().Add(g.took / 8)
		} else if !time.Now().Before(until) { // also where the clock stands still, as in a test's bubble
			return
		}
		runtime.Gosched()
	}
}

// fail gives err to all requests that did not fail on their own.
func (g *group) fail(err error) {
	for _, r := range g.batch {
		r.after = nil
		if !r.failed() {
			r.err = err
		}
	}
}
