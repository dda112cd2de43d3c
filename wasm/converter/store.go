package converter

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"ret/shared/convert"
	"ret/shared/outcome"
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
	d := &documentTables{}
	for _, table := range tables {
		s.last++
		out := &output{number: s.last, host: s.host}
		d.outputs = append(d.outputs, out)
		d.Writers = append(d.Writers, outcome.NewStoredTable(out, pieceBytes, table))
	}
	return d, nil
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
	made := time.Now().UTC().Truncate(time.Millisecond)
	list := make([]Table, len(d.Writers))
	for i, t := range s.job.StoredTables(r, d.Writers) {
		t.CreatedAt = made
		number := d.outputs[i].number
		list[i] = Table{Table: *t, Index: t.RowIndex, File: names[i].File, Number: number, Extents: s.host.Place(number)}
	}
	return list
}

// documentTables are the tables of one document. It implements convert.Tables.
type documentTables struct {
	xmltable.Writers[*outcome.StoredTable] // into the outputs
	outputs                                []*output
}

// Close implements convert.Tables.
func (d *documentTables) Close() error {
	for _, t := range d.Writers {
		if err := t.Close(); err != nil {
			return fmt.Errorf("close table: %w", err)
		}
	}
	return nil
}

// Abort implements convert.Tables.
func (d *documentTables) Abort() {
	for _, out := range d.outputs {
		out.drop()
	}
}

// output is a table on its way to the Host.
type output struct {
	number int32
	host   Host
	begun  bool // the Host has some of it
}

// Write hands a piece over.
func (o *output) Write(b []byte) (int, error) {
	o.begun = true
	if err := o.host.Write(o.number, b); err != nil {
		return 0, err
	}
	return len(b), nil
}

func (o *output) drop() {
	if o.begun {
		o.host.Drop(o.number)
	}
}
