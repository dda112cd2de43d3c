package convert_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"ret/shared/archive"
	"ret/shared/convert"
	"ret/shared/fault"
)

func inspect(t *testing.T, job convert.InspectJob) []convert.Inspection {
	t.Helper()
	var all []convert.Inspection
	err := convert.Inspect(t.Context(), job, func(i convert.Inspection) error {
		all = append(all, i)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestInspect(t *testing.T) {
	data := zipped(t, "x.xml", books, "bad.xml", bad, "readme.txt", "hello", "n.zip", "no zip")
	all := inspect(t, convert.InspectJob{Sources: []archive.Source{source("a.zip", data)}, PreviewRows: 1})
	if len(all) != 3 {
		t.Fatalf("%d inspections", len(all))
	}
	if bad := all[0]; bad.WellFormed || bad.Error.Line != 2 || bad.Error.Column != 6 {
		t.Errorf("the bad one is %+v", bad)
	}
	if nested := all[1]; nested.WellFormed || nested.Error == nil {
		t.Errorf("the nested archive is %+v", nested)
	}
	got, err := json.Marshal(all[2])
	want := `{"path":"a.zip!/x.xml","group":"a","well_formed":true,"root":"library","record":"book","values":4,` +
		`"candidates":[{"path":"book","count":2,"weight":4,"columns":[` +
		`{"name":"@id","path":"/library/book/@id","kind":"attribute"},{"name":"title","path":"/library/book/title","kind":"text"}],` +
		`"rows":[["1","A"]]}],` +
		`"tables":[{"name":"book","parent":null,"columns":[` +
		`{"name":"@id","path":"/library/book/@id","kind":"attribute"},{"name":"title","path":"/library/book/title","kind":"text"}],` +
		`"rows":[["1","A"]]}],"warnings":[],"proposals":[]}`
	if err != nil || string(got) != want {
		t.Errorf("inspection is\n%s\nwant\n%s", got, want)
	}
}

func TestInspectShowsCandidatesWhereTheRecordIsMissing(t *testing.T) {
	all := inspect(t, convert.InspectJob{
		Sources: []archive.Source{source("y.xml", books)},
		Options: convert.Options{Record: "nothing"},
	})
	if len(all) != 1 || !all[0].WellFormed || all[0].Error != nil || len(all[0].Warnings) != 1 || len(all[0].Candidates) != 1 || all[0].Tables[0].Name != "_document" {
		t.Errorf("inspections are %+v", all)
	}
}

// Each candidate shows the rows that it would give, whichever is the record.
func TestInspectPreviewsEachCandidate(t *testing.T) {
	const document = `<r><meta><k>1</k></meta><meta><k>2</k></meta><row><v>a</v><w>x</w></row><row><v>b</v><w>y</w></row><row><v>c</v><w/></row></r>`
	for _, record := range []string{"", "meta", "row"} {
		all := inspect(t, convert.InspectJob{
			Sources: []archive.Source{source("x.xml", document)}, Options: convert.Options{Record: record}, PreviewRows: 2,
		})
		if len(all) != 1 || len(all[0].Candidates) != 2 {
			t.Fatalf("with record %q: %+v", record, all)
		}
		row, meta := all[0].Candidates[0], all[0].Candidates[1] // the heaviest first
		if rowsText(meta.Rows) != "1|2" || rowsText(row.Rows) != "a,x|b,y" || meta.Count != 2 || row.Count != 3 {
			t.Errorf("with record %q: %s and %s", record, rowsText(meta.Rows), rowsText(row.Rows))
		}
	}
}

func rowsText(rows [][]*string) string {
	var lines []string
	for _, row := range rows {
		var cells []string
		for _, cell := range row {
			cells = append(cells, *cell)
		}
		lines = append(lines, strings.Join(cells, ","))
	}
	return strings.Join(lines, "|")
}

func TestInspectorLooksAtOneOfManyDocuments(t *testing.T) {
	data := zipped(t, "x.xml", books, "bad.xml", bad, "readme.txt", "hello")
	in, err := convert.NewInspector(t.Context(), convert.InspectJob{Sources: []archive.Source{source("a.zip", data)}})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if paths := in.Paths(); !slices.Equal(paths, []string{"a.zip!/bad.xml", "a.zip!/x.xml"}) {
		t.Errorf("paths are %q", paths)
	}
	for path, record := range map[string]string{"a.zip!/x.xml": "book", "a.zip!/bad.xml": ""} {
		if i, err := in.Inspect(t.Context(), path); err != nil || i.Path != path || i.Record != record {
			t.Errorf("%s is %+v: %v", path, i, err)
		}
	}
	if _, err := in.Inspect(t.Context(), "a.zip!/readme.txt"); !fault.Is(err, fault.NotFound) {
		t.Errorf("what is no document: %v", err)
	}
}
