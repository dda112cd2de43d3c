package sqlite_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"ret/shared/sqlite"
)

// shelf leaves keys of items for the end of their commit.
type shelf struct {
	left    []string
	flushed int

	mu        sync.Mutex
	committed []string
}

func (s *shelf) Begin()         { s.Truncate(0) }
func (s *shelf) Len() int       { return len(s.left) }
func (s *shelf) Truncate(n int) { s.left, s.flushed = s.left[:n], min(s.flushed, n) }

func (s *shelf) Flush(c *sqlite.Conn) error {
	for ; s.flushed < len(s.left); s.flushed++ {
		if err := insert(s.left[s.flushed], 1)(c); err != nil {
			return err
		}
	}
	return nil
}

func (s *shelf) Committed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.committed = append(s.committed, s.left...)
}

// Writes that share a commit leave keys, fail before or after they have changed
// something, and need what others have left: what succeeded is there, once, and
// nothing else.
func TestPendingIsWrittenForThoseThatSucceed(t *testing.T) {
	failed := errors.New("as planned")
	s := &shelf{}
	db := open(t, filepath.Join(t.TempDir(), "x.db"), sqlite.Config{Pending: s})
	kinds := []struct {
		what string
		fn   func(c *sqlite.Conn, key string) error
		kept bool
	}{
		{"leaves", func(_ *sqlite.Conn, key string) error {
			s.left = append(s.left, key)
			return nil
		}, true},
		{"leaves-fails", func(_ *sqlite.Conn, key string) error {
			s.left = append(s.left, key)
			return failed
		}, false},
		{"flushes", func(c *sqlite.Conn, key string) error {
			s.left = append(s.left, key)
			return s.Flush(c)
		}, true},
		{"flushes-fails", func(c *sqlite.Conn, key string) error {
			s.left = append(s.left, key)
			return errors.Join(s.Flush(c), failed)
		}, false},
		{"changes-fails", func(c *sqlite.Conn, key string) error {
			s.left = append(s.left, key)
			return errors.Join(insert(key+"-too", 1)(c), failed)
		}, false},
	}
	const rounds, callers = 20, 4
	var want []string
	var group sync.WaitGroup
	for k, kind := range kinds {
		for caller := range callers {
			for round := range rounds {
				if kind.kept {
					want = append(want, fmt.Sprint(kind.what, caller, "-", round))
				}
			}
			group.Go(func() {
				for round := range rounds {
					key := fmt.Sprint(kinds[k].what, caller, "-", round)
					err := db.Write(t.Context(), func(c *sqlite.Conn) error { return kind.fn(c, key) })
					if kind.kept && err != nil || !kind.kept && !errors.Is(err, failed) {
						t.Errorf("%s: %v", key, err)
					}
				}
			})
		}
	}
	group.Wait()
	var stored []string
	err := db.Read(t.Context(), func(c *sqlite.Conn) error {
		for row, err := range c.Query("SELECT key FROM items ORDER BY key") {
			if err != nil {
				return err
			}
			stored = append(stored, row.Text(0))
		}
		return nil
	})
	slices.Sort(want)
	slices.Sort(s.committed)
	if err != nil || !slices.Equal(stored, want) || !slices.Equal(s.committed, want) {
		t.Errorf("%d stored, %d told of, want %d; %v", len(stored), len(s.committed), len(want), err)
	}
}
