package replica

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"ret/shared/workspace"

	"ret/shared/entries"
	"ret/shared/fold"
	"ret/shared/sqlite"
)

// Adopt makes this workspace follow another one, of which it is a replica: it
// takes over things as they are there, with the seqs that they have there, and
// notes that it has all up to a seq; all in one transaction. Things come in the
// order of their seqs. Deletions of what is not there only move the seq. What
// waits in the outbox has its effect on what is there then.
//
// What a client is not told stays empty: blobs, row indexes, documents that are
// neither a table's nor among the first of a finished job.
func (r *Replica) Adopt(ctx context.Context, things []workspace.Thing, to int64) error {
	return r.Write(ctx, func(c *sqlite.Conn) error {
		return r.rebase(c, func() error { return adoptAll(c, things, to) })
	})
}

// tryAdopt is Adopt that is undone before anybody sees it.
func (r *Replica) tryAdopt(ctx context.Context, things []workspace.Thing, to int64) error {
	return r.Write(ctx, func(c *sqlite.Conn) error {
		err := c.Try(func() error {
			if err := r.rebase(c, func() error { return adoptAll(c, things, to) }); err != nil {
				return err
			}
			return errTried
		})
		if err == errTried { // as it is: joined with another it could not be undone
			return nil
		}
		return err
	})
}

func adoptAll(c *sqlite.Conn, things []workspace.Thing, to int64) error {
	for _, t := range things {
		if err := adopt(c, t); err != nil {
			return fmt.Errorf("adopt %s: %w", t.Entity, err)
		}
	}
	_, err := c.Exec(`UPDATE meta SET seq = max(seq, ?)`, to)
	return err
}

// StartOver empties a replica, to follow the history of that epoch from 0 on.
// What is deleted there before floor it never hears of. The outbox and local jobs
// are kept if the epoch is the replica's own; those of another one are perhaps
// another person's, so they are dropped and never sent.
func (r *Replica) StartOver(ctx context.Context, epoch string, floor int64) error {
	return r.Write(ctx, func(c *sqlite.Conn) error {
		if epoch != r.Epoch() {
			if err := dropOutbox(c); err != nil {
				return fmt.Errorf("drop outbox: %w", err)
			}
			if _, err := c.Exec(`DELETE FROM local_jobs`); err != nil {
				return fmt.Errorf("drop local jobs: %w", err)
			}
		}
		if err := emptyReplica(c); err != nil {
			return err
		}
		if err := r.BeginHistory(c, epoch, floor); err != nil {
			return err
		}
		return r.putOn(c)
	})
}

// emptyReplica deletes all that the server has said.
func emptyReplica(c *sqlite.Conn) error {
	if err := takeOff(c); err != nil { // a local thing may have been changed
		return fmt.Errorf("take effects off: %w", err)
	}
	for _, what := range []string{
		`changes`, `entries`, `entry_log`, `viewer`, `row_pages`,
		`tables WHERE id NOT IN (SELECT table_id FROM local_tables)`,
		`documents WHERE job_id NOT IN (SELECT job_id FROM local_jobs)`,
		`job_files WHERE job_id NOT IN (SELECT job_id FROM local_jobs)`,
		`jobs WHERE id NOT IN (SELECT job_id FROM local_jobs)`,
		`files WHERE id NOT IN (SELECT file_id FROM local_files)`,
		`uploads WHERE id NOT IN (SELECT upload_id FROM files)`,
		`answers`, `clients`,
	} {
		if _, err := c.Exec(`DELETE FROM ` + what); err != nil {
			return fmt.Errorf("empty replica: %w", err)
		}
	}
	return keepLocal(c)
}

func adopt(c *sqlite.Conn, t workspace.Thing) error {
	if err := meetLocal(c, t); err != nil {
		return err
	}
	if err := adoptValue(c, t); err != nil {
		return err
	}
	return workspace.WriteChange(c, t.Change)
}

func adoptValue(c *sqlite.Conn, t workspace.Thing) error {
	switch v := t.Value.(type) {
	case nil:
		return adoptDeletion(c, t.Change)
	case *workspace.File:
		return adoptFile(c, v)
	case *workspace.Job:
		return adoptJob(c, v)
	case *workspace.Table:
		return adoptTable(c, v)
	case *entries.Entry:
		return adoptEntry(c, v)
	}
	return fmt.Errorf("value of type %T", t.Value)
}

func adoptDeletion(c *sqlite.Conn, ch workspace.Change) (err error) {
	switch ch.Entity {
	case workspace.EntityFile:
		_, err = c.Exec(`DELETE FROM files WHERE id = ?`, ch.ID)
	case workspace.EntityJob:
		_, err = c.Exec(`DELETE FROM jobs WHERE id = ?`, ch.ID)
	case workspace.EntityTable:
		_, err = c.Exec(`DELETE FROM tables WHERE id = ?`, ch.ID)
	default:
		err = adoptEntryGone(c, ch.ID)
	}
	return err
}

// adoptedUpload is the one upload that a replica knows.
const adoptedUpload = "adopted"

func adoptFile(c *sqlite.Conn, f *workspace.File) error {
	if _, err := c.Exec(`INSERT INTO uploads (id, digest, created_at) VALUES (?, '', 0) ON CONFLICT DO NOTHING`, adoptedUpload); err != nil {
		return err
	}
	_, err := c.Exec(`INSERT INTO files (id, upload_id, name, size, sha256, kind, blob, created_at) VALUES (?, ?, ?, ?, ?, ?, '', ?)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, size = excluded.size, sha256 = excluded.sha256, kind = excluded.kind`,
		f.ID, adoptedUpload, f.Name, f.Size, f.SHA256, f.Kind, f.CreatedAt)
	return err
}

// jobPlaces is how many jobs of one millisecond a replica can order: jobs change,
// so the order in which they are heard of is not that in which they were made.
const jobPlaces = 1024

func adoptJob(c *sqlite.Conn, j *workspace.Job) error {
	if err := adoptJobRow(c, j); err != nil {
		return err
	}
	if err := workspace.AdoptAnswer(c, j.ID, j.Answer); err != nil {
		return err
	}
	if j.Files != nil {
		if err := adoptJobFiles(c, j); err != nil {
			return err
		}
	}
	if j.Errors == nil {
		return nil
	}
	// What was converted stays when a job is tried again.
	if _, err := c.Exec(`DELETE FROM documents WHERE job_id = ? AND status <> 'converted'`, j.ID); err != nil {
		return err
	}
	for _, e := range j.Errors {
		if e.Path == "" {
			continue // the job's own, which stands in its row
		}
		if err := adoptDocument(c, j.ID, &workspace.Document{Path: e.Path, Status: workspace.StatusFailed, Line: e.Line, Column: e.Column, Message: e.Message}); err != nil {
			return err
		}
	}
	for _, d := range j.Documents {
		if err := adoptDocument(c, j.ID, d); err != nil {
			return err
		}
	}
	return nil
}

func adoptDocument(c *sqlite.Conn, jobID string, d *workspace.Document) error {
	_, err := c.Exec(`INSERT OR REPLACE INTO documents (job_id, path, file_id, status, rows, values_in, values_out, line, col, message, manifest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')`,
		jobID, d.Path, d.FileID, string(d.Status), d.Rows, d.ValuesIn, d.ValuesOut, d.Line, d.Column, d.Message)
	return err
}

func adoptJobRow(c *sqlite.Conn, j *workspace.Job) error {
	if err := placeJob(c, j.ID, j.CreatedAt); err != nil {
		return err
	}
	if err := moveJob(c, j.ID, j.CreatedAt, j.N); err != nil {
		return err
	}
	r, why := adoptedResult(j)
	var lease any
	if j.State == workspace.StateRunning {
		lease = 0 // the schema asks for one; only the server has it
	}
	_, err := c.Exec(`UPDATE jobs SET kind = ?, state = ?, options = ?, done = ?, total = ?, unit = ?, message = ?, rate = ?,
			bytes_done = ?, bytes_total = ?,
			first_file = ?, file_bytes = ?, tables_made = ?,
			attempt = ?, max_attempts = ?, lease_until = ?, started_at = ?, finished_at = ?, error = ?,
			converted = ?, failed = ?, skipped = ?, rows = ?, values_in = ?, values_out = ? WHERE id = ?`,
		j.Kind, string(j.State), string(j.Options), j.Progress.Done, j.Progress.Total, j.Progress.Unit, j.Progress.Message, j.Progress.Rate,
		j.Progress.BytesDone, j.Progress.BytesTotal, j.FirstFile, j.FileBytes, j.TablesMade,
		j.Attempt, j.MaxAttempts, lease, sqlite.OrNil(j.StartedAt), sqlite.OrNil(j.FinishedAt), why,
		r.Converted, r.Failed, r.Skipped, r.Rows, r.ValuesIn, r.ValuesOut, j.ID)
	return err
}

// adoptedResult is what is known of a job's documents, and why the job as a whole
// failed. While it runs that is no more than its errors.
func adoptedResult(j *workspace.Job) (r workspace.Result, why string) {
	for _, e := range j.Errors {
		if e.Path == "" {
			why = e.Message
		} else {
			r.Failed++
		}
	}
	if j.Result != nil {
		r = *j.Result
	}
	return r, why
}

// placeJob makes a job's row if there is none.
func placeJob(c *sqlite.Conn, id string, createdAt time.Time) error {
	_, err := c.Exec(`INSERT INTO jobs (n, id, kind, state, options, max_attempts, created_at)
		SELECT `+jobPlace+`, ?3, '', 'queued', '{}', 1, ?4
		WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE id = ?3)`, createdAt.UnixMilli()*jobPlaces, jobPlaces, id, createdAt)
	return err
}

// moveJob puts a job where the server has it, so that a place in a list means the
// same here; its row may have been made for a table. Who is not told n goes by
// the job's age.
func moveJob(c *sqlite.Conn, id string, createdAt time.Time, n int64) error {
	if _, err := c.Exec(`UPDATE jobs SET n = `+jobPlace+`, created_at = ?4 WHERE id = ?3 AND created_at <> ?4`,
		createdAt.UnixMilli()*jobPlaces, jobPlaces, id, createdAt); err != nil {
		return err
	}
	_, err := c.Exec(`UPDATE jobs SET n = ?1 WHERE id = ?2 AND ?1 > 0 AND NOT EXISTS (SELECT 1 FROM jobs WHERE n = ?1)`, n, id)
	return err
}

// jobPlace is the first free place from ?1 on, of ?2.
const jobPlace = `coalesce((SELECT max(n) + 1 FROM jobs WHERE n >= ?1 AND n < ?1 + ?2), ?1)`

func adoptJobFiles(c *sqlite.Conn, j *workspace.Job) error {
	if _, err := c.Exec(`DELETE FROM job_files WHERE job_id = ?`, j.ID); err != nil {
		return err
	}
	for i, file := range j.Files {
		if _, err := c.Exec(`INSERT INTO job_files (job_id, position, file_id) VALUES (?, ?, ?)`, j.ID, i, file); err != nil {
			return err
		}
	}
	return nil
}

// adoptTable writes a table. Its job may follow later, since that changes more
// often, so a place is made for it.
func adoptTable(c *sqlite.Conn, t *workspace.Table) error {
	if err := placeJob(c, t.JobID, t.CreatedAt); err != nil {
		return err
	}
	columns, err := json.Marshal(t.Columns)
	if err != nil {
		return fmt.Errorf("encode columns: %w", err)
	}
	layout, err := workspace.LayoutText(t.Layout)
	if err != nil {
		return fmt.Errorf("encode layout: %w", err)
	}
	_, err = c.Exec(`INSERT INTO tables (n, id, job_id, file_id, parent_id, "group", group_folded, source, name, root, columns, rows, bytes, blob, row_index, created_at, class, merged, documents, layout)
			VALUES ((SELECT nullif(?1, 0) WHERE NOT EXISTS (SELECT 1 FROM tables WHERE n = ?1)), ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?, '', x'', ?, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET "group" = excluded."group", group_folded = excluded.group_folded, columns = excluded.columns, rows = excluded.rows, bytes = excluded.bytes, layout = excluded.layout`,
		t.N, t.ID, t.JobID, sqlite.OrNil(t.FileID), sqlite.OrNil(t.ParentID), t.Group, fold.String(t.Group), t.Source, t.Name, string(columns), t.Rows, t.Bytes, t.CreatedAt, t.Class.ID, t.Class.Merged, t.Class.Documents, layout)
	if err != nil || t.Document == nil {
		return err
	}
	return adoptDocument(c, t.JobID, t.Document)
}

func adoptEntry(c *sqlite.Conn, e *entries.Entry) error {
	if err := adoptEntryGone(c, e.Key); err != nil {
		return err
	}
	if _, err := c.Exec(`INSERT INTO entries (key, size, stored_at, expires_at, used) VALUES (?, ?, ?, ?, 0)`,
		e.Key, e.Size, e.StoredAt, sqlite.OrNil(e.ExpiresAt)); err != nil {
		return err
	}
	return countAdopted(c, 1, e.Size+int64(len(e.Key)))
}

func adoptEntryGone(c *sqlite.Conn, key string) error {
	var size int64
	err := c.QueryRow(`SELECT size FROM entries WHERE key = ?`, []any{key}, &size)
	if errors.Is(err, sqlite.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := c.Exec(`DELETE FROM entries WHERE key = ?`, key); err != nil {
		return err
	}
	return countAdopted(c, -1, -size-int64(len(key)))
}

func countAdopted(c *sqlite.Conn, entries, bytes int64) error {
	_, err := c.Exec(`UPDATE meta SET entry_count = entry_count + ?, entry_bytes = entry_bytes + ?`, entries, bytes)
	return err
}
