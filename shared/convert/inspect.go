package convert

import (
	"context"
	"errors"

	"ret/shared/archive"
	"ret/shared/fault"
	"ret/shared/xmltable"
)

// Inspection is what converting a document would give.
type Inspection struct {
	Path       string         `json:"path"`
	Group      string         `json:"group"`
	WellFormed bool           `json:"well_formed"`
	Error      *Error         `json:"error,omitempty"`
	Root       string         `json:"root,omitempty"`
	Record     string         `json:"record,omitempty"`
	Values     int64          `json:"values,omitempty"`
	Candidates []Candidate    `json:"candidates"`
	Tables     []TablePreview `json:"tables"`
	Warnings   []string       `json:"warnings"`
}

// Candidate is a path that could be the record, and how the main table would
// begin if it were.
type Candidate struct {
	xmltable.Candidate
	Columns []xmltable.Column `json:"columns,omitempty"`
	Rows    [][]*string       `json:"rows,omitempty"`
}

// TablePreview is a table that converting would write.
type TablePreview struct {
	Name    string            `json:"name"`
	Parent  *string           `json:"parent"`
	Columns []xmltable.Column `json:"columns"`
	Rows    [][]*string       `json:"rows,omitempty"` // the first, as many as asked for; nil is absent
}

// InspectJob says what to look at. Only Sources are needed.
type InspectJob struct {
	Sources     []archive.Source
	Options     Options // Record and MaxRepeat matter
	Limits      Limits
	Scratch     archive.Scratch
	Workers     int
	PreviewRows int // of each table, and of each of the first candidates, to show
}

// Inspect looks at each document, and at each archive that cannot be read,
// without writing anything. It calls each in the order of paths, never
// concurrently. Its error is ctx's, the Scratch's or that of each.
func Inspect(ctx context.Context, job InspectJob, each func(i Inspection) error) error {
	in, err := NewInspector(ctx, job)
	if err != nil {
		return err
	}
	return errors.Join(in.each(ctx, in.entries, each), in.Close())
}

// Inspector looks at documents that it has listed. It may be used by one
// goroutine at a time, and has to be closed.
type Inspector struct {
	job     InspectJob
	listing *archive.Listing
	entries []*archive.Entry // without those that are skipped
}

// NewInspector lists the documents of the job's sources. Its error is ctx's or
// the Scratch's.
func NewInspector(ctx context.Context, job InspectJob) (*Inspector, error) {
	listing, err := archive.List(ctx, job.Sources, archive.Options{Limits: job.Limits.Archive, Scratch: job.Scratch})
	if err != nil {
		return nil, err
	}
	job.Workers = workersOr(job.Workers)
	in := &Inspector{job: job, listing: listing}
	for i := range listing.Entries {
		if e := &listing.Entries[i]; e.State != archive.Skipped {
			in.entries = append(in.entries, e)
		}
	}
	return in, nil
}

// Paths are those of all documents, and of all archives that cannot be read, in
// order.
func (in *Inspector) Paths() []string {
	paths := make([]string, len(in.entries))
	for i, e := range in.entries {
		paths[i] = e.Path()
	}
	return paths
}

// Inspect looks at one of Paths. Its error is fault.NotFound for any other, or
// ctx's.
func (in *Inspector) Inspect(ctx context.Context, path string) (i Inspection, err error) {
	for at, e := range in.entries {
		if e.Path() != path {
			continue
		}
		err = in.each(ctx, in.entries[at:at+1], func(found Inspection) error {
			i = found
			return nil
		})
		return i, err
	}
	return i, fault.New(fault.NotFound, "There is no document of this path.")
}

// Close gives back what the documents are read from.
func (in *Inspector) Close() error { return in.listing.Close() }

func (in *Inspector) each(ctx context.Context, entries []*archive.Entry, each func(i Inspection) error) error {
	return pool[Inspection]{
		workers:  in.job.Workers,
		progress: newProgress(nil, in.listing.Entries),
		work:     in.inspect,
		finish:   func(_ context.Context, i Inspection) error { return each(i) },
		drop:     func(Inspection) {},
	}.run(ctx, entries)
}

func (in *Inspector) inspect(ctx context.Context, w *worker, e *archive.Entry) (i Inspection, err error) {
	defer recoverAs(&err)
	i = Inspection{
		Path: e.Path(), Group: e.Group,
		Candidates: []Candidate{}, Tables: []TablePreview{}, Warnings: []string{},
	}
	if e.State == archive.Failed {
		i.Error = &Error{Message: e.Reason}
		return i, nil
	}
	look := documentLook{ctx: ctx, input: w.input(e), options: in.job.Options.document(in.job.Limits.Document), rows: in.job.PreviewRows}
	if look.shape, err = xmltable.Scan(ctx, look.input, look.options); err != nil {
		i.Error = errorOf(err)
		return i, ctx.Err()
	}
	i.WellFormed, i.Root, i.Values, i.Warnings = true, look.shape.Root(), look.shape.Account().Values, warnings(look.shape, nil)
	look.plan(&i)
	return i, ctx.Err()
}
