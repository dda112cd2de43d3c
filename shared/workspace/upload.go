package workspace

import (
	"context"
	"errors"
	"fmt"

	"ret/shared/fault"
	"ret/shared/sqlite"
)

// Upload is what one request brings: files whose contents are stored already,
// and perhaps the job that converts them.
type Upload struct {
	ID     string  // made by the client or by NewID
	Digest string  // of all that makes two uploads the same
	Files  []*File // ID may be empty; CreatedAt is set by Accept
	Job    *NewJob // its Files are set by Accept

	// MaxSessionBytes is what all files and tables may come to; 0 is no limit.
	MaxSessionBytes int64
}

// Accepted is the answer to an upload.
type Accepted struct {
	Files []*File
	Job   *Job // nil if none was asked for

	// Repeated says that this upload had been accepted before: the answer is the
	// earlier one, and the contents that came now are not needed.
	Repeated bool
}

// Accept writes the files of an upload and its job in one transaction. The same
// id and digest again give the same answer; the same id with another digest is a
// Conflict, too many bytes TooLarge.
func (w *Workspace) Accept(ctx context.Context, up Upload) (out Accepted, err error) {
	err = w.db.Write(ctx, func(c *sqlite.Conn) error {
		out = Accepted{}
		earlier, err := acceptedBefore(c, up)
		if err != nil {
			return err
		}
		if earlier != nil {
			out = *earlier
			return nil
		}
		return w.accept(c, up, &out)
	})
	return out, err
}

// Accepted returns the answer to an upload that was accepted before, or NotFound;
// as Accept does, it is a Conflict for one that has the id with another digest.
func (w *Workspace) Accepted(ctx context.Context, up Upload) (out Accepted, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		earlier, err := acceptedBefore(c, up)
		if err == nil && earlier == nil {
			err = fault.New(fault.NotFound, "There is no such upload in this session.")
		}
		if err == nil {
			out = *earlier
		}
		return err
	})
	return out, err
}

func acceptedBefore(c *sqlite.Conn, up Upload) (*Accepted, error) {
	var digest, jobID string
	err := c.QueryRow(`SELECT digest, coalesce(job_id, '') FROM uploads WHERE id = ?`, []any{up.ID}, &digest, &jobID)
	switch {
	case errors.Is(err, sqlite.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, err
	case digest != up.Digest:
		return nil, fault.New(fault.Conflict, "Another upload already has the id %s. Use a new id for other content.", up.ID)
	}
	out := &Accepted{Repeated: true}
	for row, err := range c.Query(`SELECT `+fileColumns+` FROM files WHERE upload_id = ? ORDER BY n`, up.ID) {
		if err != nil {
			return nil, err
		}
		f, _, err := scanFile(row)
		if err != nil {
			return nil, err
		}
		out.Files = append(out.Files, f)
	}
	if len(out.Files) == 0 {
		return nil, fault.New(fault.Conflict, "This upload was accepted before and has been deleted since. Use a new id to upload it again.")
	}
	if jobID != "" {
		out.Job, err = jobByID(c, jobID, whole)
	}
	return out, err
}

func (w *Workspace) accept(c *sqlite.Conn, up Upload, out *Accepted) error {
	var more int64
	for _, f := range up.Files {
		more += f.Size
	}
	if err := checkRoom(c, more, up.MaxSessionBytes); err != nil {
		return err
	}
	if _, err := c.Exec(`INSERT INTO uploads (id, digest, created_at) VALUES (?, ?, ?)`, up.ID, up.Digest, w.now()); err != nil {
		return err
	}
	ids := make([]string, len(up.Files))
	for i, f := range up.Files {
		if err := w.insertFile(c, up.ID, f); err != nil {
			return err
		}
		ids[i] = f.ID
	}
	out.Files = up.Files
	if up.Job == nil {
		return nil
	}
	spec := *up.Job
	spec.Files = ids
	job, created, err := w.submit(c, spec)
	if err == nil && !created {
		err = fault.New(fault.Conflict, "Another job already has the id %s. Use a new id.", spec.ID)
	}
	if err != nil {
		return err
	}
	out.Job = job
	_, err = c.Exec(`UPDATE uploads SET job_id = ? WHERE id = ?`, job.ID, up.ID)
	return err
}

func (w *Workspace) insertFile(c *sqlite.Conn, uploadID string, f *File) error {
	if f.ID == "" {
		f.ID = NewID()
	}
	f.CreatedAt = w.Now()
	_, err := c.Exec(`INSERT INTO files (id, upload_id, name, size, sha256, kind, blob, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		f.ID, uploadID, f.Name, f.Size, f.SHA256, f.Kind, f.Blob, f.CreatedAt)
	if sqlite.IsConstraint(err) {
		return fault.Wrap(fault.Conflict, err, "Another file already has the id %s. Use a new id.", f.ID)
	}
	if err != nil {
		return fmt.Errorf("insert file: %w", err)
	}
	return w.record(c, EntityFile, f.ID, Put)
}

// checkRoom returns TooLarge if more bytes would not fit into the session.
func checkRoom(c *sqlite.Conn, more, maxSessionBytes int64) error {
	if maxSessionBytes == 0 {
		return nil
	}
	held, err := heldBytes(c)
	if err == nil && held+more > maxSessionBytes {
		return SessionFull(maxSessionBytes)
	}
	return err
}

// SessionFull is what is said where a session would hold too much.
func SessionFull(maxSessionBytes int64) error {
	return fault.New(fault.TooLarge, "This session may hold %d MB in all, and this would go over it. Delete files you no longer need, then try again.", maxSessionBytes>>20)
}
