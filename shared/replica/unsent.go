package replica

import (
	"context"
	"fmt"

	"ret/shared/fault"
	"ret/shared/sqlite"
)

// unsent is what a replica has and no server: its outbox, and under which name and
// numbers it is told.
type unsent struct {
	Epoch   string
	Client  string
	N       int64
	Changes []Pending
	Lost    bool // some of it, or all, could not be read
}

// readUnsent reads of a replica that is damaged what can be read; whatever cannot is
// Lost. The database is as it was afterwards.
func readUnsent(ctx context.Context, path string, cfg sqlite.Config) (u unsent) {
	db, err := sqlite.Open(path, cfg)
	if err != nil {
		return unsent{Lost: true}
	}
	defer func() { _ = db.Close() }() // it is given up
	err = db.Read(ctx, func(c *sqlite.Conn) error { return u.read(c) })
	u.Lost = err != nil
	return u
}

func (u *unsent) read(c *sqlite.Conn) error {
	if err := c.QueryRow(`SELECT epoch FROM meta`, nil, &u.Epoch); err != nil {
		return err
	}
	for row, err := range c.Query(`SELECT client, n FROM outbox_client`) {
		if err != nil {
			return err
		}
		u.Client, u.N = row.Text(0), row.Int64(1)
	}
	// One by one, so that those before a bad page are had.
	for last := int64(0); ; {
		next, err := pendings(c, `WHERE id > ? AND state <> 'acked' ORDER BY id LIMIT 1`, last)
		if err != nil || len(next) == 0 {
			return err
		}
		last = next[0].ID
		u.Changes = append(u.Changes, next[0])
	}
}

// lostDetail is said of changes that could not be read.
const lostDetail = "The copy in this browser was damaged, and changes that waited in it are lost. Look whether they were made, and make them again if not."

// takeUnsent puts what was read of another replica into this one, which is new and
// empty, to follow the same history from 0 on. What was lost is said as a change that
// was not made.
func (r *Replica) takeUnsent(ctx context.Context, u unsent) error {
	if u.Epoch == "" {
		u.Epoch = r.Epoch()
	}
	if err := r.StartOver(ctx, u.Epoch, 0); err != nil {
		return fmt.Errorf("take unsent: %w", err)
	}
	return r.Write(ctx, func(c *sqlite.Conn) error {
		if u.Client != "" {
			if _, err := c.Exec(`INSERT INTO outbox_client (one, client, n) VALUES (1, ?, ?)`, u.Client, u.N); err != nil {
				return err
			}
		}
		if u.Lost {
			u.Changes = append(u.Changes, Pending{Name: "other", Args: []byte("{}"), MadeAt: r.Now(), State: PendingRejected, Code: fault.Unavailable.String(), Detail: lostDetail})
		}
		for _, p := range u.Changes {
			var n any
			if p.N > 0 {
				n = p.N
			}
			if _, err := c.Exec(`INSERT INTO outbox (n, name, args, base, made_at, state, code, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
				n, p.Name, string(p.Args), p.Base, p.MadeAt, string(p.State), p.Code, p.Detail); err != nil {
				return fmt.Errorf("keep mutation: %w", err)
			}
		}
		return nil
	})
}
