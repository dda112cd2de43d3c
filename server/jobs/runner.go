package jobs

import (
	"context"
	"log/slog"

	"ret/server/files"
	"ret/server/index"
	"ret/server/meaning"
	"ret/server/queue"
	"ret/shared/convert"
	"ret/shared/fault"
	"ret/shared/query"
	"ret/shared/workspace"
)

// Progress shows how far a job is to whoever looks.
type Progress func(jobID string, p workspace.Progress)

// Runner does one session's jobs; it implements queue.Runner.
type Runner struct {
	Workspace *workspace.Workspace
	Folder    *files.Folder
	Index     *index.Index   // nil: tables are not indexed when they have been made
	Meaning   *meaning.Index // nil: rows are not found by what they mean
	Show      Progress
	Limits    convert.Limits
	Workers   int     // documents at once within a job
	Memory    *Memory // that all jobs share; nil: no bound

	// MaxSessionBytes is what uploads and tables may come to; 0 is no limit.
	MaxSessionBytes int64

	Asking *Asking // nil: no questions are answered
	Query  func(ctx context.Context, sql string, rows int) (*query.Result, error)

	Log *slog.Logger
}

// Run implements queue.Runner.
func (r *Runner) Run(ctx context.Context, t *queue.Task) error {
	k, ok := kinds[t.Kind]
	if !ok {
		return fault.New(fault.Invalid, "This RET does not know the kind of this job.")
	}
	return k.Run(ctx, r, t)
}

// Finish implements queue.Runner: what the job replaces is unlinked, and what it has made
// is indexed next.
func (r *Runner) Finish(ctx context.Context, run workspace.Run, out workspace.Outcome) error {
	if r.Index != nil {
		out.Then, out.ThenFrom = &workspace.NewJob{Kind: workspace.KindIndex}, index.WorthBytes
		if r.Meaning != nil {
			out.ThenFrom = 1 // no table is so small that its words say what it means
		}
	}
	blobs, err := r.Workspace.Finish(ctx, run, out)
	if err != nil {
		return err
	}
	if err := r.Folder.Remove(blobs...); err != nil {
		r.Log.Warn("replaced tables not unlinked", "err", err)
	}
	return nil
}

// Progress implements queue.Runner.
func (r *Runner) Progress(jobID string, p workspace.Progress) { r.Show(jobID, p) }
