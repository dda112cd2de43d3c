package xmltable

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
)

// text is a document that lies in memory.
func text(path, document string) Input {
	return Input{Path: path, Size: int64(len(document)), Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(document)), nil
	}}
}

// tables is a Sink that writes each table as CSV in memory.
type tables struct {
	Writers[*CSV]
	plan    *Plan
	written []*bytes.Buffer
}

func newTables(p *Plan, opts CSVOptions) *tables {
	t := &tables{plan: p}
	for _, table := range p.Tables {
		b := &bytes.Buffer{}
		t.written = append(t.written, b)
		t.Writers = append(t.Writers, NewCSV(b, table.Columns, opts))
	}
	return t
}

// csvOf returns the CSV of each table, by name.
func (t *tables) csvOf(tb testing.TB) map[string]string {
	tb.Helper()
	m := map[string]string{}
	for i, c := range t.Writers {
		if err := c.Flush(); err != nil {
			tb.Fatal(err)
		}
		m[t.plan.Tables[i].Name] = t.written[i].String()
	}
	return m
}

// convert converts documents as one class, and checks the account.
func convert(tb testing.TB, opt Options, inputs ...Input) (*Plan, map[string]string) {
	tb.Helper()
	return convertCSV(tb, opt, CSVOptions{}, inputs...)
}

func convertCSV(tb testing.TB, opt Options, csv CSVOptions, inputs ...Input) (*Plan, map[string]string) {
	tb.Helper()
	var shape *Shape
	for _, in := range inputs {
		sh, err := Scan(tb.Context(), in, opt)
		if err != nil {
			tb.Fatalf("scan: %v", err)
		}
		if shape == nil {
			shape = sh
		} else {
			shape.Merge(sh)
		}
	}
	return write(tb, shape, opt, csv, inputs...)
}

// write makes the second pass over documents of a shape.
func write(tb testing.TB, shape *Shape, opt Options, csv CSVOptions, inputs ...Input) (*Plan, map[string]string) {
	tb.Helper()
	plan, err := Choose(tb.Context(), shape, opt)
	if err != nil {
		tb.Fatalf("choose: %v", err)
	}
	sink := newTables(plan, csv)
	var account Account
	for _, in := range inputs {
		written, err := plan.Write(tb.Context(), in, sink)
		if err != nil {
			tb.Fatalf("write: %v", err)
		}
		account.add(written.Account)
	}
	if account != shape.Account() && !opt.KeepPartial {
		tb.Errorf("the document holds %v, the cells %v", shape.Account(), account)
	}
	return plan, sink.csvOf(tb)
}
