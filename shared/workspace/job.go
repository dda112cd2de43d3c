package workspace

import (
	"context"
	"encoding/json"
	"time"

	"ret/shared/fault"
	"ret/shared/sqlite"
)

// State is where a job stands.
type State string

// The states. The last three are final until someone asks for a retry.
const (
	StateQueued    State = "queued"
	StateRunning   State = "running"
	StateSucceeded State = "succeeded"
	StateFailed    State = "failed"
	StateCancelled State = "cancelled"
)

// Finished reports whether a job in this state will not go on by itself.
func (s State) Finished() bool {
	return s == StateSucceeded || s == StateFailed || s == StateCancelled
}

// KindIndex is the kind of the jobs that bring a session's index up to date, by which its
// tables are searched. They read no files and may come at any time; one follows each
// conversion by itself.
const KindIndex = "index"

// Job is a piece of work over files.
type Job struct {
	ID          string          `json:"id"`
	Kind        string          `json:"kind"`
	State       State           `json:"state"`
	Files       []string        `json:"files"`
	Options     json.RawMessage `json:"options"`
	Progress    Progress        `json:"progress"`
	Attempt     int             `json:"attempt"`
	MaxAttempts int             `json:"max_attempts"`
	CreatedAt   time.Time       `json:"created_at"`
	StartedAt   *time.Time      `json:"started_at"`
	FinishedAt  *time.Time      `json:"finished_at"`
	Result      *Result         `json:"result"`
	Errors      []JobError      `json:"errors"`
	Answer      *AskAnswer      `json:"answer,omitempty"` // of kind ask, once there is any

	ToldOfJob
}

// ToldOfJob is what only clients with a replica are told beside a job: they draw
// its page as the server does.
type ToldOfJob struct {
	N         int64       `json:"n,omitempty"`         // order of arrival
	Documents []*Document `json:"documents,omitempty"` // the first by path, once the job has finished

	// What it reads and has made, whether that is still there or not.
	FirstFile  string `json:"first_file,omitempty"` // its name
	FileBytes  int64  `json:"file_bytes,omitempty"` // of all
	TablesMade int64  `json:"tables_made,omitempty"`
}

// Progress says how far a job is.
type Progress struct {
	Done    int64   `json:"done"`
	Total   int64   `json:"total"`
	Unit    string  `json:"unit"`
	Message string  `json:"message"` // the item at work
	Rate    float64 `json:"rate"`    // units a second

	// How far within the documents: bytes read, and to be read in all, each document
	// twice. Left out where that is not known.
	BytesDone  int64 `json:"bytes_done,omitempty"`
	BytesTotal int64 `json:"bytes_total,omitempty"`
}

// Result counts what became of a job's documents.
type Result struct {
	Files     int64    `json:"files"`
	Converted int64    `json:"converted"`
	Failed    int64    `json:"failed"`
	Skipped   int64    `json:"skipped"`
	Rows      int64    `json:"rows"`
	ValuesIn  int64    `json:"values_in"` // of the converted documents
	ValuesOut int64    `json:"values_out"`
	Tables    []string `json:"tables"`
}

// JobError says why a document, or the job as a whole (no path), failed.
type JobError struct {
	Path    string `json:"path"`
	Line    int64  `json:"line"`
	Column  int64  `json:"column"`
	Message string `json:"message"`
}

// detail is how much of a job's lists is read: a frame has room for less than
// an answer of its own.
type detail struct{ errors, tables int }

var (
	brief = detail{errors: 100, tables: 1000}
	whole = detail{errors: 1000, tables: 1 << 30}

	// What a replica is told is enough for a page of 100 and to know whether there
	// is a next one.
	told = detail{errors: toldDocuments, tables: 1000}
)

const jobColumns = `id, kind, state, options, done, total, unit, message, rate, bytes_done, bytes_total, attempt, max_attempts,
	created_at, started_at, finished_at, error, converted, failed, skipped, rows, values_in, values_out, n`

// scanJob reads a row of jobColumns and what belongs to it.
func scanJob(c *sqlite.Conn, row sqlite.Row, d detail) (*Job, int64, error) {
	var (
		j                   Job
		state, options, why string
		started, finished   time.Time
		r                   Result
		n                   int64
	)
	err := row.Scan(&j.ID, &j.Kind, &state, &options, &j.Progress.Done, &j.Progress.Total, &j.Progress.Unit,
		&j.Progress.Message, &j.Progress.Rate, &j.Progress.BytesDone, &j.Progress.BytesTotal, &j.Attempt, &j.MaxAttempts, &j.CreatedAt, &started, &finished,
		&why, &r.Converted, &r.Failed, &r.Skipped, &r.Rows, &r.ValuesIn, &r.ValuesOut, &n)
	if err != nil {
		return nil, 0, err
	}
	j.State, j.Options = State(state), json.RawMessage(options)
	j.StartedAt, j.FinishedAt = orNil(started), orNil(finished)
	if j.Files, err = texts(c, `SELECT file_id FROM job_files WHERE job_id = ? ORDER BY position`, j.ID); err != nil {
		return nil, 0, err
	}
	if j.Files == nil {
		j.Files = []string{} // of a job that is about none
	}
	if j.Errors, err = jobErrors(c, j.ID, why, r.Failed, d.errors); err != nil {
		return nil, 0, err
	}
	if j.Kind == KindAsk && d != brief {
		if j.Answer, err = answerOf(c, j.ID); err != nil {
			return nil, 0, err
		}
	}
	if !j.State.Finished() {
		return &j, n, nil
	}
	r.Files = r.Converted + r.Failed + r.Skipped
	r.Tables, err = tableIDs(c, j.ID, d.tables)
	j.Result = &r
	return &j, n, err
}

func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func jobErrors(c *sqlite.Conn, jobID, why string, failed int64, limit int) ([]JobError, error) {
	errs := []JobError{}
	if why != "" {
		errs = append(errs, JobError{Message: why})
	}
	if failed == 0 {
		return errs, nil
	}
	for row, err := range c.Query(`SELECT path, line, col, message FROM documents
			WHERE job_id = ? AND status = 'failed' ORDER BY path LIMIT ?`, jobID, limit) {
		if err != nil {
			return nil, err
		}
		var e JobError
		if err := row.Scan(&e.Path, &e.Line, &e.Column, &e.Message); err != nil {
			return nil, err
		}
		errs = append(errs, e)
	}
	return errs, nil
}

var errNoJob = fault.New(fault.NotFound, "There is no such job in this session.")

// Job returns one job with all it has, or NotFound.
func (w *Workspace) Job(ctx context.Context, id string) (j *Job, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		j, err = jobByID(c, id, whole)
		return err
	})
	return j, err
}

func jobByID(c *sqlite.Conn, id string, d detail) (*Job, error) {
	j, _, err := jobAndPlace(c, id, d)
	return j, err
}

// WholeJob reads a job with all that is known of it, which may be more than clients are
// told.
func WholeJob(c *sqlite.Conn, id string) (*Job, error) { return jobByID(c, id, whole) }

// jobAndPlace is jobByID with the job's order of arrival.
func jobAndPlace(c *sqlite.Conn, id string, d detail) (*Job, int64, error) {
	for row, err := range c.Query(`SELECT `+jobColumns+` FROM jobs WHERE id = ?`, id) {
		if err != nil {
			return nil, 0, err
		}
		return scanJob(c, row, d)
	}
	return nil, 0, errNoJob
}

// Jobs lists jobs, the newest first; an empty state means all.
func (w *Workspace) Jobs(ctx context.Context, state State, page Page) (list List[*Job], err error) {
	limit, after, err := page.bounds(1 << 62)
	if err != nil {
		return list, err
	}
	out := newListed[*Job](limit)
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		for row, err := range c.Query(`SELECT `+jobColumns+` FROM jobs
				WHERE n < ?1 AND (?2 = '' OR state = ?2) ORDER BY n DESC LIMIT ?3`, after, string(state), limit+1) {
			if err != nil {
				return err
			}
			j, n, err := scanJob(c, row, brief)
			if err != nil {
				return err
			}
			if !out.add(j, n) {
				break
			}
		}
		return nil
	})
	return out.list, err
}

// CountJobs counts the jobs of NewestJobs, for each state that has any.
func (w *Workspace) CountJobs(ctx context.Context) (map[State]int64, error) {
	counts := make(map[State]int64)
	err := w.db.Read(ctx, func(c *sqlite.Conn) error {
		for row, err := range c.Query(`SELECT state, count(*) FROM jobs AS j WHERE ` + asked + ` GROUP BY state`) {
			if err != nil {
				return err
			}
			counts[State(row.Text(0))] = row.Int64(1)
		}
		return nil
	})
	return counts, err
}
