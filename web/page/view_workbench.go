package page

import "time"

// WorkbenchView is the page /.
type WorkbenchView struct {
	Jobs     []Job // the newest, at most WorkbenchJobs
	JobTotal int64
	Files    []File // uploads, newest first, at most WorkbenchFiles
	// FileTotal counts all uploads.
	FileTotal int64
	FilesFrom string // how many stand before Files, to leaf through ListedFiles at a time; "" for the newest few
	FilesNext string // how many stand before the next ones; "" if there are none

	// Where files are leafed through:
	FilesSort   string // what they are sorted by, with "-" from the greatest on; "" is the newest first
	FilesNamed  string // only files whose name contains it
	FilesOffset int64  // FilesFrom as a number
	FilesListed int64  // files in all parts

	Groups     []Group    // by name, at most WorkbenchGroups
	GroupTotal int        // all that fit Query
	Addresses  *Addresses // how links to it are written
	GroupsFrom string     // where Groups start; "" for the first
	GroupsNext string     // where the next Groups start; "" for none
	OneGroup   bool       // Groups is one alone, to leaf through
	Query      string     // only tables whose name or source contains it
	Limits     UploadLimits
	Options    JobOptions // the form's first choice
}

// How many things the workbench lists before it refers to a page of their own.
const (
	WorkbenchJobs   = 8
	WorkbenchFiles  = 12
	WorkbenchGroups = 12
	WorkbenchTables = 12 // of one group

	GroupTables = 100 // of a group that is shown alone
	ListedFiles = 100 // where files are leafed through
)

// FilesNewest is where leafing through the files begins.
const FilesNewest = "newest"

// Empty reports whether the session has nothing yet.
func (v WorkbenchView) Empty() bool {
	return v.JobTotal == 0 && v.FileTotal == 0 && len(v.Groups) == 0 && v.Query == ""
}

// narrowed reports whether the page shows some groups and not the first ones, so
// that new ones do not belong on it.
func (v WorkbenchView) narrowed() bool {
	return v.Query != "" || v.GroupsFrom != "" || v.OneGroup
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
	Items  []Table // newest first, or as Part says; without the tables of Classes

	Classes []Class // of documents alike, newest first
	Part    Part
}

// AlikeFrom is how many documents of a class are shown as one.
const AlikeFrom = 5

// Class is documents alike: of one group and root element, converted with the same options.
type Class struct {
	ID        string
	Group     string
	Documents int64 // and what they have of their own
	Tables    int64
	Rows      int64
	CreatedAt time.Time // of the newest table

	MergedDocuments int64   // of how many documents Merged is; 0: of none
	Merged          []Table // tables that they share, the main one first
	Items           []Table // their own, the newest first, at most WorkbenchTables

	Addresses *Addresses // how links are written
}

// Part says which part of a group's tables is shown.
type Part struct {
	Alone bool   // the group has the page for itself, GroupTables at a time
	Class string // only tables that documents of this class have of their own; "" for all
	Sort  string // what they are sorted by, see SortedBy; "" is the newest first
	Query string // the group and its figures are of the tables that contain it
	After string // how many tables stand before Items; "" for none
	Next  string // … before the next Items; "" if there are none
	Total int64  // tables in all parts, where Alone

	Addresses *Addresses // how links to it are written
}

// still reports whether the part is one that no new table belongs on.
func (p Part) still() bool {
	return p.Query != "" || p.After != "" || p.Class != "" || p.Sort != ""
}

// most is how many tables the part shows.
func (p Part) most() int {
	if p.Alone {
		return GroupTables
	}
	return WorkbenchTables
}

// MostClasses is how many classes the part shows.
func (p Part) MostClasses() int { return p.most() }

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
	Number    int64 // of the session's tables; 0 where it is not shown
}
