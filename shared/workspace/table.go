package workspace

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"ret/shared/fault"
	"ret/shared/fold"
	"ret/shared/sqlite"
	"ret/shared/xmltable"
)

// Table is one complete table.
type Table struct {
	ID        string            `json:"id"`
	JobID     string            `json:"job_id"`
	FileID    *string           `json:"file_id"`   // nil where several files were merged
	ParentID  *string           `json:"parent_id"` // of a child table
	Group     string            `json:"group"`
	Source    string            `json:"source"` // the document's path, or the group's name
	Name      string            `json:"name"`
	Columns   []xmltable.Column `json:"columns"`
	Rows      int64             `json:"rows"`
	Bytes     int64             `json:"bytes"`
	CreatedAt time.Time         `json:"created_at"`
	Class     Class             `json:"class,omitzero"`
	Layout    *Layout           `json:"layout,omitempty"` // nil: columns stand as stored

	Root     string `json:"-"` // of the documents, where several were merged
	Blob     string `json:"-"` // generated name of the stored table
	RowIndex []byte `json:"-"` // see tablefile
	Origins  []byte `json:"-"` // see convert; only where the table is made, else ask for them

	ToldOfTable
}

// ToldOfTable is what only clients with a replica are told beside a table.
type ToldOfTable struct {
	N        int64     `json:"n,omitempty"`        // order of arrival
	Document *Document `json:"document,omitempty"` // that it was made of, if of one alone
}

const tableColumns = `id, job_id, file_id, parent_id, "group", source, name, columns, rows, bytes, created_at, layout, root, class, merged, documents, blob, row_index, n`

func scanTable(row sqlite.Row) (*Table, int64, error) {
	var (
		t            Table
		file, parent string
		columns      []byte
		layout       []byte
		n            int64
	)
	err := row.Scan(&t.ID, &t.JobID, &file, &parent, &t.Group, &t.Source, &t.Name, &columns, &t.Rows, &t.Bytes,
		&t.CreatedAt, &layout, &t.Root, &t.Class.ID, &t.Class.Merged, &t.Class.Documents, &t.Blob, &t.RowIndex, &n)
	if err != nil {
		return nil, 0, err
	}
	if t.Layout, err = readLayout(layout); err != nil {
		return nil, 0, err
	}
	if file != "" {
		t.FileID = &file
	}
	if parent != "" {
		t.ParentID = &parent
	}
	return &t, n, json.Unmarshal(columns, &t.Columns)
}

// insertTable writes a table and announces it. ID and CreatedAt are set if empty.
func (w *Workspace) insertTable(c *sqlite.Conn, jobID string, t *Table) error {
	if t.ID == "" {
		t.ID = NewID()
	}
	t.JobID, t.CreatedAt = jobID, w.Now()
	columns, err := json.Marshal(t.Columns)
	if err != nil {
		return fmt.Errorf("encode columns: %w", err)
	}
	_, err = c.Exec(`INSERT INTO tables (id, job_id, file_id, parent_id, "group", group_folded, source, name, root, class, merged, documents, columns, rows, bytes, blob, row_index, created_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		t.ID, jobID, sqlite.OrNil(t.FileID), sqlite.OrNil(t.ParentID), t.Group, fold.String(t.Group), t.Source, t.Name, t.Root, t.Class.ID, t.Class.Merged, t.Class.Documents, string(columns),
		t.Rows, t.Bytes, t.Blob, t.RowIndex, t.CreatedAt)
	if err == nil && len(t.Origins) > 0 {
		_, err = c.Exec(`INSERT INTO origins (table_id, records) VALUES (?, ?)`, t.ID, t.Origins)
	}
	if err != nil {
		return fmt.Errorf("insert table: %w", err)
	}
	return w.record(c, EntityTable, t.ID, Put)
}

var errNoTable = fault.New(fault.NotFound, "There is no such table in this session.")

// Table returns one table, or NotFound.
func (w *Workspace) Table(ctx context.Context, id string) (t *Table, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		t, err = tableByID(c, id)
		return err
	})
	return t, err
}

// TableNumber is which of the session's tables one is, in the order of their arrival,
// from 1 on; those that were deleted count. NotFound if there is no such table.
func (w *Workspace) TableNumber(ctx context.Context, id string) (n int64, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		_, n, err = tableAndPlace(c, id)
		return err
	})
	return n, err
}

// Origins returns where the rows of a table come from, as convert.Origins has it; nothing
// where that was not kept.
func (w *Workspace) Origins(ctx context.Context, tableID string) (origins []byte, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		origins = nil
		for row, err := range c.Query(`SELECT records FROM origins WHERE table_id = ?`, tableID) {
			if err != nil {
				return err
			}
			if err := row.Scan(&origins); err != nil {
				return err
			}
		}
		return nil
	})
	return origins, err
}

func tableByID(c *sqlite.Conn, id string) (*Table, error) {
	t, _, err := tableAndPlace(c, id)
	return t, err
}

// tableAndPlace is tableByID with the table's order of arrival.
func tableAndPlace(c *sqlite.Conn, id string) (*Table, int64, error) {
	for row, err := range c.Query(`SELECT `+tableColumns+` FROM tables WHERE id = ?`, id) {
		if err != nil {
			return nil, 0, err
		}
		return scanTable(row)
	}
	return nil, 0, errNoTable
}

// TableFilter narrows a list of tables; empty fields match all.
type TableFilter struct {
	Group  string // without regard to case
	FileID string
	JobID  string
	Source string
}

// Tables lists the tables in the order in which they came.
func (w *Workspace) Tables(ctx context.Context, filter TableFilter, page Page) (list List[*Table], err error) {
	return w.tables(ctx, filter, page, 0, `SELECT `+tableColumns+` FROM tables
		WHERE n > ?1 AND `+tableFilterSQL+` ORDER BY n LIMIT ?6`)
}

// NewestTables lists the tables that came last first.
func (w *Workspace) NewestTables(ctx context.Context, filter TableFilter, page Page) (list List[*Table], err error) {
	return w.tables(ctx, filter, page, 1<<62, `SELECT `+tableColumns+` FROM tables
		WHERE n < ?1 AND `+tableFilterSQL+` ORDER BY n DESC LIMIT ?6`)
}

const tableFilterSQL = `(?2 = '' OR group_folded = ?2) AND (?3 = '' OR file_id = ?3)
	AND (?4 = '' OR job_id = ?4) AND (?5 = '' OR source = ?5)`

func (w *Workspace) tables(ctx context.Context, f TableFilter, page Page, first int64, sql string) (list List[*Table], err error) {
	limit, after, err := page.bounds(first)
	if err != nil {
		return list, err
	}
	out := newListed[*Table](limit)
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		for row, err := range c.Query(sql, after, fold.String(f.Group), f.FileID, f.JobID, f.Source, limit+1) {
			if err != nil {
				return err
			}
			t, n, err := scanTable(row)
			if err != nil {
				return err
			}
			if !out.add(t, n) {
				break
			}
		}
		return nil
	})
	return out.list, err
}

// Children returns the tables whose parent is id.
func (w *Workspace) Children(ctx context.Context, id string) ([]*Table, error) {
	return w.queryTables(ctx, `SELECT `+tableColumns+` FROM tables
		WHERE job_id = (SELECT job_id FROM tables WHERE id = ?1) AND parent_id = ?1 ORDER BY n`, id)
}

// MergedTables returns the tables that classes of documents share, each class's
// main table first.
func (w *Workspace) MergedTables(ctx context.Context) (classes [][]*Table, err error) {
	all, err := w.queryTables(ctx, `SELECT `+tableColumns+` FROM tables WHERE root <> '' ORDER BY job_id, source, n`)
	for i, t := range all {
		if i == 0 || t.ParentID == nil && t.Name != documentTable || !sameClass(t, all[i-1]) {
			classes = append(classes, nil)
		}
		classes[len(classes)-1] = append(classes[len(classes)-1], t)
	}
	return classes, err
}

// documentTable is the one table without a parent that is no main table.
const documentTable = "_document"

func sameClass(a, b *Table) bool {
	return a.JobID == b.JobID && a.Source == b.Source && a.Root == b.Root
}

func (w *Workspace) queryTables(ctx context.Context, sql string, args ...any) (tables []*Table, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		tables = nil
		for row, err := range c.Query(sql, args...) {
			if err != nil {
				return err
			}
			t, _, err := scanTable(row)
			if err != nil {
				return err
			}
			tables = append(tables, t)
		}
		return nil
	})
	return tables, err
}

// DeleteTable deletes one table and returns its blob to be unlinked.
func (w *Workspace) DeleteTable(ctx context.Context, id string) (blobs []string, err error) {
	return w.DeleteTables(ctx, []string{id})
}

// DeleteTables deletes, all at once, those of the tables that are there, and
// returns their blobs to be unlinked; NotFound if none is there.
func (w *Workspace) DeleteTables(ctx context.Context, ids []string) (blobs []string, err error) {
	err = w.db.Write(ctx, func(c *sqlite.Conn) error {
		blobs, err = w.deleteTables(c, ids)
		return err
	})
	return blobs, err
}

// deleteTables deletes those of the tables that are there; NotFound if none is.
// Nothing but its end happens to what a table says, so there is no newer form of it
// that a person could have missed.
func (w *Workspace) deleteTables(c *sqlite.Conn, ids []string) (blobs []string, err error) {
	for _, id := range ids {
		dropped, err := w.dropTables(c, `SELECT id, blob, "group", job_id FROM tables WHERE id = ?1`, id)
		if err != nil {
			return nil, err
		}
		blobs = append(blobs, dropped...)
	}
	if len(blobs) == 0 {
		return nil, errNoTable
	}
	return blobs, nil
}

func tableIDs(c *sqlite.Conn, jobID string, limit int) ([]string, error) {
	ids, err := texts(c, `SELECT id FROM tables WHERE job_id = ? ORDER BY n LIMIT ?`, jobID, limit)
	if ids == nil {
		ids = []string{}
	}
	return ids, err
}

// Which tables go together with something else.
const (
	// With a file goes what was made of it, alone or merged.
	tablesOfFile = `SELECT id, blob, "group", job_id FROM tables WHERE file_id = ?1
		OR (file_id IS NULL AND job_id IN (SELECT job_id FROM job_files WHERE file_id = ?1))`

	// What is merged anew replaces what was merged of the class before.
	tablesMergedAnew = `SELECT DISTINCT t.id, t.blob, t."group", t.job_id FROM tables mine JOIN tables t ON t.class = mine.class AND t.merged AND t.job_id <> ?1
		WHERE mine.job_id = ?1 AND mine.class <> ''`

	// A job that succeeds replaces what earlier jobs made of its files; merged
	// tables only where it read all that they were made of.
	// Both parts start from the job's files, so a job without any costs nothing.
	tablesReplacedBy = `SELECT t.id, t.blob, t."group", t.job_id FROM job_files f JOIN tables t ON t.file_id = f.file_id
			WHERE f.job_id = ?1 AND t.job_id <> ?1
		UNION
		SELECT t.id, t.blob, t."group", t.job_id FROM job_files f
			JOIN job_files earlier ON earlier.file_id = f.file_id AND earlier.job_id <> ?1
			JOIN tables t ON t.job_id = earlier.job_id AND t.file_id IS NULL
			WHERE f.job_id = ?1 AND NOT EXISTS (
				SELECT file_id FROM job_files WHERE job_id = t.job_id
				EXCEPT SELECT file_id FROM job_files WHERE job_id = ?1)`
)

// dropTables deletes the tables that a query of (id, blob, group, job) names and
// returns their blobs. The jobs that made them change too: they list them.
func (w *Workspace) dropTables(c *sqlite.Conn, query, arg string) (blobs []string, err error) {
	var gone []Change
	jobs := make(map[string]bool)
	for row, err := range c.Query(query, arg) {
		if err != nil {
			return nil, err
		}
		gone = append(gone, Change{Entity: EntityTable, ID: row.Text(0), Op: Del, Group: row.Text(2)})
		blobs = append(blobs, row.Text(1))
		jobs[row.Text(3)] = true
	}
	for _, ch := range gone {
		if _, err := c.Exec(`DELETE FROM tables WHERE id = ?`, ch.ID); err != nil {
			return nil, err
		}
		if err := w.recordChange(c, ch); err != nil {
			return nil, err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(jobs)) {
		if err := w.record(c, EntityJob, id, Put); err != nil {
			return nil, err
		}
	}
	return blobs, nil
}

// SmallTables returns the newest tables of at most maxBytes, the newest first.
func (w *Workspace) SmallTables(ctx context.Context, maxBytes int64, limit int) (ids []string, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		ids, err = texts(c, `SELECT id FROM tables WHERE bytes <= ? ORDER BY n DESC LIMIT ?`, maxBytes, limit)
		return err
	})
	return ids, err
}
