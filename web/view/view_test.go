package view_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ret/shared/fault"
	"ret/shared/tablefile"
	"ret/shared/workspace"
	"ret/shared/xmltable"
	"ret/web/page"
	"ret/web/view"
)

func open(t *testing.T) *workspace.Workspace {
	t.Helper()
	w, err := workspace.Open(filepath.Join(t.TempDir(), "workspace.db"), workspace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// add uploads files under one job.
func add(t *testing.T, w *workspace.Workspace, names ...string) workspace.Accepted {
	t.Helper()
	up := workspace.Upload{ID: workspace.NewID(), Digest: "d", Job: &workspace.NewJob{
		Kind: "convert", Options: []byte(`{"record":"rows/row","max_repeat":4,"keep_partial":true}`),
	}}
	for _, name := range names {
		up.Files = append(up.Files, &workspace.File{Name: name, Size: 10, SHA256: "00", Kind: "zip", Blob: workspace.NewID()})
	}
	return must(w.Accept(t.Context(), up))(t)
}

func begin(t *testing.T, w *workspace.Workspace, job *workspace.Job) workspace.Run {
	t.Helper()
	return must(w.Start(t.Context(), job.ID, time.Minute))(t)
}

func converted(file, group, path string, tables ...*workspace.Table) workspace.Finished {
	for _, table := range tables {
		table.FileID, table.Group, table.Source, table.Blob, table.RowIndex = &file, group, path, workspace.NewID(), []byte{}
	}
	return workspace.Finished{
		Document: workspace.Document{
			Path: path, FileID: file, Status: workspace.StatusConverted,
			Rows: 2, ValuesIn: 4, ValuesOut: 4, Manifest: []byte("{}"),
		},
		Tables: tables,
	}
}

func table(name string) *workspace.Table {
	return &workspace.Table{
		ID: workspace.NewID(), Name: name, Rows: 2, Bytes: 20,
		Columns: []xmltable.Column{{Name: "a", Path: "/r/a", Kind: xmltable.Text}, {Name: "b", Path: "/r/b", Kind: xmltable.Attribute}},
	}
}

func TestWorkbenchTellsWhatThereIs(t *testing.T) {
	w := open(t)
	acc := add(t, w, "one.zip", "two.zip")
	run := begin(t, w, acc.Job)
	parent, child := table("book"), table("book.author")
	child.ParentID = &parent.ID
	failed := workspace.Document{Path: "two.zip!/bad.xml", FileID: acc.Files[1].ID, Status: workspace.StatusFailed, Line: 3, Column: 9, Message: "broken", Manifest: []byte("{}")}
	docs := []workspace.Finished{
		converted(acc.Files[0].ID, "One", "one.zip!/x.xml", parent, child),
		converted(acc.Files[0].ID, "one", "one.zip!/y.xml", table("row")),
		converted(acc.Files[1].ID, "two", "two.zip!/x.xml", table("row")),
		{Document: failed},
	}
	if err := w.AddFinished(t.Context(), run, docs, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Finish(t.Context(), run, workspace.Outcome{State: workspace.StateSucceeded}); err != nil {
		t.Fatal(err)
	}

	v := must(view.Workbench(t.Context(), w, view.WorkbenchQuery{}))(t)
	if v.JobTotal != 1 || v.FileTotal != 2 || len(v.Groups) != 2 {
		t.Fatalf("%+v", v)
	}
	job := v.Jobs[0]
	if job.Name != "one.zip and 1 more" || job.Bytes != 20 || job.Result.Tables != 4 || job.Result.Failed != 1 ||
		!job.Result.Values.Balanced() || job.Result.Values.In != 12 || job.ErrorCount != 1 || job.Errors[0].Line != 3 {
		t.Errorf("job %+v, result %+v", job, job.Result)
	}
	if f := v.Files[1]; f.Name != "one.zip" || f.JobState != page.JobSucceeded || f.Tables != 3 {
		t.Errorf("file %+v", f)
	}
	one := v.Groups[0]
	if one.Tables != 3 || one.Rows != 6 || one.Bytes != 60 || len(one.Items) != 3 {
		t.Errorf("group %+v", one)
	}
	if first, last := one.Items[0], one.Items[1]; first.Name != "row" || last.Name != "book.author" || last.Parent != "book" || last.Columns != 2 {
		t.Errorf("tables %+v", one.Items)
	}

	found := must(view.Workbench(t.Context(), w, view.WorkbenchQuery{Find: "AUTHOR"}))(t)
	if len(found.Groups) != 1 || found.Groups[0].Tables != 1 || found.Groups[0].Items[0].Name != "book.author" {
		t.Errorf("found %+v", found.Groups)
	}
	if none := must(view.Workbench(t.Context(), w, view.WorkbenchQuery{Find: "%"}))(t); len(none.Groups) != 0 {
		t.Errorf("%% found %+v", none.Groups)
	}
}

func TestGroupsGoOnWhereTheyWereCut(t *testing.T) {
	w := open(t)
	acc := add(t, w, "one.zip")
	run := begin(t, w, acc.Job)
	var docs []workspace.Finished
	for i := range page.GroupTables + 20 {
		docs = append(docs, converted(acc.Files[0].ID, "g", fmt.Sprintf("one.zip!/%03d.xml", i), table("row")))
	}
	if err := w.AddFinished(t.Context(), run, docs, 0); err != nil {
		t.Fatal(err)
	}
	few := must(view.Workbench(t.Context(), w, view.WorkbenchQuery{}))(t).Groups[0]
	if len(few.Items) != page.WorkbenchTables || few.Tables != page.GroupTables+20 {
		t.Fatalf("%d items of %d", len(few.Items), few.Tables)
	}
	first := must(view.Workbench(t.Context(), w, view.WorkbenchQuery{Group: "G"}))(t).Groups[0]
	if len(first.Items) != page.GroupTables || first.Part.Next == "" {
		t.Fatalf("%d items, next %q", len(first.Items), first.Part.Next)
	}
	rest := must(view.Workbench(t.Context(), w, view.WorkbenchQuery{Group: "G", After: first.Part.Next}))(t).Groups[0]
	if len(rest.Items) != 20 || rest.Part.Next != "" || rest.Tables != page.GroupTables+20 {
		t.Fatalf("rest: %d items, next %q, %d in all", len(rest.Items), rest.Part.Next, rest.Tables)
	}
	if rest.Items[0].Source != "one.zip!/019.xml" {
		t.Errorf("goes on with %s", rest.Items[0].Source)
	}
}

func TestJobPageShowsOptionsLogAndTables(t *testing.T) {
	w := open(t)
	acc := add(t, w, "one.zip")
	run := begin(t, w, acc.Job)
	partial := converted(acc.Files[0].ID, "g", "one.zip!/p.xml", table("row"))
	partial.Document.Message, partial.Document.Line = "cut off", 7
	skipped := workspace.Document{Path: "one.zip!/readme.txt", FileID: acc.Files[0].ID, Status: workspace.StatusSkipped, Message: "not XML", Manifest: []byte("{}")}
	failed := workspace.Document{Path: "one.zip!/bad.xml", FileID: acc.Files[0].ID, Status: workspace.StatusFailed, Message: "broken", Manifest: []byte("{}")}
	if err := w.AddFinished(t.Context(), run, []workspace.Finished{partial, {Document: skipped}, {Document: failed}}, 0); err != nil {
		t.Fatal(err)
	}
	v := must(view.JobDetail(t.Context(), w, acc.Job.ID, view.JobQuery{}))(t)
	if o := v.Options; o.Record != "rows/row" || o.MaxRepeat != 4 || !o.KeepPartial || o.Merge {
		t.Errorf("options %+v", o)
	}
	if len(v.Tables) != 1 || v.Log.Total != 3 || v.Log.Failed != 1 || len(v.Log.Items) != 3 {
		t.Fatalf("%+v", v)
	}
	bad, cut, not := v.Log.Items[0], v.Log.Items[1], v.Log.Items[2]
	if bad.Error == nil || bad.Partial || !cut.Partial || cut.Error.Line != 7 || not.Reason != "not XML" || not.Error != nil {
		t.Errorf("log %+v", v.Log.Items)
	}
	only := must(view.JobDetail(t.Context(), w, acc.Job.ID, view.JobQuery{OnlyFailed: true}))(t)
	if len(only.Log.Items) != 1 || only.Log.Total != 1 {
		t.Errorf("only failed: %+v", only.Log)
	}
	if _, err := view.JobDetail(t.Context(), w, "no such", view.JobQuery{}); !fault.Is(err, fault.NotFound) {
		t.Errorf("a job that is not there: %v", err)
	}
	jobs := must(view.Jobs(t.Context(), w, view.JobsQuery{State: page.JobFailed}))(t)
	if len(jobs.Items) != 0 || jobs.Total != 0 {
		t.Errorf("failed jobs: %+v", jobs)
	}
}

func TestTablePageKnowsItsRelatives(t *testing.T) {
	w := open(t)
	acc := add(t, w, "one.zip")
	run := begin(t, w, acc.Job)
	parent, child := table("book"), table("book.author")
	child.ParentID = &parent.ID
	if err := w.AddFinished(t.Context(), run, []workspace.Finished{converted(acc.Files[0].ID, "g", "one.zip!/x.xml", parent, child)}, 0); err != nil {
		t.Fatal(err)
	}
	value, empty := "v", ""
	read := func(_ context.Context, table *workspace.Table, q tablefile.Query) (tablefile.Page, error) {
		return tablefile.Page{Rows: [][]*string{{&value, nil}, {&empty, nil}}, Offset: q.Offset, Total: 9}, nil
	}
	v := must(view.TableDetail(t.Context(), w, parent.ID, page.TableQuery{Offset: 4, Limit: 2}, read, nil))(t)
	if v.Total != 9 || v.Rows[0].Number != 5 || v.Rows[0].Cells[0].Text != "v" || !v.Rows[0].Cells[1].Absent || v.Rows[1].Cells[0].Absent {
		t.Errorf("rows %+v of %d", v.Rows, v.Total)
	}
	if len(v.Children) != 1 || v.Children[0].Name != "book.author" || v.Parent != nil || v.Account.In != 4 || v.Columns[1].Kind != xmltable.Attribute {
		t.Errorf("%+v", v)
	}
	below := must(view.TableDetail(t.Context(), w, child.ID, page.TableQuery{Limit: 2}, read, nil))(t)
	if below.Parent == nil || below.Parent.ID != parent.ID {
		t.Errorf("parent %+v", below.Parent)
	}
	var html strings.Builder
	if err := page.TableDetail(page.Frame{}, v).Render(t.Context(), &html); err != nil {
		t.Fatal(err)
	}
}

// Many groups and many files are leafed through, and none is left out.
func TestGroupsAndFilesAreLeafedThrough(t *testing.T) {
	w := open(t)
	var docs []workspace.Finished
	names := make([]string, page.ListedFiles+30)
	for i := range names {
		names[i] = fmt.Sprintf("%03d.zip", i)
	}
	acc := add(t, w, names...)
	run := begin(t, w, acc.Job)
	for i := range 30 {
		docs = append(docs, converted(acc.Files[i].ID, fmt.Sprintf("Group %02d", i), fmt.Sprintf("%03d.zip!/x.xml", i), table("row")))
	}
	if err := w.AddFinished(t.Context(), run, docs, 0); err != nil {
		t.Fatal(err)
	}
	groups, files := map[string]bool{}, map[string]bool{}
	for from, more := "", true; more; {
		v := must(view.Workbench(t.Context(), w, view.WorkbenchQuery{From: from}))(t)
		if len(v.Groups) > page.WorkbenchGroups || len(v.Files) > page.WorkbenchFiles || v.GroupTotal != 30 {
			t.Fatalf("%d of %d groups and %d files on one page", len(v.Groups), v.GroupTotal, len(v.Files))
		}
		for _, g := range v.Groups {
			groups[g.Name] = len(g.Items) == 1
		}
		from, more = v.GroupsNext, v.GroupsNext != ""
	}
	for from, more := page.FilesNewest, true; more; {
		v := must(view.Workbench(t.Context(), w, view.WorkbenchQuery{Files: from}))(t)
		for _, f := range v.Files {
			files[f.Name] = true
		}
		from, more = v.FilesNext, v.FilesNext != ""
	}
	if len(groups) != 30 || len(files) != len(names) {
		t.Errorf("%d groups and %d files were shown", len(groups), len(files))
	}
}

// A filter that is none is left out, and all others hold.
func TestAWrongFilterKeepsTheOthers(t *testing.T) {
	w := open(t)
	acc := add(t, w, "one.zip")
	run := begin(t, w, acc.Job)
	docs := []workspace.Finished{converted(acc.Files[0].ID, "g", "one.zip!/x.xml", table("row"))}
	if err := w.AddFinished(t.Context(), run, docs, 0); err != nil {
		t.Fatal(err)
	}
	tables := must(w.Tables(t.Context(), workspace.TableFilter{Group: "g"}, workspace.Page{}))(t)
	id := tables.Items[0].ID
	name := must(w.Table(t.Context(), id))(t).Columns[0].Name
	var asked tablefile.Query
	read := func(_ context.Context, _ *workspace.Table, q tablefile.Query) (tablefile.Page, error) {
		asked = q
		return tablefile.Page{}, nil
	}
	q := page.TableQuery{Limit: 100, Sorts: []string{"-nosuch"}, Filters: []string{name + "~a", "colour=red"}}
	v := must(view.TableDetail(t.Context(), w, id, q, read, nil))(t)
	if !slices.Equal(asked.Filters, q.Filters[:1]) || len(asked.Sorts) > 0 || len(v.Query.Filters) != 2 || len(v.Wrong) != 2 {
		t.Errorf("asked for %+v, wrong are %+v", asked, v.Wrong)
	}
	if !strings.Contains(v.Wrong[0].Reason, "no column “colour”") || !strings.Contains(v.Wrong[1].Reason, "no column “nosuch”") {
		t.Errorf("says %+v", v.Wrong)
	}
}

// ofClass makes the tables of a document part of a class.
func ofClass(f workspace.Finished, class string) workspace.Finished {
	for i, t := range f.Tables {
		t.Class = workspace.Class{ID: class}
		if i == 0 {
			t.Class.Documents = 1
		}
	}
	return f
}

// alike gives a group documents of one class, each with two tables, and returns the file.
func alike(t *testing.T, w *workspace.Workspace, from, to int) (file string) {
	t.Helper()
	acc := add(t, w, fmt.Sprintf("one-%d.zip", from))
	file = acc.Files[0].ID
	run := begin(t, w, acc.Job)
	var docs []workspace.Finished
	for i := from; i < to; i++ {
		docs = append(docs, ofClass(converted(file, "G", fmt.Sprintf("one.zip!/%03d.xml", i), table("row"), table("_document")), "k"))
	}
	if err := w.AddFinished(t.Context(), run, docs, 0); err != nil {
		t.Fatal(err)
	}
	return file
}

// Many documents alike are one line of the workbench, with their own tables on demand; a few
// are not, and what is looked for by name is found one by one.
func TestDocumentsAlikeAreOne(t *testing.T) {
	w := open(t)
	alike(t, w, 0, page.AlikeFrom-1)
	group := func(q view.WorkbenchQuery) page.Group {
		t.Helper()
		return must(view.Workbench(t.Context(), w, q))(t).Groups[0]
	}
	if g := group(view.WorkbenchQuery{}); len(g.Classes) != 0 || len(g.Items) != 2*(page.AlikeFrom-1) {
		t.Errorf("%d documents: %d classes, %d tables", page.AlikeFrom-1, len(g.Classes), len(g.Items))
	}
	alike(t, w, page.AlikeFrom, page.AlikeFrom+99)
	g := group(view.WorkbenchQuery{})
	if len(g.Classes) != 1 || len(g.Items) != 0 {
		t.Fatalf("%d classes and %d tables beside them, want one line", len(g.Classes), len(g.Items))
	}
	documents := int64(page.AlikeFrom - 1 + 99)
	if c := g.Classes[0]; c.Documents != documents || c.Tables != 2*documents || c.Rows != 4*documents || len(c.Items) != page.WorkbenchTables || len(c.Merged) != 0 {
		t.Errorf("the line says %d documents, %d tables, %d rows; it has %d tables", c.Documents, c.Tables, c.Rows, len(c.Items))
	}
	if g := group(view.WorkbenchQuery{Find: "000.xml"}); len(g.Classes) != 0 || len(g.Items) != 2 {
		t.Errorf("found %d classes, %d tables", len(g.Classes), len(g.Items))
	}
	single := group(view.WorkbenchQuery{Group: "G", Class: "k", After: "100"})
	if len(single.Items) != page.GroupTables || single.Part.Total != 2*documents || single.Part.Next != "200" {
		t.Errorf("the single tables: %d of %d, next %q", len(single.Items), single.Part.Total, single.Part.Next)
	}
}

// A group's tables are listed by any column, either way round, in parts that follow one another.
func TestTablesAreSortedByAColumn(t *testing.T) {
	w := open(t)
	acc := add(t, w, "one.zip")
	run := begin(t, w, acc.Job)
	var docs []workspace.Finished
	for i := range page.GroupTables + 5 {
		tab := table(fmt.Sprintf("Row %03d", (i*8)%(page.GroupTables+5)))
		tab.Rows = int64(i)
		docs = append(docs, converted(acc.Files[0].ID, "G", fmt.Sprintf("one.zip!/%03d.xml", i), tab))
	}
	if err := w.AddFinished(t.Context(), run, docs, 0); err != nil {
		t.Fatal(err)
	}
	list := func(q view.WorkbenchQuery) []page.Table {
		t.Helper()
		q.Group = "G"
		return must(view.Workbench(t.Context(), w, q))(t).Groups[0].Items
	}
	if byName := list(view.WorkbenchQuery{Sort: "name"}); byName[0].Name != "Row 000" || byName[99].Name != "Row 099" {
		t.Errorf("by name from %q to %q", byName[0].Name, byName[99].Name)
	}
	if rest := list(view.WorkbenchQuery{Sort: "name", After: "100"}); len(rest) != 5 || rest[0].Name != "Row 100" {
		t.Errorf("then %d from %q", len(rest), rest[0].Name)
	}
	if most := list(view.WorkbenchQuery{Sort: "-rows"}); most[0].Rows != page.GroupTables+4 {
		t.Errorf("the most rows are %d", most[0].Rows)
	}
	if _, err := view.Workbench(t.Context(), w, view.WorkbenchQuery{Group: "G", Sort: "colour"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("sorted by colour: %v", err)
	}
	if _, err := view.Workbench(t.Context(), w, view.WorkbenchQuery{Group: "G", After: "x"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("after x: %v", err)
	}
}

// Files are found by a part of their name and listed by size, either way round.
func TestFilesAreFoundAndSorted(t *testing.T) {
	w := open(t)
	up := workspace.Upload{ID: workspace.NewID(), Digest: "d"}
	for i, name := range []string{"b.zip", "A.zip", "c.xml"} {
		up.Files = append(up.Files, &workspace.File{Name: name, Size: int64(10 * (i + 1)), SHA256: "00", Kind: "zip", Blob: workspace.NewID()})
	}
	if _, err := w.Accept(t.Context(), up); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ sort, named, want string }{
		{"", "", "c.xml A.zip b.zip"},
		{"name", "", "A.zip b.zip c.xml"},
		{"-size", "", "c.xml A.zip b.zip"},
		{"size", "ZIP", "b.zip A.zip"},
		{"time", "none", ""},
	} {
		v := must(view.Workbench(t.Context(), w, view.WorkbenchQuery{Files: page.FilesNewest, FilesSort: c.sort, FilesNamed: c.named}))(t)
		var names []string
		for _, f := range v.Files {
			names = append(names, f.Name)
		}
		if got := strings.Join(names, " "); got != c.want || v.FilesListed != int64(len(names)) {
			t.Errorf("sorted by %q, named %q: %q of %d, want %q", c.sort, c.named, got, v.FilesListed, c.want)
		}
	}
	if _, err := view.Workbench(t.Context(), w, view.WorkbenchQuery{Files: page.FilesNewest, FilesSort: "colour"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("sorted by colour: %v", err)
	}
}
