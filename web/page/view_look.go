package page

// LookView is the page /files/{id}: an upload before it is converted.
type LookView struct {
	File          File
	Documents     []string // the paths of the first of them
	DocumentTotal int
	Options       JobOptions // as chosen so far
	Looked        *Inspection
}

// Inspection is what converting one document would give.
type Inspection struct {
	Path       string
	WellFormed bool
	Problem    *FileError // it is not well-formed, or the record is not in it
	Root       string
	Record     string
	Values     int64
	Candidates []RecordCandidate // the heaviest first
	Tables     []TablePreview
	Warnings   []string
	Proposals  []Proposal
}

// Proposal is an option that would serve a document better.
type Proposal struct {
	Choice string // what it sets, as the form sends it
	Flags  string // the same on the command line
	Reason string
	Notes  []string // what it would change
}

// RecordCandidate is an element that could be the record.
type RecordCandidate struct {
	Path   string
	Count  int64 // elements
	Values int64 // in and below them
	Preview
}

// TablePreview is a table to come.
type TablePreview struct {
	Name   string
	Parent string // the parent table's name; "" for none
	Preview
}

// Preview is how a table begins.
type Preview struct {
	Columns []GridColumn
	Rows    []Row
}

// How much of an upload its page shows.
const (
	LookRows      = 5 // of each table
	LookColumns   = 40
	LookTables    = 25
	LookDocuments = 200 // offered by name; others are found by their path
)
