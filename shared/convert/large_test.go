package convert_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"

	"ret/shared/archive"
	"ret/shared/convert"
	"ret/shared/fault"
	"ret/shared/xmltable"
)

// forking is a shelf whose tables are written by several processors.
type forking struct {
	*shelf
	joined  int
	joinErr error
}

type forkingSheaf struct {
	*sheaf
	xmltable.Writers[*xmltable.CSV]
	of *forking
}

func (s *forking) Begin(ctx context.Context, tables []xmltable.Table) (convert.Tables, error) {
	begun, err := s.shelf.Begin(ctx, tables)
	return &forkingSheaf{begun.(*sheaf), begun.(*sheaf).csvs, s}, err
}

func (s *forking) Finish(ctx context.Context, r convert.Result) error {
	if f, ok := r.Tables.(*forkingSheaf); ok {
		r.Tables = f.sheaf
	}
	return s.shelf.Finish(ctx, r)
}

func (sh *forkingSheaf) Row(table int, cells [][]byte) error { return sh.sheaf.Row(table, cells) }

func (sh *forkingSheaf) Join(fork xmltable.Sink) error {
	sh.of.joined++
	if sh.of.joinErr != nil {
		return sh.of.joinErr
	}
	return sh.Writers.Join(fork)
}

// A large document is written by all workers, to the bytes that one writes.
func TestWorkersShareALargeDocument(t *testing.T) {
	if runtime.GOARCH == "wasm" || runtime.GOMAXPROCS(0) == 1 {
		t.Skip("there is one processor")
	}
	document := "<r>" + strings.Repeat("<i k='1'><a>"+strings.Repeat("a long text ", 40)+"</a><b>2</b></i>\n", 17<<20/500) + "</r>"
	alone := newShelf()
	job := convert.Job{Sources: []archive.Source{source("large.xml", document)}, Store: alone, Workers: 1}
	if _, err := convert.Run(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	shared := &forking{shelf: newShelf()}
	job.Store, job.Workers = shared, 2
	if _, err := convert.Run(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	if shared.joined < 2 {
		t.Errorf("%d parts were joined", shared.joined)
	}
	if len(alone.files) == 0 || len(alone.files) != len(shared.files) {
		t.Errorf("there are %d tables, and %d by one worker", len(shared.files), len(alone.files))
	}
	for name, want := range alone.files {
		if shared.files[name] != want {
			t.Errorf("%s is not what one worker writes", name)
		}
	}
	full := fault.New(fault.NoSpace, "The disk is full.")
	job.Store = &forking{shelf: newShelf(), joinErr: full}
	if _, err := convert.Run(t.Context(), job); !errors.Is(err, full) {
		t.Errorf("a store that is full ends the run with %v", err)
	}
}
