package convert

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"ret/shared/archive"
	"ret/shared/fold"
	"ret/shared/xmltable"
)

// class is the documents of a group that have the same root element and share
// tables, in the order of their paths.
type class struct {
	group     string
	rootName  string // with its namespace, unless only local names count
	documents []document
	shape     *xmltable.Shape // of all documents
}

// document is a file that the first pass found good.
type document struct {
	entry  *archive.Entry
	file   File
	values Values
}

// merge gives each class of each group one set of tables.
func (r *run) merge(ctx context.Context) error {
	for _, entries := range byGroup(r.entries) {
		classes, err := r.learn(ctx, entries[0].Group, entries)
		if err != nil {
			return err
		}
		if err := r.writeClasses(ctx, classes); err != nil {
			return err
		}
	}
	return nil
}

// byGroup gathers entries by group without regard to case, each group and the
// groups themselves in the order of paths.
func byGroup(entries []archive.Entry) [][]*archive.Entry {
	var groups [][]*archive.Entry
	index := map[string]int{}
	for i := range entries {
		e := &entries[i]
		key := fold.String(e.Group)
		at, known := index[key]
		if !known {
			at = len(groups)
			index[key] = at
			groups = append(groups, nil)
		}
		groups[at] = append(groups[at], e)
	}
	return groups
}

// learned is the outcome of a document's first pass: a shape or a result.
type learned struct {
	document document
	shape    *xmltable.Shape
	failed   Result
}

// learn makes the first pass over a group. Files that give no tables are
// finished here.
func (r *run) learn(ctx context.Context, group string, entries []*archive.Entry) ([]*class, error) {
	var classes []*class
	err := pool[learned]{
		workers:  r.job.Workers,
		progress: r.progress,
		work:     r.learnEntry,
		drop:     func(learned) {},
		finish: func(ctx context.Context, l learned) error {
			if l.shape == nil {
				return r.finish(ctx, l.failed)
			}
			classes = r.classify(classes, group, l)
			return nil
		},
	}.run(ctx, entries)
	return classes, err
}

func (r *run) learnEntry(ctx context.Context, w *worker, e *archive.Entry) (l learned, err error) {
	defer recoverAs(&err)
	f, ok := newFile(e)
	if !ok {
		return learned{failed: Result{Files: []File{f}}}, nil
	}
	release, err := r.admit(ctx, e)
	if err != nil {
		return l, err
	}
	defer release()
	r.busy.Add(1)
	defer r.busy.Add(-1)
	r.progress.started(f.Path)
	shape, err := xmltable.Scan(ctx, w.input(e), r.documentOptions())
	if err != nil {
		l.failed, err = failedBy(ctx, f, err)
		return l, err
	}
	f.Root, f.Warnings = shape.Root(), warnings(shape, nil)
	return learned{document: document{e, f, valuesOf(shape)}, shape: shape}, nil
}

// classRoot is what the documents of a class have in common.
func (r *run) classRoot(shape *xmltable.Shape) string {
	if r.job.Options.ByLocalName {
		return shape.Root()
	}
	return shape.RootName()
}

// classify merges a document into its class.
func (r *run) classify(classes []*class, group string, l learned) []*class {
	rootName := r.classRoot(l.shape)
	i := slices.IndexFunc(classes, func(c *class) bool { return c.rootName == rootName })
	if i < 0 {
		return append(classes, &class{group: group, rootName: rootName, documents: []document{l.document}, shape: r.job.Options.begin(l.shape, r.documentOptions())})
	}
	classes[i].documents = append(classes[i].documents, l.document)
	classes[i].shape.Merge(l.shape)
	return classes
}

// writeClasses makes the second pass over the classes of a group.
func (r *run) writeClasses(ctx context.Context, classes []*class) error {
	mains := map[string]int{} // how often a main table's name came
	for _, c := range classes {
		if err := r.writeClass(ctx, c, mains); err != nil {
			return err
		}
	}
	return nil
}

// writeClass writes a class. A document that fails only now has left its mark on
// the shape and in the tables, so the class begins again without it.
func (r *run) writeClass(ctx context.Context, c *class, mains map[string]int) error {
	for len(c.documents) > 0 {
		result, bad, err := r.tryClass(ctx, c)
		if err != nil {
			return err
		}
		if bad == nil {
			r.nameMerged(result.Merged, mains)
			result.shape = c.shape
			return r.finish(ctx, result)
		}
		if err := r.finish(ctx, *bad); err != nil {
			return err
		}
		if err := r.relearn(ctx, c, *bad); err != nil {
			return err
		}
	}
	return nil
}

// relearn takes failed documents out of a class. The others passed before; one
// that does not now has changed on disk, and fails too.
func (r *run) relearn(ctx context.Context, c *class, bad Result) error {
	var left []*archive.Entry
	for _, d := range c.documents {
		if !slices.ContainsFunc(bad.Files, func(f File) bool { return f.Path == d.file.Path }) {
			left = append(left, d.entry)
		}
	}
	classes, err := r.learn(ctx, c.group, left)
	if err != nil {
		return err
	}
	c.documents, c.shape = nil, nil
	if len(classes) > 0 {
		c.documents, c.shape = classes[0].documents, classes[0].shape
	}
	return nil
}

// tryClass writes all documents of a class, or returns those that fail.
func (r *run) tryClass(ctx context.Context, c *class) (result Result, bad *Result, err error) {
	var tables Tables
	defer func() {
		if tables != nil && (err != nil || bad != nil) {
			tables.Abort()
		}
	}()
	defer recoverAs(&err)
	opts := r.documentOptions()
	plan, err := xmltable.Choose(ctx, c.shape, opts)
	if err != nil {
		return r.classFailed(ctx, c, err)
	}
	if tables, err = r.job.Store.Begin(ctx, plan.Tables); err != nil {
		return r.classFailed(ctx, c, &storeError{err})
	}
	result = Result{Tables: tables, Root: c.rootName}
	rows := make([]int64, len(plan.Tables))
	for _, d := range c.documents {
		f, written, err := r.writeDocument(ctx, plan, d, tables)
		if err != nil {
			failed, err := failedBy(ctx, d.file, err)
			return Result{}, &failed, err
		}
		for i, n := range written.Rows {
			rows[i] += n
		}
		result.Files = append(result.Files, f)
		result.Origins = append(result.Origins, DocumentRows{f.Path, written.Rows, written.Origins})
	}
	if err := closeTables(tables); err != nil {
		return r.classFailed(ctx, c, err)
	}
	result.Merged = &Merged{Group: c.group, Root: plan.Root, Tables: describeTables(plan.Tables, rows)}
	return result, nil, nil
}

// classFailed fails all documents of a class: what is wrong is not one's alone.
func (r *run) classFailed(ctx context.Context, c *class, cause error) (Result, *Result, error) {
	bad := &Result{}
	for _, d := range c.documents {
		failed, err := failedBy(ctx, d.file, cause)
		if err != nil {
			return Result{}, nil, err
		}
		bad.Files = append(bad.Files, failed.Files...)
	}
	return Result{}, bad, nil
}

// writeDocument adds one document's rows to the tables of its class.
func (r *run) writeDocument(ctx context.Context, plan *xmltable.Plan, d document, tables Tables) (File, xmltable.Written, error) {
	release, err := r.admit(ctx, d.entry)
	if err != nil {
		return File{}, xmltable.Written{}, err
	}
	defer release()
	r.busy.Add(1)
	defer r.busy.Add(-1)
	r.progress.started(d.file.Path)
	w := worker{progress: r.progress}
	written, err := plan.Write(ctx, w.input(d.entry), storeSink{tables})
	if err != nil {
		return File{}, written, err
	}
	f := d.file
	f.Record = plan.Record
	f.Warnings = append(f.Warnings, plan.Warnings...)
	err = settle(&f, d.values, written)
	return f, written, err
}

// nameMerged tells the tables of a second class with the same main table apart
// and names their files.
func (r *run) nameMerged(m *Merged, mains map[string]int) {
	main := m.Tables[0].Name
	mains[main]++
	if n := mains[main]; n > 1 {
		renameMerged(m.Tables, main, "~"+strconv.Itoa(n))
	}
	nameTables(m.Tables, func(tables []string) []string {
		return r.names.Merged(m.Group, tables, r.job.Options.Format)
	})
}

// renameMerged puts mark after the main table's name in all tables, and after
// _document's, whose name is not made from it.
func renameMerged(tables []Table, main, mark string) {
	rename := func(name string) string {
		for _, stem := range []string{main, "_document"} {
			if rest, ok := strings.CutPrefix(name, stem); ok && (rest == "" || rest[0] == '.') {
				return stem + mark + rest
			}
		}
		return name
	}
	for i := range tables {
		tables[i].Name = rename(tables[i].Name)
		if p := tables[i].Parent; p != nil {
			renamed := rename(*p)
			tables[i].Parent = &renamed
		}
	}
}
