package workload

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"ret/shared/xmltable"
)

// Input is a document in memory as the engine takes it.
func Input(document []byte) xmltable.Input {
	return xmltable.Input{
		Path: "workload.xml", Size: int64(len(document)),
		Open: func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(document)), nil
		},
		At: func(context.Context) (xmltable.Content, error) {
			return inMemory{bytes.NewReader(document)}, nil
		},
	}
}

// inMemory is a document that can be read at any place.
type inMemory struct{ *bytes.Reader }

// Close implements io.Closer.
func (inMemory) Close() error { return nil }

// A Converter converts one document after another, as a run of many files does.
type Converter struct{ learner *xmltable.Learner }

// NewConverter returns a Converter, which one goroutine at a time may use.
func NewConverter() *Converter {
	return &Converter{xmltable.NewLearner(xmltable.Options{})}
}

// Convert is the function Convert for the next document.
func (c *Converter) Convert(ctx context.Context, in xmltable.Input) (rows int64, err error) {
	shape, plan, err := c.learner.Learn(ctx, in)
	if err != nil {
		return 0, err
	}
	return write(ctx, shape, plan, in)
}

// Convert converts a document as a whole, on one thread: both passes, and CSV to
// nowhere. It returns the number of rows, and fails unless the account balances.
func Convert(ctx context.Context, in xmltable.Input) (rows int64, err error) {
	return ConvertWith(ctx, in, xmltable.Options{})
}

// ConvertLarge is Convert on all processors.
func ConvertLarge(ctx context.Context, in xmltable.Input) (rows int64, err error) {
	return ConvertWith(ctx, in, xmltable.Options{Helper: func() (func(), bool) { return func() {}, true }})
}

// ConvertWith is Convert with options.
func ConvertWith(ctx context.Context, in xmltable.Input, opt xmltable.Options) (rows int64, err error) {
	shape, err := xmltable.Scan(ctx, in, opt)
	if err != nil {
		return 0, err
	}
	plan, err := xmltable.Choose(ctx, shape, opt)
	if err != nil {
		return 0, err
	}
	return write(ctx, shape, plan, in)
}

func write(ctx context.Context, shape *xmltable.Shape, plan *xmltable.Plan, in xmltable.Input) (rows int64, err error) {
	written, err := plan.Write(ctx, in, newCSVSink(plan))
	if err != nil {
		return 0, err
	}
	if written.Account != shape.Account() {
		return 0, fmt.Errorf("%d of %d values stand in cells", written.Account, shape.Account())
	}
	for _, n := range written.Rows {
		rows += n
	}
	return rows, nil
}

// newCSVSink makes a sink that writes all tables as CSV to nowhere.
func newCSVSink(p *xmltable.Plan) xmltable.Sink {
	var s xmltable.Writers[*xmltable.CSV]
	for _, t := range p.Tables {
		s = append(s, xmltable.NewCSV(io.Discard, t.Columns, xmltable.CSVOptions{}))
	}
	return s
}
