package convert

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"ret/shared/fault"
	"ret/shared/xmltable"
)

// convertDocument learns a document's shape and writes its tables. The error is
// one that ends the run; what is wrong with the document stands in the Result.
func (r *run) convertDocument(ctx context.Context, w *worker, f File, in xmltable.Input) (result Result, err error) {
	var tables Tables
	defer func() {
		if tables != nil && (err != nil || result.Tables == nil) {
			tables.Abort()
		}
	}()
	defer recoverAs(&err)
	l, err := r.learnDocument(ctx, w, in)
	if err != nil {
		return failedBy(ctx, f, err)
	}
	shape, plan := l.shape, l.plan
	if tables, err = r.job.Store.Begin(ctx, plan.Tables); err != nil {
		return failedBy(ctx, f, &storeError{err})
	}
	written, err := plan.Write(ctx, in, storeSink{tables})
	if err == nil {
		err = closeTables(tables)
	}
	if err != nil {
		return failedBy(ctx, f, err)
	}
	f.Root, f.Record, f.Warnings = plan.Root, plan.Record, warnings(shape, plan)
	f.Tables = describeTables(plan.Tables, written.Rows)
	if err := settle(&f, valuesOf(shape), written); err != nil {
		return failedBy(ctx, f, err)
	}
	origins := []DocumentRows{{f.Path, written.Rows, written.Origins}}
	return Result{Files: []File{f}, Tables: tables, Origins: origins, Root: r.classRoot(shape), shape: l.alone}, nil
}

// planned is a document that was learnt, and what becomes of it.
type planned struct {
	shape *xmltable.Shape
	plan  *xmltable.Plan
	alone *xmltable.Shape // of the document without what a recipe knows, if that is to be kept
}

// learnDocument makes the first pass over a document that has tables of its own. A
// recipe, and who keeps one, needs a shape for itself; all others may share.
func (r *run) learnDocument(ctx context.Context, w *worker, in xmltable.Input) (l planned, err error) {
	opts := r.documentOptions()
	if r.job.Layouts == nil && len(r.job.Options.Layouts) == 0 {
		if w.learner == nil {
			w.learner = xmltable.NewLearner(opts)
		}
		l.shape, l.plan, err = w.learner.Learn(ctx, in)
		return l, err
	}
	if l.alone, err = xmltable.Scan(ctx, in, opts); err != nil {
		return l, err
	}
	l.shape = r.job.Options.begin(l.alone, opts)
	l.plan, err = xmltable.Choose(ctx, l.shape, opts)
	return l, err
}

// settle closes the account of a document and says what became of it. An account
// that does not balance is a fault of RET; the file then fails, so that nobody
// relies on tables that lack something.
func settle(f *File, values Values, w xmltable.Written) error {
	f.Status = Converted
	values.Out, values.BytesOut = w.Account.Values, w.Account.Bytes
	f.Values = &values
	if w.Partial != nil {
		f.Partial, f.Error = true, errorOf(w.Partial)
		return nil
	}
	if values.In != values.Out || values.BytesIn != values.BytesOut {
		return fault.New(fault.Invalid, "RET lost count: the document holds %d values of %d bytes, but %d of %d bytes came to stand in cells. This is a fault of RET; please report it.",
			values.In, values.BytesIn, values.Out, values.BytesOut)
	}
	return nil
}

// valuesOf is the document's side of the account.
func valuesOf(shape *xmltable.Shape) Values {
	in := shape.Account()
	return Values{In: in.Values, BytesIn: in.Bytes, LayoutBytes: shape.LayoutBytes()}
}

// warnings is never nil, so that the manifest shows an empty list.
func warnings(shape *xmltable.Shape, plan *xmltable.Plan) []string {
	all := append([]string{}, shape.Warnings()...)
	if plan != nil {
		all = append(all, plan.Warnings...)
	}
	return all
}

func describeTables(tables []xmltable.Table, rows []int64) []Table {
	described := make([]Table, len(tables))
	for i, t := range tables {
		described[i] = Table{Name: t.Name, Rows: rows[i], Columns: t.Columns}
		if t.Parent >= 0 {
			described[i].Parent = &tables[t.Parent].Name
		}
	}
	return described
}

// storeError marks what the Store said, as opposed to the document.
type storeError struct{ err error }

func (e *storeError) Error() string { return e.err.Error() }
func (e *storeError) Unwrap() error { return e.err }

// storeSink marks the errors of the Store's rows. It implements xmltable.Forker.
type storeSink struct{ tables Tables }

func (s storeSink) Row(table int, cells [][]byte) error {
	if err := s.tables.Row(table, cells); err != nil {
		return &storeError{err}
	}
	return nil
}

// Fork implements xmltable.Forker, if the tables do.
func (s storeSink) Fork() xmltable.Sink {
	if f, ok := s.tables.(xmltable.Forker); ok {
		return f.Fork()
	}
	return nil
}

// Join implements xmltable.Forker.
func (s storeSink) Join(fork xmltable.Sink) error {
	if err := s.tables.(xmltable.Forker).Join(fork); err != nil {
		return &storeError{err}
	}
	return nil
}

func closeTables(t Tables) error {
	if err := t.Close(); err != nil {
		return &storeError{err}
	}
	return nil
}

// failedBy tells what is the file's fault from what ends the run.
func failedBy(ctx context.Context, f File, err error) (Result, error) {
	if ctx.Err() != nil {
		return Result{}, ctx.Err()
	}
	if s, ok := errors.AsType[*storeError](err); ok && !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooLarge) {
		return Result{}, s.err
	}
	f.Tables, f.Warnings = nil, nil
	f.Status, f.Error = Failed, errorOf(err)
	return Result{Files: []File{f}}, nil
}

// errorOf is an error as the manifest has it.
func errorOf(err error) *Error {
	if s, ok := errors.AsType[*xmltable.SyntaxError](err); ok {
		return &Error{Line: s.Line, Column: s.Column, Message: s.Message}
	}
	return &Error{Message: fault.Message(err)}
}

// recoverAs keeps a fault of the engine from ending more than this run.
func recoverAs(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("panic while converting a document: %v\n%s", p, debug.Stack())
	}
}
