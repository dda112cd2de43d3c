package main

import (
	"context"
	"fmt"
	"time"

	"github.com/ncruces/go-sqlite3/vfs"

	"ret/shared/seal"
	"ret/shared/sqlite"
	"ret/wasm/opfs"
)

// How often both sides take turns.
const (
	turnsOfCommits = 4_000 // one each: what the disk takes changes from second to second
	turnsOfMany    = 5
)

// side is one of two databases that do the same in turn, in one program, so that the
// browser has compiled it as well for both, and the disk's moods fall on both. What
// it took is in milliseconds, one value a turn.
type side struct {
	vfs  string
	pool *opfs.Pool
	disk spent // in the handles
	db   *sqlite.DB
	rows int // committed so far

	First  []float64 `json:"first"`  // one of the first commits, before the browser has optimised
	Commit []float64 `json:"commit"` // one of those that follow
	Own    []float64 `json:"own"`    // of that, outside of the handles: the processor's part
	Import []float64 `json:"import"` // of all rows
	Read   []float64 `json:"read"`   // one of them
	Apply  []float64 `json:"apply"`  // of all changes
}

// sides are what is printed.
type sides struct {
	Sealed *side `json:"sealed"`
	Plain  *side `json:"plain"`
}

// cryptRound measures what it costs to encrypt.
func cryptRound(ctx context.Context) (*sides, error) {
	handles := opfs.Handles()
	half := len(handles) / 2
	s := &sides{Sealed: &side{vfs: "sealed"}, Plain: &side{vfs: "plain"}}
	sealed := opfs.Seal(timedHandles(handles[:half], &s.Sealed.disk), make([]byte, seal.KeySize))
	if err := s.Sealed.open(ctx, sealed); err != nil {
		return nil, err
	}
	if err := s.Plain.open(ctx, timedHandles(handles[half:], &s.Plain.disk)); err != nil {
		return nil, err
	}
	for _, step := range []struct {
		turns int
		do    func(*side, context.Context) error
	}{
		{first, (*side).firstCommit},
		{int(warmCommits / warmTurn), (*side).warmCommits},
		{turnsOfCommits, (*side).laterCommit},
		{turnsOfMany, (*side).someRows},
		{1, (*side).reads},
		{turnsOfMany, (*side).changes},
	} {
		if err := s.inTurn(ctx, step.turns, step.do); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// inTurn has both do something so often, and each begin as often as the other.
func (s *sides) inTurn(ctx context.Context, turns int, do func(*side, context.Context) error) error {
	order := [2]*side{s.Sealed, s.Plain}
	for range turns {
		for _, one := range order {
			if err := do(one, ctx); err != nil {
				return fmt.Errorf("%s: %w", one.vfs, err)
			}
		}
		order[0], order[1] = order[1], order[0]
	}
	return nil
}

func (s *side) config() sqlite.Config { return config(s.vfs) }

func (s *side) open(ctx context.Context, handles []opfs.Handle) (err error) {
	if s.pool, err = opfs.NewPool(handles); err != nil {
		return err
	}
	vfs.Register(s.vfs, s.pool)
	s.db, err = openRows(ctx, s.config())
	return err
}

// commit makes one, and says what it took, in all and outside of the handles.
func (s *side) commit(ctx context.Context) (all, own float64, err error) {
	s.rows++
	start, before := time.Now(), s.disk.in
	err = s.db.Write(ctx, func(c *sqlite.Conn) error { return insert(c, rows+s.rows) })
	took := time.Since(start)
	return milliseconds(took), milliseconds(took - (s.disk.in - before)), err
}

func (s *side) firstCommit(ctx context.Context) error {
	took, _, err := s.commit(ctx)
	s.First = append(s.First, took)
	return err
}

// warmTurn is how long a turn is that does not count.
const warmTurn = 250 * time.Millisecond

func (s *side) warmCommits(ctx context.Context) error {
	return warm(warmTurn, 0, func(int) error {
		_, _, err := s.commit(ctx)
		return err
	})
}

func (s *side) laterCommit(ctx context.Context) error {
	all, own, err := s.commit(ctx)
	s.Commit, s.Own = append(s.Commit, all), append(s.Own, own)
	return err
}

// someRows imports them into an empty part of the table.
func (s *side) someRows(ctx context.Context) error {
	err := s.db.Write(ctx, func(c *sqlite.Conn) error {
		_, err := c.Exec(`DELETE FROM items WHERE id < ?`, key(rows))
		return err
	})
	if err != nil {
		return err
	}
	took, err := each(1, func(int) error { return fill(ctx, s.db) })
	s.Import = append(s.Import, took)
	return err
}

// reads ends the use of the rows, so that their file is free.
func (s *side) reads(ctx context.Context) error {
	took, err := readRows(ctx, s.db)
	s.Read = append(s.Read, took)
	if err == nil {
		err = s.db.Close()
	}
	return err
}

// changes takes them over into a replica that is then deleted.
func (s *side) changes(ctx context.Context) error {
	took, err := ofChanges(ctx, s.config())
	s.Apply = append(s.Apply, took)
	if err == nil {
		err = s.pool.Delete(replicaFile, true)
	}
	return err
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1000 }
