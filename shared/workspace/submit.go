package workspace

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"ret/shared/fault"
	"ret/shared/sqlite"
)

// NewJob asks for a piece of work.
type NewJob struct {
	ID          string // made by the client, or empty
	Key         string // the same key gives the same job; or empty
	Kind        string
	Files       []string // ids
	Options     json.RawMessage
	MaxAttempts int // 0 means usualAttempts
}

const usualAttempts = 3

// maxUnfinished bounds the jobs of one session that wait or run.
const maxUnfinished = 20_000

// Submit makes a job, or answers the one that has the same id or key; created
// says which. NotFound if a file is not there, TooMany if too many jobs wait.
func (w *Workspace) Submit(ctx context.Context, spec NewJob) (job *Job, created bool, err error) {
	err = w.db.Write(ctx, func(c *sqlite.Conn) error {
		job, created, err = w.submit(c, spec)
		return err
	})
	return job, created, err
}

// SubmitUnlessUnderway makes a job of which one is enough: none while one of its kind waits
// or runs.
func (w *Workspace) SubmitUnlessUnderway(ctx context.Context, spec NewJob) error {
	return w.db.Write(ctx, func(c *sqlite.Conn) error {
		return w.insertUnless(c, spec, `SELECT EXISTS (SELECT 1 FROM jobs WHERE state IN ('queued', 'running') AND kind = ?)`)
	})
}

// Underway returns the unfinished job that does the same as spec, or nil.
func (w *Workspace) Underway(ctx context.Context, spec NewJob) (job *Job, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		ids, err := texts(c, `SELECT id FROM jobs WHERE state IN ('queued', 'running') AND kind = ? AND options = ? LIMIT 1`, spec.Kind, string(spec.Options))
		if err != nil || len(ids) == 0 {
			job = nil
			return err
		}
		job, err = jobByID(c, ids[0], whole)
		return err
	})
	return job, err
}

// insertUnless makes a job unless a query says of its kind that there is one.
func (w *Workspace) insertUnless(c *sqlite.Conn, spec NewJob, query string) error {
	var there bool
	if err := c.QueryRow(query, []any{spec.Kind}, &there); err != nil || there {
		return err
	}
	_, err := w.insertJob(c, spec, reads{})
	return err
}

func (w *Workspace) submit(c *sqlite.Conn, spec NewJob) (*Job, bool, error) {
	if job, err := sameJob(c, spec); job != nil || err != nil {
		return job, false, err
	}
	read, err := readsOf(c, spec.Files)
	if err != nil {
		return nil, false, err
	}
	if w.unfinished.Load() >= maxUnfinished {
		return nil, false, &fault.Error{
			Kind: fault.TooMany, RetryAfter: 10 * time.Second,
			Message: "Too many jobs of this session are waiting. Try again when some have finished.",
		}
	}
	job, err := w.insertJob(c, spec, read)
	return job, true, err
}

// sameJob returns the job that a repeated submission means, or nil.
func sameJob(c *sqlite.Conn, spec NewJob) (*Job, error) {
	if spec.ID == "" && spec.Key == "" {
		return nil, nil
	}
	var id string
	err := c.QueryRow(`SELECT id FROM jobs WHERE id = ?1 OR (?2 <> '' AND key = ?2)`, []any{spec.ID, spec.Key}, &id)
	if errors.Is(err, sqlite.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return jobByID(c, id, whole)
}

// reads is what the record keeps of the files that a job reads.
type reads struct {
	first string // its name
	bytes int64  // of all
}

// readsOf is NotFound if a file is not there.
func readsOf(c *sqlite.Conn, files []string) (r reads, err error) {
	for i, id := range files {
		f, err := fileByID(c, id)
		if err != nil {
			return r, err
		}
		if i == 0 {
			r.first = f.Name
		}
		r.bytes += f.Size
	}
	return r, nil
}

func (w *Workspace) insertJob(c *sqlite.Conn, spec NewJob, r reads) (*Job, error) {
	if spec.ID == "" {
		spec.ID = NewID()
	}
	spec.MaxAttempts = cmp.Or(spec.MaxAttempts, usualAttempts)
	if len(spec.Options) == 0 {
		spec.Options = json.RawMessage("{}")
	}
	var key any
	if spec.Key != "" {
		key = spec.Key
	}
	// What a reader would find, built here: reading it back costs as much as
	// writing it.
	job := &Job{
		ID: spec.ID, Kind: spec.Kind, State: StateQueued, Files: append([]string{}, spec.Files...), Options: spec.Options,
		Progress: Progress{Unit: "files"}, MaxAttempts: spec.MaxAttempts, CreatedAt: w.Now(), Errors: []JobError{},
	}
	_, err := c.Exec(`INSERT INTO jobs (id, key, kind, state, options, max_attempts, created_at, first_file, file_bytes)
			VALUES (?, ?, ?, 'queued', ?, ?, ?, ?, ?)`,
		job.ID, key, job.Kind, string(job.Options), job.MaxAttempts, job.CreatedAt, r.first, r.bytes)
	if err != nil {
		return nil, fmt.Errorf("insert job: %w", err)
	}
	for i, id := range job.Files {
		if _, err := c.Exec(`INSERT INTO job_files (job_id, position, file_id) VALUES (?, ?, ?)`, job.ID, i, id); err != nil {
			return nil, fmt.Errorf("insert job file: %w", err)
		}
	}
	if err := w.record(c, EntityJob, job.ID, Put); err != nil {
		return nil, err
	}
	w.countUnfinished(c, 1)
	w.announce(c, Queued{ID: job.ID, Kind: job.Kind})
	return job, nil
}

// announce tells the queue of a waiting job once it is committed.
func (w *Workspace) announce(c *sqlite.Conn, q Queued) {
	c.AfterCommit(func() { w.listener.Queued(q) })
}

// countUnfinished follows a job that begins or ends to be unfinished.
func (w *Workspace) countUnfinished(c *sqlite.Conn, by int64) {
	c.AfterCommit(func() { w.unfinished.Add(by) })
}

// Cancel ends an unfinished job; a finished one stays as it is. The tables of
// documents that it finished stay.
func (w *Workspace) Cancel(ctx context.Context, id string, base int64) (job *Job, err error) {
	err = w.db.Write(ctx, func(c *sqlite.Conn) error {
		if err := CheckBase(c, EntityJob, id, base); err != nil {
			return err
		}
		if err := w.cancel(c, id); err != nil {
			return err
		}
		job, err = jobByID(c, id, whole)
		return err
	})
	return job, err
}

func (w *Workspace) cancel(c *sqlite.Conn, id string) error {
	n, err := c.Exec(`UPDATE jobs SET state = 'cancelled', finished_at = ?, lease_until = NULL, message = '', rate = 0
		WHERE id = ? AND state IN ('queued', 'running')`, w.now(), id)
	if err != nil || n == 0 {
		return err
	}
	w.countUnfinished(c, -1)
	c.AfterCommit(func() { w.listener.Stopped(id) })
	return w.record(c, EntityJob, id, Put)
}

// Retry queues a failed or cancelled job again, under its id; documents that it
// converted are not done again. Conflict for a job in another state.
func (w *Workspace) Retry(ctx context.Context, id string) (job *Job, err error) {
	err = w.db.Write(ctx, func(c *sqlite.Conn) error {
		job, err = w.retry(c, id)
		return err
	})
	return job, err
}

func (w *Workspace) retry(c *sqlite.Conn, id string) (*Job, error) {
	job, err := jobByID(c, id, whole)
	if err != nil {
		return nil, err
	}
	if job.State != StateFailed && job.State != StateCancelled {
		return nil, fault.New(fault.Conflict, "This job is %s; only a failed or cancelled one can be tried again.", job.State)
	}
	for _, file := range job.Files {
		if _, err := fileByID(c, file); err != nil {
			return nil, fault.Wrap(fault.Conflict, err, "A file of this job has been deleted. Upload it again instead.")
		}
	}
	if _, err := c.Exec(`DELETE FROM documents WHERE job_id = ? AND status <> 'converted'`, id); err != nil {
		return nil, err
	}
	if _, err := c.Exec(`DELETE FROM ask_answers WHERE job_id = ?`, id); err != nil {
		return nil, err
	}
	// The attempt goes on counting: it is the fence against a late worker.
	if _, err := c.Exec(`UPDATE jobs SET state = 'queued', max_attempts = attempt + ?, finished_at = NULL, run_after = NULL,
			error = '', interrupted = 0, failed = 0, skipped = 0, done = converted, bytes_done = 0, message = '', rate = 0 WHERE id = ?`, job.MaxAttempts, id); err != nil {
		return nil, err
	}
	if err := w.record(c, EntityJob, id, Put); err != nil {
		return nil, err
	}
	w.countUnfinished(c, 1)
	w.announce(c, Queued{ID: id, Kind: job.Kind})
	return jobByID(c, id, whole)
}
