package view_test

import (
	"slices"
	"strings"
	"testing"

	"ret/shared/workspace"
	"ret/web/page"
)

// An open page gathers documents alike as soon as they are many, and shows them one by one
// again when they are few.
func TestFragmentsGatherDocumentsAlike(t *testing.T) {
	w := open(t)
	before := seq(t, w)
	file := alike(t, w, 0, 2)
	if few := steps(since(t, w, before)); slices.ContainsFunc(few, func(s string) bool { return strings.Contains(s, "class-") }) {
		t.Errorf("two documents: %q", few)
	}
	tables := must(w.Tables(t.Context(), workspace.TableFilter{}, workspace.Page{}))(t).Items

	before = seq(t, w)
	alike(t, w, 2, page.AlikeFrom)
	many := steps(since(t, w, before))
	at := func(step string) int {
		t.Helper()
		i := slices.Index(many, step)
		if i < 0 {
			t.Errorf("no step %q of %q", step, many)
		}
		return i
	}
	for _, table := range tables { // those that stood one by one
		if at("remove table-"+table.ID) > at("append class-k-tables") {
			t.Errorf("%s is taken away after it was put where it belongs", table.Name)
		}
	}
	at("append classes-g")
	at("replace class-k-head")
	if slices.Contains(many, "append tables-g") {
		t.Error("a table stands beside the line that it belongs to")
	}

	before = seq(t, w)
	if _, err := w.DeleteFile(t.Context(), file, 0); err != nil {
		t.Fatal(err)
	}
	many = steps(since(t, w, before))
	if at("remove class-k") > at("append tables-g") {
		t.Errorf("what is left is put beside the line: %q", many)
	}
}
