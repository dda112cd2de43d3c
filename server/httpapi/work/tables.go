package work

import (
	"context"
	"fmt"
	"io"

	"ret/server/files"
	"ret/server/httpapi/chain"
	"ret/server/workspaces"
	"ret/shared/profile"
	"ret/shared/tablefile"
	"ret/shared/workspace"
)

// viewBytes is what the order of sorted and filtered tables may take in memory: four
// bytes a row, 16 million rows in all. What has no room there any more is on the shelf of
// its session.
const viewBytes = 64 << 20

// ReadRows reads a page of a table's rows, sorted or filtered as the query says.
func (s *Server) ReadRows(c *chain.Call, table *workspace.Table, query tablefile.Query) (tablefile.Page, error) {
	stored, content, err := OpenTable(c.Open, table)
	if err != nil {
		return tablefile.Page{}, err
	}
	defer content.Close()
	return s.views.Page(c.R.Context(), shelf{c.Folder.Shelf(), table.Blob}, viewName(table), stored, query)
}

// ReadProfile says what is in the columns of a table, or of the rows of it that the
// query's filters let through.
func (s *Server) ReadProfile(ctx context.Context, c *chain.Call, table *workspace.Table, query tablefile.Query) (profile.Profile, error) {
	stored, content, err := OpenTable(c.Open, table)
	if err != nil {
		return profile.Profile{}, err
	}
	defer content.Close()
	return s.views.Profile(ctx, shelf{c.Folder.Shelf(), table.Blob}, viewName(table), stored, query)
}

// ReadValues says which values a column has, and how often.
func (s *Server) ReadValues(ctx context.Context, c *chain.Call, table *workspace.Table, query tablefile.ValuesQuery) (tablefile.ColumnValues, error) {
	stored, content, err := OpenTable(c.Open, table)
	if err != nil {
		return tablefile.ColumnValues{}, err
	}
	defer content.Close()
	return s.views.Values(ctx, shelf{c.Folder.Shelf(), table.Blob}, viewName(table), stored, query)
}

// viewName is a stored table's, unlike that of any other of any session.
func viewName(table *workspace.Table) string { return table.ID + " " + table.Blob }

// OpenView opens what a view shows of a table, as a table; the caller closes its content.
func (s *Server) OpenView(c *chain.Call, table *workspace.Table, query tablefile.Query) (*tablefile.Table, io.Closer, error) {
	stored, content, err := OpenTable(c.Open, table)
	if err != nil || query.Plain() && query.AllColumns() {
		return stored, content, err
	}
	defer content.Close()
	spool, err := c.Folder.CreateScratch()
	if err != nil {
		return nil, nil, err
	}
	shown, err := s.copyView(c, table, stored, query, spool)
	if err != nil {
		_ = spool.Close()
		return nil, nil, err
	}
	return shown, spool, nil
}

func (s *Server) copyView(c *chain.Call, table *workspace.Table, stored *tablefile.Table, query tablefile.Query, to *files.Scratch) (*tablefile.Table, error) {
	index, err := s.views.Copy(c.R.Context(), shelf{c.Folder.Shelf(), table.Blob}, viewName(table), stored, query, to)
	if err != nil {
		return nil, err
	}
	content, err := to.Content()
	if err != nil {
		return nil, err
	}
	return tablefile.Open(content, index)
}

// shelf is the part of a session's shelf that keeps one table's views.
type shelf struct {
	*files.Shelf
	blob string
}

// Keep implements tablefile.Shelf.
func (s shelf) Keep(key string, write func(io.Writer) error) error {
	return s.Shelf.Keep(s.blob, key, write)
}

// Kept implements tablefile.Shelf.
func (s shelf) Kept(key string) (tablefile.Kept, error) {
	content, err := s.Shelf.Kept(s.blob, key)
	if content == nil || err != nil {
		return nil, err
	}
	return content, nil
}

// OpenTable opens a stored table; the caller closes its content.
func OpenTable(open *workspaces.Open, table *workspace.Table) (*tablefile.Table, *files.Content, error) {
	var index tablefile.Index
	if err := index.UnmarshalBinary(table.RowIndex); err != nil {
		return nil, nil, err
	}
	content, err := open.Folder.OpenWhole(table.Blob, index.Bytes)
	if err != nil {
		return nil, nil, err
	}
	stored, err := tablefile.Open(content, index)
	if err != nil {
		_ = content.Close()
		return nil, nil, fmt.Errorf("open table: %w", err)
	}
	return stored, content, nil
}
