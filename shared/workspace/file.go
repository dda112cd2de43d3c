package workspace

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ret/shared/fault"
	"ret/shared/sqlite"
)

// File is something that was uploaded.
type File struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"` // as the client says; may be anything but empty
	Size      int64     `json:"size"`
	SHA256    string    `json:"sha256"` // lower-case hex
	Kind      string    `json:"kind"`   // "zip", "xml" or "other"
	CreatedAt time.Time `json:"created_at"`

	Blob string `json:"-"` // generated name of the content
}

const fileColumns = `id, name, size, sha256, kind, created_at, blob, n`

func scanFile(row sqlite.Row) (f *File, n int64, err error) {
	f = new(File)
	err = row.Scan(&f.ID, &f.Name, &f.Size, &f.SHA256, &f.Kind, &f.CreatedAt, &f.Blob, &n)
	return f, n, err
}

var errNoFile = fault.New(fault.NotFound, "There is no such file in this session.")

// File returns one file, or NotFound.
func (w *Workspace) File(ctx context.Context, id string) (f *File, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		f, err = fileByID(c, id)
		return err
	})
	return f, err
}

func fileByID(c *sqlite.Conn, id string) (*File, error) {
	for row, err := range c.Query(`SELECT `+fileColumns+` FROM files WHERE id = ?`, id) {
		if err != nil {
			return nil, err
		}
		f, _, err := scanFile(row)
		return f, err
	}
	return nil, errNoFile
}

// Files lists the files in the order in which they came.
func (w *Workspace) Files(ctx context.Context, page Page) (list List[*File], err error) {
	limit, after, err := page.bounds(0)
	if err != nil {
		return list, err
	}
	out := newListed[*File](limit)
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		for row, err := range c.Query(`SELECT `+fileColumns+` FROM files WHERE n > ? ORDER BY n LIMIT ?`, after, limit+1) {
			if err != nil {
				return err
			}
			f, n, err := scanFile(row)
			if err != nil {
				return err
			}
			if !out.add(f, n) {
				break
			}
		}
		return nil
	})
	return out.list, err
}

// CountFiles counts the files.
func (w *Workspace) CountFiles(ctx context.Context) (n int64, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		return c.QueryRow(`SELECT file_count FROM meta`, nil, &n)
	})
	return n, err
}

// DeleteFile deletes a file and the tables made of it, cancels the unfinished
// jobs that read it, and returns the names of the blobs to unlink. A base other
// than 0 is the seq at which the caller last saw the file: if it changed since,
// Conflict.
func (w *Workspace) DeleteFile(ctx context.Context, id string, base int64) (blobs []string, err error) {
	err = w.db.Write(ctx, func(c *sqlite.Conn) error {
		blobs, err = w.deleteFile(c, id, base)
		return err
	})
	return blobs, err
}

func (w *Workspace) deleteFile(c *sqlite.Conn, id string, base int64) ([]string, error) {
	f, err := fileByID(c, id)
	if err != nil {
		return nil, err
	}
	if err := CheckBase(c, EntityFile, id, base); err != nil {
		return nil, err
	}
	if err := w.cancelReaders(c, id); err != nil {
		return nil, fmt.Errorf("cancel readers: %w", err)
	}
	blobs, err := w.dropTables(c, tablesOfFile, id)
	if err != nil {
		return nil, fmt.Errorf("drop tables: %w", err)
	}
	if _, err := c.Exec(`DELETE FROM files WHERE id = ?`, id); err != nil {
		return nil, err
	}
	return append(blobs, f.Blob), w.record(c, EntityFile, id, Del)
}

// cancelReaders cancels the unfinished jobs that read a file.
func (w *Workspace) cancelReaders(c *sqlite.Conn, fileID string) error {
	ids, err := texts(c, `SELECT j.id FROM job_files f JOIN jobs j ON j.id = f.job_id
		WHERE f.file_id = ? AND j.state IN ('queued', 'running')`, fileID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := w.cancel(c, id); err != nil {
			return err
		}
	}
	return nil
}

// texts returns the first column of a query.
func texts(c *sqlite.Conn, sql string, args ...any) ([]string, error) {
	var out []string
	for row, err := range c.Query(sql, args...) {
		if err != nil {
			return nil, err
		}
		out = append(out, row.Text(0))
	}
	return out, nil
}

// CheckBase returns Conflict if a thing changed after base; 0 asks nothing.
func CheckBase(c *sqlite.Conn, entity Entity, id string, base int64) error {
	if base == 0 {
		return nil
	}
	var seq int64
	err := c.QueryRow(`SELECT seq FROM changes WHERE entity = ? AND id = ?`, []any{string(entity), id}, &seq)
	if errors.Is(err, sqlite.ErrNoRows) {
		return nil
	}
	if err == nil && seq > base {
		return fault.New(fault.Conflict, "This %s has changed since you saw it. Look at it again before you decide.", entity)
	}
	return err
}

// Digests are the SHA-256 of all uploads, in lower-case hex, oldest first.
func (w *Workspace) Digests(ctx context.Context) (digests []string, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		digests = nil
		for row, err := range c.Query(`SELECT sha256 FROM files ORDER BY n`) {
			if err != nil {
				return err
			}
			digests = append(digests, row.Text(0))
		}
		return nil
	})
	return digests, err
}
