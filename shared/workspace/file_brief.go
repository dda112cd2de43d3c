package workspace

import (
	"context"
	"time"

	"ret/shared/fold"
	"ret/shared/sqlite"
)

// FileBrief is a file as lists show it.
type FileBrief struct {
	ID        string
	Name      string
	Kind      string
	Size      int64
	CreatedAt time.Time
	JobID     string // the newest conversion of it; "" if there was none
	JobState  State
	Tables    int64 // made of it, alone or merged
	N         int64 // order of arrival: what comes after it in a list of the newest has less
}

const fileBriefColumns = `f.id, f.name, f.kind, f.size, f.created_at, j.id, j.state,
	(SELECT count(*) FROM tables WHERE file_id = f.id) +
	(SELECT count(*) FROM job_files l JOIN tables t ON t.job_id = l.job_id AND t.file_id IS NULL WHERE l.file_id = f.id), f.n
	FROM files f LEFT JOIN jobs j ON j.n =
		(SELECT max(k.n) FROM job_files l JOIN jobs k ON k.id = l.job_id WHERE l.file_id = f.id AND k.kind = 'convert')`

// NewestFiles lists the files that came last first.
func (w *Workspace) NewestFiles(ctx context.Context, page Page) (list List[FileBrief], err error) {
	limit, after, err := page.bounds(1 << 62)
	if err != nil {
		return list, err
	}
	files, err := w.fileBriefs(ctx, `SELECT `+fileBriefColumns+` WHERE f.n < ? ORDER BY f.n DESC LIMIT ?`, after, limit+1)
	out := newListed[FileBrief](limit)
	for _, f := range files {
		if !out.add(f, f.N) {
			break
		}
	}
	return out.list, err
}

// FileListing is which files a list shows, and how.
type FileListing struct {
	Text  string    // those whose name contains it, whatever the case; "" for all
	Order FileOrder // what they are sorted by; those that tie stand in the order in which they came
	Down  bool      // from the greatest, or the newest, on

	Offset, Limit int64 // how many are passed over, and how many are shown at most
}

// FileOrder is what a list of files is sorted by.
type FileOrder string

// The orders.
const (
	FilesByTime FileOrder = "time" // of their arrival
	FilesByName FileOrder = "name" // whatever the case
	FilesBySize FileOrder = "size"
)

var fileOrders = map[FileOrder]string{FilesByTime: `f.n`, FilesByName: `fold(f.name)`, FilesBySize: `f.size`}

// Valid reports whether files can be listed so.
func (o FileOrder) Valid() bool { return fileOrders[o] != "" }

// ListFiles returns a part of the files, and how many there are in all parts.
func (w *Workspace) ListFiles(ctx context.Context, l FileListing) (files []FileBrief, total int64, err error) {
	const listed = `(?1 = '' OR instr(fold(f.name), ?1))`
	order := fileOrders[l.Order]
	if l.Down {
		order += ` DESC`
	}
	text := fold.String(l.Text)
	// What a list says of a file is read of those alone that it shows.
	files, err = w.fileBriefs(ctx, `SELECT `+fileBriefColumns+` WHERE f.n IN (
			SELECT f.n FROM files f WHERE `+listed+` ORDER BY `+order+`, f.n LIMIT ?2 OFFSET ?3
		) ORDER BY `+order+`, f.n`, text, l.Limit, l.Offset)
	if err != nil {
		return nil, 0, err
	}
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		return c.QueryRow(`SELECT count(*) FROM files f WHERE `+listed, []any{text}, &total)
	})
	return files, total, err
}

// FileBriefs returns the files of these ids that are there, in any order.
func (w *Workspace) FileBriefs(ctx context.Context, ids []string) ([]FileBrief, error) {
	list, err := jsonList(ids)
	if err != nil {
		return nil, err
	}
	return w.fileBriefs(ctx, `SELECT `+fileBriefColumns+` WHERE f.id IN (SELECT value FROM json_each(?))`, list)
}

// FilesOfJobs returns those among the newest files that these jobs read.
func (w *Workspace) FilesOfJobs(ctx context.Context, jobIDs []string, newest int) ([]FileBrief, error) {
	list, err := jsonList(jobIDs)
	if err != nil {
		return nil, err
	}
	return w.fileBriefs(ctx, `SELECT `+fileBriefColumns+` WHERE f.id IN
			(SELECT file_id FROM job_files WHERE job_id IN (SELECT value FROM json_each(?1)))
		AND +f.n >= coalesce((SELECT n FROM files ORDER BY n DESC LIMIT 1 OFFSET ?2 - 1), 0)`, list, newest)
}

func (w *Workspace) fileBriefs(ctx context.Context, sql string, args ...any) (files []FileBrief, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		files = nil
		for row, err := range c.Query(sql, args...) {
			if err != nil {
				return err
			}
			var f FileBrief
			var state string
			err = row.Scan(&f.ID, &f.Name, &f.Kind, &f.Size, &f.CreatedAt, &f.JobID, &state, &f.Tables, &f.N)
			if err != nil {
				return err
			}
			f.JobState = State(state)
			files = append(files, f)
		}
		return nil
	})
	return files, err
}
