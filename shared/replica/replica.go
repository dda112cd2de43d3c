package replica

import (
	"context"
	"fmt"

	"ret/shared/fault"
	"ret/shared/sqlite"
	"ret/shared/wire"
	"ret/shared/workspace"
)

// Replica is a client's copy of a session: a workspace of the same schema that
// follows the server's by its deltas, and an outbox of what its person asked for
// (outbox.go). One goroutine may change it at a time.
type Replica struct {
	*workspace.Workspace
	target int64 // the server's cursor when it last greeted
}

// Open opens or makes the replica at path. An error for which
// IsDamaged is true means that the file must be deleted and the
// replica begun anew, see OpenOrRescue.
func Open(ctx context.Context, path string, cfg sqlite.Config) (*Replica, error) {
	cfg.Checksums = true // browsers' disks are anybody's
	ws, err := workspace.Open(path, workspace.Options{SQLite: cfg})
	if err != nil {
		return nil, fmt.Errorf("open replica: %w", err)
	}
	r := &Replica{Workspace: ws}
	if err := r.check(ctx); err != nil {
		_ = ws.Close()
		return nil, fmt.Errorf("open replica: %w", err)
	}
	return r, nil
}

// Hello is the greeting of a client that has this replica.
func (r *Replica) Hello(ctx context.Context) (wire.Hello, error) {
	client, err := r.Client(ctx)
	if err != nil {
		return wire.Hello{}, err
	}
	at, err := r.Cursor(ctx)
	if err != nil {
		return wire.Hello{}, err
	}
	h := wire.Hello{Client: client, Cursor: at.Seq, View: wire.ViewData}
	if at.Seq > 0 {
		h.Epoch = r.Epoch()
	}
	return h, nil
}

// Greeted takes the server's answer to a hello. It reports whether the replica
// begins anew, so that nothing that was shown from it can be followed. Afterwards
// all that Unanswered returns is to be sent.
func (r *Replica) Greeted(ctx context.Context, f wire.Frame) (anew bool, err error) {
	var w wire.Welcome
	switch f := f.(type) {
	case *wire.Welcome:
		w = *f
		at, err := r.Cursor(ctx)
		if err != nil {
			return false, err
		}
		anew = at.Seq == 0 || w.Epoch != r.Epoch()
	case *wire.Reset:
		w, anew = wire.Welcome(*f), true
	default:
		return false, fault.New(fault.Invalid, "A %s frame greets nobody.", f.Type())
	}
	if w.Epoch != r.Epoch() {
		w.LastN = 0 // of a client that is given up with its outbox
	}
	if anew {
		if err := r.StartOver(ctx, w.Epoch, w.Cursor); err != nil {
			return true, err
		}
	}
	r.target = w.Cursor
	return anew, r.Agree(ctx, w.LastN)
}

// CaughtUp reports whether a cursor has reached all that the server had when it
// greeted: from then on the replica is whole.
func (r *Replica) CaughtUp(cursor int64) bool { return cursor >= r.target }

// Apply takes a delta over and says what it was: Known and Gap change nothing.
func (r *Replica) Apply(ctx context.Context, d *wire.Delta) (wire.Step, error) {
	at, err := r.Cursor(ctx)
	if err != nil {
		return "", err
	}
	step := wire.Follow(at.Seq, d.From, d.To)
	if step != wire.Apply {
		return step, nil
	}
	things, err := d.Things()
	if err != nil {
		return step, err
	}
	return step, r.Adopt(ctx, things, d.To)
}

// Rehearse does what Apply does, and undoes it: nobody sees any of it.
func (r *Replica) Rehearse(ctx context.Context, d *wire.Delta) error {
	things, err := d.Things()
	if err != nil {
		return err
	}
	return r.tryAdopt(ctx, things, d.To)
}
