package view_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ret/shared/workspace"
	"ret/web/page"
	"ret/web/view"
)

// since renders what changed after a seq.
func since(t *testing.T, w *workspace.Workspace, after int64) []view.Fragment {
	t.Helper()
	changes, _, err := w.Changes(t.Context(), after, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return must(view.Fragments(t.Context(), w, changes))(t)
}

func seq(t *testing.T, w *workspace.Workspace) int64 {
	t.Helper()
	return must(w.Cursor(t.Context()))(t).Seq
}

// steps writes fragments as "swap target".
func steps(fragments []view.Fragment) []string {
	var list []string
	for _, f := range fragments {
		list = append(list, string(f.Swap)+" "+f.Target)
	}
	return list
}

func expectSteps(t *testing.T, got []view.Fragment, expected ...string) {
	t.Helper()
	if g := steps(got); !slices.Equal(g, expected) {
		t.Errorf("steps\n%s\nexpected\n%s", strings.Join(g, "\n"), strings.Join(expected, "\n"))
	}
	if !slices.IsSortedFunc(got, func(a, b view.Fragment) int { return int(a.Change.Seq - b.Change.Seq) }) {
		t.Error("not in the order of seq")
	}
}

func TestFragmentsFollowAJobFromUploadToEnd(t *testing.T) {
	w := open(t)
	acc := add(t, w, "one.zip")
	file, job := acc.Files[0].ID, acc.Job.ID
	expectSteps(t, since(t, w, 0),
		"append files", "append jobs", "replace job-"+job+"-head", "append files", "replace holdings", "replace files-more")

	before := seq(t, w)
	run := begin(t, w, acc.Job)
	parent, child := table("book"), table("book.author")
	child.ParentID = &parent.ID
	if err := w.AddFinished(t.Context(), run, []workspace.Finished{converted(file, "one", "one.zip!/x.xml", parent, child)}, 0); err != nil {
		t.Fatal(err)
	}
	tables := since(t, w, before)
	expectSteps(t, tables,
		"append jobs", "replace job-"+job+"-head", "append files",
		"append groups", "append tables-one", "append tables-one", "replace group-one-head", "replace group-one-more", "replace holdings", "replace files-more")
	if !strings.Contains(tables[4].HTML, parent.ID) || !strings.Contains(tables[5].HTML, child.ID) || !strings.Contains(tables[6].HTML, "2 tables") {
		t.Errorf("%+v", tables)
	}

	before = seq(t, w)
	if _, err := w.Finish(t.Context(), run, workspace.Outcome{State: workspace.StateSucceeded}); err != nil {
		t.Fatal(err)
	}
	end := since(t, w, before)
	expectSteps(t, end, "append jobs", "replace job-"+job+"-head", "append files", "replace holdings", "replace files-more")
	if !strings.Contains(end[0].HTML, "2 tables") || !strings.Contains(end[2].HTML, "2 tables") {
		t.Errorf("%+v", end)
	}
}

// A page follows an answer while it grows, and gets what it rests on when it has ended.
// A page of a table follows how its columns are laid out; where nobody has laid them out
// there is nothing to say.
func TestFragmentsFollowALayout(t *testing.T) {
	w := open(t)
	acc := add(t, w, "one.zip")
	run := begin(t, w, acc.Job)
	book := table("book")
	if err := w.AddFinished(t.Context(), run, []workspace.Finished{converted(acc.Files[0].ID, "one", "one.zip!/x.xml", book)}, 0); err != nil {
		t.Fatal(err)
	}
	before := seq(t, w)
	if err := w.LayOut(t.Context(), book.ID, workspace.Layout{Pinned: []int{0}}); err != nil {
		t.Fatal(err)
	}
	got := since(t, w, before)
	at := slices.Index(steps(got), "replace layout-"+book.ID)
	if at < 0 || !strings.Contains(got[at].HTML, `data-layout="{&#34;pinned&#34;:[0]}"`) {
		t.Errorf("steps are %v: %+v", steps(got), got)
	}
}

func TestFragmentsFollowAnAnswer(t *testing.T) {
	w := open(t)
	job, _, err := w.Submit(t.Context(), workspace.NewJob{Kind: workspace.KindAsk, Options: []byte(`{"question":"How many?"}`)})
	if err != nil {
		t.Fatal(err)
	}
	run := must(w.Start(t.Context(), job.ID, time.Minute))(t)
	before := seq(t, w)
	cell := "twelve"
	answer := &workspace.AskAnswer{Cells: 1, MostCells: 9, Shown: []workspace.Shown{{Tool: "sql", Asked: "SELECT 12", Columns: []string{"n"}, Rows: [][]*string{{&cell}}}}}
	for _, text := range []string{"There", "There are 12."} {
		answer.Statements = []workspace.Statement{{Text: text, Line: true, Claim: true}}
		if err := w.WriteAnswer(t.Context(), run, answer); err != nil {
			t.Fatal(err)
		}
	}
	growing := since(t, w, before)
	expectSteps(t, growing, "append asked", "append jobs", "replace job-"+job.ID+"-head", "replace holdings", "replace files-more")
	if html := growing[0].HTML; !strings.Contains(html, "There are 12.") || !strings.Contains(html, "1 of 9 cells") || strings.Contains(html, "twelve") || strings.Contains(html, "no source") {
		t.Error(html)
	}
	before = seq(t, w)
	must(w.Finish(t.Context(), run, workspace.Outcome{State: workspace.StateSucceeded}))(t)
	if html := since(t, w, before)[0].HTML; !strings.Contains(html, "twelve") || !strings.Contains(html, "no source in your tables") {
		t.Error(html)
	}
}

func TestFragmentsTakeAwayWhatIsDeleted(t *testing.T) {
	w := open(t)
	acc := add(t, w, "one.zip", "two.zip")
	run := begin(t, w, acc.Job)
	gone, left := table("gone"), table("left")
	docs := []workspace.Finished{converted(acc.Files[0].ID, "Shared", "one.zip!/x.xml", gone), converted(acc.Files[1].ID, "shared", "two.zip!/x.xml", left)}
	if err := w.AddFinished(t.Context(), run, docs, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Finish(t.Context(), run, workspace.Outcome{State: workspace.StateSucceeded}); err != nil {
		t.Fatal(err)
	}
	before := seq(t, w)
	if _, err := w.DeleteFile(t.Context(), acc.Files[0].ID, 0); err != nil {
		t.Fatal(err)
	}
	first := since(t, w, before)
	job := acc.Job.ID // lists its tables
	expectSteps(t, first, "remove table-"+gone.ID, "replace group-shared-head", "replace group-shared-more",
		"append jobs", "replace job-"+job+"-head", "append files", "remove file-"+acc.Files[0].ID, "replace holdings", "replace files-more")
	if !strings.Contains(first[1].HTML, "1 table<") {
		t.Errorf("what is left of the group: %s", first[1].HTML)
	}
	before = seq(t, w)
	if _, err := w.DeleteTable(t.Context(), left.ID); err != nil {
		t.Fatal(err)
	}
	expectSteps(t, since(t, w, before), "remove table-"+left.ID, "remove group-shared",
		"append jobs", "replace job-"+job+"-head", "append files", "replace holdings", "replace files-more")
}

// A page that lists a hundred tables of a group needs no more of a thousand.
func TestFragmentsLeaveOutWhatNoPageShows(t *testing.T) {
	w := open(t)
	acc := add(t, w, "one.zip")
	run := begin(t, w, acc.Job)
	before := seq(t, w)
	var docs []workspace.Finished
	for i := range 300 {
		docs = append(docs, converted(acc.Files[0].ID, "one", fmt.Sprintf("one.zip!/%03d.xml", i), table("row")))
	}
	if err := w.AddFinished(t.Context(), run, docs, 0); err != nil {
		t.Fatal(err)
	}
	fragments := since(t, w, before)
	if want := 1 + page.GroupTables + 2 + 2; len(fragments) != want {
		t.Errorf("%d fragments, expected %d", len(fragments), want)
	}
	if newest := fragments[page.GroupTables]; !strings.Contains(newest.HTML, "299.xml") {
		t.Errorf("the last one is %s", newest.HTML)
	}
	if rest := must(view.Fragments(t.Context(), w, nil))(t); rest != nil {
		t.Errorf("no change gives %v", rest)
	}
}

// What was deleted between the change and its reading is left to the deletion's
// own change.
func TestFragmentsPassOverWhatIsGone(t *testing.T) {
	w := open(t)
	acc := add(t, w, "one.zip")
	changes, _, err := w.Changes(t.Context(), 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.DeleteFile(t.Context(), acc.Files[0].ID, 0); err != nil {
		t.Fatal(err)
	}
	fragments := must(view.Fragments(t.Context(), w, changes))(t)
	expectSteps(t, fragments, "append jobs", "replace job-"+acc.Job.ID+"-head", "replace holdings", "replace files-more")
}
