package jobs

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"ret/server/index"
	"ret/server/queue"
	"ret/shared/fault"
	"ret/shared/workspace"
)

// IndexKind is the kind of job that brings the index of a session up to date, by which
// its tables are searched. It reads no files and may come at any time; one follows each
// conversion by itself.
const IndexKind = "index"

var indexKind = Kind{
	Check: func(options json.RawMessage) error {
		var none map[string]json.RawMessage
		if len(bytes.TrimSpace(options)) > 0 && (json.Unmarshal(options, &none) != nil || len(none) > 0) {
			return fault.New(fault.Invalid, "A job of kind \"index\" takes no options.")
		}
		return nil
	},
	Run:          runIndex,
	WithoutFiles: true,
}

// indexMemory is about a third of what making an index takes beside the tables' rows;
// see Memory.
const indexMemory = 20 << 20

func runIndex(ctx context.Context, r *Runner, t *queue.Task) error {
	if r.Index == nil {
		return fault.New(fault.Invalid, "Tables are not indexed here.")
	}
	behind, err := r.Index.Behind(ctx)
	if err != nil {
		return err
	}
	release, err := r.Memory.admit(ctx, min(behind, indexMemory), t.StepAside)
	if err != nil {
		return err
	}
	defer release()
	hold := newHold(r.Folder, t.Turn)
	t.OnSever(hold.revoke)
	last := workspace.Progress{Unit: "rows"}
	err = r.Index.Update(ctx, index.Work{
		Open: func(ctx context.Context, blob string, size int64) (index.Content, error) {
			return hold.blob(ctx, blob, size)
		},
		Rest: t.StepAside,
		Report: func(done, total int64) {
			last.Done, last.Total = done, total
			t.Report(last)
		},
	})
	if err != nil {
		return err
	}
	run, err := t.Fence(ctx)
	if err != nil {
		return err
	}
	return r.Workspace.Progress(ctx, run, last, lastLease) // what was reported may not be stored
}

// lastLease is for a run that has only to end.
const lastLease = 30 * time.Second
