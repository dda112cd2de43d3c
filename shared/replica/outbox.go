package replica

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"ret/shared/workspace"

	"ret/shared/fault"
	"ret/shared/sqlite"
)

// Pending is a mutation in a replica's outbox: what its person asked for, shown
// at once and sent when there is a server to hear it (effect.go).
type Pending struct {
	ID     int64           // the order in which they were made; none is given twice
	N      int64           // towards the server; 0 once it has answered
	Name   string          // see mutations
	Args   json.RawMessage // of the mutation
	Base   int64           // as in Mutation
	MadeAt time.Time
	State  PendingState
	Seq    int64  // acked: where the server's history has it
	Code   string // rejected: the fault kind
	Detail string // rejected: why, for a person

	Touched []workspace.Change // as Post returns it: what the effect changed
}

// PendingState is where a mutation of an outbox stands.
type PendingState string

// A mutation waits for the server's answer. An acked one stays until the
// replica has heard of what it did, a rejected one until the person has seen it.
const (
	PendingWaiting  PendingState = "waiting"
	PendingAcked    PendingState = "acked"
	PendingRejected PendingState = "rejected"
)

// maxPending bounds an outbox: all effects are taken off and put on again when
// the server says something.
const maxPending = 1000

// Post puts a mutation into the outbox and its effect into the replica, in one
// transaction. What cannot be done to the replica as the person sees it is
// refused with the error that a server would reject it with, and not kept; but a
// deletion of what is gone is done: N is 0 then. ask is the page's own name of it,
// or empty: one that was posted before is not posted again.
func (r *Replica) Post(ctx context.Context, ask, name string, args json.RawMessage, base int64) (p Pending, err error) {
	p = Pending{Name: name, Args: args, Base: base, MadeAt: r.Now(), State: PendingWaiting}
	if p.Args, err = withJobID(name, args); err != nil {
		return p, err
	}
	err = r.Write(ctx, func(c *sqlite.Conn) error {
		p.N, p.Touched = 0, nil
		err := c.QueryRow(`SELECT n FROM outbox_asks WHERE ask = ?`, []any{ask}, &p.N)
		if !errors.Is(err, sqlite.ErrNoRows) {
			return err
		}
		if err := r.post(c, &p); err != nil {
			return err
		}
		return noteAsk(c, ask, p.N)
	})
	return p, err
}

func (r *Replica) post(c *sqlite.Conn, p *Pending) (err error) {
	var kept int64
	if err := c.QueryRow(`SELECT count(*) FROM outbox`, nil, &kept); err != nil {
		return err
	}
	if kept >= maxPending {
		return fault.New(fault.TooMany, "%d changes wait for the server already. Try again when it can be reached.", kept)
	}
	p.Touched, err = r.effect(c, *p)
	if fault.Is(err, fault.NotFound) && wantsGone(*p) {
		return nil // the person has what they wanted
	}
	if err != nil {
		return err
	}
	return p.insert(c)
}

// noteAsk keeps what a page asked for, and forgets what pages asked long ago.
func noteAsk(c *sqlite.Conn, ask string, n int64) error {
	if ask == "" {
		return nil
	}
	if _, err := c.Exec(`INSERT INTO outbox_asks (ask, n) VALUES (?, ?)`, ask, n); err != nil {
		return fmt.Errorf("note ask: %w", err)
	}
	_, err := c.Exec(`DELETE FROM outbox_asks WHERE id <= (SELECT max(id) FROM outbox_asks) - ?`, maxPending)
	return err
}

// wantsGone reports whether a mutation names what it wants to be gone; a list of no
// tables is refused here as by the server.
func wantsGone(p Pending) bool {
	return workspace.WantsGone(workspace.Mutation{Name: p.Name, Args: p.Args})
}

// isDeletion reports whether a mutation wants something to be gone.
func isDeletion(name string) bool {
	return name == workspace.MutationFileDelete || name == workspace.MutationTableDelete
}

// withJobID has a job that is submitted named by the client, so that it is the
// same job wherever and however often it is made.
func withJobID(name string, args json.RawMessage) (json.RawMessage, error) {
	if name != workspace.MutationJobSubmit {
		return args, nil
	}
	fields, err := workspace.ReadArgs[map[string]json.RawMessage](workspace.Mutation{Name: name, Args: args})
	if err != nil {
		return nil, err
	}
	if fields["id"] != nil || fields == nil {
		return args, nil
	}
	fields["id"] = json.RawMessage(`"` + workspace.NewID() + `"`)
	return json.Marshal(fields)
}

func (p *Pending) insert(c *sqlite.Conn) error {
	if err := nameClient(c); err != nil {
		return err
	}
	if err := c.QueryRow(`UPDATE outbox_client SET n = n + 1 RETURNING n`, nil, &p.N); err != nil {
		return err
	}
	err := c.QueryRow(`INSERT INTO outbox (n, name, args, base, made_at, state, touches) VALUES (?, ?, ?, ?, ?, 'waiting', ?) RETURNING id`,
		[]any{p.N, p.Name, string(p.Args), p.Base, p.MadeAt, len(p.Touched)}, &p.ID)
	if err != nil {
		return fmt.Errorf("keep mutation: %w", err)
	}
	return nil
}

// Client is what the server knows this replica as: who numbers its mutations. It
// stays the same for as long as the replica follows one session.
func (r *Replica) Client(ctx context.Context) (client string, err error) {
	err = r.Write(ctx, func(c *sqlite.Conn) error {
		if err := nameClient(c); err != nil {
			return err
		}
		return c.QueryRow(`SELECT client FROM outbox_client`, nil, &client)
	})
	return client, err
}

func nameClient(c *sqlite.Conn) error {
	_, err := c.Exec(`INSERT INTO outbox_client (one, client, n) VALUES (1, ?, 0) ON CONFLICT DO NOTHING`, workspace.NewID())
	return err
}

// Outbox returns the mutations of a state, oldest first, from one whose number
// is higher than after (0 for those that have none), at most limit.
func (r *Replica) Outbox(ctx context.Context, state PendingState, after int64, limit int) (list []Pending, err error) {
	err = r.Read(ctx, func(c *sqlite.Conn) error {
		list, err = pendings(c, `WHERE state = ? AND coalesce(n, 1) > ? ORDER BY id LIMIT ?`, string(state), after, limit)
		return err
	})
	return list, err
}

// OutboxCount counts the mutations of each state that has any.
func (r *Replica) OutboxCount(ctx context.Context) (counts map[PendingState]int64, err error) {
	err = r.Read(ctx, func(c *sqlite.Conn) error {
		counts = make(map[PendingState]int64)
		for row, err := range c.Query(`SELECT state, count(*) FROM outbox GROUP BY state`) {
			if err != nil {
				return err
			}
			counts[PendingState(row.Text(0))] = row.Int64(1)
		}
		return nil
	})
	return counts, err
}

func pendings(c *sqlite.Conn, where string, args ...any) (list []Pending, err error) {
	for row, err := range c.Query(`SELECT id, n, name, args, base, made_at, state, seq, code, detail FROM outbox `+where, args...) {
		if err != nil {
			return nil, err
		}
		var p Pending
		var args, state string
		if err := row.Scan(&p.ID, &p.N, &p.Name, &args, &p.Base, &p.MadeAt, &state, &p.Seq, &p.Code, &p.Detail); err != nil {
			return nil, err
		}
		p.Args, p.State = json.RawMessage(args), PendingState(state)
		list = append(list, p)
	}
	return list, nil
}

// answered takes the server's answer to a mutation, and reports whether effects
// may have changed by it. An answer to one that does not wait is known already.
func (r *Replica) answered(ctx context.Context, a workspace.Answer) (changed bool, err error) {
	err = r.Write(ctx, func(c *sqlite.Conn) error {
		changed = false
		var id, touches, seq int64
		var name string
		err := c.QueryRow(`SELECT id, name, touches, meta.seq FROM outbox, meta WHERE outbox.n = ?`, []any{a.N}, &id, &name, &touches, &seq)
		if errors.Is(err, sqlite.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if isDeletion(name) && a.Code == fault.NotFound.String() {
			a.Code, a.Detail = "", "" // another client was quicker: it is gone
		}
		// Otherwise taking all effects off and putting them on again would do nothing.
		changed = touches > 0 && (a.Rejected() || a.Seq <= seq)
		settle := func() error { return settlePending(c, id, a) }
		if changed {
			return r.rebase(c, settle)
		}
		if err := settle(); err != nil {
			return err
		}
		return dropKnown(c)
	})
	return changed, err
}

func settlePending(c *sqlite.Conn, id int64, a workspace.Answer) error {
	state := PendingAcked
	if a.Rejected() {
		state = PendingRejected
	}
	_, err := c.Exec(`UPDATE outbox SET n = NULL, state = ?, seq = ?, code = ?, detail = ? WHERE id = ?`,
		string(state), a.Seq, a.Code, a.Detail, id)
	return err
}

// dropKnown drops what is done and has come back from the server.
func dropKnown(c *sqlite.Conn) error {
	_, err := c.Exec(`DELETE FROM outbox WHERE state = 'acked' AND seq <= (SELECT seq FROM meta)`)
	return err
}

// Dismiss forgets a rejected mutation, which the person has seen.
func (r *Replica) Dismiss(ctx context.Context, id int64) error {
	return r.Write(ctx, func(c *sqlite.Conn) error {
		_, err := c.Exec(`DELETE FROM outbox WHERE id = ? AND state = 'rejected'`, id)
		return err
	})
}

// Agree makes the outbox's numbers fit those of the server, which says the last
// that it has answered. If it has forgotten answers, what still waits would leave
// a gap: it is numbered anew, under a client that the server does not know yet.
// If it has answered more than this outbox knows of, numbers go on from there.
func (r *Replica) Agree(ctx context.Context, lastN int64) error {
	return r.Write(ctx, func(c *sqlite.Conn) error {
		if err := nameClient(c); err != nil {
			return err
		}
		var first, last int64
		err := c.QueryRow(`SELECT coalesce((SELECT min(n) FROM outbox), n + 1), n FROM outbox_client`, nil, &first, &last)
		switch {
		case err != nil:
			return err
		case lastN > last:
			_, err = c.Exec(`UPDATE outbox_client SET n = ?`, lastN)
			return err
		case lastN < first-1:
			return renumber(c)
		}
		return nil
	})
}

func renumber(c *sqlite.Conn) error {
	waiting, err := pendings(c, `WHERE state = 'waiting' ORDER BY id`)
	if err != nil {
		return err
	}
	for i, p := range waiting {
		if _, err := c.Exec(`UPDATE outbox SET n = ? WHERE id = ?`, i+1, p.ID); err != nil {
			return fmt.Errorf("number anew: %w", err)
		}
	}
	_, err = c.Exec(`UPDATE outbox_client SET client = ?, n = ?`, workspace.NewID(), len(waiting))
	return err
}

// dropOutbox gives up what belongs to another history, and the name that it was
// told under.
func dropOutbox(c *sqlite.Conn) error {
	for _, table := range []string{`outbox`, `outbox_asks`} {
		if _, err := c.Exec(`DELETE FROM ` + table); err != nil {
			return err
		}
	}
	_, err := c.Exec(`DELETE FROM outbox_client`)
	return err
}
