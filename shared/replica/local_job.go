package replica

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"ret/shared/workspace"

	"ret/shared/sqlite"
)

// Without a server, a replica's browser does a job itself. Its file, job and
// tables are put into the replica, where everything finds them; as the server says
// the same things, by the same ids, its rows take their place (meetLocal), and once
// it has finished the job nothing local of it is left. What the server never says
// is not in its history: Effects tells pages of it.

// LocalJob is a job that this browser has done itself.
type LocalJob struct {
	Job       workspace.Job // as it waits for the server
	Files     []workspace.File
	Documents []workspace.Document
	Tables    []LocalTable
}

// LocalTable is a table that this browser has made.
type LocalTable struct {
	workspace.Table          // its RowIndex is needed
	Extents         []Extent // of the job's content, in order
}

// Extent is a part of the bytes that a browser keeps of a local job: one job's
// tables lie in one file, where those of one document alternate.
type Extent struct {
	Offset int64 `json:"offset"`
	Length int64 `json:"length"`
}

// localPlace is where the places of local tables begin: beyond all that the server
// will ever give, and such that JavaScript can tell it.
const localPlace = 1 << 52

// TakeLocal puts a local job into a replica. It is not taken, and not wanted any
// more, if the server has finished it. One that is there already stays as it is.
func (r *Replica) TakeLocal(ctx context.Context, l LocalJob) (taken bool, err error) {
	err = r.Write(ctx, func(c *sqlite.Conn) error {
		known, err := isLocal(c, l.Job.ID)
		if taken = known; err != nil || known {
			return err
		}
		onServer, finished, err := serversJob(c, l.Job.ID)
		if taken = !finished; err != nil || finished {
			return err
		}
		return r.rebase(c, func() error { return insertLocal(c, l, onServer) })
	})
	return taken, err
}

func isLocal(c *sqlite.Conn, jobID string) (known bool, err error) {
	err = c.QueryRow(`SELECT EXISTS (SELECT 1 FROM local_jobs WHERE job_id = ?)`, []any{jobID}, &known)
	return known, err
}

// serversJob says whether the server has told of a job, and that it is finished.
func serversJob(c *sqlite.Conn, id string) (known, finished bool, err error) {
	var state string
	err = c.QueryRow(`SELECT state FROM jobs WHERE id = ?`, []any{id}, &state)
	if errors.Is(err, sqlite.ErrNoRows) {
		return false, false, nil
	}
	return err == nil, workspace.State(state).Finished(), err
}

func insertLocal(c *sqlite.Conn, l LocalJob, onServer bool) error {
	if _, err := c.Exec(`INSERT INTO local_jobs (job_id, on_server) VALUES (?, ?)`, l.Job.ID, onServer); err != nil {
		return fmt.Errorf("insert local job: %w", err)
	}
	for i := range l.Files {
		if err := insertLocalFile(c, l.Job.ID, &l.Files[i]); err != nil {
			return fmt.Errorf("insert local file: %w", err)
		}
	}
	if !onServer {
		if err := adoptJob(c, &l.Job); err != nil {
			return fmt.Errorf("insert local job: %w", err)
		}
		for i := range l.Documents {
			if err := adoptDocument(c, l.Job.ID, &l.Documents[i]); err != nil {
				return fmt.Errorf("insert local document: %w", err)
			}
		}
	}
	for i := range l.Tables {
		if err := insertLocalTable(c, &l.Tables[i]); err != nil {
			return fmt.Errorf("insert local table: %w", err)
		}
	}
	return nil
}

func insertLocalFile(c *sqlite.Conn, jobID string, f *workspace.File) error {
	if known, err := isThere(c, "files", f.ID); known || err != nil {
		return err // the server has it
	}
	if err := adoptFile(c, f); err != nil {
		return err
	}
	_, err := c.Exec(`INSERT INTO local_files (file_id, job_id) VALUES (?, ?)`, f.ID, jobID)
	return err
}

// isThere reports whether a table of the database has a thing.
func isThere(c *sqlite.Conn, table, id string) (there bool, err error) {
	err = c.QueryRow(`SELECT EXISTS (SELECT 1 FROM `+table+` WHERE id = ?)`, []any{id}, &there)
	return there, err
}

func insertLocalTable(c *sqlite.Conn, t *LocalTable) error {
	onServer, err := isThere(c, "tables", t.ID)
	if err != nil {
		return err
	}
	if !onServer {
		var last int64
		if err := c.QueryRow(`SELECT coalesce(max(n), 0) FROM tables`, nil, &last); err != nil {
			return err
		}
		table := t.Table
		table.N = max(localPlace, last) + 1
		if err := adoptTable(c, &table); err != nil {
			return err
		}
	}
	extents, err := json.Marshal(t.Extents)
	if err != nil {
		return fmt.Errorf("encode extents: %w", err)
	}
	_, err = c.Exec(`INSERT INTO local_tables (table_id, job_id, on_server, extents, row_index) VALUES (?, ?, ?, ?, ?)`,
		t.ID, t.JobID, onServer, string(extents), t.RowIndex)
	return err
}

// meetLocal makes room for a thing that the server says, and of which the replica
// may have a local form. A table's content stays until its job has finished.
func meetLocal(c *sqlite.Conn, t workspace.Thing) error {
	switch t.Entity {
	case workspace.EntityFile:
		return meetLocalFile(c, t.ID)
	case workspace.EntityTable:
		return meetLocalTable(c, t)
	case workspace.EntityJob:
		return meetLocalJob(c, t)
	}
	return nil
}

// meetLocalFile gives up the row, since files stand in the order in which they are
// heard of.
func meetLocalFile(c *sqlite.Conn, id string) error {
	n, err := c.Exec(`DELETE FROM local_files WHERE file_id = ?`, id)
	if err != nil || n == 0 {
		return err
	}
	_, err = c.Exec(`DELETE FROM files WHERE id = ?`, id)
	return err
}

func meetLocalTable(c *sqlite.Conn, t workspace.Thing) error {
	if t.Value == nil {
		_, err := c.Exec(`DELETE FROM local_tables WHERE table_id = ?`, t.ID)
		return err
	}
	n, err := c.Exec(`UPDATE local_tables SET on_server = 1 WHERE table_id = ? AND on_server = 0`, t.ID)
	if err != nil || n == 0 {
		return err
	}
	_, err = c.Exec(`DELETE FROM tables WHERE id = ?`, t.ID)
	return err
}

func meetLocalJob(c *sqlite.Conn, t workspace.Thing) error {
	known, err := isLocal(c, t.ID)
	if err != nil || !known {
		return err
	}
	if _, err := c.Exec(`UPDATE local_jobs SET on_server = 1 WHERE job_id = ?`, t.ID); err != nil {
		return err
	}
	if job, ok := t.Value.(*workspace.Job); ok && !job.State.Finished() {
		return nil
	}
	return dropLocal(c, t.ID)
}

// dropLocal takes a local job out: all that is not the server's.
func dropLocal(c *sqlite.Conn, jobID string) error {
	for _, sql := range []string{
		`DELETE FROM tables WHERE id IN (SELECT table_id FROM local_tables WHERE job_id = ? AND on_server = 0)`,
		`DELETE FROM files WHERE id IN (SELECT file_id FROM local_files WHERE job_id = ?)`,
		`DELETE FROM documents WHERE job_id = ?1 AND path NOT IN (SELECT source FROM tables WHERE job_id = ?1)`,
		`DELETE FROM jobs WHERE id IN (SELECT job_id FROM local_jobs WHERE job_id = ? AND on_server = 0)`,
		`DELETE FROM local_jobs WHERE job_id = ?`,
	} {
		if _, err := c.Exec(sql, jobID); err != nil {
			return fmt.Errorf("drop local job: %w", err)
		}
	}
	return nil
}

// DropLocal takes a local job out whose files will not go up.
func (r *Replica) DropLocal(ctx context.Context, jobID string) error {
	return r.Write(ctx, func(c *sqlite.Conn) error {
		return r.rebase(c, func() error { return dropLocal(c, jobID) })
	})
}

// keepLocal prepares local jobs for a history that is told from its beginning:
// nothing of them is the server's until it is said again.
func keepLocal(c *sqlite.Conn) error {
	for _, table := range []string{"local_jobs", "local_tables"} {
		if _, err := c.Exec(`UPDATE ` + table + ` SET on_server = 0`); err != nil {
			return err
		}
	}
	return nil
}

// Local says what is local of a job or a file.
type Local struct {
	JobID    string
	OnServer bool // the server has the job
	Files    int  // of its files, how many the server has not
}

// LocalJobs returns the local jobs, oldest first.
func (r *Replica) LocalJobs(ctx context.Context) ([]Local, error) {
	return r.locals(ctx, `TRUE`)
}

// LocalOf returns the local job that a job or a file that is local belongs to, or
// none for what is the server's.
func (r *Replica) LocalOf(ctx context.Context, id string) ([]Local, error) {
	return r.locals(ctx, `j.job_id = ?1 AND j.on_server = 0 OR j.job_id IN (SELECT job_id FROM local_files WHERE file_id = ?1)`, id)
}

func (r *Replica) locals(ctx context.Context, where string, args ...any) (list []Local, err error) {
	err = r.Read(ctx, func(c *sqlite.Conn) error {
		list = nil
		for row, err := range c.Query(`SELECT j.job_id, j.on_server, (SELECT count(*) FROM local_files f WHERE f.job_id = j.job_id)
				FROM local_jobs j WHERE `+where+` ORDER BY j.job_id`, args...) {
			if err != nil {
				return err
			}
			list = append(list, Local{JobID: row.Text(0), OnServer: row.Int64(1) == 1, Files: int(row.Int64(2))})
		}
		return nil
	})
	return list, err
}

// LocalContent is where a local table's rows lie.
type LocalContent struct {
	JobID    string
	Extents  []Extent
	RowIndex []byte
}

// LocalContent returns where the rows of a local table lie, or nil if the table is
// none.
func (r *Replica) LocalContent(ctx context.Context, tableID string) (found *LocalContent, err error) {
	err = r.Read(ctx, func(c *sqlite.Conn) error {
		found = nil
		for row, err := range c.Query(`SELECT job_id, extents, row_index FROM local_tables WHERE table_id = ?`, tableID) {
			if err != nil {
				return err
			}
			found = &LocalContent{JobID: row.Text(0), RowIndex: row.Blob(2, nil)}
			if err := json.Unmarshal([]byte(row.Text(1)), &found.Extents); err != nil {
				return fmt.Errorf("read extents: %w", err)
			}
		}
		return nil
	})
	return found, err
}

// localChanges are local things, as changes that put them.
func localChanges(c *sqlite.Conn) (list []workspace.Change, err error) {
	for row, err := range c.Query(`SELECT 'file', file_id, '' FROM local_files
			UNION ALL SELECT 'job', job_id, '' FROM local_jobs WHERE on_server = 0
			UNION ALL SELECT 'table', table_id, "group" FROM local_tables l JOIN tables t ON t.id = l.table_id WHERE l.on_server = 0`) {
		if err != nil {
			return nil, err
		}
		list = append(list, workspace.Change{Entity: workspace.Entity(row.Text(0)), ID: row.Text(1), Op: workspace.Put, Group: row.Text(2)})
	}
	return list, nil
}
