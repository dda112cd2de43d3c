package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"

	"ret/shared/sqlite"
)

// member is one write of a batch, with all that can become of it.
type member struct {
	key    string
	ctx    context.Context
	before func()                   // its own turn has come; may end others' contexts
	do     func(*sqlite.Conn) error // after it has changed something
}

// tale is what a batch's members were told.
type tale struct {
	db    *sqlite.DB
	shelf *shelf

	mu       sync.Mutex
	answered []string // by a nil error
	heard    []string // by AfterCommit
}

func (l *tale) write(m member) {
	defer func() { _ = recover() }() // a panic is its caller's alone
	err := l.db.Write(m.ctx, func(c *sqlite.Conn) error {
		m.before()
		c.AfterCommit(func() { l.heard = append(l.heard, m.key) })
		l.shelf.left = append(l.shelf.left, m.key+"-left")
		if err := insert(m.key, 1)(c); err != nil {
			return err
		}
		return m.do(c)
	})
	if err == nil {
		l.mu.Lock()
		l.answered = append(l.answered, m.key)
		l.mu.Unlock()
	}
}

// batch makes random members: such as succeed, fail, panic, try something in vain,
// and such as end the contexts of others while the batch runs.
func batch(t *testing.T, r *rand.Rand, s *shelf, n int) []member {
	ctxs := make([]context.Context, n)
	ends := make([]context.CancelFunc, n)
	for i := range ctxs {
		ctxs[i], ends[i] = context.WithCancel(t.Context())
		t.Cleanup(ends[i])
	}
	failed := errors.New("as planned")
	members := make([]member, n)
	for i := range members {
		victim, ending := ends[r.IntN(n)], r.IntN(3) == 0
		members[i] = member{key: fmt.Sprint(i), ctx: ctxs[i], before: func() {
			if ending {
				victim()
			}
		}}
		key := members[i].key
		members[i].do = []func(*sqlite.Conn) error{
			func(*sqlite.Conn) error { return nil },
			func(*sqlite.Conn) error { return nil },
			func(*sqlite.Conn) error { return failed },
			func(*sqlite.Conn) error { panic("as planned") },
			func(c *sqlite.Conn) error { // what is tried in vain leaves nothing
				err := c.Try(func() error {
					s.left = append(s.left, key+"-tried")
					c.AfterCommit(func() { t.Error("what was undone tells that it happened") })
					return failed
				})
				if err != failed {
					return err
				}
				return nil
			},
		}[r.IntN(5)]
	}
	return members
}

// However a batch goes, what is told is what is in the database: by an answer, by
// AfterCommit, and by what was left for the end of the commit.
func TestWhatIsToldHasHappened(t *testing.T) {
	eachWay(t, func(t *testing.T, cfg sqlite.Config) {
		for seed := range uint64(60) {
			r := rand.New(rand.NewPCG(seed, 8))
			s := &shelf{}
			cfg.Pending = s
			l := &tale{db: open(t, filepath.Join(t.TempDir(), "x.db"), cfg), shelf: s}
			members := batch(t, r, s, 2+r.IntN(12))

			// The writer is held until all others wait, so that they share a commit.
			held, inside := make(chan struct{}), make(chan struct{})
			enter := sync.OnceFunc(func() { close(inside) }) // it may run twice
			var all sync.WaitGroup
			all.Go(func() {
				_ = l.db.Write(t.Context(), func(*sqlite.Conn) error { enter(); <-held; return errors.New("no part of it") })
			})
			<-inside
			for _, m := range members {
				all.Go(func() { l.write(m) })
			}
			for sqlite.Waiting(l.db) < len(members) {
				runtime.Gosched()
			}
			close(held)
			all.Wait()

			stored := keys(t, l.db)
			var want []string
			for _, key := range l.answered {
				want = append(want, key, key+"-left")
			}
			slices.Sort(want)
			slices.Sort(l.heard)
			slices.Sort(l.answered)
			if !slices.Equal(stored, want) {
				t.Fatalf("seed %d: stored %v, answered %v", seed, stored, l.answered)
			}
			if !slices.Equal(l.heard, l.answered) {
				t.Fatalf("seed %d: heard %v, answered %v", seed, l.heard, l.answered)
			}
			if len(s.committed) != len(l.answered) {
				t.Fatalf("seed %d: told of %v as left, answered %v", seed, s.committed, l.answered)
			}
		}
	})
}

// keys are what the database has, in order.
func keys(t *testing.T, db *sqlite.DB) (list []string) {
	t.Helper()
	err := db.Read(t.Context(), func(c *sqlite.Conn) error {
		list = nil
		for row, err := range c.Query("SELECT key FROM items ORDER BY key") {
			if err != nil {
				return err
			}
			list = append(list, row.Text(0))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}
