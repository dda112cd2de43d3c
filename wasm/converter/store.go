package converter

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"ret/shared/convert"
	"ret/shared/tablefile"
	"ret/shared/workspace"
	"ret/shared/xmltable"
)

const (
	// pieceBytes is how much of a table is handed over at once.
	pieceBytes = 256 << 10

	// Documents are handed over in groups: many are small.
	groupBytes = 64 << 10
	groupTime  = 100 * time.Millisecond
)

// store hands documents and tables to the Host. It implements convert.Store.
type store struct {
	host  Host
	jobID string
	ids   map[string]string // file id by manifest path
	last  int32             // number of a table

	lines []byte
	since time.Time // when lines last went
}

// Begin implements convert.Store.
func (s *store) Begin(_ context.Context, tables []xmltable.Table) (convert.Tables, error) {
	d := &documentTables{host: s.host}
	for _, table := range tables {
		t := &tableOut{id: workspace.NewID(), spec: table}
		t.stored = s.output()
		t.rows = tablefile.NewWriter(t.stored, table.Columns)
		if len(table.Columns) == 1 {
			// The stored form tells absent from empty; nobody downloads it so.
			t.plain = s.output()
			t.csv = xmltable.NewCSV(t.plain, table.Columns, xmltable.CSVOptions{})
		}
		d.tables = append(d.tables, t)
	}
	return d, nil
}

func (s *store) output() *output {
	s.last++
	o := &output{number: s.last, host: s.host}
	o.Writer = bufio.NewWriterSize(piece{o}, pieceBytes)
	return o
}

// Finish implements convert.Store.
func (s *store) Finish(_ context.Context, r convert.Result) error {
	done := Finished{Files: r.Files, Tables: []Table{}}
	if r.Tables != nil {
		done.Tables = s.describe(r.Tables.(*documentTables), r)
	}
	line, err := json.Marshal(done)
	if err != nil {
		return fmt.Errorf("encode document: %w", err)
	}
	s.lines = append(append(s.lines, line...), '\n')
	if len(s.lines) < groupBytes && time.Since(s.since) < groupTime {
		return nil
	}
	return s.flush()
}

func (s *store) flush() error {
	if len(s.lines) == 0 {
		return nil
	}
	err := s.host.Finish(s.lines)
	s.lines, s.since = s.lines[:0], time.Now()
	return err
}

// describe gives the tables of a result as the server describes them.
func (s *store) describe(d *documentTables, r convert.Result) []Table {
	file := r.Files[0]
	group, source, root, names, fileID := file.Group, file.Path, "", file.Tables, s.ids[convert.SourceOf(file.Path)]
	owner := &fileID
	if r.Merged != nil {
		group, source, root, names = r.Merged.Group, r.Merged.Group, r.Merged.Root, r.Merged.Tables
		if len(s.ids) > 1 {
			owner = nil // it may hold rows of several files
		}
	}
	list := make([]Table, len(d.tables))
	for i, t := range d.tables {
		list[i] = Table{
			Table: workspace.Table{
				ID: t.id, JobID: s.jobID, FileID: owner, Group: group, Source: source, Name: t.spec.Name,
				Columns: t.spec.Columns, Rows: t.index.Rows, Bytes: t.index.Bytes, CreatedAt: time.Now().UTC().Truncate(time.Millisecond),
			},
			Root: root, Index: t.encoded, File: names[i].File, Number: t.stored.number,
		}
		if t.plain != nil {
			list[i].Plain = t.plain.number
		}
		if t.spec.Parent >= 0 {
			list[i].ParentID = &list[t.spec.Parent].ID
		}
	}
	return list
}

// documentTables are the tables of one document. It implements convert.Tables.
type documentTables struct {
	host   Host
	tables []*tableOut
}

type tableOut struct {
	id      string
	spec    xmltable.Table
	stored  *output
	rows    *tablefile.Writer
	plain   *output // nil where it would be the same
	csv     *xmltable.CSV
	index   tablefile.Index
	encoded []byte
}

// Row implements xmltable.Sink.
func (d *documentTables) Row(table int, cells [][]byte) error {
	t := d.tables[table]
	if t.csv != nil {
		if err := t.csv.Row(cells); err != nil {
			return err
		}
	}
	return t.rows.Row(cells)
}

// Close implements convert.Tables.
func (d *documentTables) Close() error {
	for _, t := range d.tables {
		if err := t.close(); err != nil {
			return fmt.Errorf("close table: %w", err)
		}
	}
	return nil
}

func (t *tableOut) close() (err error) {
	if t.csv != nil {
		if err := t.csv.Flush(); err != nil {
			return err
		}
		if err := t.plain.Flush(); err != nil {
			return err
		}
	}
	if t.index, err = t.rows.Close(); err != nil {
		return err
	}
	if t.encoded, err = t.index.MarshalBinary(); err != nil {
		return err
	}
	return t.stored.Flush()
}

// Abort implements convert.Tables.
func (d *documentTables) Abort() {
	for _, t := range d.tables {
		t.stored.drop()
		if t.plain != nil {
			t.plain.drop()
		}
	}
}

// output is a table on its way to the Host.
type output struct {
	*bufio.Writer
	number int32
	host   Host
	begun  bool // the Host has some of it
}

// piece takes what the buffer of an output gives up.
type piece struct{ o *output }

func (p piece) Write(b []byte) (int, error) {
	p.o.begun = true
	if err := p.o.host.Write(p.o.number, b); err != nil {
		return 0, err
	}
	return len(b), nil
}

func (o *output) drop() {
	if o.begun {
		o.host.Drop(o.number)
	}
}
