package page

import "time"

// JobState is the job's state in the words of the contract.
type JobState string

// The states of a job.
const (
	JobQueued    JobState = "queued"
	JobRunning   JobState = "running"
	JobSucceeded JobState = "succeeded"
	JobFailed    JobState = "failed"
	JobCancelled JobState = "cancelled"
)

// Active reports whether the job is not finished.
func (s JobState) Active() bool { return s == JobQueued || s == JobRunning }

// Valid reports whether this is a state of the contract.
func (s JobState) Valid() bool {
	return s.Active() || s.CanRetry() || s == JobSucceeded
}

// CanRetry reports whether the job may be retried.
func (s JobState) CanRetry() bool { return s == JobFailed || s == JobCancelled }

// Job is one job as lists and its own page show it.
type Job struct {
	ID          string
	Kind        string // "convert", "index", "export"
	State       JobState
	Name        string // what it works on: "export.zip", or "export.zip and 2 more"
	Bytes       int64  // of its files
	Progress    Progress
	Attempt     int
	MaxAttempts int
	CreatedAt   time.Time
	StartedAt   time.Time // zero: not yet
	FinishedAt  time.Time // zero: not yet
	Result      *JobResult
	Errors      []FileError // the first ones
	ErrorCount  int64       // all of them
}

// Indexes reports whether it is the job that keeps the index for search, which nobody has
// asked for: pages show it quietly.
func (j Job) Indexes() bool { return j.Kind == "index" }

// Asks reports whether it answers a question.
func (j Job) Asks() bool { return j.Kind == "ask" }

// Progress is how far a running job is.
type Progress struct {
	Done, Total int64
	Unit        string  // "files"
	Message     string  // the file at work, or what a job waits for
	Rate        float64 // units a second; 0 if not known yet

	BytesDone, BytesTotal int64 // within the documents; 0 of 0 where it is not known
}

// Share is how far a job is, between 0 and 1: by documents or, where that says more,
// by what has been read of them. It is 1 only when all are done.
func (p Progress) Share() float64 {
	if p.Total <= 0 {
		return 0
	}
	share := float64(p.Done) / float64(p.Total)
	if p.Done < p.Total && p.BytesTotal > 0 {
		share = max(share, min(0.99, float64(p.BytesDone)/float64(p.BytesTotal)))
	}
	return share
}

// Left estimates the remaining time, a second at least, or 0 if it cannot be
// told.
func (p Progress) Left() time.Duration {
	if p.Rate <= 0 || p.Total <= p.Done {
		return 0
	}
	return max(time.Second, time.Duration(float64(p.Total-p.Done)/p.Rate*float64(time.Second)))
}

// JobResult is what came of a finished job.
type JobResult struct {
	Files, Converted, Failed, Skipped int64
	Rows, Tables                      int64
	Values                            Account
}

// Account counts the values of documents and those that stand in cells. Equal
// numbers mean that nothing was lost.
type Account struct{ In, Out int64 }

// Balanced reports whether every value stands in a cell.
func (a Account) Balanced() bool { return a.In == a.Out }

// FileError is why one file did not convert.
type FileError struct {
	Path         string // as in the manifest: "a.zip!/sub/x.xml"
	Line, Column int    // from 1; 0: no place
	Message      string
}

// JobsView is the page /jobs: newest first.
type JobsView struct {
	State JobState // only these; "" for all
	Named string   // only those that read a file whose name contains it
	Items []Job
	Total int64  // jobs that fit State
	After string // where this page starts; "" for the first
	Next  string // the next page's After; "" for none

	Addresses *Addresses // how links are written
}

// JobDetailView is the page /jobs/{id}.
type JobDetailView struct {
	Job     Job
	Options JobOptions
	Rates   []float64 // samples of Progress.Rate, a second apart, oldest first
	Tables  []Table   // a page of those that it made
	Log     FileLog

	TablesAfter string // where Tables start; "" for the first
	TablesNext  string // where the next Tables start; "" for none
}

// JobOptions are the options that a job was submitted with; the zero value means the
// usual ones.
type JobOptions struct {
	Record      string // "" automatic
	MaxRepeat   int    // 0: the default
	Merge       bool
	ByLocalName bool
	Flat        bool
	Pivot       []string // "tag@k=@v"
	XML         bool
	Trim        bool
	Windows1252 bool // what says ISO-8859-1
	Repair      bool
	KeepPartial bool
	Include     []string // patterns of paths
	Exclude     []string

	// How downloads are written.
	Format               string // "csv", "xlsx" or "" for csv
	Delimiter            string // "" a comma, ";", "tab" or "|"
	BOM, CRLF, ExcelSafe bool

	Layouts Layouts
}

// Layouts are what the recipe that options came from knows of earlier documents.
type Layouts struct {
	JSON            string // as a job takes them; "" for none
	Tables, Columns int
}

// FileLog is a window of the files that a job has dealt with.
type FileLog struct {
	OnlyFailed bool
	Items      []LoggedFile
	Total      int64 // entries that fit OnlyFailed
	Failed     int64 // entries that failed
	After      string
	Next       string
}

// LoggedFile is how one file of a job ended.
type LoggedFile struct {
	Path    string
	Status  string     // "converted", "failed", "skipped"
	Error   *FileError // why it failed, or what was cut when it is partial
	Reason  string     // why it was skipped
	Partial bool
	Rows    int64
	Values  Account
}
