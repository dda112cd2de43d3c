package profile

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
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

// Tables that a conversion makes are profiled as the slow computation does it: those of a
// document with all kinds of columns, and of the archives that RET_PROFILED_DOCUMENTS
// names by a pattern.
func TestProfilesOfConvertedDocuments(t *testing.T) {
	contents := map[string][]byte{"made.xml": madeDocument()}
	inputs, err := filepath.Glob(os.Getenv("RET_PROFILED_DOCUMENTS"))
	if err != nil {
		t.Fatal(err)
	}
	for _, input := range inputs {
		if contents[input], err = os.ReadFile(input); err != nil {
			t.Fatal(err)
		}
	}
	for input, content := range contents {
		store := &profiled{t: t}
		_, err := convert.Run(t.Context(), convert.Job{
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

// madeDocument has records with numbers, dates, times, words, empty and absent ones, and
// children that repeat.
func madeDocument() []byte {
	var b bytes.Buffer
	b.WriteString("<orders>")
	for i := range 600 {
		fmt.Fprintf(&b, `<order no="%d" paid="%v"><date>2026-%02d-%02d</date><at>%02d:30:00</at><total>%d.%02d</total>`, i, i%3 == 0, 1+i%12, 1+i%28, i%24, i*7%900, i%100)
		if i%4 > 0 {
			fmt.Fprintf(&b, "<note>%s</note>", strings.Repeat("word ", i%4-1))
		}
		for line := range i % 12 {
			fmt.Fprintf(&b, "<line><article>%04d</article><count>%d</count></line>", i*line%97, line-3)
		}
		b.WriteString("</order>")
	}
	b.WriteString("</orders>")
	return b.Bytes()
}

type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }
