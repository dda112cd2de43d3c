package replica

import (
	"context"
	"encoding/json"

	"ret/shared/fault"
	"ret/shared/wire"
	"ret/shared/workspace"
)

// Mutate takes a change that a person asks for: it is kept, and its effect is
// there, when Mutate returns. base is the seq at which the person saw the thing;
// 0 asks nothing. What cannot be done to the replica is refused and not kept. ask is
// who asks' own name of the change, or empty: the same one is taken once.
func (r *Replica) Mutate(ctx context.Context, ask, name string, args json.RawMessage, base int64) (Pending, error) {
	if err := wire.CheckMutate(name, args); err != nil {
		return Pending{}, err
	}
	return r.Post(ctx, ask, name, args, base)
}

// Unanswered returns the mutations that wait for the server's answer and have a
// number beyond after, oldest first, at most limit. All of them must be sent
// after each greeting, since they may or may not have been heard.
func (r *Replica) Unanswered(ctx context.Context, after int64, limit int) ([]wire.Mutate, error) {
	client, err := r.Client(ctx)
	if err != nil {
		return nil, err
	}
	waiting, err := r.Outbox(ctx, PendingWaiting, after, limit)
	if err != nil {
		return nil, err
	}
	frames := make([]wire.Mutate, len(waiting))
	for i, p := range waiting {
		frames[i] = wire.Mutate{Client: client, N: p.N, Name: p.Name, Args: p.Args, Base: p.Base}
	}
	return frames, nil
}

// Answered takes an *Ack or *Rejected, and reports whether effects may have
// changed by it.
func (r *Replica) Answered(ctx context.Context, f wire.Frame) (changed bool, err error) {
	switch a := f.(type) {
	case *wire.Ack:
		return r.answered(ctx, workspace.Answer{N: a.N, Seq: a.Seq})
	case *wire.Rejected:
		return r.answered(ctx, workspace.Answer{N: a.N, Code: a.Code, Detail: a.Detail})
	}
	return false, fault.New(fault.Invalid, "A %s frame answers nothing.", f.Type())
}

// Rejected returns what the server did not do and the person has not dismissed,
// oldest first, at most limit.
func (r *Replica) Rejected(ctx context.Context, limit int) ([]Pending, error) {
	return r.Outbox(ctx, PendingRejected, 0, limit)
}
