package converter

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"ret/shared/convert"
	"ret/shared/outcome"
	"ret/shared/tablefile"
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
	host Host
	job  outcome.Job
	last int32 // number of a table

	lines []byte
	since time.Time // when lines last went
}

// Begin implements convert.Store.
func (s *store) Begin(_ context.Context, tables []xmltable.Table) (convert.Tables, error) {
	d := &documentTables{host: s.host}
	for _, table := range tables {
		t := &tableOut{spec: table}
		t.output = s.newOutput()
		t.rows = tablefile.NewWriter(t.output, table.Columns)
		d.tables = append(d.tables, t)
	}
	return d, nil
}

func (s *store) newOutput() *output {
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
	names := r.Files[0].Tables
	if r.Merged != nil {
		names = r.Merged.Tables
	}
	specs := make([]xmltable.Table, len(d.tables))
	for i, t := range d.tables {
		specs[i] = t.spec
	}
	made := time.Now().UTC().Truncate(time.Millisecond)
	list := make([]Table, len(d.tables))
	for i, t := range s.job.Tables(r, specs) {
		from := d.tables[i]
		t.Rows, t.Bytes, t.CreatedAt = from.index.Rows, from.index.Bytes, made
		list[i] = Table{Table: *t, Index: from.encoded, File: names[i].File, Number: from.output.number}
	}
	return list
}

// documentTables are the tables of one document. It implements convert.Tables.
type documentTables struct {
	host   Host
	tables []*tableOut
}

type tableOut struct {
	spec    xmltable.Table
	output  *output
	rows    *tablefile.Writer
	index   tablefile.Index
	encoded []byte
}

// Row implements xmltable.Sink.
func (d *documentTables) Row(table int, cells [][]byte) error {
	return d.tables[table].rows.Row(cells)
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
	if t.index, err = t.rows.Close(); err != nil {
		return err
	}
	if t.encoded, err = t.index.MarshalBinary(); err != nil {
		return err
	}
	return t.output.Flush()
}

// Abort implements convert.Tables.
func (d *documentTables) Abort() {
	for _, t := range d.tables {
		t.output.drop()
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
