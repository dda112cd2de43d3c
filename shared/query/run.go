package query

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/ncruces/go-sqlite3"

	"ret/shared/fault"
	"ret/shared/fold"
	"ret/shared/profile"
	"ret/shared/sqlite/sandbox"
)

// Limits bound one statement. The zero value of each means the default.
type Limits struct {
	Time  time.Duration // 30 s
	Bytes int64         // of memory, 256 MiB
	Rows  int           // of the answer, 1,000; -1: all

	// Those of the same names, for tests.
	groupedFrom int64
	mostGroups  int
}

const (
	defaultTime  = 30 * time.Second
	defaultBytes = 256 << 20
	defaultRows  = 1000
)

func (l Limits) withDefaults() Limits {
	if l.Time == 0 {
		l.Time = defaultTime
	}
	if l.Bytes == 0 {
		l.Bytes = defaultBytes
	}
	if l.Rows == 0 {
		l.Rows = defaultRows
	}
	if l.groupedFrom == 0 {
		l.groupedFrom = groupedFrom
	}
	if l.mostGroups == 0 {
		l.mostGroups = mostGroups
	}
	return l
}

// Column is a column of an answer.
type Column struct {
	Name string       `json:"name"`
	Kind profile.Kind `json:"kind"` // of a table's column that column's, else what the values are
}

// Result is an answer.
type Result struct {
	Columns []Column `json:"columns"`

	// Rows have values of the types nil, int64, float64 (finite) and string.
	Rows [][]any `json:"rows"`

	// Truncated says that there would have been more rows.
	Truncated bool `json:"truncated"`
}

// Run answers a statement. It fails with *Error where the statement is wrong or takes too
// much memory, with fault.TimedOut where it takes too long, with ctx's error, and with
// what Tables fails with.
func Run(ctx context.Context, tables Tables, sql string, limits Limits) (*Result, error) {
	limits = limits.withDefaults()
	result := &Result{Rows: [][]any{}}
	kinds := &answerKinds{}
	room := limits.Bytes / 4 // of what is left of the memory, most is for rows of tables
	err := Each(ctx, tables, sql, limits, func(columns []Column) error {
		result.Columns = columns
		kinds.begin(columns)
		return nil
	}, func(row []any) error {
		for _, v := range row {
			room -= valueBytes(v)
		}
		if len(result.Rows) > 0 && (limits.Rows >= 0 && len(result.Rows) >= limits.Rows || room < 0) {
			result.Truncated = true
			return errEnough
		}
		kinds.take(row)
		result.Rows = append(result.Rows, append([]any(nil), row...))
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	kinds.settle(result.Columns)
	return result, nil
}

// errEnough ends a statement of which no more is wanted.
var errEnough = errors.New("enough rows")

// valueBytes is what a value of an answer takes.
func valueBytes(v any) int64 {
	if text, ok := v.(string); ok {
		return 32 + int64(len(text))
	}
	return 24
}

// Each gives out an answer row by row, however long it is: first its columns, of which
// those that are no table's have no kind, then each row, which is valid during the call.
// An error of these ends it and is Each's. limits.Rows does not matter.
func Each(ctx context.Context, tables Tables, sql string, limits Limits, head func([]Column) error, row func([]any) error) error {
	limits = limits.withDefaults()
	timed, cancel := context.WithTimeoutCause(ctx, limits.Time, errTime(limits.Time))
	defer cancel()
	err := run(timed, tables, sql, limits, head, row)
	switch {
	case err == nil || ctx.Err() != nil:
		return errors.Join(ctx.Err(), err)
	case sandbox.Interrupted(err) || errors.Is(err, context.DeadlineExceeded):
		return context.Cause(timed)
	}
	return err
}

func errTime(limit time.Duration) error {
	seconds := strconv.FormatFloat(limit.Seconds(), 'f', -1, 64) + " seconds"
	if limit == time.Second {
		seconds = "1 second"
	}
	return fault.New(fault.TimedOut, "The query took longer than %s, which is as long as one may take here.", seconds)
}

// run prepares the statement and steps through it.
func run(ctx context.Context, tables Tables, sql string, limits Limits, head func([]Column) error, row func([]any) error) (err error) {
	conn, err := sandbox.Open(ctx, limits.Bytes/2)
	if err != nil {
		return err
	}
	s := newStatement(ctx, tables, conn, sql, limits)
	defer func() { err = errors.Join(err, s.close()) }()
	stmt, err := s.prepare()
	if err != nil {
		return s.explain(err)
	}
	defer conn.End(stmt)
	columns := s.columns(stmt)
	if err := head(columns); err != nil {
		return err
	}
	values := make([]any, len(columns))
	for {
		more, err := conn.Step(stmt)
		if err != nil || !more {
			return s.explain(err)
		}
		for i := range values {
			values[i] = valueOf(stmt, i)
		}
		if err := row(values); err != nil {
			return err
		}
	}
}

// statement is one that is being run.
type statement struct {
	ctx    context.Context
	tables Tables
	conn   *sandbox.Conn
	sql    string
	limits Limits
	room   int64             // bytes that are left for rows and hashes
	open   map[string]*table // by name

	failed error // of reading a table; SQLite keeps only its text
}

func newStatement(ctx context.Context, tables Tables, conn *sandbox.Conn, sql string, limits Limits) *statement {
	return &statement{ctx: ctx, tables: tables, conn: conn, sql: sql, limits: limits, room: limits.Bytes / 4, open: map[string]*table{}}
}

// prepare compiles the statement. A table is added when SQLite says that it does not know
// it: so a session of a hundred thousand tables costs no more than the few that are read.
func (s *statement) prepare() (*sqlite3.Stmt, error) {
	var known *known
	for {
		stmt, err := s.conn.Prepare(s.sql)
		missing, ok := errors.AsType[*sandbox.Error](err)
		if !ok || missing.Kind != sandbox.NoTable {
			return stmt, err
		}
		if known == nil {
			if known, err = listTables(s.ctx, s.tables); err != nil {
				return nil, err
			}
		}
		at, found := known.find(withoutSchema(missing.Name))
		if !found || s.open[known.names[at]] != nil {
			return nil, known.hint(missing)
		}
		if err := s.add(known.names[at], known.list[at].ID); err != nil {
			return nil, err
		}
	}
}

// known are the tables that there are, by the names that statements have for them.
type known struct {
	list   []Listed
	names  []string
	places map[string]int // by folded name
}

func listTables(ctx context.Context, tables Tables) (*known, error) {
	list, err := tables.List(ctx)
	if err != nil {
		return nil, err
	}
	k := &known{list: list, names: Names(list), places: make(map[string]int, len(list))}
	for i, name := range k.names {
		k.places[fold.String(name)] = i
	}
	return k, nil
}

func (k *known) find(name string) (at int, ok bool) {
	at, ok = k.places[fold.String(name)]
	return at, ok
}

// hint says more of a name that is no table's, if more is known.
func (k *known) hint(missing *sandbox.Error) error {
	if at, found := k.find(missing.Name); found {
		missing.Message = "Write the name of this table in quotes: " + Quote(k.names[at]) + "."
	}
	return missing
}

// withoutSchema takes off the name of SQLite's own schema.
func withoutSchema(name string) string {
	if len(name) > 5 && fold.String(name[:5]) == "main." {
		return name[5:]
	}
	return name
}

// add opens a table and lets the statement read it.
func (s *statement) add(name, id string) error {
	opened, err := s.tables.Open(s.ctx, id)
	if err != nil {
		return err
	}
	t := newTable(s, name, opened)
	s.open[name] = t
	return sandbox.AddTable(s.conn, name, func(db *sqlite3.Conn) (*table, error) {
		return t, db.DeclareVTab(declaration(t.columns, t.hidden))
	})
}

// explain is the error of a table, or else SQLite's, at its place.
func (s *statement) explain(err error) error {
	if err == nil {
		return nil
	}
	if s.failed != nil {
		return s.failed
	}
	if known, ok := errors.AsType[*sandbox.Error](err); ok {
		return placed(s.sql, known)
	}
	return err
}

func (s *statement) close() error {
	errs := []error{s.conn.Close()}
	for _, t := range s.open {
		errs = append(errs, t.opened.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("end query: %w", err)
	}
	return nil
}

// columns are those of the answer.
func (s *statement) columns(stmt *sqlite3.Stmt) []Column {
	list := make([]Column, stmt.ColumnCount())
	for i := range list {
		list[i].Name = stmt.ColumnName(i)
		if t := s.open[stmt.ColumnTableName(i)]; t != nil {
			list[i].Kind = t.kindOf(stmt.ColumnOriginName(i))
		}
	}
	return list
}

// valueOf is a value of the current row.
func valueOf(stmt *sqlite3.Stmt, i int) any {
	switch stmt.ColumnType(i) {
	case sqlite3.INTEGER:
		return stmt.ColumnInt64(i)
	case sqlite3.FLOAT:
		if f := stmt.ColumnFloat(i); !math.IsInf(f, 0) && !math.IsNaN(f) {
			return f
		}
		return stmt.ColumnText(i)
	case sqlite3.TEXT:
		return stmt.ColumnText(i)
	case sqlite3.BLOB:
		return fmt.Sprintf("x'%x'", stmt.ColumnBlob(i, nil))
	}
	return nil
}

// answerKinds find out of which kind the values of an answer's columns are.
type answerKinds struct{ seen []seen }

// seen are the types of the values of a column.
type seen struct{ integer, real, text bool }

func (k *answerKinds) begin(columns []Column) { k.seen = make([]seen, len(columns)) }

func (k *answerKinds) take(row []any) {
	for i, v := range row {
		switch v.(type) {
		case int64:
			k.seen[i].integer = true
		case float64:
			k.seen[i].real = true
		case string:
			k.seen[i].text = true
		}
	}
}

// settle gives a kind to columns that have none of their own.
func (k *answerKinds) settle(columns []Column) {
	for i := range columns {
		s := k.seen[i]
		switch {
		case columns[i].Kind != "":
		case s.text || !s.integer && !s.real:
			columns[i].Kind = profile.Text
		case s.real:
			columns[i].Kind = profile.Decimal
		default:
			columns[i].Kind = profile.Integer
		}
	}
}
