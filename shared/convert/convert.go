// Package convert turns what a person hands over into tables: it lists the
// documents (archive), learns and writes each (xmltable), and tells a Store, file
// by file, what became of it. The command line, the server's jobs and the
// browser's worker all convert through Run and differ only in their Store.
//
// It promises: every listed file is reported exactly once, in the order of paths,
// whatever the number of workers; a document's tables are handed over complete or
// aborted, never half; a converted file's values in the document and in the cells
// are counted and equal. Memory grows with the number of files by a few hundred
// bytes each, not with their size.
package convert

import (
	"context"

	"ret/shared/archive"
	"ret/shared/xmltable"
)

// Job is one run. Sources and Store are needed, the rest has defaults.
type Job struct {
	Sources []archive.Source
	Options Options
	Limits  Limits
	Scratch archive.Scratch // room for large nested archives; nil: none but memory
	Workers int             // documents at once; 0: one for each processor
	Store   Store

	// Skip leaves out files that an earlier, interrupted run has finished, by
	// their manifest path. They are neither converted nor reported again, but
	// count as done in Progress. With Options.Merge it is not asked.
	Skip func(path string) bool

	// Select, if set, says of each document by its manifest path whether the run is about
	// it, and which group it belongs to. The others are as if they were not there.
	Select func(path string) (group string, selected bool)

	// Admit, if set, is asked before a document of so many bytes is worked on and
	// returns when it may be; release is called when that is done. Its error ends the
	// run.
	Admit func(ctx context.Context, bytes int64) (release func(), err error)

	// Layouts, if set, gets what a recipe keeps of the documents, when all of them
	// are converted.
	Layouts func([]*xmltable.Layout) error

	// Progress, if set, hears how far the run is: when a file is done and a few
	// times a second in between, never concurrently. It must return quickly.
	Progress func(Progress)
}

// Limits of a run; zero fields mean the defaults.
type Limits struct {
	Archive  archive.Limits
	Document xmltable.Limits
}

// Progress says how far a run is.
type Progress struct {
	Done, Total int    // files
	Path        string // of a file at work
	Bytes       int64  // read from documents so far, both passes
	TotalBytes  int64  // to be read in all, as announced
}

// Store keeps the tables that a run makes and hears what became of each file.
//
// An error of kind fault.Invalid or fault.TooLarge from Begin or Tables says that
// these tables cannot be kept in the Store's format: the file fails with that
// sentence and the run goes on. Any other error ends the run.
type Store interface {
	// Begin makes room for the tables of one document, or of one class of a
	// merged group. It may be called concurrently.
	Begin(ctx context.Context, tables []xmltable.Table) (Tables, error)

	// Finish is called once for each Result, never concurrently, with files in
	// the order of their paths. When it returns nil, the tables are published and
	// their files are done; this is the place for a transaction that says both.
	// An error ends the run; the Store then cleans up r.Tables itself.
	Finish(ctx context.Context, r Result) error
}

// Tables takes the rows of one Begin. Its methods are called from one goroutine
// at a time: Row any number of times, then Close, then Finish gets it; or Abort at
// any point, after which nothing may be left of it. Tables that implement
// xmltable.Forker are written by several processors where a document is large.
type Tables interface {
	xmltable.Sink
	Close() error // every row has come; slow work such as flushing belongs here
	Abort()
}

// Result is what became of one file or, when merging, of one class of files.
type Result struct {
	Files  []File  // one, or all files of a merged class
	Merged *Merged // the tables of a merged class, else nil
	Tables Tables  // nil where no file was converted
	Root   string  // what makes documents of a group one class: see RootName of a shape; "" where Tables is nil

	// Origins say for each of the documents in the tables, in their order, where its
	// rows come from.
	Origins []DocumentRows

	shape *xmltable.Shape // of what was converted
}
