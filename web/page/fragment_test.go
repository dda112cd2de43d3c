package page_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"ret/web/page"
	"ret/web/page/pagetest"
)

func fragments(t *testing.T, f []page.Fragment, err error) []page.Fragment {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func put[V any](t *testing.T, make func(context.Context, V) ([]page.Fragment, error), v V) []page.Fragment {
	t.Helper()
	f, err := make(context.Background(), v)
	return fragments(t, f, err)
}

func tablePut(t *testing.T, table page.Table, group page.Group) []page.Fragment {
	t.Helper()
	f, err := page.TablePut(context.Background(), table, group)
	return fragments(t, f, err)
}

func TestFragmentsLookAsBefore(t *testing.T) {
	deleted, err := page.TableDel(context.Background(), "t1", page.Group{Name: "ar-batch"})
	all := map[string][]page.Fragment{
		"job":       put(t, page.JobPut, pagetest.Running),
		"job-gone":  page.JobDel("j5"),
		"table":     tablePut(t, pagetest.Finance.Items[0], pagetest.Finance),
		"table-del": fragments(t, deleted, err),
		"group":     put(t, page.GroupPut, pagetest.Finance),
		"file":      put(t, page.FilePut, page.File{ID: "f1", Name: "a.zip", Kind: "zip", Bytes: 10, CreatedAt: pagetest.Now}),
		"file-gone": page.FileDel("f1"),
		"holdings":  put(t, page.HoldingsPut, page.Holdings{Files: 1, FileBytes: 10}),
	}
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "fragments.json", string(text)+"\n")
}

// Pages hold the very bytes that fragments put there.
func TestFragmentsAreTheBytesOfThePages(t *testing.T) {
	workbench := stateHTML(t, "workbench")
	detail := stateHTML(t, "job-running")
	job := put(t, page.JobPut, pagetest.Running)
	table := tablePut(t, pagetest.Finance.Items[0], pagetest.Finance)
	for name, has := range map[string]bool{
		"job row":    strings.Contains(workbench, job[0].HTML),
		"job head":   strings.Contains(detail, job[1].HTML),
		"table row":  strings.Contains(workbench, table[1].HTML),
		"group head": strings.Contains(workbench, table[2].HTML),
	} {
		if !has {
			t.Errorf("the page lacks the %s as the fragment has it", name)
		}
	}
}

func TestFragmentsHitWhatPagesHold(t *testing.T) {
	workbench := stateHTML(t, "workbench")
	for _, f := range append(tablePut(t, pagetest.Finance.Items[0], pagetest.Finance), put(t, page.JobPut, pagetest.Running)[0]) {
		if !strings.Contains(workbench, `id="`+f.Target+`"`) {
			t.Errorf("no element %q on the workbench", f.Target)
		}
	}
}

func TestAnEmptyGroupGoes(t *testing.T) {
	got := put(t, page.GroupPut, page.Group{Name: "AR"})
	if len(got) != 1 || got[0].Swap != page.Remove || got[0].Target != "group-ar" {
		t.Errorf("got %+v", got)
	}
}

func TestSlugsKeepGroupsApart(t *testing.T) {
	for _, same := range [][2]string{{"AR", "ar"}, {"ärzte", "ÄRZTE"}, {"Straße", "STRAẞE"}} {
		if page.Slug(same[0]) != page.Slug(same[1]) {
			t.Errorf("one group has two slugs: %q", same)
		}
	}
	seen := map[string]string{}
	for _, name := range []string{"a b", "a-b", "a_b", "ä", "a", "-a", "a-head", "", "a\x00b", strings.Repeat("x", 300)} {
		slug := page.Slug(name)
		if other, taken := seen[slug]; taken {
			t.Errorf("%q and %q share the slug %q", name, other, slug)
		}
		if strings.ContainsAny(slug, " \"<>\x00") || slug == "" {
			t.Errorf("%q has the slug %q", name, slug)
		}
		seen[slug] = name
	}
}

func stateHTML(t *testing.T, name string) string {
	t.Helper()
	for _, s := range pagetest.States(assets) {
		if s.Name == name {
			return render(t, s.Page)
		}
	}
	t.Fatalf("no state %q", name)
	return ""
}
