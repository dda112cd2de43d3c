package convert

import (
	"context"
	"errors"
	"slices"

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
	Proposals  []Proposal     `json:"proposals"`
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
	rootsOf rootsOf
}

// NewInspector lists the documents of the job's sources. Its error is ctx's or
// the Scratch's.
func NewInspector(ctx context.Context, job InspectJob) (*Inspector, error) {
	listing, err := job.Options.list(ctx, job.Sources, job.Limits, job.Scratch)
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
		Candidates: []Candidate{}, Tables: []TablePreview{}, Warnings: []string{}, Proposals: []Proposal{},
	}
	if e.State == archive.Failed {
		i.Error = &Error{Message: e.Reason}
		return i, nil
	}
	look := documentLook{ctx: ctx, input: w.input(e), options: in.job.Options.document(in.job.Limits.Document), rows: in.job.PreviewRows}
	if look.shape, err = xmltable.Scan(ctx, look.input, look.options); err != nil {
		i.Error = errorOf(err)
		look.proposeRepair(&i)
		return i, ctx.Err()
	}
	i.WellFormed, i.Root, i.Values, i.Warnings = true, look.shape.Root(), look.shape.Account().Values, warnings(look.shape, nil)
	look.shape = in.job.Options.begin(look.shape, look.options)
	look.plan(&i)
	i.Proposals = append(i.Proposals, in.job.Options.alike(in.roots(ctx, e.Group))...)
	return i, ctx.Err()
}

// ClassInspection is what converting a class of documents with Options.Merge would
// give.
type ClassInspection struct {
	Group      string               `json:"group"`
	Root       string               `json:"root"`
	Files      int                  `json:"files"`
	Record     string               `json:"record"`
	Candidates []xmltable.Candidate `json:"candidates"`
	Tables     []TablePreview       `json:"tables"`
	Warnings   []string             `json:"warnings"`
	Proposals  []Proposal           `json:"proposals"`
	Error      *Error               `json:"error,omitempty"`
}

// InspectClasses looks at the classes that Options.Merge would make. It calls each
// for every class, and failed for every document and archive that cannot be read,
// never concurrently. Its error is ctx's, the Scratch's or one of theirs.
func InspectClasses(ctx context.Context, job InspectJob, failed func(Inspection) error, each func(ClassInspection) error) error {
	in, err := NewInspector(ctx, job)
	if err != nil {
		return err
	}
	return errors.Join(in.classes(ctx, failed, each), in.Close())
}

func (in *Inspector) classes(ctx context.Context, failed func(Inspection) error, each func(ClassInspection) error) error {
	job := Job{Options: in.job.Options, Limits: in.job.Limits, Workers: in.job.Workers}
	job.Store = failedStore{failed}
	r := newRun(job, in.listing)
	for _, entries := range byGroup(r.entries) {
		classes, err := r.learn(ctx, entries[0].Group, withoutSkipped(entries))
		if err != nil {
			return err
		}
		alike := in.job.Options.alike(rootsOfClasses(classes))
		for _, c := range classes {
			i := r.inspectClass(ctx, c)
			i.Proposals = append(i.Proposals, alike...)
			if err := each(i); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

func withoutSkipped(entries []*archive.Entry) []*archive.Entry {
	return slices.DeleteFunc(slices.Clone(entries), func(e *archive.Entry) bool { return e.State == archive.Skipped })
}

func (r *run) inspectClass(ctx context.Context, c *class) ClassInspection {
	i := ClassInspection{
		Group: c.group, Root: c.shape.Root(), Files: len(c.documents),
		Candidates: []xmltable.Candidate{}, Tables: []TablePreview{}, Warnings: []string{}, Proposals: []Proposal{},
	}
	plan, err := xmltable.Choose(ctx, c.shape, r.documentOptions())
	if err != nil {
		i.Error = errorOf(err)
		return i
	}
	i.Record = plan.Record
	i.Candidates = append(i.Candidates, plan.Candidates...)
	i.Tables = describePreviews(plan.Tables)
	i.Warnings = warnings(c.shape, plan)
	i.Proposals = append(i.Proposals, structural(plan.Hints(), plan.Record, false)...)
	return i
}

// rootsOfClasses counts the documents of a group's classes by their roots.
func rootsOfClasses(classes []*class) map[root]int {
	roots := map[root]int{}
	for _, c := range classes {
		roots[root{c.shape.RootName(), c.shape.Root()}] += len(c.documents)
	}
	return roots
}

// failedStore hears of what cannot be read; nothing else is written in a look.
type failedStore struct{ failed func(Inspection) error }

// Begin implements Store.
func (failedStore) Begin(context.Context, []xmltable.Table) (Tables, error) {
	return nil, fault.New(fault.Internal, "A look writes no tables.")
}

// Finish implements Store.
func (s failedStore) Finish(_ context.Context, r Result) error {
	for _, f := range r.Files {
		if err := s.failed(Inspection{Path: f.Path, Group: f.Group, Error: f.Error}); err != nil {
			return err
		}
	}
	return nil
}
