package convert

import (
	"context"
	"runtime"
	"sync/atomic"

	"ret/shared/archive"
	"ret/shared/xmltable"
)

// Run converts and returns the totals of what it reported. Its error is ctx's, the
// Store's or the Scratch's: what is wrong with the input is reported per file.
func Run(ctx context.Context, job Job) (Totals, error) {
	listing, err := job.Options.list(ctx, job.Sources, job.Limits, job.Scratch)
	if err != nil {
		return Totals{}, err
	}
	r := newRun(job, listing)
	r.progress.start()
	if job.Options.Merge {
		err = r.merge(ctx)
	} else {
		err = r.separate(ctx)
	}
	r.progress.close()
	if err == nil && job.Layouts != nil {
		err = r.saveLayouts(ctx)
	}
	if closeErr := listing.Close(); err == nil {
		err = closeErr
	}
	return r.totals, err
}

// run is a Job at work. Everything in it but the progress is used by the
// goroutine that called Run.
type run struct {
	job      Job
	entries  []archive.Entry
	names    *Names
	totals   Totals
	progress *progress
	kept     []*xmltable.Shape // with Job.Layouts: of each root element
	busy     atomic.Int64      // workers, and those who help them
}

func newRun(job Job, listing *archive.Listing) *run {
	job.Workers = workersOr(job.Workers)
	r := &run{job: job, entries: selected(listing.Entries, job.Select), names: NewNames()}
	r.progress = newProgress(job.Progress, r.entries)
	return r
}

// selected leaves the entries that a run is about.
func selected(entries []archive.Entry, choose func(path string) (group string, selected bool)) []archive.Entry {
	if choose == nil {
		return entries
	}
	left := entries[:0]
	for _, e := range entries {
		if group, ok := choose(e.Path()); ok {
			e.Group = group
			left = append(left, e)
		}
	}
	return left
}

func workersOr(workers int) int {
	if workers > 0 {
		return workers
	}
	return runtime.GOMAXPROCS(0)
}

// finish hands a result over and counts it.
func (r *run) finish(ctx context.Context, result Result) error {
	if err := r.job.Store.Finish(ctx, result); err != nil {
		return err
	}
	r.totals.Add(result)
	if r.job.Layouts != nil && result.shape != nil {
		r.keep(result.shape)
	}
	r.progress.finished(len(result.Files))
	return nil
}

// separate gives each document tables of its own.
func (r *run) separate(ctx context.Context) error {
	var todo []*archive.Entry
	for i := range r.entries {
		e := &r.entries[i]
		if r.job.Skip != nil && r.job.Skip(e.Path()) {
			r.progress.finished(1)
			continue
		}
		todo = append(todo, e)
	}
	return pool[Result]{
		workers:  r.job.Workers,
		progress: r.progress,
		work:     r.convertEntry,
		finish:   r.finishEntry,
		drop: func(result Result) {
			if result.Tables != nil {
				result.Tables.Abort()
			}
		},
	}.run(ctx, todo)
}

// finishEntry names the tables of a document and hands them over.
func (r *run) finishEntry(ctx context.Context, result Result) error {
	for i := range result.Files {
		f := &result.Files[i]
		nameTables(f.Tables, func(tables []string) []string {
			return r.names.Document(f.Path, tables, r.job.Options.Format)
		})
	}
	return r.finish(ctx, result)
}

// nameTables sets the tables' files, if there are any tables.
func nameTables(tables []Table, name func(tables []string) []string) {
	if len(tables) == 0 {
		return
	}
	list := make([]string, len(tables))
	for i, t := range tables {
		list[i] = t.Name
	}
	for i, file := range name(list) {
		tables[i].File = file
	}
}

// convertEntry is what a worker does with one entry.
func (r *run) convertEntry(ctx context.Context, w *worker, e *archive.Entry) (Result, error) {
	f, ok := newFile(e)
	if !ok {
		return Result{Files: []File{f}}, nil
	}
	release, err := r.admit(ctx, e)
	if err != nil {
		return Result{}, err
	}
	defer release()
	r.busy.Add(1)
	defer r.busy.Add(-1)
	r.progress.started(f.Path)
	return r.convertDocument(ctx, w, f, w.input(e))
}

// helper gives a worker who has a large document one more processor, as long as
// that is without work of its own.
func (r *run) helper() (release func(), ok bool) {
	if r.busy.Add(1) > int64(r.job.Workers) {
		r.busy.Add(-1)
		return nil, false
	}
	return func() { r.busy.Add(-1) }, true
}

// admit waits until a document may be worked on.
func (r *run) admit(ctx context.Context, e *archive.Entry) (release func(), err error) {
	if r.job.Admit == nil {
		return func() {}, nil
	}
	return r.job.Admit(ctx, e.Size())
}

// newFile begins an entry's record, and completes it where the entry is no
// document.
func newFile(e *archive.Entry) (f File, isDocument bool) {
	f = File{Path: e.Path(), Group: e.Group}
	switch e.State {
	case archive.Skipped:
		f.Status, f.Reason = Skipped, e.Reason
	case archive.Failed:
		f.Status, f.Error = Failed, &Error{Message: e.Reason}
	default:
		f.Bytes = e.Size()
		return f, true
	}
	return f, false
}

func (r *run) documentOptions() xmltable.Options {
	opts := r.job.Options.document(r.job.Limits.Document)
	opts.Helper = r.helper
	return opts
}
