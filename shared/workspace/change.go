package workspace

import (
	"context"
	"fmt"

	"ret/shared/entries"
	"ret/shared/fault"
	"ret/shared/sqlite"
)

// Entity is a kind of thing that clients hear of.
type Entity string

// The entities of the live channel.
const (
	EntityFile  Entity = "file"
	EntityJob   Entity = "job"
	EntityTable Entity = "table"
	EntityEntry Entity = "entry"
)

// Op says what a change did.
type Op string

// A thing was put (made or changed) or deleted.
const (
	Put Op = "put"
	Del Op = "del"
)

// Change says that a thing changed at a seq. Values are read when sent, so a
// later change of the same thing replaces this one.
type Change struct {
	Seq    int64
	Entity Entity
	ID     string
	Op     Op
	Group  string // of a deleted table: the group it was in
}

// keptDeletions bounds how many deletions are remembered for clients that were
// away; a cursor older than the oldest kept one must start again.
const keptDeletions = 10_000

// record gives a change its seq, inside the transaction that makes it, and has
// the listener told after the commit.
func (w *Workspace) record(c *sqlite.Conn, entity Entity, id string, op Op) error {
	return w.recordChange(c, Change{Entity: entity, ID: id, Op: op})
}

// recordChange is record for a change that says more; its Seq is set here.
func (w *Workspace) recordChange(c *sqlite.Conn, ch Change) error {
	if w.note != nil {
		w.note(ch)
		return nil
	}
	var seq int64
	// Two statements: RETURNING would make SQLite build a table for its answer.
	if _, err := c.Exec(`UPDATE meta SET seq = seq + 1`); err != nil {
		return fmt.Errorf("next seq: %w", err)
	}
	if err := c.QueryRow(`SELECT seq FROM meta`, nil, &seq); err != nil {
		return fmt.Errorf("next seq: %w", err)
	}
	ch.Seq = seq
	if err := WriteChange(c, ch); err != nil {
		return fmt.Errorf("record change: %w", err)
	}
	c.AfterCommit(func() { w.listener.Changed(seq) })
	if ch.Op == Del && seq%1024 == 0 {
		return forgetDeletions(c)
	}
	return nil
}

// WriteChange writes a change as it is: with the seq that it has, telling nobody.
func WriteChange(c *sqlite.Conn, ch Change) error {
	_, err := c.Exec(`INSERT INTO changes (entity, id, seq, op, "group") VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (entity, id) DO UPDATE SET seq = excluded.seq, op = excluded.op, "group" = excluded."group"`,
		string(ch.Entity), ch.ID, ch.Seq, string(ch.Op), groupOrNil(ch))
	return err
}

func groupOrNil(ch Change) any {
	if ch.Group == "" {
		return nil
	}
	return ch.Group
}

// forgetDeletions drops all but the newest deletions and remembers from where on
// the list is whole.
func forgetDeletions(c *sqlite.Conn) error {
	var floor int64
	err := c.QueryRow(`SELECT coalesce((SELECT seq FROM changes WHERE op = 'del' ORDER BY seq DESC LIMIT 1 OFFSET ?), 0)`,
		[]any{keptDeletions}, &floor)
	if err != nil || floor == 0 {
		return err
	}
	if _, err := c.Exec(`DELETE FROM changes WHERE op = 'del' AND seq <= ?`, floor); err != nil {
		return err
	}
	_, err = c.Exec(`UPDATE meta SET floor = max(floor, ?)`, floor)
	return err
}

// ErrForgotten means that a client was away for so long that it has to start
// again from 0.
var ErrForgotten = fault.New(fault.Conflict, "Too much has changed since this client was last here. Load the page again.")

// Cursor is a client's place in a workspace's history.
type Cursor struct {
	Seq   int64 // the last change
	Floor int64 // an older cursor than this has missed deletions
}

// Cursor returns where the history ends and from where on it is whole.
func (w *Workspace) Cursor(ctx context.Context) (cur Cursor, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		return c.QueryRow(`SELECT seq, floor FROM meta`, nil, &cur.Seq, &cur.Floor)
	})
	return cur, err
}

// Thing is a change with the thing's present value: *File, *Job, *Table or
// *entries.Entry; nil for a deletion.
type Thing struct {
	Change
	Value any
}

// Things returns what changed after a seq, oldest change first, at most limit,
// all from one snapshot; to is the seq that a client has reached with them.
// From 0 on it is the whole workspace, without deletions. ErrForgotten if a
// deletion after that seq is not remembered any more.
func (w *Workspace) Things(ctx context.Context, after int64, limit int) (things []Thing, to int64, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		things = nil
		changes, reached, err := changesAfter(c, after, limit)
		to = reached
		if err != nil {
			return err
		}
		for _, ch := range changes {
			thing := Thing{Change: ch}
			if ch.Op == Put {
				if thing.Value, err = ValueOf(c, ch); err != nil {
					return fmt.Errorf("read changed %s: %w", ch.Entity, err)
				}
			}
			things = append(things, thing)
		}
		return nil
	})
	return things, to, err
}

// Changes returns what Things does, without the values.
func (w *Workspace) Changes(ctx context.Context, after int64, limit int) (changes []Change, to int64, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		changes, to, err = changesAfter(c, after, limit)
		return err
	})
	return changes, to, err
}

func changesAfter(c *sqlite.Conn, after int64, limit int) (changes []Change, to int64, err error) {
	var floor int64
	if err := c.QueryRow(`SELECT seq, floor FROM meta`, nil, &to, &floor); err != nil {
		return nil, 0, err
	}
	if after > 0 && after < floor {
		return nil, 0, ErrForgotten
	}
	for row, err := range c.Query(`SELECT seq, entity, id, op, "group" FROM changes
			WHERE seq > ?1 AND (?1 > 0 OR op = 'put') ORDER BY seq LIMIT ?2`, after, limit) {
		if err != nil {
			return nil, 0, err
		}
		changes = append(changes, Change{
			Seq: row.Int64(0), Entity: Entity(row.Text(1)), ID: row.Text(2), Op: Op(row.Text(3)), Group: row.Text(4),
		})
	}
	if len(changes) == limit {
		to = changes[limit-1].Seq
	}
	return changes, to, nil
}

// NewValue is an empty value of an entity, to read its JSON into.
func NewValue(entity Entity) any {
	switch entity {
	case EntityFile:
		return new(File)
	case EntityJob:
		return new(Job)
	case EntityTable:
		return new(Table)
	default:
		return new(entries.Entry)
	}
}

// ValueOf reads what clients are told of a changed thing.
func ValueOf(c *sqlite.Conn, ch Change) (any, error) {
	switch ch.Entity {
	case EntityFile:
		return fileByID(c, ch.ID)
	case EntityJob:
		return toldJob(c, ch.ID)
	case EntityTable:
		return toldTable(c, ch.ID)
	default:
		return entries.ByKey(c, ch.ID)
	}
}
