package engine

import (
	"errors"
	"fmt"
	"time"

	"ret/shared/wire"
	"ret/shared/workspace"
	"ret/shared/xmltable"
	"ret/web/view"
)

// rehearse does once, for nobody, what a change asks for, while the browser opens
// the line. A browser compiles code when it first runs: without this the first
// changes that a person waits for come twice as late.
func (e *Engine) rehearse() {
	empty, err := e.isEmpty()
	for _, state := range []workspace.State{workspace.StateRunning, workspace.StateSucceeded} {
		if err == nil && empty {
			err = e.rehearseEmpty(state)
		} else if err == nil {
			err = e.rehearseBeside(state)
		}
	}
	if err != nil {
		e.cfg.Log("not rehearsed", err)
	}
}

// isEmpty reports whether nothing would be lost with the replica.
func (e *Engine) isEmpty() (bool, error) {
	at, err := e.cfg.Replica.Cursor(e.ctx)
	if err != nil || at.Seq > 0 {
		return false, err
	}
	waiting, err := e.cfg.Replica.OutboxCount(e.ctx)
	return len(waiting) == 0 && !e.ready, err
}

// rehearseEmpty has an empty replica take over an invented upload, draws it and
// empties the replica again. The replica is of no session meanwhile: if it is cut
// off in the middle, the server knows nothing of such a history, and the replica is
// emptied before anything comes in.
func (e *Engine) rehearseEmpty(state workspace.State) error {
	if err := e.cfg.Replica.StartOver(e.ctx, workspace.NewID(), 0); err != nil {
		return fmt.Errorf("leave the session: %w", err)
	}
	d, err := inventedDelta(0, state)
	if err != nil {
		return err
	}
	if _, err := e.cfg.Replica.Apply(e.ctx, d); err != nil {
		return fmt.Errorf("take over: %w", err)
	}
	if err := e.drawNewest(d.To); err != nil {
		return err
	}
	return e.cfg.Replica.StartOver(e.ctx, e.cfg.Replica.Epoch(), 0)
}

// rehearseBeside takes an invented upload over into what is there, undoes that and
// draws what came last.
func (e *Engine) rehearseBeside(state workspace.State) error {
	at, err := e.cfg.Replica.Cursor(e.ctx)
	if err != nil {
		return err
	}
	d, err := inventedDelta(at.Seq, state)
	if err != nil {
		return err
	}
	if err := e.cfg.Replica.Rehearse(e.ctx, d); err != nil {
		return fmt.Errorf("take over: %w", err)
	}
	return e.drawNewest(at.Seq)
}

// rehearsed is how many of the newest changes are drawn.
const rehearsed = 8

func (e *Engine) drawNewest(seq int64) error {
	changed, _, err := e.cfg.Replica.Changes(e.ctx, max(0, seq-rehearsed), rehearsed)
	if errors.Is(err, workspace.ErrForgotten) {
		return nil
	}
	if err == nil {
		_, err = view.EncodeFragments(e.ctx, e.cfg.Replica.Workspace, changed)
	}
	if err != nil {
		return fmt.Errorf("draw: %w", err)
	}
	return nil
}

// inventedDelta is how a server tells of a file, its job and a table after a seq.
func inventedDelta(from int64, state workspace.State) (*wire.Delta, error) {
	var encoded []wire.EncodedChange
	for i, thing := range inventedThings(state) {
		thing.Seq, thing.Op = from+int64(i+1), workspace.Put
		text, err := wire.EncodeThing(thing)
		if err != nil {
			return nil, fmt.Errorf("invent change: %w", err)
		}
		encoded = append(encoded, wire.EncodedChange{Seq: thing.Seq, Text: text})
	}
	text, _ := wire.EncodeDelta(from, from+int64(len(encoded)), encoded)
	frame, err := wire.DecodeServer(text)
	if err != nil {
		return nil, fmt.Errorf("invent delta: %w", err)
	}
	return frame.(*wire.Delta), nil
}

func inventedThings(state workspace.State) []workspace.Thing {
	now := time.Now()
	file := &workspace.File{ID: workspace.NewID(), Name: "invented.xml", Size: 1, Kind: "xml", CreatedAt: now}
	job := &workspace.Job{
		ID: workspace.NewID(), Kind: "convert", State: state, Files: []string{file.ID}, Options: []byte(`{}`), MaxAttempts: 1,
		CreatedAt: now, StartedAt: &now, Progress: workspace.Progress{Total: 1, Unit: "files"}, ToldOfJob: workspace.ToldOfJob{N: 1},
	}
	if state.Finished() {
		job.FinishedAt = &now
	}
	table := &workspace.Table{
		ID: workspace.NewID(), JobID: job.ID, FileID: &file.ID, Group: "invented", Source: file.Name, Name: "row", Rows: 1, Bytes: 1,
		Columns: []xmltable.Column{{Name: "cell", Kind: xmltable.Text}}, CreatedAt: now, ToldOfTable: workspace.ToldOfTable{N: 1},
	}
	return []workspace.Thing{
		{Change: workspace.Change{Entity: workspace.EntityFile, ID: file.ID}, Value: file},
		{Change: workspace.Change{Entity: workspace.EntityJob, ID: job.ID}, Value: job},
		{Change: workspace.Change{Entity: workspace.EntityTable, ID: table.ID}, Value: table},
	}
}
