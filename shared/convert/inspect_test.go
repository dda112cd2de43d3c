package convert_test

import (
	"encoding/json"
	"testing"

	"ret/shared/archive"
	"ret/shared/convert"
)

func inspect(t *testing.T, job convert.InspectJob) []convert.Inspection {
	t.Helper()
	var all []convert.Inspection
	job.Each = func(i convert.Inspection) error {
		all = append(all, i)
		return nil
	}
	if err := convert.Inspect(t.Context(), job); err != nil {
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
		`"candidates":[{"path":"book","count":2,"weight":4}],"tables":[{"name":"book","parent":null,"columns":[` +
		`{"name":"@id","path":"/library/book/@id","kind":"attribute"},{"name":"title","path":"/library/book/title","kind":"text"}],` +
		`"rows":[["1","A"]]}],"warnings":[]}`
	if err != nil || string(got) != want {
		t.Errorf("inspection is\n%s\nwant\n%s", got, want)
	}
}

func TestInspectShowsCandidatesWhereTheRecordIsMissing(t *testing.T) {
	all := inspect(t, convert.InspectJob{
		Sources: []archive.Source{source("x.xml", books), source("y.xml", books)},
		Options: convert.Options{Record: "nothing"},
		Only:    func(path string) bool { return path == "y.xml" },
	})
	if len(all) != 1 || !all[0].WellFormed || all[0].Error == nil || len(all[0].Candidates) != 1 || len(all[0].Tables) != 0 {
		t.Errorf("inspections are %+v", all)
	}
}
