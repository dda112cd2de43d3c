package xmltable

import (
	"embed"
	"io/fs"
	"regexp"
	"testing"
)

// The cases of docs/flattening.md, one a file as they stand there. They are
// embedded so that they run under js/wasm as well, where there are no files.
//
//go:embed testdata/cases
var cases embed.FS

var (
	caseDocument = regexp.MustCompile("(?s)```xml\n(.*?)\n```")
	caseRecord   = regexp.MustCompile("Record: `(.*)`")
	caseTable    = regexp.MustCompile("(?s)`([^`\n]+)`\n```csv\n(.*?)```")
)

func TestCases(t *testing.T) {
	files, err := fs.Glob(cases, "testdata/cases/*.md")
	if err != nil || len(files) < 15 {
		t.Fatalf("found %d cases: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(file, func(t *testing.T) { testCase(t, file) })
	}
}

func testCase(t *testing.T, file string) {
	b, err := cases.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	document := caseDocument.FindSubmatch(b)[1]
	plan, got := convert(t, Options{}, text(file, string(document)))
	if want := string(caseRecord.FindSubmatch(b)[1]); plan.Record != want {
		t.Errorf("record %q, want %q", plan.Record, want)
	}
	want := caseTable.FindAllSubmatch(b, -1)
	if len(plan.Tables) != len(want) {
		t.Fatalf("%d tables, want %d", len(plan.Tables), len(want))
	}
	for i, w := range want {
		name, csv := string(w[1]), string(w[2])
		if plan.Tables[i].Name != name {
			t.Errorf("table %d is %q, want %q", i, plan.Tables[i].Name, name)
		}
		if got[name] != csv {
			t.Errorf("table %s:\n%swant\n%s", name, got[name], csv)
		}
	}
}
