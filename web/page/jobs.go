package page

import (
	"net/url"
	"slices"
)

// listID is the list's element id. Only the first page takes new jobs.
func (v JobsView) listID() string {
	if v.After != "" {
		return idJobs + "-older"
	}
	return idJobs
}

func (v JobsView) firstLink() string {
	if v.After == "" {
		return ""
	}
	return jobsLink(v.State, "")
}

func (v JobsView) nextLink() string {
	if v.Next == "" {
		return ""
	}
	return jobsLink(v.State, v.Next)
}

func jobsLink(state JobState, after string) string {
	v := url.Values{}
	if state != "" {
		v.Set("state", string(state))
	}
	if after != "" {
		v.Set("after", after)
	}
	return "/jobs" + query(v)
}

func (v JobDetailView) firstTablesLink() string {
	if v.TablesAfter == "" {
		return ""
	}
	return "?#made"
}

func (v JobDetailView) nextTablesLink() string {
	if v.TablesNext == "" {
		return ""
	}
	return query(url.Values{"tables": {v.TablesNext}}) + "#made"
}

func (l FileLog) firstLink() string {
	if l.After == "" {
		return ""
	}
	return l.link("")
}

func (l FileLog) nextLink() string {
	if l.Next == "" {
		return ""
	}
	return l.link(l.Next)
}

func (l FileLog) link(after string) string {
	v := url.Values{}
	if l.OnlyFailed {
		v.Set("only", "failed")
	}
	if after != "" {
		v.Set("after", after)
	}
	if len(v) == 0 {
		return "?"
	}
	return query(v)
}

// query writes parameters with their question mark, or nothing.
func query(v url.Values) string {
	if len(v) == 0 {
		return ""
	}
	return "?" + v.Encode()
}

func noJobs(state JobState) string {
	if state == "" {
		return "There are no jobs yet. A job begins when you add files on the workbench."
	}
	return "No job is " + stateWord(state) + "."
}

func noFiles(v JobDetailView) string {
	switch {
	case v.Log.OnlyFailed:
		return "No file failed."
	case v.Job.State.Active():
		return "The log fills as files are finished. Load the page again to see it."
	}
	return "This job has finished no file."
}

func maxOf(samples []float64) float64 {
	if len(samples) == 0 {
		return 0
	}
	return slices.Max(samples)
}
