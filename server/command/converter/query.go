package converter

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"ret/server/command"
	"ret/shared/convert"
	"ret/shared/fault"
	"ret/shared/query"
	"ret/shared/tablefile"
	"ret/shared/xmltable"
)

// Query is "ret query".
var Query = command.Command{
	Name:    "query",
	Usage:   "query [flags] SQL INPUT...",
	Summary: "answers a SELECT over the tables of XML files",
	Help: `Converts the inputs, which are those of "ret convert", and answers one SELECT over
their tables on standard output: as CSV, in which NULL is an empty field and an empty
text is "", or as JSON lines. Nothing is kept.

  ret query 'SELECT count(*) FROM book' books.xml
  ret query 'SELECT b.title, a.name FROM book b JOIN "book.author" a ON a._parent = b._id' books.xml
  ret query --merge 'SELECT _file, sum(price) FROM item GROUP BY 1' exports/
  ret query --json 'SELECT * FROM item WHERE price > 100' a.zip

Tables are called as "ret inspect" shows them, in double quotes where they are no plain
word. Of tables that are called the same the first has the name, the next ones have ~2,
~3 behind it. Columns of numbers are numbers. The SQL is SQLite's, and only reads.

A file that fails is named on standard error, as path:line:column: reason, and the
others are asked all the same. Where the SQL is wrong, that is SQL:line:column: reason.`,
	Prepare: func(flags *flag.FlagSet) command.Func {
		q := &asking{}
		flags.BoolVar(&q.json, "json", false, "print one JSON object a line for each row")
		flags.IntVar(&q.workers, "workers", 0, "convert `N` documents at once (default: one for each processor)")
		q.recipe.prepareShape(flags)
		return q.run
	},
}

// asking is one "ret query".
type asking struct {
	recipe  recipe
	workers int
	json    bool
}

// queryLimits are wide: the machine is that of whoever asks, and they can stop it.
var queryLimits = query.Limits{Time: 365 * 24 * time.Hour, Bytes: 4 << 30}

func (q *asking) run(ctx context.Context, args []string, std command.Stdio) (err error) {
	options, err := q.recipe.options()
	switch {
	case err != nil:
		return err
	case len(args) == 0:
		return command.WrongUsage("write a SELECT, in quotes, and name at least one file, folder or zip")
	case len(args) == 1:
		return command.WrongUsage("name at least one file, folder or zip behind the SELECT")
	}
	sql := args[0]
	if err := query.Check(ctx, sql); err != nil {
		return tellPlace(std, err)
	}
	limits, err := limitsFrom(os.Environ())
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "ret-query-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	out, err := openOutput(folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.close()) }()
	store := &queryStore{out: out, report: newReport(std, false)}
	job := convert.Job{Options: options, Limits: limits, Workers: q.workers, Scratch: scratch{out}, Store: store, Progress: store.report.progress}
	if err := q.convert(ctx, job, args[1:], std); err != nil {
		return err
	}
	if err := q.answer(ctx, store, sql, std); err != nil {
		return tellPlace(std, err)
	}
	if store.report.failures > 0 {
		return command.ErrReported
	}
	return nil
}

// tellPlace tells what is wrong with the statement in one line.
func tellPlace(std command.Stdio, err error) error {
	wrong, ok := errors.AsType[*query.Error](err)
	if !ok {
		return err
	}
	fmt.Fprintf(std.Err, "SQL:%d:%d: %s\n", wrong.Line, wrong.Column, command.OneLine(fault.Message(err)))
	return command.ErrReported
}

func (q *asking) convert(ctx context.Context, job convert.Job, names []string, std command.Stdio) (err error) {
	sources, done, err := inputs{names: names, stdin: std.In, scratch: job.Scratch}.sources(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	job.Sources = sources
	report := job.Store.(*queryStore).report
	totals, err := convert.Run(ctx, job)
	report.end()
	switch {
	case err != nil:
		return err
	case totals.Converted == 0 && report.failures > 0:
		return command.ErrReported
	case totals.Converted == 0:
		return errNoXML
	}
	return nil
}

func (q *asking) answer(ctx context.Context, tables query.Tables, sql string, std command.Stdio) error {
	to := bufio.NewWriterSize(std.Out, 64<<10)
	var rows rowWriter = &csvRows{w: to}
	if q.json {
		rows = &jsonRows{w: to}
	}
	if err := query.Each(ctx, tables, sql, queryLimits, rows.head, rows.row); err != nil {
		return err
	}
	return errors.Join(rows.end(), to.Flush())
}

// rowWriter writes an answer in a form.
type rowWriter interface {
	head([]query.Column) error
	row([]any) error
	end() error
}

// csvRows writes CSV as converting does.
type csvRows struct {
	w     io.Writer
	csv   *xmltable.CSV
	cells [][]byte
}

func (c *csvRows) head(columns []query.Column) error {
	list := make([]xmltable.Column, len(columns))
	for i, column := range columns {
		list[i].Name = column.Name
	}
	c.csv, c.cells = xmltable.NewCSV(c.w, list, xmltable.CSVOptions{}), make([][]byte, len(columns))
	return nil
}

func (c *csvRows) row(values []any) error {
	query.Cells(c.cells, values)
	return c.csv.Row(c.cells)
}

func (c *csvRows) end() error { return c.csv.Flush() }

// jsonRows writes an object a line.
type jsonRows struct {
	w    io.Writer
	keys [][]byte
	line bytes.Buffer
}

func (j *jsonRows) head(columns []query.Column) error {
	names := make([]string, len(columns))
	for i, column := range columns {
		names[i] = column.Name
	}
	for _, name := range query.Distinct(names) {
		key, err := json.Marshal(name)
		if err != nil {
			return err
		}
		j.keys = append(j.keys, key)
	}
	return nil
}

func (j *jsonRows) row(values []any) error {
	j.line.Reset()
	for i, v := range values {
		j.line.WriteByte("{,"[min(i, 1)])
		j.line.Write(j.keys[i])
		j.line.WriteByte(':')
		text, err := json.Marshal(v)
		if err != nil {
			return err
		}
		j.line.Write(text)
	}
	j.line.WriteString("}\n")
	_, err := j.w.Write(j.line.Bytes())
	return err
}

func (j *jsonRows) end() error { return nil }

// queryStore keeps tables in a scratch folder, as they are stored. It is a convert.Store,
// and the query.Tables of what it keeps.
type queryStore struct {
	out    *output
	report *report
	tables []storedTable
}

// storedTable is a table that is complete.
type storedTable struct {
	name, source string
	columns      []xmltable.Column
	file         *tableFile
	index        tablefile.Index
}

// storedTables are those of a document that is being converted.
type storedTables struct {
	xmltable.Writers[*tablefile.Writer]
	specs   []xmltable.Table
	files   []*tableFile
	indexes []tablefile.Index
}

// Begin implements convert.Store.
func (s *queryStore) Begin(_ context.Context, tables []xmltable.Table) (convert.Tables, error) {
	t, few := &storedTables{specs: tables}, &fewOpen{}
	for _, table := range tables {
		f, err := few.create(s.out)
		if err != nil {
			t.Abort()
			return nil, err
		}
		t.files = append(t.files, f)
		t.Writers = append(t.Writers, tablefile.NewWriter(f, table.Columns))
	}
	return t, nil
}

// Close implements convert.Tables.
func (t *storedTables) Close() error {
	for i, rows := range t.Writers {
		index, err := rows.Close()
		if err := errors.Join(err, t.files[i].finish()); err != nil {
			return err
		}
		t.indexes = append(t.indexes, index)
	}
	t.Writers = nil // results wait for their turn; their buffers need not
	return nil
}

// Abort implements convert.Tables.
func (t *storedTables) Abort() {
	for _, f := range t.files {
		f.discard()
	}
}

// Finish implements convert.Store.
func (s *queryStore) Finish(_ context.Context, r convert.Result) error {
	s.report.files(r.Files)
	if r.Tables == nil {
		return nil
	}
	made, named, source := r.Tables.(*storedTables), r.Files[0].Tables, r.Files[0].Path
	if r.Merged != nil {
		named, source = r.Merged.Tables, r.Merged.Group
	}
	for i, spec := range made.specs {
		s.tables = append(s.tables, storedTable{name: named[i].Name, source: source, columns: spec.Columns, file: made.files[i], index: made.indexes[i]})
	}
	return nil
}

// List implements query.Tables.
func (s *queryStore) List(context.Context) ([]query.Listed, error) {
	list := make([]query.Listed, len(s.tables))
	for i, t := range s.tables {
		list[i] = query.Listed{ID: strconv.Itoa(i), Name: t.name}
	}
	return list, nil
}

// Open implements query.Tables.
func (s *queryStore) Open(ctx context.Context, id string) (*query.Table, error) {
	i, err := strconv.Atoi(id)
	if err != nil {
		return nil, err
	}
	t := s.tables[i]
	rows, err := tablefile.Open(t.file, t.index)
	if err != nil {
		return nil, err
	}
	kinds, err := rows.Kinds(ctx)
	return &query.Table{Source: t.source, Columns: t.columns, Kinds: kinds, Rows: rows, Close: t.file.finish}, err
}
