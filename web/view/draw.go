package view

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"ret/shared/fault"
	"ret/shared/workspace"
	"ret/web/page"
)

// Facts are what pages show beside the workspace and only the server knows.
type Facts struct {
	Name      string    `json:"name"` // of the user
	Admin     bool      `json:"admin"`
	ExpiresAt time.Time `json:"expires_at"`       // of the session, unless it is used
	Unused    int64     `json:"unused_seconds"`   // how long it lives unused
	EndsBy    time.Time `json:"ends_by,omitzero"` // of the session, whatever is done
	Offline   bool      `json:"offline"`          // it lives longer unused: a browser keeps a copy
	FileBytes int64     `json:"file_bytes"`       // the most that one upload may have
	Convert   string    `json:"convert"`          // see page.UploadLimits
	Asks      bool      `json:"asks,omitempty"`   // questions can be asked
	Tour      bool      `json:"tour,omitempty"`   // the user has not ended the tour

	// Embedding is where rows and searches are sent for what they mean; nil: nowhere.
	Embedding *Endpoint `json:"embedding,omitempty"`

	Assets    page.Assets `json:"assets"`
	Addresses []byte      `json:"addresses,omitempty"` // the key of page.Addresses
	SaidAt    time.Time   `json:"now"`                 // by the server's clock
}

// Endpoint is what parts of a session's tables may be sent to.
type Endpoint struct {
	Name    string `json:"name"`
	Allowed bool   `json:"allowed"` // the person has said yes to it
}

// Around is where a page is drawn: what Draw needs beside the workspace.
type Around struct {
	Facts
	Now     time.Time
	Rows    ReadRows
	Profile ReadProfile
	Search  Search
	Origin  ReadOrigin // nil where no documents are
	Query   RunQuery
	Kinds   KnownKinds
	Rates   func(jobID string) []float64 // samples of a running job's rate

	// Replica says that the workspace is a replica, which lacks a part of what a
	// job did; Online that the server can be asked for that.
	Replica, Online bool
}

// ErrElsewhere means that the server can draw a page and a replica cannot.
var ErrElsewhere = fault.New(fault.Unavailable, "This part is on the server only, which cannot be reached now. Try again when the page is live.")

// Draw draws a page that shows what a session holds: the same on the server and
// from a replica. The path and query are those of its address. It returns
// NotFound where there is no such page or thing.
func Draw(ctx context.Context, ws *workspace.Workspace, at *url.URL, around Around) (templ.Component, error) {
	addresses, err := page.NewAddresses(around.Addresses)
	if err != nil {
		return nil, err
	}
	d := drawing{ctx: ctx, ws: ws, path: at.Path, query: addresses.Open(at.Query()), addresses: addresses, around: around}
	for _, p := range around.pages() {
		if named, ok := p.matches(at.Path); ok {
			d.id, d.n = named["id"], named["n"]
			return d.draw(p)
		}
	}
	return nil, ErrNoPage
}

// drawnPage is a page that shows what a session holds.
type drawnPage struct {
	pattern string // of its address, as a route has it
	frame   page.Frame
	content func(drawing, page.Frame) (templ.Component, error)
}

// pages are all of them. The scripts that ask a replica for pages know them too, which
// a test holds against this list.
var pages = []drawnPage{
	{"/{$}", page.Frame{Title: "Workbench", Section: page.SectionWorkbench}, drawing.workbench},
	{"/jobs", page.Frame{Title: "Jobs", Section: page.SectionJobs}, drawing.jobs},
	{"/jobs/{id}", page.Frame{Title: "Job", Section: page.SectionJobs}, drawing.job},
	{"/tables/{id}", page.Frame{Title: "Table", Section: page.SectionTables}, drawing.table},
	{"/tables/{id}/rows/{n}", page.Frame{Title: "Row", Section: page.SectionTables}, drawing.row},
	{"/search", page.Frame{Title: "Search", Section: page.SectionSearch}, drawing.search},
	{"/query", page.Frame{Title: "SQL", Section: page.SectionQuery}, drawing.queryPage},
}

// pagesAlone are pages that the server draws otherwise, since it knows more than the
// workspace. From a replica they are drawn only where the server cannot be asked.
var pagesAlone = []drawnPage{
	{"/ask", page.Frame{Title: "Ask", Section: page.SectionAsk}, drawing.askAway},
}

// pages are those that can be drawn there.
func (a Around) pages() []drawnPage {
	if a.Replica && !a.Online {
		return slices.Concat(pages, pagesAlone)
	}
	return pages
}

// Patterns are the addresses of the pages that Draw draws, as routes have them.
func Patterns() (patterns []string) {
	for _, p := range pages {
		patterns = append(patterns, p.pattern)
	}
	return patterns
}

// matches reports whether a path is the page's, and what stands in it for the names in
// braces.
func (p drawnPage) matches(path string) (named map[string]string, ok bool) {
	pattern, parts := strings.Split(strings.TrimSuffix(p.pattern, "{$}"), "/"), strings.Split(path, "/")
	if len(pattern) != len(parts) {
		return nil, false
	}
	named = map[string]string{}
	for i, part := range parts {
		name, isName := strings.CutPrefix(pattern[i], "{")
		switch {
		case isName && part != "":
			named[strings.TrimSuffix(name, "}")] = part
		case isName || part != pattern[i]:
			return nil, false
		}
	}
	return named, true
}

// ErrNoPage means that Draw does not know a path; the server may have more pages.
var ErrNoPage = fault.New(fault.NotFound, "There is no such page.")

// drawing is one call of Draw.
type drawing struct {
	ctx    context.Context
	ws     *workspace.Workspace
	query  url.Values
	id     string // of the thing that the page is about
	n      string // the number of the row of it
	around Around

	path      string
	addresses *page.Addresses
}

func (d drawing) draw(p drawnPage) (templ.Component, error) {
	f, err := Frame(d.ctx, d.ws, p.frame, d.around.Facts, d.around.Now)
	if err != nil {
		return nil, err
	}
	f.Notice = Notice(d.query)
	if page.Telling(d.query) {
		f.Address = d.path + d.addresses.Query(d.query)
	}
	return p.content(d, f)
}

func (d drawing) workbench(f page.Frame) (templ.Component, error) {
	v, err := Workbench(d.ctx, d.ws, WorkbenchQuery{
		Addresses: d.addresses, Find: d.query.Get("q"), Group: d.query.Get("group"), After: d.query.Get("after"), Class: d.query.Get("class"), Sort: d.query.Get("sort"), From: d.query.Get("from"), Files: d.query.Get("files"),
		FilesSort: d.query.Get("files_sort"), FilesNamed: d.query.Get("files_named"),
	})
	if err != nil {
		return nil, err
	}
	v.Limits = page.UploadLimits{FileBytes: d.around.FileBytes, Convert: d.around.Convert}
	f.Refresh = f.Viewer.Holdings.ActiveJobs > 0
	return page.Workbench(f, v), nil
}

func (d drawing) jobs(f page.Frame) (templ.Component, error) {
	state := page.JobState(d.query.Get("state"))
	if !state.Valid() && state != "" {
		return nil, fault.New(fault.Invalid, "state must be queued, running, succeeded, failed or cancelled.")
	}
	v, err := Jobs(d.ctx, d.ws, JobsQuery{State: state, Named: d.query.Get("q"), After: d.query.Get("after"), Addresses: d.addresses})
	if err != nil {
		return nil, err
	}
	f.Refresh = f.Viewer.Holdings.ActiveJobs > 0
	return page.Jobs(f, v), nil
}

func (d drawing) job(f page.Frame) (templ.Component, error) {
	q := JobQuery{OnlyFailed: d.query.Get("only") == "failed", After: d.query.Get("after"), Tables: d.query.Get("tables")}
	v, err := JobDetail(d.ctx, d.ws, d.id, q)
	if err != nil {
		return nil, err
	}
	if d.around.Replica && d.lacks(v) {
		return nil, ErrElsewhere
	}
	v.Rates = d.around.Rates(d.id)
	f.Refresh = v.Job.State.Active()
	return page.JobDetail(f, v), nil
}

// lacks reports whether a replica lacks a part of a job's page: it is told the
// first documents of its log, once the job has finished. Without a server the
// page of a job at work is better than none.
func (d drawing) lacks(v page.JobDetailView) bool {
	if v.Job.State.Active() {
		return d.around.Online
	}
	return v.Log.After != "" || int64(len(v.Log.Items)) < min(v.Log.Total, filesLogged)
}

func (d drawing) table(f page.Frame) (templ.Component, error) {
	q := page.ParseTableQuery(d.query)
	q.Addresses = d.addresses
	v, err := TableDetail(d.ctx, d.ws, d.id, q, d.around.Rows, d.around.Profile)
	if err != nil {
		return nil, err
	}
	if d.around.Replica && len(v.Columns) == 0 && v.Table.Rows > 0 {
		return nil, ErrElsewhere // more columns than a frame has room for
	}
	f.Title = page.TableTitle(v.Table.Number)
	return page.TableDetail(f, v), nil
}

func (d drawing) row(f page.Frame) (templ.Component, error) {
	n, err := strconv.ParseInt(d.n, 10, 64)
	if err != nil {
		return nil, errNoRow
	}
	q := page.ParseRowQuery(d.query)
	if q.XML && d.around.Replica && d.around.Online {
		return nil, ErrElsewhere // documents are on the server
	}
	v, err := d.rowDetail(n, q)
	if err != nil {
		return nil, err
	}
	f.Title = page.TableTitle(v.Table.Number) + ", row " + page.Count(n)
	return page.RowDetail(f, v), nil
}
