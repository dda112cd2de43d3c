package jobs

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"ret/server/index"
	"ret/server/meaning"
	"ret/server/queue"
	"ret/shared/fault"
	"ret/shared/workspace"
)

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
		Rest:    t.StepAside,
		Outside: t.Outside,
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
	// What was reported may not be stored.
	if err := r.Workspace.Progress(ctx, run, last, lastLease); err != nil || r.Meaning == nil {
		return err
	}
	return r.embed(ctx, t)
}

// embed makes the vectors that tables lack. A model that cannot be had fails the job with
// its sentence; what is found by words is there nevertheless.
func (r *Runner) embed(ctx context.Context, t *queue.Task) error {
	return r.Meaning.Update(ctx, meaning.Work{
		Embed:   func(ctx context.Context, do func() error) error { return r.embedding(ctx, t, do) },
		Outside: t.Outside,
		Report: func(done, total int64) {
			t.Report(workspace.Progress{Done: done, Total: total, Unit: "rows", Message: "what rows mean"})
		},
	})
}

// embedding uses the model: one at an endpoint without a worker's place.
func (r *Runner) embedding(ctx context.Context, t *queue.Task, do func() error) error {
	if r.Meaning.Local() {
		if err := t.Turn(ctx); err != nil {
			return err
		}
		return do()
	}
	return t.Outside(ctx, do)
}

// lastLease is for a run that has only to end.
const lastLease = 30 * time.Second
