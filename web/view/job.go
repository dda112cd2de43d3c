package view

import (
	"context"
	"encoding/json"

	"ret/shared/convert"
	"ret/shared/workspace"
	"ret/web/page"
)

// Job is a job as lists show it.
func Job(j workspace.JobBrief) page.Job {
	v := page.Job{
		ID: j.ID, Kind: j.Kind, State: page.JobState(j.State), Name: jobName(j), Bytes: j.Bytes,
		Progress: page.Progress(j.Progress), Attempt: j.Attempt, MaxAttempts: j.MaxAttempts,
		CreatedAt: j.CreatedAt, StartedAt: j.StartedAt, FinishedAt: j.FinishedAt, ErrorCount: j.ErrorCount,
	}
	for _, e := range j.Errors {
		v.Errors = append(v.Errors, page.FileError{Path: e.Path, Line: int(e.Line), Column: int(e.Column), Message: e.Message})
	}
	if j.State.Finished() {
		v.Result = &page.JobResult{
			Files: j.Result.Files, Converted: j.Result.Converted, Failed: j.Result.Failed, Skipped: j.Result.Skipped,
			Rows: j.Result.Rows, Tables: j.Tables, Values: page.Account{In: j.ValuesIn, Out: j.ValuesOut},
		}
	}
	return v
}

// jobName says what a job works on.
func jobName(j workspace.JobBrief) string {
	name := j.FirstFile
	switch {
	case j.Kind == workspace.KindIndex:
		name = "Index for search"
	case j.Kind == workspace.KindAsk:
		name = "A question"
	case name == "":
		name = j.Kind
	}
	if j.Files > 1 {
		name += " and " + page.Count(j.Files-1) + " more"
	}
	return name
}

// JobsQuery chooses what the page /jobs shows.
type JobsQuery struct {
	State page.JobState // "" for all
	Named string        // only jobs that read a file whose name contains it
	After string

	Addresses *page.Addresses
}

// jobsShown is how many jobs one page of /jobs lists.
const jobsShown = 100

// Jobs reads the page /jobs.
func Jobs(ctx context.Context, ws *workspace.Workspace, q JobsQuery) (page.JobsView, error) {
	v := page.JobsView{State: q.State, Named: q.Named, After: q.After, Addresses: q.Addresses}
	list, err := ws.NewestJobs(ctx, workspace.State(q.State), q.Named, workspace.Page{Limit: jobsShown, After: q.After})
	if err != nil {
		return v, err
	}
	v.Items, v.Next = jobs(list.Items), orEmpty(list.Next)
	v.Total, err = countJobs(ctx, ws, q.State)
	return v, err
}

func jobs(briefs []workspace.JobBrief) []page.Job {
	items := make([]page.Job, len(briefs))
	for i, j := range briefs {
		items[i] = Job(j)
	}
	return items
}

func countJobs(ctx context.Context, ws *workspace.Workspace, state page.JobState) (total int64, err error) {
	counts, err := ws.CountJobs(ctx)
	for s, n := range counts {
		if state == "" || page.JobState(s) == state {
			total += n
		}
	}
	return total, err
}

func orEmpty(next *string) string {
	if next == nil {
		return ""
	}
	return *next
}

// JobQuery chooses what the page /jobs/{id} shows of a job's files.
type JobQuery struct {
	OnlyFailed bool
	After      string
	Tables     string // where its tables start; "" for the first
}

// How much of a job its page shows.
const (
	filesLogged     = 100
	tablesOfJobPage = 100
)

// JobDetail reads the page /jobs/{id}; NotFound if there is no such job. The
// samples of its rate are the caller's to add.
func JobDetail(ctx context.Context, ws *workspace.Workspace, id string, q JobQuery) (v page.JobDetailView, err error) {
	brief, err := ws.JobBrief(ctx, id)
	if err != nil {
		return v, err
	}
	v.Job, v.Options = Job(brief), jobOptions(brief.Options)
	tables, err := ws.TablesOfJob(ctx, id, workspace.Page{Limit: tablesOfJobPage, After: q.Tables})
	if err != nil {
		return v, err
	}
	v.Tables, v.TablesAfter, v.TablesNext = tableItems(tables.Items), q.Tables, orEmpty(tables.Next)
	v.Log, err = fileLog(ctx, ws, brief, q)
	return v, err
}

// jobOptions reads options that were checked when the job was submitted.
func jobOptions(text json.RawMessage) page.JobOptions {
	var o convert.Options
	_ = json.Unmarshal(text, &o) // another kind's options name none of these
	return Options(o)
}

func fileLog(ctx context.Context, ws *workspace.Workspace, j workspace.JobBrief, q JobQuery) (page.FileLog, error) {
	log := page.FileLog{OnlyFailed: q.OnlyFailed, After: q.After, Total: j.Result.Files, Failed: j.Result.Failed}
	var status workspace.Status
	if q.OnlyFailed {
		status, log.Total = workspace.StatusFailed, log.Failed
	}
	list, err := ws.Documents(ctx, j.ID, status, workspace.Page{Limit: filesLogged, After: q.After})
	if err != nil {
		return log, err
	}
	for _, d := range list.Items {
		log.Items = append(log.Items, loggedFile(d))
	}
	log.Next = orEmpty(list.Next)
	return log, nil
}

func loggedFile(d *workspace.Document) page.LoggedFile {
	f := page.LoggedFile{
		Path: d.Path, Status: string(d.Status), Rows: d.Rows,
		Values: page.Account{In: d.ValuesIn, Out: d.ValuesOut},
	}
	switch {
	case d.Status == workspace.StatusSkipped:
		f.Reason = d.Message
	case d.Message != "":
		f.Partial = d.Status == workspace.StatusConverted
		f.Error = fileError(d)
	}
	return f
}

func fileError(d *workspace.Document) *page.FileError {
	return &page.FileError{Path: d.Path, Line: int(d.Line), Column: int(d.Column), Message: d.Message}
}
