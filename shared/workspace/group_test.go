package workspace_test

import (
	"testing"

	"ret/shared/workspace"
)

// Groups that differ in case alone are one, of all letters: when they are counted,
// listed, chosen and searched.
func TestGroupsAreEqualWithoutRegardToCase(t *testing.T) {
	w, _ := open(t)
	job, run := start(t, w, "a.zip")
	var docs []workspace.Finished
	for i, group := range []string{"Ärzte", "ärzte", "ÄRZTE", "arzte"} {
		f := finished(job, group, workspace.StatusConverted)
		f.Tables[0].Group, f.Tables[0].Blob = group, string(rune('a'+i))
		docs = append(docs, f)
	}
	if err := w.AddFinished(t.Context(), run, docs, 0); err != nil {
		t.Fatal(err)
	}
	count := func(groups []workspace.Group) (tables []int64) {
		for _, g := range groups {
			tables = append(tables, g.Tables)
		}
		return tables
	}
	is := func(what string, groups []workspace.Group, want ...int64) {
		t.Helper()
		got := count(groups)
		if len(got) != len(want) {
			t.Errorf("%s: %d groups, want %d", what, len(got), len(want))
			return
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s: %v tables, want %v", what, got, want)
			}
		}
	}
	is("all", must(w.Groups(t.Context()))(t), 1, 3)
	is("named", must(w.GroupsNamed(t.Context(), []string{"äRZTE"}))(t), 3)
	is("searched", must(w.GroupsWith(t.Context(), "ÄRZ"))(t), 3)
	if list := must(w.Tables(t.Context(), workspace.TableFilter{Group: "ÄRzte"}, workspace.Page{}))(t); len(list.Items) != 3 {
		t.Errorf("chosen: %d tables, want 3", len(list.Items))
	}
	if list, total, err := w.ListTables(t.Context(), workspace.Listing{Group: "ärztE", Limit: 9}); err != nil || len(list) != 3 || total != 3 {
		t.Errorf("listed: %d tables of %d, want 3: %v", len(list), total, err)
	}
	if newest := must(w.NewestOfGroups(t.Context(), []string{"ÄRZTE", "ARZTE"}, "", nil, 2))(t); len(newest) != 3 { // two of one group, one of the other
		t.Errorf("by group: %d tables, want 3", len(newest))
	}
}
