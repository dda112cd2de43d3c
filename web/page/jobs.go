package page

import (
	"net/url"
	"slices"
)

// listID is the list's element id. Only the first page takes new jobs.
func (v JobsView) listID() string {
	if v.After != "" || v.Named != "" {
		return idJobs + "-older"
	}
	return idJobs
}

func (v JobsView) firstLink() string {
	if v.After == "" {
		return ""
	}
	return v.link(v.State, "")
}

func (v JobsView) nextLink() string {
	if v.Next == "" {
		return ""
	}
	return v.link(v.State, v.Next)
}

// link shows the jobs of a state, from a place on, of those that the page is about.
func (v JobsView) link(state JobState, after string) string {
	values := url.Values{}
	for name, value := range map[string]string{"state": string(state), "q": v.Named, "after": after} {
		if value != "" {
			values.Set(name, value)
		}
	}
	return "/jobs" + v.Addresses.Query(values)
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

func noJobs(state JobState, named string) string {
	if named != "" {
		return "No such job reads a file that is called so."
	}
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
