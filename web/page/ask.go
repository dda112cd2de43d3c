package page

import (
	"context"
	"strconv"
	"strings"

	"github.com/a-h/templ"
)

const idAsked = "asked"

func idAskedItem(job string) string { return "asked-" + job }

func idAskShown(job string, n int) string { return "asked-" + job + "-shown-" + strconv.Itoa(n) }

// AskedPut gives the fragments for a question that is new, or whose answer has grown.
func AskedPut(ctx context.Context, a Asked) ([]Fragment, error) {
	return render(ctx, draft{idAsked, Append, AskedItem(a)})
}

// link is where a citation leads: the row in its table, or the query with what it found.
func (a Asked) link(n int) templ.SafeURL {
	c := a.Citations[n-1]
	if c.TableID != "" {
		return templ.SafeURL("/tables/" + c.TableID + "?row=" + strconv.FormatInt(c.Row, 10) + "#row")
	}
	return templ.SafeURL("#" + idAskShown(a.Job.ID, c.Shown))
}

// cites says what a citation is.
func (a Asked) cites(n int) string {
	c := a.Citations[n-1]
	if c.TableID != "" {
		return "Source " + strconv.Itoa(n) + ": " + c.Table + ", row " + Count(c.Row) + ", " + c.Column
	}
	return "Source " + strconv.Itoa(n) + ": a query and its result"
}

// paragraphs are the statements by lines.
func (a Asked) paragraphs() (lines [][]AskStatement) {
	for _, s := range a.Statements {
		if s.Line || len(lines) == 0 {
			lines = append(lines, nil)
		}
		lines[len(lines)-1] = append(lines[len(lines)-1], s)
	}
	return lines
}

// uncited reports whether an answer says things and has no source for any of them.
func (a Asked) uncited() bool {
	claims := false
	for _, s := range a.Statements {
		claims = claims || s.Claim
		if len(s.Citations) > 0 {
			return false
		}
	}
	return claims && !a.Job.State.Active()
}

func unprovedText(numbers []string) string {
	verb := " is not in its source"
	if len(numbers) > 1 {
		verb = " are not in its source"
	}
	return strings.Join(numbers, ", ") + verb
}

// askState is how a question stands, in a word.
func askState(s JobState) string {
	switch s {
	case JobQueued:
		return "waiting"
	case JobRunning:
		return "answering"
	case JobSucceeded:
		return "answered"
	case JobCancelled:
		return "stopped"
	}
	return string(s)
}

// toolName is what a tool shows, for people.
func toolName(tool string) string {
	switch tool {
	case "sql":
		return "Query"
	case "search":
		return "Search"
	}
	return "Profiles"
}
