package convert

import (
	"context"
	"errors"

	"ret/shared/archive"
	"ret/shared/xmltable"
)

// Inspection is what converting a document would give.
type Inspection struct {
	Path       string               `json:"path"`
	Group      string               `json:"group"`
	WellFormed bool                 `json:"well_formed"`
	Error      *Error               `json:"error,omitempty"` // also: the record asked for is not there
	Root       string               `json:"root,omitempty"`
	Record     string               `json:"record,omitempty"`
	Values     int64                `json:"values,omitempty"`
	Candidates []xmltable.Candidate `json:"candidates"`
	Tables     []TablePreview       `json:"tables"`
	Warnings   []string             `json:"warnings"`
}

// TablePreview is a table that converting would write.
type TablePreview struct {
	Name    string            `json:"name"`
	Parent  *string           `json:"parent"`
	Columns []xmltable.Column `json:"columns"`
	Rows    [][]*string       `json:"rows,omitempty"` // the first, as many as asked for; nil is absent
}

// InspectJob is one Inspect. Only Sources are needed.
type InspectJob struct {
	Sources     []archive.Source
	Options     Options // Record and MaxRepeat matter
	Limits      Limits
	Scratch     archive.Scratch
	Workers     int
	PreviewRows int                      // rows of each table to show
	Only        func(path string) bool   // nil: all documents
	Each        func(i Inspection) error // in the order of paths, never concurrently
}

// Inspect looks at each document, and at each archive that cannot be read,
// without writing anything. Its error is ctx's, the Scratch's or that of Each.
func Inspect(ctx context.Context, job InspectJob) error {
	listing, err := archive.List(ctx, job.Sources, archive.Options{Limits: job.Limits.Archive, Scratch: job.Scratch})
	if err != nil {
		return err
	}
	in := newInspector(job)
	err = pool[Inspection]{
		workers:  in.job.Workers,
		progress: newProgress(nil, listing.Entries),
		work:     in.inspect,
		finish:   func(_ context.Context, i Inspection) error { return job.Each(i) },
		drop:     func(Inspection) {},
	}.run(ctx, in.choose(listing.Entries))
	return errors.Join(err, listing.Close())
}

// inspector is an InspectJob at work.
type inspector struct{ job InspectJob }

func newInspector(job InspectJob) inspector {
	job.Workers = workersOr(job.Workers)
	return inspector{job}
}

func (in inspector) choose(entries []archive.Entry) []*archive.Entry {
	var chosen []*archive.Entry
	for i := range entries {
		e := &entries[i]
		if e.State != archive.Skipped && (in.job.Only == nil || in.job.Only(e.Path())) {
			chosen = append(chosen, e)
		}
	}
	return chosen
}

func (in inspector) inspect(ctx context.Context, w *worker, e *archive.Entry) (i Inspection, err error) {
	defer recoverAs(&err)
	i = Inspection{
		Path: e.Path(), Group: e.Group,
		Candidates: []xmltable.Candidate{}, Tables: []TablePreview{}, Warnings: []string{},
	}
	if e.State == archive.Failed {
		i.Error = &Error{Message: e.Reason}
		return i, nil
	}
	input := w.input(e)
	opts := in.job.Options.document(in.job.Limits.Document)
	shape, err := xmltable.Scan(ctx, input, opts)
	if err != nil {
		i.Error = errorOf(err)
		return i, ctx.Err()
	}
	i.WellFormed, i.Root, i.Values, i.Warnings = true, shape.Root(), shape.Values(), warnings(shape)
	return i, in.plan(ctx, &i, shape, input, opts)
}

// plan adds what Choose says. Where the record asked for is not there, the
// candidates are still worth showing.
func (in inspector) plan(ctx context.Context, i *Inspection, shape *xmltable.Shape, input xmltable.Input, opts xmltable.Options) error {
	plan, err := xmltable.Choose(shape, opts)
	if err != nil {
		i.Error = errorOf(err)
		opts.Record = ""
		if plan, err = xmltable.Choose(shape, opts); err == nil {
			i.Candidates = append(i.Candidates, plan.Candidates...)
		}
		return nil
	}
	i.Record = plan.Record
	i.Candidates = append(i.Candidates, plan.Candidates...)
	for _, t := range plan.Tables {
		preview := TablePreview{Name: t.Name, Columns: t.Columns}
		if t.Parent >= 0 {
			preview.Parent = &plan.Tables[t.Parent].Name
		}
		i.Tables = append(i.Tables, preview)
	}
	if in.job.PreviewRows == 0 {
		return nil
	}
	_, err = plan.Write(ctx, input, &previewSink{tables: i.Tables, rows: in.job.PreviewRows})
	if err != nil && !errors.Is(err, errEnough) {
		i.Error = errorOf(err)
	}
	return ctx.Err()
}

// errEnough ends a pass whose first rows were all that was asked for.
var errEnough = errors.New("enough rows")

// previewSink keeps the first rows of each table until the main table, which
// comes first, has enough.
type previewSink struct {
	tables []TablePreview
	rows   int
}

func (s *previewSink) Row(table int, cells [][]byte) error {
	t := &s.tables[table]
	if len(t.Rows) == s.rows {
		if table == 0 {
			return errEnough
		}
		return nil
	}
	row := make([]*string, len(cells))
	for i, cell := range cells {
		if cell != nil {
			text := string(cell)
			row[i] = &text
		}
	}
	t.Rows = append(t.Rows, row)
	return nil
}
