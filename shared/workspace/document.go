package workspace

import (
	"context"
	"encoding/json"
	"fmt"

	"ret/shared/fault"
	"ret/shared/sqlite"
)

// Status is what became of a document.
type Status string

// The outcomes of flattening.md, section 6.
const (
	StatusConverted Status = "converted"
	StatusFailed    Status = "failed"
	StatusSkipped   Status = "skipped"
)

// Document is one XML document that a job found, and what became of it.
type Document struct {
	Path      string          `json:"path"` // as in the manifest
	FileID    string          `json:"file_id"`
	Status    Status          `json:"status"`
	Rows      int64           `json:"rows"`
	ValuesIn  int64           `json:"values_in"`
	ValuesOut int64           `json:"values_out"`
	Line      int64           `json:"line"`
	Column    int64           `json:"column"`
	Message   string          `json:"message"`
	Manifest  json.RawMessage `json:"-"` // its object in manifest.json
}

const documentColumns = `path, file_id, status, rows, values_in, values_out, line, col, message, manifest`

func scanDocument(row sqlite.Row) (*Document, error) {
	var d Document
	var status string
	err := row.Scan(&d.Path, &d.FileID, &status, &d.Rows, &d.ValuesIn, &d.ValuesOut, &d.Line, &d.Column, &d.Message, (*[]byte)(&d.Manifest))
	d.Status = Status(status)
	return &d, err
}

// Finished is a document that is done, with the tables made of it.
type Finished struct {
	Document Document
	Tables   []*Table

	// PassedOver is set by AddFinished where the job has the document already: then
	// no row refers to the blobs of these tables.
	PassedOver bool
}

// AddFinished writes finished documents and announces their tables, all in one
// transaction. A document that the job has already is passed over. ErrLost if
// the run has lost its job, TooLarge if files and tables would come to more than
// maxSessionBytes (0 is no limit); then the caller unlinks the tables' blobs.
func (w *Workspace) AddFinished(ctx context.Context, run Run, docs []Finished, maxSessionBytes int64) error {
	return w.db.Write(ctx, func(c *sqlite.Conn) error {
		if err := run.owns(c); err != nil {
			return err
		}
		for i := range docs {
			if err := w.addFinished(c, run, &docs[i]); err != nil {
				return fmt.Errorf("add document: %w", err)
			}
		}
		return checkRoom(c, 0, maxSessionBytes)
	})
}

func (w *Workspace) addFinished(c *sqlite.Conn, run Run, f *Finished) error {
	d := &f.Document
	n, err := c.Exec(`INSERT INTO documents (job_id, `+documentColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		run.JobID, d.Path, d.FileID, string(d.Status), d.Rows, d.ValuesIn, d.ValuesOut, d.Line, d.Column, d.Message, string(d.Manifest))
	if f.PassedOver = err == nil && n == 0; err != nil || n == 0 {
		return err
	}
	for _, t := range f.Tables {
		if err := w.insertTable(c, run.JobID, t); err != nil {
			return err
		}
	}
	_, err = c.Exec(`UPDATE jobs SET interrupted = 0, at_risk = 0, rows = rows + ?1, tables_made = tables_made + ?6,
			converted = converted + (?2 = 'converted'), failed = failed + (?2 = 'failed'), skipped = skipped + (?2 = 'skipped'),
			values_in = values_in + iif(?2 = 'converted', ?4, 0), values_out = values_out + iif(?2 = 'converted', ?5, 0)
		WHERE id = ?3`, d.Rows, string(d.Status), run.JobID, d.ValuesIn, d.ValuesOut, len(f.Tables))
	return err
}

// CountDocuments counts a job's documents by what became of them.
func (w *Workspace) CountDocuments(ctx context.Context, jobID string) (map[Status]int64, error) {
	counts := make(map[Status]int64)
	err := w.db.Read(ctx, func(c *sqlite.Conn) error {
		for row, err := range c.Query(`SELECT status, count(*) FROM documents WHERE job_id = ? GROUP BY status`, jobID) {
			if err != nil {
				return err
			}
			counts[Status(row.Text(0))] = row.Int64(1)
		}
		return nil
	})
	return counts, err
}

// DonePaths returns the paths of the documents that a job has finished.
func (w *Workspace) DonePaths(ctx context.Context, jobID string) (map[string]bool, error) {
	done := make(map[string]bool)
	err := w.db.Read(ctx, func(c *sqlite.Conn) error {
		for row, err := range c.Query(`SELECT path FROM documents WHERE job_id = ?`, jobID) {
			if err != nil {
				return err
			}
			done[row.Text(0)] = true
		}
		return nil
	})
	return done, err
}

// Document returns one of a job's documents, or NotFound.
func (w *Workspace) Document(ctx context.Context, jobID, path string) (d *Document, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		d, err = documentByPath(c, jobID, path)
		return err
	})
	return d, err
}

// Documents lists a job's documents by path, all or those of one status.
func (w *Workspace) Documents(ctx context.Context, jobID string, status Status, page Page) (list List[*Document], err error) {
	after := page.After
	page.After = ""
	limit, _, err := page.bounds(0)
	if err != nil {
		return list, err
	}
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		list.Items, err = documentsAfter(c, jobID, after, status, limit+1)
		return err
	})
	if len(list.Items) > limit {
		list.Items = list.Items[:limit]
		list.Next = &list.Items[limit-1].Path
	}
	return list, err
}

var errNoDocument = fault.New(fault.NotFound, "This job knows no file of that path.")

func documentByPath(c *sqlite.Conn, jobID, path string) (*Document, error) {
	for row, err := range c.Query(`SELECT `+documentColumns+` FROM documents WHERE job_id = ? AND path = ?`, jobID, path) {
		if err != nil {
			return nil, err
		}
		return scanDocument(row)
	}
	return nil, errNoDocument
}

// documentsAfter lists a job's documents by path, all or those of one status.
func documentsAfter(c *sqlite.Conn, jobID, after string, status Status, limit int) ([]*Document, error) {
	list := []*Document{}
	for row, err := range c.Query(`SELECT `+documentColumns+` FROM documents
			WHERE job_id = ?1 AND path > ?2 AND (?3 = '' OR status = ?3) ORDER BY path LIMIT ?4`, jobID, after, string(status), limit) {
		if err != nil {
			return nil, err
		}
		d, err := scanDocument(row)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, nil
}
