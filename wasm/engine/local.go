package engine

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"ret/shared/fault"
	"ret/shared/replica"
	"ret/shared/workspace"
	"ret/wasm/converter"
)

// Local is where JavaScript keeps what this browser has converted itself; all
// fields are needed, and none may wait.
type Local struct {
	Offer  func()                // asks for every kept conversion, see Engine.Offered
	Settle func(jobID string)    // a conversion is not needed any more
	GiveUp func(fileID []string) // files are not to go up any more
}

// Kept is a conversion that this browser keeps.
type Kept struct {
	JobID    string
	Manifest []byte      // see converter.ReadManifest
	Content  io.ReaderAt // its tables
	Waiting  bool        // files of it have yet to go up
}

// Offered takes a conversion that is kept here into the replica, or settles it if
// the server has done the same.
func (e *Engine) Offered(k Kept) {
	e.put(func() {
		e.cfg.Pages.Rows.SetContent(k.JobID, k.Content)
		if !e.ready {
			return // it is offered again when the replica is whole
		}
		if err := e.takeLocal(k); err != nil {
			e.cfg.Log("conversion not shown", err)
		}
	})
}

func (e *Engine) takeLocal(k Kept) error {
	kept, err := converter.ReadManifest(k.Manifest)
	if err != nil {
		e.settle(k.JobID)
		return err
	}
	files := make([]string, len(kept.Files))
	for i, f := range kept.Files {
		files[i] = f.ID
	}
	e.localFiles[k.JobID] = files
	return e.changeLocal(func() error {
		if !k.Waiting && e.online() && e.line.whole && !e.onServer(k.JobID) {
			return e.cfg.Replica.DropLocal(e.ctx, k.JobID) // the server does not know it, and never will
		}
		_, err := e.cfg.Replica.TakeLocal(e.ctx, kept)
		return err
	})
}

// onServer reports whether the server has told of a job.
func (e *Engine) onServer(jobID string) bool {
	if _, err := e.cfg.Replica.Job(e.ctx, jobID); err != nil {
		return false
	}
	locals, err := e.cfg.Replica.LocalOf(e.ctx, jobID)
	return err == nil && len(locals) == 0
}

// changeLocal does something that may change what is local, tells pages of it and
// JavaScript of what is settled.
func (e *Engine) changeLocal(do func() error) error {
	before, err := e.effects()
	if err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	if err := e.showNews(before); err != nil {
		return err
	}
	e.settleLocals()
	e.stand()
	return nil
}

// settleLocals settles the conversions that are not in the replica any more.
func (e *Engine) settleLocals() {
	if len(e.localFiles) == 0 {
		return
	}
	left, err := e.cfg.Replica.LocalJobs(e.ctx)
	if err != nil {
		e.cfg.Log("local jobs not read", err)
		return
	}
	for jobID := range e.localFiles {
		if !slices.ContainsFunc(left, func(l replica.Local) bool { return l.JobID == jobID }) {
			e.settle(jobID)
		}
	}
}

// settle lets go of a conversion. From now on the rows of its tables are the
// server's.
func (e *Engine) settle(jobID string) {
	delete(e.localFiles, jobID)
	e.cfg.Pages.Rows.SetContent(jobID, nil)
	e.cfg.Local.Settle(jobID)
	if e.online() {
		e.lookAhead()
	}
}

// GaveUp says that a file will not go up: nobody wants it any more.
func (e *Engine) GaveUp(fileID string) {
	e.put(func() {
		if err := e.giveUp(fileID); err != nil {
			e.cfg.Log("conversion not given up", err)
		}
	})
}

func (e *Engine) giveUp(id string) error {
	locals, err := e.cfg.Replica.LocalOf(e.ctx, id)
	if err != nil || len(locals) == 0 {
		return err
	}
	return e.changeLocal(func() error {
		for _, l := range locals {
			if l.OnServer {
				continue
			}
			if err := e.cfg.Replica.DropLocal(e.ctx, l.JobID); err != nil {
				return err
			}
		}
		return nil
	})
}

var (
	errNotUp    = fault.New(fault.Conflict, "This file has not gone up yet. Try again when the server has it.")
	errNotMade  = fault.New(fault.Conflict, "The server has not made these tables yet, which come from a file that waits here. Try again when it has, or delete the file.")
	errTogether = fault.New(fault.Conflict, "This file waits to go up together with others. Cancel their job to give up all of them, or delete the file once it is up.")
)

// mutateLocal does to local things what a person asks for: the server does not
// know them yet. done is false if the change is not about any.
func (e *Engine) mutateLocal(m Mutate) (done bool, err error) {
	if len(e.localFiles) == 0 {
		return false, nil
	}
	var args struct {
		ID     string   `json:"id"`
		Files  []string `json:"files"`
		Table  string   `json:"table"`
		Tables []string `json:"tables"`
	}
	if err := json.Unmarshal(m.Args, &args); err != nil {
		return false, nil // whoever does it says what is wrong
	}
	tables, err := e.cfg.Replica.KeptRows(e.ctx, append(args.Tables, args.Table))
	if err != nil {
		return false, fmt.Errorf("find local tables: %w", err)
	}
	if slices.ContainsFunc(tables, func(t replica.KeptRows) bool { return t.Local }) {
		return false, errNotMade
	}
	for _, id := range append(args.Files, args.ID) {
		locals, err := e.cfg.Replica.LocalOf(e.ctx, id)
		if err != nil {
			return false, fmt.Errorf("find local job: %w", err)
		}
		if len(locals) > 0 {
			return true, e.mutateUnsent(m.Name, id, locals[0])
		}
	}
	return false, nil
}

// mutateUnsent deletes or cancels what has not gone up: then it never does.
func (e *Engine) mutateUnsent(name, id string, l replica.Local) error {
	files := e.localFiles[l.JobID]
	switch {
	case name == workspace.MutationFileDelete && len(files) > 1:
		return errTogether
	case name != workspace.MutationFileDelete && name != workspace.MutationJobCancel || l.OnServer:
		return errNotUp
	}
	e.cfg.Local.GiveUp(files)
	return e.giveUp(id)
}
