package replica

import (
	"time"

	"ret/shared/entries"
	"ret/shared/sqlite"
	"ret/shared/workspace"
)

// effectOf is what a mutation does to a replica. That is what it does on the server,
// except to entries: a replica has no values of them and no log.
func (r *Replica) effectOf(p Pending, note func(workspace.Change)) (func(*sqlite.Conn) error, error) {
	m := workspace.Mutation{Name: p.Name, Args: p.Args, Base: p.Base}
	if p.Name != workspace.MutationEntryPut && p.Name != workspace.MutationEntryDelete {
		return r.Effect(m, p.MadeAt, note)
	}
	args, err := workspace.ReadEntryArgs(m)
	if err != nil {
		return nil, err
	}
	if p.Name == workspace.MutationEntryDelete {
		return entryDeleteEffect(args, p.Base, note), nil
	}
	return entryPutEffect(args, p.MadeAt, note), nil
}

// entryPutEffect: the time to live that the server gives to entries without one is
// not known here.
func entryPutEffect(args workspace.EntryArgs, at time.Time, note func(workspace.Change)) func(*sqlite.Conn) error {
	return func(c *sqlite.Conn) error {
		e := &entries.Entry{Key: args.Key, Size: int64(len(args.Value)), StoredAt: at}
		if args.TTL > 0 {
			end := e.StoredAt.Add(time.Duration(args.TTL) * time.Second)
			e.ExpiresAt = &end
		}
		if err := adoptEntry(c, e); err != nil {
			return err
		}
		note(workspace.Change{Entity: workspace.EntityEntry, ID: e.Key, Op: workspace.Put})
		return nil
	}
}

func entryDeleteEffect(args workspace.EntryArgs, base int64, note func(workspace.Change)) func(*sqlite.Conn) error {
	return func(c *sqlite.Conn) error {
		if err := workspace.CheckBase(c, workspace.EntityEntry, args.Key, base); err != nil {
			return err
		}
		if err := adoptEntryGone(c, args.Key); err != nil {
			return err
		}
		note(workspace.Change{Entity: workspace.EntityEntry, ID: args.Key, Op: workspace.Del})
		return nil
	}
}
