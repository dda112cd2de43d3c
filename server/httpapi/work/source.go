package work

import (
	"context"
	"slices"
	"strconv"

	"ret/server/httpapi/chain"
	"ret/server/jobs"
	"ret/shared/convert"
	"ret/shared/fault"
	"ret/shared/tablefile"
	"ret/shared/workspace"
	"ret/shared/xmltable"
)

// Source is the XML that a row comes from.
type Source struct {
	Path   string `json:"path"` // of the document
	Line   int64  `json:"line"` // where it begins, from 1
	Offset int64  `json:"offset"`
	Length int64  `json:"length"`
	XML    string `json:"xml"`
}

var errNoRow = fault.New(fault.NotFound, "There is no such row in this table.")

// ReadSource finds the record that a row of a table comes from, by its number from 1. A
// row of a table that has a parent comes from the record that its parent's row does.
func (s *Server) ReadSource(c *chain.Call, table *workspace.Table, row int64) (Source, error) {
	ctx := c.R.Context()
	table, row, err := s.outermostRow(c, table, row)
	if err != nil {
		return Source{}, err
	}
	origins, err := c.Origins(ctx, table.ID)
	if err != nil {
		return Source{}, err
	}
	path, record, records, ok := convert.Origins(origins).Find(row)
	if !ok {
		return Source{}, fault.New(fault.Conflict, "Where the rows of this table come from was not kept. Convert the file again to see it.")
	}
	job, err := c.Job(ctx, table.JobID)
	if err != nil {
		return Source{}, err
	}
	options, err := convertedWith(ctx, c, job)
	if err != nil {
		return Source{}, err
	}
	file, err := fileOfDocument(ctx, c, job.ID, path)
	if err != nil {
		return Source{}, err
	}
	found, err := s.Inspector.Excerpt(ctx, jobs.Upload{SessionID: c.Session.ID, File: file, Folder: c.Folder},
		convert.ExcerptJob{Path: path, Record: record, Records: records, Options: options})
	if err != nil {
		return Source{}, err
	}
	return Source{Path: path, Line: found.Line, Offset: found.Offset, Length: found.Length, XML: found.XML}, nil
}

// convertedWith are the options by which a job's documents became its tables.
func convertedWith(ctx context.Context, c *chain.Call, job *workspace.Job) (convert.Options, error) {
	if job.Kind != workspace.KindMerge {
		return convert.ParseOptions(job.Options)
	}
	class, err := jobs.ClassOf(job.Options)
	if err != nil {
		return convert.Options{}, err
	}
	_, asConverted, err := c.ClassDocuments(ctx, class)
	if err != nil {
		return convert.Options{}, err
	}
	options, err := convert.ParseOptions(asConverted)
	options.Merge = true
	return options, err
}

// outermostRow goes from a row up to the one around it in a table that has no parent.
func (s *Server) outermostRow(c *chain.Call, table *workspace.Table, row int64) (*workspace.Table, int64, error) {
	if row < 1 || row > table.Rows {
		return nil, 0, errNoRow
	}
	for table.ParentID != nil {
		parent, err := c.Table(c.R.Context(), *table.ParentID)
		if err != nil {
			return nil, 0, err
		}
		if row, err = s.parentRow(c, table, row); err != nil {
			return nil, 0, err
		}
		table = parent
	}
	return table, row, nil
}

// parentRow is the number that a row of a table with a parent has in its _parent.
func (s *Server) parentRow(c *chain.Call, table *workspace.Table, row int64) (int64, error) {
	at := slices.IndexFunc(table.Columns, func(c xmltable.Column) bool { return c.Kind == xmltable.Parent })
	page, err := s.ReadRows(c, table, tablefile.Query{Offset: row - 1, Limit: 1})
	if err != nil {
		return 0, err
	}
	if at < 0 || len(page.Rows) == 0 || page.Rows[0][at] == nil {
		return 0, errNoRow
	}
	return strconv.ParseInt(*page.Rows[0][at], 10, 64)
}

// fileOfDocument is the upload that a document of a job came in.
func fileOfDocument(ctx context.Context, c *chain.Call, jobID, path string) (*workspace.File, error) {
	document, err := c.Document(ctx, jobID, path)
	if err != nil {
		return nil, err
	}
	return c.File(ctx, document.FileID)
}
