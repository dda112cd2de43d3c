package jobs_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"maps"
	"testing"

	"ret/server/jobs"
	"ret/shared/workspace"
)

// alikeZip holds documents of one root element that do not have the same columns, and one of
// another root element.
func alikeZip(t *testing.T, documents int) []byte {
	t.Helper()
	content := map[string]string{"other.xml": `<s><i>1</i><i>2</i></s>`}
	for d := range documents {
		content[fmt.Sprintf("d%d.xml", d)] = fmt.Sprintf(`<r k="%d"><i><a>%d</a></i><i><b%d>x</b%d></i></r>`, d, d, d%2, d%2)
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, text := range content {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// merged are the tables of the documents with the root r that are merged, by name.
func (s *session) merged() map[string]string {
	s.t.Helper()
	classes, err := s.MergedTables(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	texts := make(map[string]string)
	for _, class := range classes {
		for _, table := range class {
			if table.Root == "r" {
				texts[table.Name] = s.text(table)
			}
		}
	}
	return texts
}

func (s *session) text(table *workspace.Table) string {
	s.t.Helper()
	content, err := s.folder.OpenWhole(table.Blob, table.Bytes)
	if err != nil {
		s.t.Fatal(err)
	}
	defer content.Close()
	text, err := io.ReadAll(io.NewSectionReader(content, 0, table.Bytes))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

func (s *session) alike() workspace.ClassBrief {
	s.t.Helper()
	classes, err := s.Classes(s.t.Context(), []string{"a"}, 3)
	if err != nil || len(classes) != 1 {
		s.t.Fatalf("%d classes, want one: %v", len(classes), err)
	}
	return classes[0]
}

func (s *session) merge(class string) *workspace.Job {
	s.t.Helper()
	spec, err := jobs.NewMerge(class, 1)
	if err == nil {
		spec.Files, err = s.ClassFiles(s.t.Context(), class)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	job, _, err := s.Submit(s.t.Context(), spec)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.await(job.ID)
}

// Documents that were converted one by one can share tables afterwards, and those are the
// same, byte for byte, as if that had been chosen before.
func TestMergingAfterwardsIsMergingBefore(t *testing.T) {
	content := alikeZip(t, 6)
	before := newSession(t, newQueue(t, 1), "")
	spec := &workspace.NewJob{Kind: "convert", Options: []byte(`{"merge":true}`)}
	before.await(before.accept("a.zip", content, spec).Job.ID)
	want := before.merged()
	if len(want) != 2 {
		t.Fatalf("%d tables were merged, want the main one and _document", len(want))
	}

	s := newSession(t, newQueue(t, 1), "")
	s.await(s.submit("a.zip", content))
	class := s.alike()
	if class.Documents != 6 || class.Tables != 12 || class.Merged != 0 {
		t.Fatalf("%+v, want six documents with two tables each", class)
	}
	if job := s.merge(class.ID); job.State != workspace.StateSucceeded || job.Result.Converted != 6 {
		t.Fatalf("the merge is %s: %+v", job.State, job.Result)
	}
	if got := s.merged(); !maps.Equal(got, want) {
		t.Errorf("merged afterwards\n%q\nbefore\n%q", got, want)
	}
	if class = s.alike(); class.Documents != 6 || class.Tables != 12 || class.Merged != 6 {
		t.Errorf("%+v, want the single tables beside those of six documents", class)
	}
	s.checkBlobs()
}

// What is merged again takes the place of what was; a file that is converted again takes
// what was merged of it along. An export names each document once.
func TestMergedTablesHaveOneForm(t *testing.T) {
	s := newSession(t, newQueue(t, 1), "")
	acc := s.accept("a.zip", alikeZip(t, 6), &workspace.NewJob{Kind: "convert"})
	s.await(acc.Job.ID)
	s.merge(s.alike().ID)
	s.merge(s.alike().ID)
	tables, err := s.MergedOfClasses(t.Context(), []string{s.alike().ID})
	if err != nil || len(tables) != 2 {
		t.Errorf("%d merged tables, want two: %v", len(tables), err)
	}
	listed := map[string]int{}
	if err := s.EachManifest(t.Context(), func(e workspace.ManifestEntry) error {
		listed[e.Path]++
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for path, n := range listed {
		if n != 1 {
			t.Errorf("%s is exported %d times", path, n)
		}
	}
	if len(listed) != 7 {
		t.Errorf("%d documents are exported, want seven", len(listed))
	}

	again, _, err := s.Submit(t.Context(), workspace.NewJob{Kind: "convert", Files: []string{acc.Files[0].ID}})
	if err != nil {
		t.Fatal(err)
	}
	s.await(again.ID)
	if class := s.alike(); class.Documents != 6 || class.Merged != 0 {
		t.Errorf("%+v after converting again, want six documents and nothing merged", class)
	}
	s.line.Close() // what was replaced is unlinked after the job has ended
	s.checkBlobs()
}

// Files that were dropped one after the other are alike as well, also those of one name.
func TestFilesOfSeveralJobsAreMerged(t *testing.T) {
	s := newSession(t, newQueue(t, 1), "")
	content := alikeZip(t, 3)
	s.await(s.submit("a.zip", content))
	s.await(s.submit("a.zip", content))
	class := s.alike()
	if class.Documents != 6 {
		t.Fatalf("%d documents alike, want six", class.Documents)
	}
	if job := s.merge(class.ID); job.State != workspace.StateSucceeded || job.Result.Converted != 6 {
		t.Fatalf("the merge is %s: %+v", job.State, job.Result)
	}
	if class = s.alike(); class.Merged != 6 {
		t.Errorf("%d documents are merged, want six", class.Merged)
	}
}

// Other options, or another root element, make other tables: such documents are not alike.
func TestWhatIsNotAlike(t *testing.T) {
	s := newSession(t, newQueue(t, 1), "")
	content := alikeZip(t, 3)
	s.await(s.submit("a.zip", content))
	s.await(s.accept("a.zip", content, &workspace.NewJob{Kind: "convert", Options: []byte(`{"record":"i"}`)}).Job.ID)
	classes, err := s.Classes(t.Context(), []string{"A"}, 1)
	if err != nil || len(classes) != 4 {
		t.Errorf("%d classes, want r and s with either options: %v", len(classes), err)
	}
}
