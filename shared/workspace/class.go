package workspace

import (
	"context"
	"encoding/json"
	"time"

	"ret/shared/fault"
	"ret/shared/sqlite"
)

// KindMerge is the kind of the jobs that give all documents of a class one set of tables,
// beside those that each has of its own.
const KindMerge = "merge"

// Class says which class of documents a table belongs to: documents of one group with one
// root element that were converted with the same options. The zero Class is none.
type Class struct {
	ID        string `json:"id"`                  // "" for none
	Merged    bool   `json:"merged,omitempty"`    // the table has the rows of all documents
	Documents int64  `json:"documents,omitempty"` // of how many, on the first of the tables made together; else 0
}

// ClassBrief is a class as lists show it.
type ClassBrief struct {
	ID        string
	Group     string
	Documents int64 // that have tables of their own
	Tables    int64 // these tables, their rows and bytes
	Rows      int64
	Bytes     int64
	Merged    int64     // of how many documents the merged tables are; 0: there are none
	CreatedAt time.Time // of the newest table
}

// Classes returns the classes of these groups that have at least so many documents, by
// group and the newest first.
func (w *Workspace) Classes(ctx context.Context, groups []string, least int64) (classes []ClassBrief, err error) {
	list, err := jsonList(foldAll(groups))
	if err != nil {
		return nil, err
	}
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		classes = nil
		for row, err := range c.Query(classesSQL, list, least) {
			if err != nil {
				return err
			}
			var b ClassBrief
			if err := row.Scan(&b.ID, &b.Group, &b.Documents, &b.Tables, &b.Rows, &b.Bytes, &b.Merged, &b.CreatedAt); err != nil {
				return err
			}
			classes = append(classes, b)
		}
		return nil
	})
	return classes, err
}

// classesSQL counts by an index alone, and then looks at one table of each class.
const classesSQL = `SELECT k.class, t."group", k.documents, k.tables, k.rows, k.bytes, k.merged, t.created_at FROM (
		SELECT group_folded, class, max(n) AS newest, sum(iif(merged, 0, documents)) AS documents, sum(NOT merged) AS tables,
			sum(iif(merged, 0, rows)) AS rows, sum(iif(merged, 0, bytes)) AS bytes, max(iif(merged, documents, 0)) AS merged
		FROM tables WHERE group_folded IN (SELECT value FROM json_each(?1)) AND class <> '' GROUP BY group_folded, class
	) k JOIN tables t ON t.n = k.newest WHERE k.documents >= ?2 ORDER BY k.group_folded, k.newest DESC`

// MergedOfClasses returns the tables that the documents of these classes share, by class
// and in the order in which they came.
func (w *Workspace) MergedOfClasses(ctx context.Context, classes []string) ([]TableBrief, error) {
	return w.classTables(ctx, classes, `SELECT `+tableBriefColumns+`
		WHERE t.class <> '' AND t.class IN (SELECT value FROM json_each(?1)) AND t.merged ORDER BY t.class, t.n`)
}

// NewestOfClasses returns the newest tables that documents of these classes have of their
// own, at most perClass of each, by class and the newest first.
func (w *Workspace) NewestOfClasses(ctx context.Context, classes []string, perClass int) ([]TableBrief, error) {
	return w.classTables(ctx, classes, `SELECT `+tableBriefColumns+` JOIN (
			SELECT n, row_number() OVER (PARTITION BY class ORDER BY n DESC) AS place FROM tables
			WHERE class <> '' AND class IN (SELECT value FROM json_each(?1)) AND merged = 0
		) newest ON newest.n = t.n
		WHERE newest.place <= ?2 ORDER BY t.class, t.n DESC`, perClass)
}

func (w *Workspace) classTables(ctx context.Context, classes []string, sql string, args ...any) ([]TableBrief, error) {
	if len(classes) == 0 {
		return nil, nil
	}
	list, err := jsonList(classes)
	if err != nil {
		return nil, err
	}
	return w.tableBriefs(ctx, sql, append([]any{list}, args...)...)
}

// ClassDocument is a document of a class.
type ClassDocument struct {
	FileID string
	Group  string
	Source string // its path in the manifest of the job that converted it
}

// ClassDocuments returns the documents of a class that have tables of their own, in the
// order in which they came, with the options that all of them were converted with; NotFound
// if there are none.
func (w *Workspace) ClassDocuments(ctx context.Context, class string) (docs []ClassDocument, options json.RawMessage, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		docs, options = nil, nil
		for row, err := range c.Query(classDocumentsSQL, class) {
			if err != nil {
				return err
			}
			docs = append(docs, ClassDocument{FileID: row.Text(0), Group: row.Text(1), Source: row.Text(2)})
			options = row.Blob(3, options[:0])
		}
		if len(docs) == 0 {
			return errNoClass
		}
		return nil
	})
	return docs, options, err
}

const classDocumentsSQL = `SELECT t.file_id, t."group", t.source, j.options FROM tables t JOIN jobs j ON j.id = t.job_id
	WHERE t.class <> '' AND t.class = ?1 AND t.merged = 0 AND t.documents > 0 AND t.file_id IS NOT NULL ORDER BY t.n`

var errNoClass = fault.New(fault.NotFound, "There are no such documents in this session any more.")

// ClassFiles returns the files that the documents of a class are in, in the order in which
// they came; NotFound if there are none.
func (w *Workspace) ClassFiles(ctx context.Context, class string) (ids []string, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		ids, err = texts(c, `SELECT f.id FROM files f WHERE f.id IN (
			SELECT file_id FROM tables WHERE class <> '' AND class = ? AND merged = 0 AND documents > 0) ORDER BY f.n`, class)
		return err
	})
	if err == nil && len(ids) == 0 {
		return nil, errNoClass
	}
	return ids, err
}
