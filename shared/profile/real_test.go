package profile

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"ret/shared/archive"
	"ret/shared/convert"
	"ret/shared/xmltable"
)

// profiled is a convert.Store that learns every table and keeps its cells.
type profiled struct {
	t      *testing.T
	tables int
}

type profiledTables struct {
	*profiled
	specs   []xmltable.Table
	learnt  []*Collector
	columns [][]cells // of each table
}

func (p *profiled) Begin(_ context.Context, specs []xmltable.Table) (convert.Tables, error) {
	made := &profiledTables{profiled: p, specs: specs}
	room := NewRoom(64 << 20)
	for _, spec := range specs {
		made.learnt = append(made.learnt, New(len(spec.Columns), room))
		made.columns = append(made.columns, make([]cells, len(spec.Columns)))
	}
	return made, nil
}

func (p *profiled) Finish(context.Context, convert.Result) error { return nil }

func (p *profiledTables) Row(table int, row [][]byte) error {
	p.learnt[table].Row(row)
	for i, text := range xmltable.CellTexts(row) {
		p.columns[table][i] = append(p.columns[table][i], text)
	}
	return nil
}

func (p *profiledTables) Abort() {}

func (p *profiledTables) Close() error {
	for i, c := range p.learnt {
		var names []string
		for _, column := range p.specs[i].Columns {
			names = append(names, p.specs[i].Name+"."+column.Name)
		}
		check(p.t, names, p.columns[i], c.Profile())
		p.tables++
	}
	return nil
}

// Tables of real documents, where they are at hand, are profiled as the slow computation
// does it.
func TestProfilesOfRealDocuments(t *testing.T) {
	inputs, _ := filepath.Glob("../../../shared/data/*.zip")
	if len(inputs) == 0 {
		t.Skip("no real documents are here")
	}
	for _, input := range inputs {
		content, err := os.ReadFile(input)
		if err != nil {
			t.Fatal(err)
		}
		store := &profiled{t: t}
		_, err = convert.Run(t.Context(), convert.Job{
			Sources: []archive.Source{{Path: filepath.Base(input), Size: int64(len(content)), Open: func(context.Context) (archive.Content, error) {
				return inMemory{bytes.NewReader(content)}, nil
			}}},
			Workers: 1,
			Store:   store,
		})
		if err != nil || store.tables == 0 {
			t.Errorf("%s: %d tables, %v", filepath.Base(input), store.tables, err)
		}
	}
}

type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }
