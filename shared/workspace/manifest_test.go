package workspace_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ret/shared/workspace"
)

// An export asks for documents and tables step by step. Each step begins where the
// last one ended, by an index, so four times the documents are four times the work.
func TestExportFollowsIndexes(t *testing.T) {
	for _, step := range plan(t, workspace.ExportQueries) {
		if strings.Contains(step, "SCAN") || strings.Contains(step, "B-TREE") {
			t.Error(step)
		}
		if strings.Contains(step, "FROM tables") && !strings.Contains(step, "source>") || strings.Contains(step, "FROM documents") && !strings.Contains(step, "path>") {
			t.Errorf("%s: reads what lies before", step)
		}
	}
}

// convertMany makes a job of documents, each with as many tables as it is told.
func convertMany(t *testing.T, w *workspace.Workspace, documents int, tables func(i int) int) *workspace.Job {
	t.Helper()
	job, run := start(t, w, "many.zip")
	var docs []workspace.Finished
	for i := range documents {
		f := finished(job, fmt.Sprintf("many.zip!/%05d.xml", i), workspace.StatusConverted)
		one := *f.Tables[0]
		f.Tables = nil
		for n := range tables(i) {
			table := one
			table.Name, table.Blob = fmt.Sprint("row", n), fmt.Sprint(one.Blob, n)
			f.Tables = append(f.Tables, &table)
		}
		docs = append(docs, f)
	}
	for part := range slices.Chunk(docs, 500) {
		if err := w.AddFinished(t.Context(), run, part, 0); err != nil {
			t.Fatal(err)
		}
	}
	must(w.Finish(t.Context(), run, workspace.Outcome{State: workspace.StateSucceeded}))(t)
	return job
}

// Every document comes once, in the order of jobs and paths, with all its tables in
// order: also where it has more than are read at once, or none.
func TestManifestIsWholeAndInOrder(t *testing.T) {
	w, _ := open(t)
	tables := func(i int) int { return map[int]int{7: 1500, 300: 1100, 8: 40}[i] + i%3 }
	first := convertMany(t, w, 600, tables)
	second := convertMany(t, w, 3, func(int) int { return 1 })
	var got []string
	err := w.EachManifest(t.Context(), func(e workspace.ManifestEntry) error {
		got = append(got, fmt.Sprint(e.JobID, e.Path, len(e.Tables)))
		for n, table := range e.Tables {
			if table.Name != fmt.Sprint("row", n) || table.Source != e.Path {
				return fmt.Errorf("table %d of %s is %s of %s", n, e.Path, table.Name, table.Source)
			}
		}
		return nil
	})
	var want []string
	for i := range 600 {
		want = append(want, fmt.Sprintf("%smany.zip!/%05d.xml%d", first.ID, i, tables(i)))
	}
	for i := range 3 {
		want = append(want, fmt.Sprintf("%smany.zip!/%05d.xml%d", second.ID, i, 1))
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%d documents, want %d; %v", len(got), len(want), err)
	}
}

// A walk over four times the documents takes at most as many times as long as it
// should, with room for a busy machine.
func TestExportOfFourTimesTheDocuments(t *testing.T) {
	took := func(documents int) time.Duration {
		w, _ := open(t)
		convertMany(t, w, documents, func(int) int { return 1 })
		best := time.Hour
		for range 3 {
			began := time.Now()
			seen := 0
			err := w.EachManifest(t.Context(), func(workspace.ManifestEntry) error { seen++; return nil })
			if err != nil || seen != documents {
				t.Fatalf("%d documents of %d, %v", seen, documents, err)
			}
			best = min(best, time.Since(began))
		}
		return best
	}
	one, four := took(1500), took(6000)
	t.Logf("1,500 documents: %v, 6,000: %v", one, four)
	if four > 10*one {
		t.Errorf("6,000 documents took %v, 1,500 took %v", four, one)
	}
}
