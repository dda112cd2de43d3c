package work

import (
	"bufio"
	"context"
	"errors"
	"io"

	"ret/server/httpapi/chain"
	"ret/server/queries"
	"ret/shared/profile"
	"ret/shared/query"
	"ret/shared/tablefile"
	"ret/shared/workspace"
)

// RunQuery answers a statement over a session's tables, with so many rows at most. It ends
// when the client leaves and when the session ends.
func (s *Server) RunQuery(c *chain.Call, sql string, rows int) (*query.Result, error) {
	ctx, stop := c.WhileSession()
	defer stop()
	result, err := s.Queries.Run(ctx, asked(c), sql, rows)
	if err == nil {
		err = ctx.Err() // whose session has ended gets nothing
	}
	return result, err
}

// asked is the session of a call as queries know it.
func asked(c *chain.Call) queries.Session {
	return queries.Session{ID: c.SessionID, Workspace: c.Workspace, Folder: c.Folder}
}

// WriteQuery writes all rows of an answer as CSV, once it has begun.
func (s *Server) WriteQuery(c *chain.Call, sql string, to io.Writer, begin func()) error {
	ctx, stop := c.WhileSession()
	defer stop()
	each := func(ctx context.Context, sql string, head func([]query.Column) error, row func([]any) error) error {
		return s.Queries.Each(ctx, asked(c), sql, head, row)
	}
	return query.WriteCSV(ctx, each, sql, to, begin)
}

// KnownKinds are the kinds of a table's columns, if they are on the session's shelf.
func (s *Server) KnownKinds(c *chain.Call, table *workspace.Table) []profile.Kind {
	return s.views.KnownKinds(shelf{c.Folder.Shelf(), table.Blob}, viewName(table), len(table.Columns))
}

// SaveQuery keeps all rows of an answer as a table of the session.
func (s *Server) SaveQuery(c *chain.Call, sql, name string) (*workspace.Table, error) {
	ctx, stop := c.WhileSession()
	defer stop()
	blob, err := c.Folder.CreateTable()
	if err != nil {
		return nil, err
	}
	table, err := s.writeTable(ctx, c, sql, blob)
	if err == nil {
		err = errors.Join(blob.Commit(), c.Folder.SyncTables())
	}
	if err == nil {
		table.Name, table.Blob = name, blob.Name()
		err = c.SaveTable(ctx, table)
	}
	if err != nil {
		blob.Discard()
		return nil, err
	}
	c.Folder.Recorded(blob.Name())
	return table, nil
}

// savedGroup is where tables stand that statements have made, and what they come from.
const (
	savedGroup  = "queries"
	savedSource = "SQL"
)

// writeTable writes an answer as tables are stored.
func (s *Server) writeTable(ctx context.Context, c *chain.Call, sql string, to io.Writer) (*workspace.Table, error) {
	table := &workspace.Table{Group: savedGroup, Source: savedSource}
	var rows *tablefile.Writer
	var cells [][]byte
	buffer := bufio.NewWriterSize(to, 64<<10)
	err := s.Queries.Each(ctx, asked(c), sql, func(columns []query.Column) error {
		table.Columns = query.TableColumns(columns)
		cells = make([][]byte, len(columns))
		rows = tablefile.NewWriter(buffer, table.Columns)
		return nil
	}, func(row []any) error {
		query.Cells(cells, row)
		return rows.Row(cells)
	})
	if err != nil {
		return nil, err
	}
	index, err := rows.Close()
	if err == nil {
		err = buffer.Flush()
	}
	if err != nil {
		return nil, err
	}
	table.Rows, table.Bytes = index.Rows, index.Bytes
	table.RowIndex, err = index.MarshalBinary()
	return table, err
}
