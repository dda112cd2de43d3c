package xmltable

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The cases of docs/flattening.md, one a file as they stand there. They are
// embedded so that they run under js/wasm as well, where there are no files.
//
//go:embed testdata/cases
var cases embed.FS

var (
	caseDocument = regexp.MustCompile("(?s)```xml\n(.*?)\n```")
	caseOptions  = regexp.MustCompile("Options: `(.*)`")
	caseRecord   = regexp.MustCompile("Record: `(.*)`")
	caseTable    = regexp.MustCompile("(?s)`([^`\n]+)`\n```csv\n(.*?)```")
)

func TestCases(t *testing.T) {
	files, err := fs.Glob(cases, "testdata/cases/*.md")
	if err != nil || len(files) < 34 {
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
	opt, csv := optionsOfCase(t, b)
	var earlier, documents []Input
	for _, d := range caseDocument.FindAllSubmatch(b, -1) {
		documents = append(documents, text(fmt.Sprintf("%d.xml", len(documents)+1), string(d[1])))
	}
	if bytes.Contains(b, []byte("Earlier:\n")) {
		earlier, documents = documents[:1], documents[1:]
	}
	plan, got := convertCSV(t, opt, csv, documents...)
	if len(earlier) > 0 {
		plan, got = convertAgain(t, opt, earlier, documents)
	}
	if want := string(caseRecord.FindSubmatch(b)[1]); plan.Record != want {
		t.Errorf("record %q, want %q", plan.Record, want)
	}
	want := caseTable.FindAllSubmatch(b, -1)
	if len(plan.Tables) != len(want) {
		t.Errorf("%d tables, want %d", len(plan.Tables), len(want))
	}
	for i, w := range want {
		name, csv := string(w[1]), string(w[2])
		if i >= len(plan.Tables) || plan.Tables[i].Name != name {
			t.Errorf("table %d is not %q", i, name)
		}
		if got[name] != csv {
			t.Errorf("table %s:\n%swant\n%s", name, got[name], csv)
		}
	}
}

// optionsOfCase reads the flags of a case.
func optionsOfCase(t *testing.T, b []byte) (opt Options, csv CSVOptions) {
	t.Helper()
	m := caseOptions.FindSubmatch(b)
	if m == nil {
		return opt, csv
	}
	words := strings.Fields(string(m[1]))
	for i := 0; i < len(words); i++ {
		value := func() string { i++; return strings.Trim(words[i], "'") }
		switch words[i] {
		case "--record":
			opt.Record = value()
		case "--max-repeat":
			n, err := strconv.Atoi(value())
			if err != nil {
				t.Fatal(err)
			}
			opt.MaxRepeat = n
		case "--pivot":
			opt.Pivots = append(opt.Pivots, value())
		case "--delimiter":
			csv.Delimiter = value()[0]
		case "--flat":
			opt.Flat = true
		case "--xml":
			opt.RecordXML = true
		case "--trim":
			opt.Trim = true
		case "--merge":
			opt.Merged = true
		case "--by-local-name":
			opt.ByLocalName = true
		default:
			t.Fatalf("unknown option %s", words[i])
		}
	}
	return opt, csv
}

// convertAgain converts documents with the recipe that earlier ones have made,
// which has been through a file.
func convertAgain(t *testing.T, opt Options, earlier, documents []Input) (*Plan, map[string]string) {
	t.Helper()
	made, _ := convert(t, opt, earlier...)
	file, err := json.Marshal(made.Layout())
	if err != nil {
		t.Fatal(err)
	}
	var layout Layout
	if err := json.Unmarshal(file, &layout); err != nil || !layout.Check(opt.Limits) {
		t.Fatalf("%v, layout %s", err, file)
	}
	shape := layout.Begin(opt)
	for _, in := range documents {
		sh, err := Scan(t.Context(), in, opt)
		if err != nil {
			t.Fatal(err)
		}
		shape.Merge(sh)
	}
	return write(t, shape, opt, CSVOptions{}, documents...)
}
