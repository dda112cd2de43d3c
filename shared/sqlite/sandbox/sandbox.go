// Package sandbox runs SELECT statements that a stranger wrote: by SQLite, over tables
// that are handed to it and nothing else.
//
// A Conn has no file: its database is empty and in memory, and what it reads are the
// virtual tables that its owner adds. A statement can neither write nor attach, reads no
// table that was not added, calls no function that is not on a list, and takes no more
// memory than it was given; a done context ends it. What could run for long within one
// function, where SQLite does not look at the clock (LIKE, GLOB, instr, replace, trim),
// stands here once more, in linear time or with a look at the context.
//
// A Conn is used by one goroutine at a time.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

// Conn is a connection for one statement after the other.
type Conn struct {
	raw   *sqlite3.Conn
	ctx   context.Context
	reads map[string]bool // names of the tables that may be read, as they were added
}

// ValueBytes is how long a text may be that a statement reads or makes. SQLite looks at
// the clock after every thousand steps, each of which may make one such text.
const ValueBytes = 2 << 20

// StatementBytes is how long a statement may be.
const StatementBytes = 64 << 10

// pageBytes is by how much a connection's memory grows.
const pageBytes = 64 << 10

// baseBytes is what a connection takes before it does anything.
const baseBytes = 2 << 20

// Open opens a connection whose statements take so many bytes of memory at most, and end
// when ctx is done.
func Open(ctx context.Context, bytes int64) (*Conn, error) {
	bytes = min(max(bytes, baseBytes), 1<<31)
	most := (bytes + baseBytes + pageBytes - 1) &^ (pageBytes - 1) // the limit of the heap holds first
	raw, err := sqlite3.OpenContext(sqlite3.WithMaxMemory(context.Background(), most), ":memory:")
	if err != nil {
		return nil, fmt.Errorf("open sandbox: %w", err)
	}
	c := &Conn{raw: raw, ctx: ctx, reads: make(map[string]bool)}
	if err := c.confine(bytes); err != nil {
		_ = raw.Close()
		return nil, fmt.Errorf("confine sandbox: %w", err)
	}
	raw.SetInterrupt(ctx)
	return c, nil
}

// confine sets what a statement may do, before one is there.
func (c *Conn) confine(bytes int64) error {
	for _, s := range []string{
		"temp_store=memory", "journal_mode=off", "trusted_schema=off", "cache_size=-4096", // of which the sorter takes as much
	} {
		if err := c.raw.Exec("PRAGMA " + s); err != nil {
			return fmt.Errorf("set %s: %w", s, err)
		}
	}
	if err := c.configure(); err != nil {
		return err
	}
	c.limit()
	c.raw.HardHeapLimit(bytes)
	if err := c.addFunctions(); err != nil {
		return err
	}
	return c.raw.SetAuthorizer(c.authorize)
}

func (c *Conn) configure() error {
	for op, on := range map[sqlite3.DBConfig]bool{
		sqlite3.DBCONFIG_DEFENSIVE:       true,
		sqlite3.DBCONFIG_ENABLE_TRIGGER:  false,
		sqlite3.DBCONFIG_ENABLE_VIEW:     false,
		sqlite3.DBCONFIG_WRITABLE_SCHEMA: false,
		sqlite3.DBCONFIG_DQS_DML:         false,
	} {
		if _, err := c.raw.Config(op, on); err != nil {
			return fmt.Errorf("configure %d: %w", op, err)
		}
	}
	return nil
}

// limit bounds what a statement is made of. Most bounds keep the time short that passes
// between two looks at the clock.
func (c *Conn) limit() {
	for category, most := range map[sqlite3.LimitCategory]int{
		sqlite3.LIMIT_LENGTH:              ValueBytes,
		sqlite3.LIMIT_SQL_LENGTH:          StatementBytes,
		sqlite3.LIMIT_COLUMN:              32_767, // a table may have 16,384
		sqlite3.LIMIT_EXPR_DEPTH:          500,
		sqlite3.LIMIT_COMPOUND_SELECT:     250,
		sqlite3.LIMIT_VDBE_OP:             500_000,
		sqlite3.LIMIT_FUNCTION_ARG:        100,
		sqlite3.LIMIT_ATTACHED:            0,
		sqlite3.LIMIT_LIKE_PATTERN_LENGTH: patternBytes,
		sqlite3.LIMIT_TRIGGER_DEPTH:       0,
		sqlite3.LIMIT_WORKER_THREADS:      0,
	} {
		c.raw.Limit(category, most)
	}
}

// AddTable lets statements read a virtual table by its name.
func AddTable[T sqlite3.VTab](c *Conn, name string, connect func(db *sqlite3.Conn) (T, error)) error {
	c.reads[name] = true
	//lint:ignore SA1019 the method that takes its place needs a later Go
	return sqlite3.CreateModule(c.raw, name, nil, func(db *sqlite3.Conn, _, _, _ string, _ ...string) (T, error) {
		return connect(db)
	})
}

// Close gives all memory back.
func (c *Conn) Close() error {
	c.raw.SetInterrupt(context.Background())
	return c.raw.Close()
}

// Prepare compiles the one statement that sql has. Its errors are *Error.
func (c *Conn) Prepare(sql string) (stmt *sqlite3.Stmt, err error) {
	defer c.keepMemoryError(&err)
	if len(sql) > StatementBytes {
		return nil, &Error{Kind: TooBig, Message: fmt.Sprintf("This statement is longer than %d KiB.", StatementBytes>>10), Offset: -1}
	}
	if i := strings.IndexByte(sql, 0); i >= 0 {
		return nil, &Error{Kind: Wrong, Message: "There is a character here that no statement has.", Offset: i}
	}
	stmt, tail, err := c.raw.Prepare(sql)
	switch {
	case err != nil:
		return nil, c.explain(err, sql)
	case stmt == nil:
		return nil, &Error{Kind: Wrong, Message: "There is no statement here. Write a SELECT.", Offset: len(sql)}
	}
	if err := c.check(stmt, sql, tail); err != nil {
		c.End(stmt)
		return nil, err
	}
	return stmt, nil
}

// check refuses what SQLite would run, but not for us.
func (c *Conn) check(stmt *sqlite3.Stmt, sql, tail string) error {
	if rest := len(sql) - len(tail); tail != "" {
		second, _, err := c.raw.Prepare(tail)
		_ = second.Close()
		if second != nil || err != nil {
			rest += len(tail) - len(strings.TrimLeft(tail, " \t\r\n\f"))
			return &Error{Kind: Wrong, Message: "One statement at a time: this is where a second one begins.", Offset: rest}
		}
	}
	if !stmt.ReadOnly() || stmt.ColumnCount() == 0 {
		return &Error{Kind: Denied, Message: "Only SELECT is allowed here.", Offset: 0}
	}
	if stmt.BindCount() > 0 {
		return &Error{Kind: Wrong, Message: "Write values themselves in place of parameters.", Offset: strings.IndexAny(sql, "?:@$")}
	}
	return nil
}

// Step goes on to the next row; false after the last one. Its errors are *Error, or a
// *fault.Error that a table has met.
func (c *Conn) Step(stmt *sqlite3.Stmt) (more bool, err error) {
	defer c.keepMemoryError(&err)
	if stmt.Step() {
		return true, nil
	}
	if err := stmt.Err(); err != nil {
		return false, c.explain(err, "")
	}
	return false, nil
}

// End ends a statement. What it reports is an error of the last step.
func (c *Conn) End(stmt *sqlite3.Stmt) {
	var err error
	defer c.keepMemoryError(&err)
	_ = stmt.Close()
}

// keepMemoryError turns the library's panic for want of memory into an error. It is
// raised between calls of SQLite, so the connection can still be closed.
func (c *Conn) keepMemoryError(err *error) {
	switch panicked := recover().(type) {
	case nil:
	case error:
		if !isMemory(panicked) {
			panic(panicked)
		}
		*err = errMemory()
	default:
		panic(panicked)
	}
}

// isMemory reports whether a panic is the library's for want of memory.
func isMemory(panicked error) bool { return panicked.Error() == "sqlite3: out of memory" }

func errMemory() error {
	return &Error{Kind: TooBig, Message: "This takes more memory than a query may have. Ask for fewer rows or columns, or group by fewer values.", Offset: -1}
}

// Memory runs f, which hands values to SQLite, and returns the code for want of memory
// where there was none.
func Memory(f func()) (err error) {
	defer func() {
		if panicked, ok := recover().(error); ok {
			if !isMemory(panicked) {
				panic(panicked)
			}
			err = sqlite3.NOMEM
		}
	}()
	f()
	return nil
}

// stopped is the code that ends a statement whose context is done.
func (c *Conn) stopped() error {
	if c.ctx.Err() != nil {
		return sqlite3.INTERRUPT
	}
	return nil
}

// Interrupted reports whether err is of a statement that was ended by its context.
func Interrupted(err error) bool { return errors.Is(err, errInterrupted) }

var errInterrupted = errors.New("the statement was interrupted")
