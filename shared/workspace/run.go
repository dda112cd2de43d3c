package workspace

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ret/shared/fault"
	"ret/shared/sqlite"
)

// ErrLost means that a run no longer owns its job: it was cancelled, or another
// attempt has begun. The run must stop and leaves nothing.
var ErrLost = fault.New(fault.Conflict, "This job was stopped or taken over by another attempt.")

// How often the server may die under a job that makes no progress before the job is
// taken to be the cause. A death while it had been at work on one document for over
// a second (at_risk: a sign of life came, and no end of a document after it) weighs
// as much as five others, for those may be anybody's fault: so it is two such
// deaths.
const (
	maxInterrupted = 10
	riskyDeath     = 5
)

// Run is one attempt at a job. Its attempt number is the fence: once the job has
// moved on, every write of an older attempt is refused with ErrLost.
type Run struct {
	JobID   string
	Attempt int
}

// Waiting returns the jobs to run, oldest first, after putting back those that a
// crash left running. It is called once, when the workspace opens, before
// anything runs.
func (w *Workspace) Waiting(ctx context.Context) (jobs []Queued, err error) {
	err = w.db.Write(ctx, func(c *sqlite.Conn) error {
		jobs = nil
		left, err := texts(c, `SELECT id FROM jobs WHERE state = 'running'`)
		if err != nil {
			return err
		}
		for _, id := range left {
			if err := w.recover(c, id); err != nil {
				return fmt.Errorf("recover job: %w", err)
			}
		}
		for row, err := range c.Query(`SELECT id, kind, run_after FROM jobs WHERE state = 'queued' ORDER BY n`) {
			if err != nil {
				return err
			}
			jobs = append(jobs, Queued{ID: row.Text(0), Kind: row.Text(1), RunAfter: row.Time(2)})
		}
		return nil
	})
	return jobs, err
}

const deadly = "The server died while this job ran, more than once, so it is not tried again. A file may need more memory than the server has. Try it with fewer or smaller files."

// recover queues a job again that was running when the process died. That costs
// no attempt, but a job that dies again and again without progress fails.
func (w *Workspace) recover(c *sqlite.Conn, id string) error {
	var state string
	err := c.QueryRow(`UPDATE jobs SET lease_until = NULL, max_attempts = max_attempts + 1, interrupted = interrupted + iif(at_risk, ?4, 1), rate = 0, message = '',
			state       = iif(interrupted + iif(at_risk, ?4, 1) < ?1, 'queued', 'failed'),
			error       = iif(interrupted + iif(at_risk, ?4, 1) < ?1, error, ?5),
			finished_at = iif(interrupted + iif(at_risk, ?4, 1) < ?1, NULL, ?2)
		WHERE id = ?3 RETURNING state`, []any{maxInterrupted, w.now(), id, riskyDeath, deadly}, &state)
	if err != nil {
		return err
	}
	if State(state).Finished() {
		w.countUnfinished(c, -1)
	}
	return w.record(c, EntityJob, id, Put)
}

// Rescue queues the jobs again that run by their rows, whose lease is over, and of
// which runs says that nobody runs them: a run that was cut off may have left its
// job so. They count as interrupted.
func (w *Workspace) Rescue(ctx context.Context, runs func(jobID string) bool) error {
	left, err := w.overdue(ctx)
	if err != nil {
		return err
	}
	for _, run := range left {
		if runs(run.JobID) {
			continue
		}
		if err := w.rescue(ctx, run); err != nil && !errors.Is(err, ErrLost) {
			return fmt.Errorf("rescue job: %w", err)
		}
	}
	return nil
}

// overdue returns the runs whose lease is over.
func (w *Workspace) overdue(ctx context.Context) (runs []Run, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		runs = nil
		for row, err := range c.Query(`SELECT id, attempt FROM jobs WHERE state = 'running' AND lease_until < ?`, w.now()) {
			if err != nil {
				return err
			}
			runs = append(runs, Run{JobID: row.Text(0), Attempt: int(row.Int64(1))})
		}
		return nil
	})
	return runs, err
}

func (w *Workspace) rescue(ctx context.Context, run Run) error {
	return w.db.Write(ctx, func(c *sqlite.Conn) error {
		if err := run.owns(c); err != nil {
			return err
		}
		if err := w.recover(c, run.JobID); err != nil {
			return err
		}
		job, err := jobByID(c, run.JobID, detail{})
		if err == nil && job.State == StateQueued {
			w.announce(c, Queued{ID: run.JobID, Kind: job.Kind})
		}
		return err
	})
}

// Start begins the next attempt at a queued job, or returns ErrLost if it is not
// queued any more. The lease must be renewed by Progress before it ends.
func (w *Workspace) Start(ctx context.Context, id string, lease time.Duration) (run Run, err error) {
	err = w.db.Write(ctx, func(c *sqlite.Conn) error {
		run = Run{JobID: id}
		now := w.now()
		n, err := c.Exec(`UPDATE jobs SET state = 'running', attempt = attempt + 1, run_after = NULL,
				at_risk = 0,
				lease_until = ?1, started_at = coalesce(started_at, ?2) WHERE id = ?3 AND state = 'queued'`, now.Add(lease), now, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrLost
		}
		if err := c.QueryRow(`SELECT attempt FROM jobs WHERE id = ?`, []any{id}, &run.Attempt); err != nil {
			return err
		}
		return w.record(c, EntityJob, id, Put)
	})
	return run, err
}

// owns is the fence at the start of every write of a run.
func (r Run) owns(c *sqlite.Conn) error {
	var n int
	err := c.QueryRow(`SELECT count(*) FROM jobs WHERE id = ? AND state = 'running' AND attempt = ?`, []any{r.JobID, r.Attempt}, &n)
	if err == nil && n == 0 {
		return ErrLost
	}
	return err
}

// Progress stores how far a run is and renews its lease: a sign of life, given every
// second or so. What is done never goes back.
func (w *Workspace) Progress(ctx context.Context, run Run, p Progress, lease time.Duration) error {
	return w.db.Write(ctx, func(c *sqlite.Conn) error {
		n, err := c.Exec(`UPDATE jobs SET done = max(done, ?), total = max(total, ?), unit = ?, message = ?, rate = ?, lease_until = ?,
				bytes_done = max(bytes_done, ?), bytes_total = max(bytes_total, ?), at_risk = 1
			WHERE id = ? AND state = 'running' AND attempt = ?`,
			p.Done, p.Total, p.Unit, p.Message, p.Rate, w.now().Add(lease), p.BytesDone, p.BytesTotal, run.JobID, run.Attempt)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrLost
		}
		return w.record(c, EntityJob, run.JobID, Put)
	})
}

// Outcome is how a run ends.
type Outcome struct {
	State State  // StateSucceeded or StateFailed
	Error string // why the job as a whole failed, for a person

	// Then is a job that follows one which succeeds and has made tables; nil: none does.
	// It is queued in the same transaction, unless one of its kind waits already, where all
	// tables come to ThenFrom bytes at least.
	Then     *NewJob
	ThenFrom int64
}

// Finish ends a run. When a conversion succeeds, the tables that earlier jobs
// made of the same files are replaced: their blobs are returned to be unlinked.
func (w *Workspace) Finish(ctx context.Context, run Run, out Outcome) (blobs []string, err error) {
	err = w.db.Write(ctx, func(c *sqlite.Conn) error {
		n, err := c.Exec(`UPDATE jobs SET state = ?, error = ?, finished_at = ?, lease_until = NULL, message = '', rate = 0,
				done = max(done, converted + failed + skipped), total = max(total, converted + failed + skipped), bytes_done = bytes_total
			WHERE id = ? AND state = 'running' AND attempt = ?`, string(out.State), out.Error, w.now(), run.JobID, run.Attempt)
		if err != nil {
			return fmt.Errorf("finish job: %w", err)
		}
		if n == 0 {
			return ErrLost
		}
		blobs = nil
		if out.State == StateSucceeded {
			if blobs, err = w.replaceTables(c, run.JobID); err != nil {
				return fmt.Errorf("replace tables: %w", err)
			}
			if err := w.follow(c, run.JobID, out); err != nil {
				return fmt.Errorf("queue what follows: %w", err)
			}
		}
		w.countUnfinished(c, -1)
		return w.record(c, EntityJob, run.JobID, Put)
	})
	return blobs, err
}

// replaceTables drops what a job that has succeeded made anew. One that merges leaves the
// tables that it has read the documents of.
func (w *Workspace) replaceTables(c *sqlite.Conn, jobID string) ([]string, error) {
	var kind string
	if err := c.QueryRow(`SELECT kind FROM jobs WHERE id = ?`, []any{jobID}, &kind); err != nil {
		return nil, err
	}
	if kind == KindMerge {
		return w.dropTables(c, tablesMergedAnew, jobID)
	}
	return w.dropTables(c, tablesReplacedBy, jobID)
}

// follow queues the job that follows another, if it is to.
func (w *Workspace) follow(c *sqlite.Conn, jobID string, out Outcome) error {
	if out.Then == nil {
		return nil
	}
	var due bool
	err := c.QueryRow(`SELECT kind <> ?1 AND tables_made > 0 AND (SELECT table_bytes FROM meta) >= ?2 FROM jobs WHERE id = ?3`,
		[]any{out.Then.Kind, out.ThenFrom, jobID}, &due)
	if err != nil || !due {
		return err
	}
	return w.insertUnless(c, *out.Then, `SELECT EXISTS (SELECT 1 FROM jobs WHERE state = 'queued' AND kind = ?)`)
}

// Requeue puts a run's job back: after a failure where trying again can help,
// not before runAfter, or at shutdown, which costs no attempt.
func (w *Workspace) Requeue(ctx context.Context, run Run, runAfter time.Time, keepAttempt bool) error {
	return w.db.Write(ctx, func(c *sqlite.Conn) error {
		if err := run.owns(c); err != nil {
			return err
		}
		more := 0
		if keepAttempt {
			more = 1 // the attempt must go on counting, so the bound moves instead
		}
		var kind string
		err := c.QueryRow(`UPDATE jobs SET state = 'queued', lease_until = NULL, run_after = ?, max_attempts = max_attempts + ?, rate = 0, message = ''
			WHERE id = ? RETURNING kind`, []any{runAfter, more, run.JobID}, &kind)
		if err != nil {
			return err
		}
		w.announce(c, Queued{ID: run.JobID, Kind: kind, RunAfter: runAfter})
		return w.record(c, EntityJob, run.JobID, Put)
	})
}
