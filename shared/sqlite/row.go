package sqlite

import (
	"fmt"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// Row is the current row of a query; columns count from 0.
type Row struct{ stmt *sqlite3.Stmt }

// IsNull reports whether a column is NULL.
func (r Row) IsNull(col int) bool { return r.stmt.ColumnType(col) == sqlite3.NULL }

// Int64 returns a column as a number; NULL is 0.
func (r Row) Int64(col int) int64 { return r.stmt.ColumnInt64(col) }

// Text returns a column as a string; NULL is "".
func (r Row) Text(col int) string { return r.stmt.ColumnText(col) }

// Blob returns a copy of a column's bytes, appended to buf.
func (r Row) Blob(col int, buf []byte) []byte { return r.stmt.ColumnBlob(col, buf) }

// Time returns a column of Unix milliseconds in UTC; NULL is the zero time.
func (r Row) Time(col int) time.Time {
	if r.IsNull(col) {
		return time.Time{}
	}
	return time.UnixMilli(r.stmt.ColumnInt64(col)).UTC()
}

// Scan copies the columns into dest, in order: *int, *int64, *bool, *float64,
// *string, *[]byte, *time.Time, or nil to pass one over.
func (r Row) Scan(dest ...any) error {
	for i, d := range dest {
		switch p := d.(type) {
		case nil:
		case *int:
			*p = int(r.stmt.ColumnInt64(i))
		case *int64:
			*p = r.stmt.ColumnInt64(i)
		case *bool:
			*p = r.stmt.ColumnBool(i)
		case *float64:
			*p = r.stmt.ColumnFloat(i)
		case *string:
			*p = r.stmt.ColumnText(i)
		case *[]byte:
			*p = r.stmt.ColumnBlob(i, nil)
		case *time.Time:
			*p = r.Time(i)
		default:
			return fmt.Errorf("scan column %d: type %T", i, d)
		}
	}
	return nil
}
