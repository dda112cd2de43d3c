package replica

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"ret/shared/workspace"

	"ret/shared/fault"
	"ret/shared/sqlite"
)

// A mutation that waits in a replica's outbox has its effect there already: the
// server's own code runs on the replica. What it changes is kept as the server
// has it in outbox_before, one row a thing, so that all effects can be taken off,
// what the server says be taken over, and the effects of what still waits be put
// on again (rebase), all in one transaction. Readers never see a replica without
// its effects.
//
// Effects leave no trace in changes and in the seq: these are the server's.

// errTried undoes an effect that was tried.
var errTried = errors.New("tried")

// effect does a mutation to the replica and returns what it changed.
func (r *Replica) effect(c *sqlite.Conn, p Pending) (touched []workspace.Change, err error) {
	run, err := r.effectOf(p, func(ch workspace.Change) { touched = append(touched, ch) })
	if err != nil {
		return nil, err
	}
	// Only when it is done is it known what it changes, and what that was before
	// only when it is undone.
	err = c.Try(func() error {
		if err := run(c); err != nil {
			return err
		}
		return errTried
	})
	if err != errTried { // as it is: joined with another it could not be undone
		return nil, err
	}
	for _, ch := range touched {
		if err := keepBefore(c, ch); err != nil {
			return nil, fmt.Errorf("keep %s: %w", ch.Entity, err)
		}
	}
	touched = nil
	err = run(c)
	return touched, err
}

// keepBefore keeps a thing as the server has it, which is as it is now if no
// effect has changed it yet.
func keepBefore(c *sqlite.Conn, ch workspace.Change) error {
	n, value, err := before(c, ch)
	if err != nil {
		return err
	}
	_, err = c.Exec(`INSERT INTO outbox_before (entity, id, op, "group", n, value) VALUES (?, ?, ?, nullif(?, ''), ?, ?)
		ON CONFLICT (entity, id) DO UPDATE SET op = excluded.op, "group" = excluded."group"`,
		string(ch.Entity), ch.ID, string(ch.Op), ch.Group, n, value)
	return err
}

// before is a thing's place and its JSON, nil if it is not there.
func before(c *sqlite.Conn, ch workspace.Change) (n int64, value any, err error) {
	thing, err := wholeValue(c, ch)
	if fault.Is(err, fault.NotFound) || errors.Is(err, sqlite.ErrNoRows) {
		return 0, nil, nil
	}
	if err != nil {
		return 0, nil, err
	}
	if place := places[ch.Entity]; place != "" {
		if err := c.QueryRow(`SELECT n FROM `+place+` WHERE id = ?`, []any{ch.ID}, &n); err != nil {
			return 0, nil, err
		}
	}
	text, err := json.Marshal(thing)
	return n, string(text), err
}

// places are the tables of things that can come back into a list that is ordered
// by arrival.
var places = map[workspace.Entity]string{workspace.EntityFile: "files", workspace.EntityTable: "tables"}

// wholeValue is a thing with all that is here of it, which may be more than
// clients are told.
func wholeValue(c *sqlite.Conn, ch workspace.Change) (any, error) {
	value, err := workspace.ValueOf(c, ch)
	told, isJob := value.(*workspace.Job)
	if err != nil || !isJob {
		return value, err
	}
	j, err := workspace.WholeJob(c, ch.ID)
	if err != nil {
		return nil, err
	}
	j.ToldOfJob = told.ToldOfJob
	return j, nil
}

// rebase takes all effects off, has fn do what the server says, and puts on again
// what is still to be seen.
func (r *Replica) rebase(c *sqlite.Conn, fn func() error) error {
	if err := takeOff(c); err != nil {
		return fmt.Errorf("take effects off: %w", err)
	}
	if err := fn(); err != nil {
		return err
	}
	if err := dropKnown(c); err != nil {
		return err
	}
	if err := r.putOn(c); err != nil {
		return fmt.Errorf("put effects on: %w", err)
	}
	return nil
}

// takeOff makes all things what they are on the server.
func takeOff(c *sqlite.Conn) error {
	things, places, err := keptThings(c)
	if err != nil {
		return err
	}
	for i, t := range things {
		if err := adoptValue(c, t); err != nil {
			return err
		}
		if table := placesOf(t); table != "" {
			if _, err := c.Exec(`UPDATE `+table+` SET n = ? WHERE id = ?`, places[i], t.ID); err != nil {
				return err
			}
		}
	}
	_, err = c.Exec(`DELETE FROM outbox_before`)
	return err
}

func placesOf(t workspace.Thing) string {
	if t.Value == nil {
		return ""
	}
	return places[t.Entity]
}

// keptThings returns what effects have changed, as the server has it, and where
// it stands in lists.
func keptThings(c *sqlite.Conn) (things []workspace.Thing, places []int64, err error) {
	for row, err := range c.Query(`SELECT entity, id, n, value FROM outbox_before`) {
		if err != nil {
			return nil, nil, err
		}
		t := workspace.Thing{Change: workspace.Change{Entity: workspace.Entity(row.Text(0)), ID: row.Text(1)}}
		if !row.IsNull(3) {
			t.Value = workspace.NewValue(t.Entity)
			if err := json.Unmarshal([]byte(row.Text(3)), t.Value); err != nil {
				return nil, nil, fmt.Errorf("read kept %s: %w", t.Entity, err)
			}
		}
		things, places = append(things, t), append(places, row.Int64(2))
	}
	return things, places, nil
}

// putOn gives all that is not answered, or whose doing has not come back yet, its
// effect. What the replica refuses by now waits without one: the server decides.
func (r *Replica) putOn(c *sqlite.Conn) error {
	list, err := pendings(c, `WHERE state <> 'rejected' ORDER BY id`)
	if err != nil {
		return err
	}
	for _, p := range list {
		touched, err := r.effect(c, p)
		if err != nil && !workspace.Refuses(err) {
			return err
		}
		if _, err := c.Exec(`UPDATE outbox SET touches = ? WHERE id = ?`, len(touched), p.ID); err != nil {
			return err
		}
	}
	return nil
}

// Effects returns what differs from the server because of the outbox and of local
// jobs, as changes by which pages can follow it; and in off, with what they are on
// the server, those of earlier that do not differ any more. These changes have no
// seq.
func (r *Replica) Effects(ctx context.Context, earlier []workspace.Change) (on, off []workspace.Change, err error) {
	err = r.Read(ctx, func(c *sqlite.Conn) error {
		off = nil
		if on, err = localChanges(c); err != nil {
			return err
		}
		differs := make(map[thing]bool)
		for _, ch := range on {
			differs[thingOf(ch)] = true
		}
		for row, err := range c.Query(`SELECT entity, id, op, "group" FROM outbox_before`) {
			if err != nil {
				return err
			}
			ch := workspace.Change{Entity: workspace.Entity(row.Text(0)), ID: row.Text(1), Op: workspace.Op(row.Text(2)), Group: row.Text(3)}
			if differs[thingOf(ch)] {
				on = slices.DeleteFunc(on, func(other workspace.Change) bool { return thingOf(other) == thingOf(ch) })
			}
			differs[thingOf(ch)] = true
			on = append(on, ch)
		}
		for _, ch := range earlier {
			if differs[thingOf(ch)] {
				continue
			}
			if ch, err = onServer(c, ch); err != nil {
				return err
			}
			off = append(off, ch)
		}
		return nil
	})
	return on, off, err
}

// thing is what changed, whatever happened to it.
type thing struct {
	entity workspace.Entity
	id     string
}

func thingOf(ch workspace.Change) thing { return thing{ch.Entity, ch.ID} }

// onServer is a thing's last change there. Of a thing that was never there it is
// its deletion.
func onServer(c *sqlite.Conn, ch workspace.Change) (workspace.Change, error) {
	last := workspace.Change{Entity: ch.Entity, ID: ch.ID, Op: workspace.Del, Group: ch.Group}
	for row, err := range c.Query(`SELECT op, "group" FROM changes WHERE entity = ? AND id = ?`, string(ch.Entity), ch.ID) {
		if err != nil {
			return last, err
		}
		last.Op, last.Group = workspace.Op(row.Text(0)), row.Text(1)
	}
	return last, nil
}
