package workspace

import (
	"context"
	"encoding/json"
	"time"

	"ret/shared/fold"
	"ret/shared/sqlite"
)

// JobBrief is a job as lists show it.
type JobBrief struct {
	ID          string
	Kind        string
	State       State
	Options     json.RawMessage
	Progress    Progress
	Attempt     int
	MaxAttempts int
	CreatedAt   time.Time
	StartedAt   time.Time // zero: not yet
	FinishedAt  time.Time // zero: not yet
	Result      Result    // without Tables

	// These say what the job has read and made, also when that is gone.
	FirstFile string // its name
	Files     int64
	Bytes     int64 // of all files
	Tables    int64
	ValuesIn  int64 // of the documents converted
	ValuesOut int64

	Errors     []JobError // the first ones
	ErrorCount int64      // all of them
}

// briefErrors is how many errors a brief names.
const briefErrors = 5

const jobBriefColumns = `j.id, kind, state, options, done, total, unit, message, rate, bytes_done, bytes_total, attempt, max_attempts,
	j.created_at, started_at, finished_at, error, converted, failed, skipped, rows, values_in, values_out,
	iif(first_file <> '', first_file, ` + firstFileNow + `), (SELECT count(*) FROM job_files WHERE job_id = j.id),
	iif(first_file <> '', file_bytes, ` + fileBytesNow + `),
	max(tables_made, (SELECT count(*) FROM tables WHERE job_id = j.id)), j.n FROM jobs j`

// Of a job that a replica's browser has done itself nobody has told these yet.
const (
	firstFileNow = `(SELECT f.name FROM job_files l JOIN files f ON f.id = l.file_id WHERE l.job_id = j.id ORDER BY l.position LIMIT 1)`
	fileBytesNow = `(SELECT sum(f.size) FROM job_files l JOIN files f ON f.id = l.file_id WHERE l.job_id = j.id)`
)

func scanJobBrief(c *sqlite.Conn, row sqlite.Row) (j JobBrief, n int64, err error) {
	var state, why string
	err = row.Scan(&j.ID, &j.Kind, &state, (*[]byte)(&j.Options), &j.Progress.Done, &j.Progress.Total, &j.Progress.Unit,
		&j.Progress.Message, &j.Progress.Rate, &j.Progress.BytesDone, &j.Progress.BytesTotal, &j.Attempt, &j.MaxAttempts, &j.CreatedAt, &j.StartedAt, &j.FinishedAt, &why,
		&j.Result.Converted, &j.Result.Failed, &j.Result.Skipped, &j.Result.Rows, &j.ValuesIn, &j.ValuesOut,
		&j.FirstFile, &j.Files, &j.Bytes, &j.Tables, &n)
	if err != nil {
		return j, 0, err
	}
	j.State = State(state)
	j.Result.Files = j.Result.Converted + j.Result.Failed + j.Result.Skipped
	j.ErrorCount = j.Result.Failed
	if why != "" {
		j.ErrorCount++
	}
	// A seek for each job that has errors; one query for all of them would have
	// to read every failed document.
	j.Errors, err = jobErrors(c, j.ID, why, j.Result.Failed, briefErrors)
	return j, n, err
}

// JobBrief returns one job as lists show it, or NotFound.
func (w *Workspace) JobBrief(ctx context.Context, id string) (JobBrief, error) {
	list, err := w.jobBriefs(ctx, 1, `SELECT `+jobBriefColumns+` WHERE j.id = ?`, id)
	if err != nil {
		return JobBrief{}, err
	}
	if len(list.Items) == 0 {
		return JobBrief{}, errNoJob
	}
	return list.Items[0], nil
}

// asked leaves out the jobs that nobody has asked for: the index keeps itself up to date.
// They are no news to a person, who sees them only where one is named.
const asked = `j.kind <> '` + KindIndex + `'`

// NewestJobs returns a page of the jobs that people have asked for, the newest first: those
// of a state, and that read a file whose name contains a text; empty ones mean all.
func (w *Workspace) NewestJobs(ctx context.Context, state State, text string, page Page) (list List[JobBrief], err error) {
	limit, after, err := page.bounds(1 << 62)
	if err != nil {
		return list, err
	}
	return w.jobBriefs(ctx, limit, `SELECT `+jobBriefColumns+` WHERE j.n < ?1 AND (?3 = '' OR j.state = ?3) AND (?4 = '' OR `+reads4+`)
		AND `+asked+` ORDER BY j.n DESC LIMIT ?2`, after, limit+1, string(state), fold.String(text))
}

// reads4 matches jobs j that read a file whose name contains ?4. The first one's name is
// known also when the file is gone.
const reads4 = `(instr(fold(j.first_file), ?4) OR EXISTS (
	SELECT 1 FROM job_files l JOIN files f ON f.id = l.file_id WHERE l.job_id = j.id AND instr(fold(f.name), ?4)))`

// JobBriefs returns the jobs of these ids that are there, in any order.
func (w *Workspace) JobBriefs(ctx context.Context, ids []string) ([]JobBrief, error) {
	list, err := jsonList(ids)
	if err != nil {
		return nil, err
	}
	briefs, err := w.jobBriefs(ctx, len(ids), `SELECT `+jobBriefColumns+` WHERE j.id IN (SELECT value FROM json_each(?))`, list)
	return briefs.Items, err
}

func (w *Workspace) jobBriefs(ctx context.Context, limit int, sql string, args ...any) (list List[JobBrief], err error) {
	out := newListed[JobBrief](limit)
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		for row, err := range c.Query(sql, args...) {
			if err != nil {
				return err
			}
			j, n, err := scanJobBrief(c, row)
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
