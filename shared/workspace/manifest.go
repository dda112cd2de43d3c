package workspace

import (
	"context"

	"ret/shared/sqlite"
)

// ManifestEntry is a document's object in manifest.json, where it comes from, and
// what was made of it.
type ManifestEntry struct {
	JobID    string
	FileID   string
	Path     string
	Manifest []byte
	Tables   []*Table // of the document alone, the main table first
}

// EachManifest calls fn for every document whose file is still there, by job and
// path, leaving out conversions that a later one of the same file has replaced, and what
// was merged of documents that have tables of their own.
// fn may read the workspace. Time grows with the documents and their tables, and
// memory with neither.
func (w *Workspace) EachManifest(ctx context.Context, fn func(ManifestEntry) error) error {
	for job, n := "", int64(0); ; {
		var err error
		if job, n, err = w.jobAfter(ctx, n); err != nil || job == "" {
			return err
		}
		files, err := w.filesLastConverted(ctx, job, n)
		if err != nil {
			return err
		}
		if len(files) == 0 {
			continue
		}
		if err := w.eachManifestOf(ctx, job, files, fn); err != nil {
			return err
		}
	}
}

// jobAfter returns the job that came next after n, or none.
func (w *Workspace) jobAfter(ctx context.Context, after int64) (id string, n int64, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		id = ""
		for row, err := range c.Query(jobAfterSQL, after) {
			if err != nil {
				return err
			}
			id, n = row.Text(0), row.Int64(1)
		}
		return nil
	})
	return id, n, err
}

// filesLastConverted returns those files of a job that are there and that no later
// job has converted.
func (w *Workspace) filesLastConverted(ctx context.Context, jobID string, n int64) (files map[string]bool, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		ids, err := texts(c, filesLastConvertedSQL, jobID, n)
		files = make(map[string]bool, len(ids))
		for _, id := range ids {
			files[id] = true
		}
		return err
	})
	return files, err
}

// eachManifestOf is EachManifest for one job.
func (w *Workspace) eachManifestOf(ctx context.Context, jobID string, files map[string]bool, fn func(ManifestEntry) error) error {
	for after := ""; ; {
		entries, err := w.manifests(ctx, jobID, after)
		if err != nil || len(entries) == 0 {
			return err
		}
		for _, e := range entries {
			if !files[e.FileID] {
				continue
			}
			if err := fn(e); err != nil {
				return err
			}
		}
		after = entries[len(entries)-1].Path
	}
}

// Documents, and tables of them, that are read at once; the tables of one document
// are read whole.
const (
	manifestStep       = 256
	manifestStepTables = 1024
)

// These follow an index each, whatever the workspace holds: see TestExportFollowsIndexes.
const (
	jobAfterSQL = `SELECT id, n FROM jobs WHERE n > ? AND kind <> '` + KindMerge + `' ORDER BY n LIMIT 1`

	filesLastConvertedSQL = `SELECT f.id FROM job_files o JOIN files f ON f.id = o.file_id
		WHERE o.job_id = ? AND NOT EXISTS (SELECT 1 FROM job_files l JOIN jobs later ON later.id = l.job_id
			WHERE l.file_id = o.file_id AND later.n > ? AND later.state = 'succeeded' AND later.kind = 'convert')`

	manifestsSQL = `SELECT path, file_id, manifest FROM documents WHERE job_id = ? AND path > ? ORDER BY path LIMIT ?`

	tablesBetweenSQL = `SELECT ` + tableColumns + ` FROM tables
		WHERE job_id = ? AND source BETWEEN ? AND ? AND root = '' ORDER BY source, n LIMIT ?`
)

// manifests reads some of a job's documents behind a path, with their tables.
func (w *Workspace) manifests(ctx context.Context, jobID, after string) (entries []ManifestEntry, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		entries = nil
		for row, err := range c.Query(manifestsSQL, jobID, after, manifestStep) {
			if err != nil {
				return err
			}
			entries = append(entries, ManifestEntry{JobID: jobID, Path: row.Text(0), FileID: row.Text(1), Manifest: row.Blob(2, nil)})
		}
		if len(entries) == 0 {
			return nil
		}
		whole, err := tablesOfManifests(c, entries, manifestStepTables)
		if err == nil && whole == 0 { // the first has more tables than are read at once
			entries[0].Tables = nil
			whole, err = tablesOfManifests(c, entries[:1], -1)
		}
		entries = entries[:whole]
		return err
	})
	return entries, err
}

// tablesOfManifests gives entries, which are of one job and in the order of their
// paths, their tables, at most limit in all. It returns how many have all of theirs.
func tablesOfManifests(c *sqlite.Conn, entries []ManifestEntry, limit int) (whole int, err error) {
	at, read := 0, 0
	for row, err := range c.Query(tablesBetweenSQL, entries[0].JobID, entries[0].Path, entries[len(entries)-1].Path, limit) {
		if err != nil {
			return 0, err
		}
		t, _, err := scanTable(row)
		if err != nil {
			return 0, err
		}
		for at < len(entries) && entries[at].Path < t.Source {
			at++
		}
		if read++; read == limit {
			return at, nil
		}
		if at < len(entries) && entries[at].Path == t.Source {
			entries[at].Tables = append(entries[at].Tables, t)
		}
	}
	return len(entries), nil
}
