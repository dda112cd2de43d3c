package page

import "time"

// Frame is what surrounds a page's own content.
type Frame struct {
	Title   string  // of this page; "RET" is added
	Section Section // which entry of the navigation is marked
	Assets  Assets
	Viewer  *Viewer // who looks; nil on pages that need no session
	Live    Live
	Notice  *Notice // what the last form did; shown once
	Address string  // path and query that tell nothing, where those asked for would

	// Refresh asks browsers without JavaScript to load the page again every two
	// seconds. Set it while jobs of the page are not finished.
	Refresh bool
}

// Section is an entry of the navigation.
type Section string

// The sections. None marks no entry.
const (
	SectionNone      Section = ""
	SectionWorkbench Section = "workbench"
	SectionJobs      Section = "jobs"
	SectionTables    Section = "tables"
	SectionSearch    Section = "search"
	SectionAsk       Section = "ask"
	SectionQuery     Section = "query"
	SectionAdmin     Section = "admin"
	SectionAccount   Section = "account"
)

// Assets are the addresses of what every page loads, with their content hashes.
type Assets struct {
	Stylesheet string `json:"stylesheet"`
	Theme      string `json:"theme"`  // classic script: sets the theme before the first paint
	Script     string `json:"script"` // module: starts everything else
	Icon       string `json:"icon"`
}

// Viewer is the person signed in and the session they look at.
type Viewer struct {
	Name      string
	Admin     bool
	Now       time.Time     // when the page is rendered
	ExpiresAt time.Time     // when the session ends if nobody does anything
	Unused    time.Duration // how long it lives unused
	EndsBy    time.Time     // when it ends whatever is done; zero if that is not known
	Offline   bool          // it lives longer unused, since a browser keeps a copy of it
	Asks      bool          // questions can be asked
	Tour      bool          // the person has not ended the tour of the workbench
	Holdings  Holdings
}

// Left is how long the session has, in whole seconds, never negative.
func (v *Viewer) Left() time.Duration {
	return max(0, v.ExpiresAt.Sub(v.Now)).Round(time.Second)
}

// Ending reports whether the page must ask what to do before the session ends.
func (v *Viewer) Ending() bool { return v.Left() <= 5*time.Minute }

// Holdings is what a session holds, and so what signing out erases.
type Holdings struct {
	Files        int64 // uploads
	FileBytes    int64
	Tables       int64
	Jobs         int64 // all, finished ones too
	ActiveJobs   int64 // queued and running
	CacheEntries int64
}

// Empty reports whether there is nothing to lose.
func (h Holdings) Empty() bool { return h.Files == 0 && h.Tables == 0 && h.CacheEntries == 0 }

// fate ends the sentence that begins with what there is.
func (h Holdings) fate() string {
	if h.ActiveJobs == 0 {
		return " will be erased."
	}
	return " will be erased, and " + Counted(h.ActiveJobs, "unfinished job", "unfinished jobs") + " stopped."
}

// Live is where the page's content stands in the session's sequence of changes.
// The script starts its live channel there, so nothing between rendering and
// connecting is missed. An empty Epoch opens no channel.
type Live struct {
	Epoch  string
	Cursor int64
}

// Notice is one sentence about what a form did.
type Notice struct {
	Wrong bool // it did not work
	Text  string
}
