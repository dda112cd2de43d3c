package workspace

import (
	"context"
	"encoding/json"
	"fmt"

	"ret/shared/sqlite"
	"ret/shared/xmltable"
)

// SearchedTable is what a search must know of a table.
type SearchedTable struct {
	ID       string
	N        int64 // order of arrival
	Name     string
	Source   string
	Columns  []string // names
	Rows     int64
	Bytes    int64
	Blob     string
	RowIndex []byte
}

// SearchedTables lists all tables, the newest first, and the seq of the last change that
// they show: while Cursor says the same seq they are the same.
func (w *Workspace) SearchedTables(ctx context.Context) (tables []SearchedTable, seq int64, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		tables = nil
		if err := c.QueryRow(`SELECT seq FROM meta`, nil, &seq); err != nil {
			return err
		}
		for row, err := range c.Query(`SELECT n, id, name, source, columns, rows, bytes, blob, row_index FROM tables ORDER BY n DESC`) {
			if err != nil {
				return err
			}
			var t SearchedTable
			var columns []byte
			if err := row.Scan(&t.N, &t.ID, &t.Name, &t.Source, &columns, &t.Rows, &t.Bytes, &t.Blob, &t.RowIndex); err != nil {
				return err
			}
			var list []xmltable.Column
			if err := json.Unmarshal(columns, &list); err != nil {
				return fmt.Errorf("read columns: %w", err)
			}
			for _, column := range list {
				t.Columns = append(t.Columns, column.Name)
			}
			tables = append(tables, t)
		}
		return nil
	})
	return tables, seq, err
}
