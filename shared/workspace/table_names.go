package workspace

import (
	"context"

	"ret/shared/sqlite"
)

// TableName is a table with no more than its name.
type TableName struct{ ID, Name string }

// TableNames lists all tables in the order in which they came.
func (w *Workspace) TableNames(ctx context.Context) (names []TableName, err error) {
	err = w.db.Read(ctx, func(c *sqlite.Conn) error {
		names = nil
		for row, err := range c.Query(`SELECT id, name FROM tables ORDER BY n`) {
			if err != nil {
				return err
			}
			names = append(names, TableName{row.Text(0), row.Text(1)})
		}
		return nil
	})
	return names, err
}
