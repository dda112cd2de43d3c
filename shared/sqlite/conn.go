package sqlite

import (
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// ErrNoRows is returned by QueryRow when nothing matches.
var ErrNoRows = errors.New("no rows")

// Conn is a connection inside a Read or Write. It keeps its prepared statements,
// so SQL text should be constant.
type Conn struct {
	raw   *sqlite3.Conn
	stmts map[string]*sqlite3.Stmt
	after []func() // of the current Write, see AfterCommit

	pending Pending // of the writer's connection
}

// Exec runs one statement and returns how many rows it changed.
//
// Arguments are bound in order: nil, bool, int, int64, float64, string, []byte,
// and time.Time as Unix milliseconds, where the zero time is NULL.
func (c *Conn) Exec(sql string, args ...any) (int64, error) {
	stmt, err := c.bind(sql, args)
	if err != nil {
		return 0, err
	}
	before := c.raw.TotalChanges()
	stmt.Step()
	// Reset reports the step's error and lets go of locks.
	if err := c.release(sql, stmt); err != nil {
		return 0, translate(err)
	}
	return c.raw.TotalChanges() - before, nil
}

// Query yields the rows of a statement. A Row is valid for its own iteration.
// An error ends the sequence.
func (c *Conn) Query(sql string, args ...any) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		stmt, err := c.bind(sql, args)
		if err != nil {
			yield(Row{}, err)
			return
		}
		stopped := false
		defer func() {
			if err := c.release(sql, stmt); err != nil && !stopped {
				yield(Row{}, translate(err))
			}
		}()
		for stmt.Step() {
			if !yield(Row{stmt}, nil) {
				stopped = true
				return
			}
		}
	}
}

// QueryRow scans the first row into dest as Row.Scan does, or returns ErrNoRows.
func (c *Conn) QueryRow(sql string, args []any, dest ...any) error {
	for row, err := range c.Query(sql, args...) {
		if err != nil {
			return err
		}
		return row.Scan(dest...)
	}
	return ErrNoRows
}

// AfterCommit has fn called once the current Write is durable, on the writer's
// goroutine and in the order of commits, so fn must not wait for anything.
// If the Write fails, fn is dropped.
func (c *Conn) AfterCommit(fn func()) { c.after = append(c.after, fn) }

// bind returns the statement for sql with args bound. A cached statement that is
// still being stepped (a query inside the same query) gets a twin.
func (c *Conn) bind(sql string, args []any) (*sqlite3.Stmt, error) {
	stmt := c.stmts[sql]
	if stmt == nil || stmt.Busy() {
		fresh, _, err := c.raw.PrepareFlags(sql, sqlite3.PREPARE_PERSISTENT)
		if err != nil {
			return nil, translate(err)
		}
		if stmt == nil {
			c.stmts[sql] = fresh
		}
		stmt = fresh
	}
	for i, arg := range args {
		if err := bindOne(stmt, i+1, arg); err != nil {
			return nil, errors.Join(fmt.Errorf("bind argument %d: %w", i+1, err), c.release(sql, stmt))
		}
	}
	return stmt, nil
}

// release ends a statement's use: cached ones are reset, twins closed.
func (c *Conn) release(sql string, stmt *sqlite3.Stmt) error {
	if c.stmts[sql] != stmt {
		return errors.Join(stmt.Err(), stmt.Close())
	}
	return errors.Join(stmt.Reset(), stmt.ClearBindings())
}

func (c *Conn) close() error {
	for _, stmt := range c.stmts {
		_ = stmt.Close() // reports an old step's error, not its own
	}
	return c.raw.Close()
}

func bindOne(stmt *sqlite3.Stmt, i int, arg any) error {
	switch v := arg.(type) {
	case nil:
		return stmt.BindNull(i)
	case bool:
		return stmt.BindBool(i, v)
	case int:
		return stmt.BindInt64(i, int64(v))
	case int64:
		return stmt.BindInt64(i, v)
	case float64:
		return stmt.BindFloat(i, v)
	case string:
		return stmt.BindText(i, v)
	case []byte:
		return stmt.BindBlob(i, v)
	case time.Time:
		if v.IsZero() {
			return stmt.BindNull(i)
		}
		return stmt.BindInt64(i, v.UnixMilli())
	default:
		return fmt.Errorf("type %T", arg)
	}
}
