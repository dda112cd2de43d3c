package page

import "time"

// WorkbenchView is the page /.
type WorkbenchView struct {
	Jobs     []Job // the newest, at most WorkbenchJobs
	JobTotal int64
	Files    []File // uploads, newest first, at most WorkbenchFiles
	// FileTotal counts all uploads.
	FileTotal int64
	Groups    []Group
	Query     string // only tables whose name or source contains it
	Limits    UploadLimits
	Options   JobOptions // the form's first choice
}

// How many things the workbench lists before it refers to a page of their own.
const (
	WorkbenchJobs   = 8
	WorkbenchFiles  = 100
	WorkbenchTables = 100 // of one group
)

// Empty reports whether the session has nothing yet.
func (v WorkbenchView) Empty() bool {
	return v.JobTotal == 0 && v.FileTotal == 0 && len(v.Groups) == 0 && v.Query == ""
}

// UploadLimits are said beside the drop zone.
type UploadLimits struct {
	FileBytes int64

	// Convert are the limits of a conversion as JSON, for the browser that does it
	// without the server; "" are the defaults.
	Convert string
}

// File is one upload.
type File struct {
	ID        string
	Name      string
	Kind      string // "zip", "xml", "other"
	Bytes     int64
	CreatedAt time.Time
	JobID     string // the newest job over it; "" if it was never converted
	JobState  JobState
	Tables    int64 // made of it
}

// Waiting reports whether the file still needs the person's decision.
func (f File) Waiting() bool { return f.JobID == "" }

// Group is a group of tables on the workbench.
type Group struct {
	Name   string
	Tables int64 // all of it, not only Items
	Rows   int64
	Bytes  int64
	Items  []Table // newest first
	Next   string  // where the next Items start; "" for none
}

// Table is one table as lists show it.
type Table struct {
	ID        string
	Name      string // "book", "book.author", "_document"
	Group     string
	FileID    string
	Source    string // the manifest's path: "a.zip!/sub/x.xml"; of a merged table its root
	Parent    string // the parent table's name; "" for none
	Rows      int64
	Columns   int
	Bytes     int64
	CreatedAt time.Time
}
