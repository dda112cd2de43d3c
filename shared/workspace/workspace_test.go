package workspace_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ret/shared/fault"
	"ret/shared/workspace"
)

// heard keeps what a workspace announced.
type heard struct {
	mu      sync.Mutex
	seqs    []int64
	queued  []string
	stopped []string
}

func (h *heard) Changed(seq int64) { h.mu.Lock(); h.seqs = append(h.seqs, seq); h.mu.Unlock() }
func (h *heard) Queued(q workspace.Queued) {
	h.mu.Lock()
	h.queued = append(h.queued, q.ID)
	h.mu.Unlock()
}
func (h *heard) Stopped(id string) { h.mu.Lock(); h.stopped = append(h.stopped, id); h.mu.Unlock() }

func open(t *testing.T) (*workspace.Workspace, *heard) {
	t.Helper()
	h := &heard{}
	w, err := workspace.Open(filepath.Join(t.TempDir(), "workspace.db"), workspace.Options{Listener: h})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w, h
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

func upload(id, digest string, job *workspace.NewJob, names ...string) workspace.Upload {
	up := workspace.Upload{ID: id, Digest: digest, Job: job}
	for _, name := range names {
		up.Files = append(up.Files, &workspace.File{Name: name, Size: 10, SHA256: "00", Kind: "zip", Blob: "blob-" + name})
	}
	return up
}

// start uploads one file with a job and begins its run.
func start(t *testing.T, w *workspace.Workspace, name string) (*workspace.Job, workspace.Run) {
	t.Helper()
	acc := must(w.Accept(t.Context(), upload(workspace.NewID(), name, &workspace.NewJob{Kind: "convert"}, name)))(t)
	return acc.Job, must(w.Start(t.Context(), acc.Job.ID, time.Minute))(t)
}

func finished(job *workspace.Job, path string, status workspace.Status) workspace.Finished {
	f := workspace.Finished{Document: workspace.Document{Path: path, FileID: job.Files[0], Status: status, Rows: 2, Manifest: []byte("{}")}}
	if status == workspace.StatusConverted {
		f.Tables = []*workspace.Table{{FileID: &job.Files[0], Group: "g", Source: path, Name: "row", Blob: job.ID + path, RowIndex: []byte{}}}
	}
	return f
}

func TestSameUploadSameAnswer(t *testing.T) {
	w, h := open(t)
	id := workspace.NewID()
	first := must(w.Accept(t.Context(), upload(id, "d", &workspace.NewJob{Kind: "convert"}, "a.zip", "b.zip")))(t)
	again := must(w.Accept(t.Context(), upload(id, "d", &workspace.NewJob{Kind: "convert"}, "a.zip", "b.zip")))(t)
	if first.Repeated || !again.Repeated || first.Job.ID != again.Job.ID || again.Files[1].ID != first.Files[1].ID {
		t.Fatalf("first %+v, again %+v", first, again)
	}
	if len(h.queued) != 1 {
		t.Fatalf("queued %v", h.queued)
	}
	if _, err := w.Accept(t.Context(), upload(id, "other", nil, "a.zip")); !fault.Is(err, fault.Conflict) {
		t.Fatalf("other bytes under the same id: %v", err)
	}
}

func TestSessionHoldsNoMoreThanItMay(t *testing.T) {
	w, h := open(t)
	up := upload(workspace.NewID(), "d", &workspace.NewJob{Kind: "convert"}, "a", "b")
	up.MaxSessionBytes = 19
	if _, err := w.Accept(t.Context(), up); !fault.Is(err, fault.TooLarge) {
		t.Fatalf("20 bytes of 19: %v", err)
	}
	if len(h.queued) != 0 || len(must(w.Files(t.Context(), workspace.Page{}))(t).Items) != 0 {
		t.Fatal("a refused upload left something")
	}
	up.MaxSessionBytes = 20
	must(w.Accept(t.Context(), up))(t)
}

func TestJobByKeyAndID(t *testing.T) {
	w, _ := open(t)
	spec := workspace.NewJob{ID: workspace.NewID(), Key: "k", Kind: "convert"}
	first, created, err := w.Submit(t.Context(), spec)
	if err != nil || !created {
		t.Fatal(created, err)
	}
	for _, s := range []workspace.NewJob{{Key: "k", Kind: "convert"}, {ID: first.ID, Kind: "convert"}} {
		if again, created, err := w.Submit(t.Context(), s); err != nil || created || again.ID != first.ID {
			t.Errorf("%+v gave %+v, %v, %v", s, again, created, err)
		}
	}
	if _, _, err := w.Submit(t.Context(), workspace.NewJob{Kind: "convert", Files: []string{"nobody's"}}); !fault.Is(err, fault.NotFound) {
		t.Errorf("a job over a missing file: %v", err)
	}
}

func TestRunToTheEnd(t *testing.T) {
	w, h := open(t)
	job, run := start(t, w, "a.zip")
	docs := []workspace.Finished{finished(job, "a.zip!/1.xml", workspace.StatusConverted), finished(job, "a.zip!/2.xml", workspace.StatusFailed)}
	for range 2 { // a document is counted once, however often it comes
		if err := w.AddFinished(t.Context(), run, docs, 0); err != nil {
			t.Fatal(err)
		}
	}
	must(w.Finish(t.Context(), run, workspace.Outcome{State: workspace.StateSucceeded}))(t)
	got := must(w.Job(t.Context(), job.ID))(t)
	if got.State != workspace.StateSucceeded || got.Result.Files != 2 || got.Result.Converted != 1 || len(got.Result.Tables) != 1 || len(got.Errors) != 1 {
		t.Fatalf("%+v, result %+v", got, got.Result)
	}
	if _, err := w.Finish(t.Context(), run, workspace.Outcome{State: workspace.StateFailed}); !errors.Is(err, workspace.ErrLost) {
		t.Fatalf("finished twice: %v", err)
	}
	for i, seq := range h.seqs {
		if seq != int64(i+1) {
			t.Fatalf("seqs %v", h.seqs)
		}
	}
}

func TestFenceKeepsALateWorkerOut(t *testing.T) {
	w, _ := open(t)
	job, late := start(t, w, "a.zip")
	if err := w.Requeue(t.Context(), late, time.Time{}, true); err != nil {
		t.Fatal(err)
	}
	current := must(w.Start(t.Context(), job.ID, time.Minute))(t)
	doc := []workspace.Finished{finished(job, "x.xml", workspace.StatusConverted)}
	if err := w.AddFinished(t.Context(), late, doc, 0); !errors.Is(err, workspace.ErrLost) {
		t.Errorf("late document: %v", err)
	}
	if err := w.Progress(t.Context(), late, workspace.Progress{Done: 5}, time.Minute); !errors.Is(err, workspace.ErrLost) {
		t.Errorf("late progress: %v", err)
	}
	if err := w.AddFinished(t.Context(), current, doc, 0); err != nil {
		t.Errorf("current document: %v", err)
	}
}

func TestCancelAndRetry(t *testing.T) {
	w, h := open(t)
	job, run := start(t, w, "a.zip")
	if err := w.AddFinished(t.Context(), run, []workspace.Finished{
		finished(job, "done.xml", workspace.StatusConverted), finished(job, "bad.xml", workspace.StatusFailed),
	}, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Retry(t.Context(), job.ID); !fault.Is(err, fault.Conflict) {
		t.Fatalf("retry of a running job: %v", err)
	}
	must(w.Cancel(t.Context(), job.ID, 0))(t)
	if !slices.Equal(h.stopped, []string{job.ID}) {
		t.Fatalf("stopped %v", h.stopped)
	}
	if err := w.AddFinished(t.Context(), run, []workspace.Finished{finished(job, "late.xml", workspace.StatusConverted)}, 0); !errors.Is(err, workspace.ErrLost) {
		t.Fatalf("a document after the cancel: %v", err)
	}
	if got := must(w.Cancel(t.Context(), job.ID, 0))(t); got.State != workspace.StateCancelled || got.Result.Tables == nil {
		t.Fatalf("cancelled twice: %+v", got)
	}
	retried := must(w.Retry(t.Context(), job.ID))(t)
	done := must(w.DonePaths(t.Context(), job.ID))(t)
	if retried.State != workspace.StateQueued || !done["done.xml"] || done["bad.xml"] || retried.MaxAttempts <= retried.Attempt {
		t.Fatalf("%+v, done %v", retried, done)
	}
}

func TestCrashCostsNoAttemptUntilItLoops(t *testing.T) {
	w, _ := open(t)
	job, _ := start(t, w, "a.zip")
	for range 9 {
		if jobs := must(w.Waiting(t.Context()))(t); len(jobs) != 1 || jobs[0].ID != job.ID {
			t.Fatalf("waiting %v", jobs)
		}
		must(w.Start(t.Context(), job.ID, time.Minute))(t)
	}
	if jobs := must(w.Waiting(t.Context()))(t); len(jobs) != 0 {
		t.Fatalf("a job that kills the server is tried for ever: %v", jobs)
	}
	if got := must(w.Job(t.Context(), job.ID))(t); got.State != workspace.StateFailed || len(got.Errors) != 1 {
		t.Fatalf("%+v", got)
	}
}

func TestConvertingAgainReplacesTables(t *testing.T) {
	w, _ := open(t)
	job, run := start(t, w, "a.zip")
	if err := w.AddFinished(t.Context(), run, []workspace.Finished{finished(job, "x.xml", workspace.StatusConverted)}, 0); err != nil {
		t.Fatal(err)
	}
	must(w.Finish(t.Context(), run, workspace.Outcome{State: workspace.StateSucceeded}))(t)

	second, _, err := w.Submit(t.Context(), workspace.NewJob{Kind: "convert", Files: job.Files})
	if err != nil {
		t.Fatal(err)
	}
	run = must(w.Start(t.Context(), second.ID, time.Minute))(t)
	if err := w.AddFinished(t.Context(), run, []workspace.Finished{finished(second, "x.xml", workspace.StatusConverted)}, 0); err != nil {
		t.Fatal(err)
	}
	blobs := must(w.Finish(t.Context(), run, workspace.Outcome{State: workspace.StateSucceeded}))(t)
	if !slices.Equal(blobs, []string{job.ID + "x.xml"}) {
		t.Fatalf("blobs to unlink %v", blobs)
	}
	left := must(w.Tables(t.Context(), workspace.TableFilter{}, workspace.Page{}))(t).Items
	if len(left) != 1 || left[0].JobID != second.ID {
		t.Fatalf("tables left %+v", left)
	}
}

func TestDeleteFileTakesWhatWasMadeOfIt(t *testing.T) {
	w, h := open(t)
	job, run := start(t, w, "a.zip")
	other, _ := start(t, w, "b.zip")
	if err := w.AddFinished(t.Context(), run, []workspace.Finished{finished(job, "x.xml", workspace.StatusConverted)}, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := w.DeleteFile(t.Context(), job.Files[0], 1); err != nil {
		t.Fatalf("the file has not changed since seq 1: %v", err)
	}
	if _, err := w.File(t.Context(), job.Files[0]); !fault.Is(err, fault.NotFound) {
		t.Error("the file is still there")
	}
	if left := must(w.Tables(t.Context(), workspace.TableFilter{}, workspace.Page{}))(t).Items; len(left) != 0 {
		t.Errorf("tables left %v", left)
	}
	if !slices.Equal(h.stopped, []string{job.ID}) {
		t.Errorf("stopped %v", h.stopped)
	}
	if got := must(w.Job(t.Context(), other.ID))(t); got.State != workspace.StateRunning {
		t.Errorf("another file's job is %s", got.State)
	}
}

func TestBaseRejectsAnOutdatedCancel(t *testing.T) {
	w, h := open(t)
	job, run := start(t, w, "a.zip")
	seen := h.seqs[len(h.seqs)-1]
	if err := w.Progress(t.Context(), run, workspace.Progress{Done: 1, Total: 2}, time.Minute); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Cancel(t.Context(), job.ID, seen); !fault.Is(err, fault.Conflict) {
		t.Fatalf("cancel of something newer: %v", err)
	}
	must(w.Cancel(t.Context(), job.ID, seen+1))(t)
}

func TestProgressNeverGoesBack(t *testing.T) {
	w, _ := open(t)
	job, run := start(t, w, "a.zip")
	for _, done := range []int64{3, 1} {
		if err := w.Progress(t.Context(), run, workspace.Progress{Done: done, Total: 9}, time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	if got := must(w.Job(t.Context(), job.ID))(t).Progress; got.Done != 3 || got.Total != 9 {
		t.Fatalf("%+v", got)
	}
}

// A snapshot from 0 followed by tails must lead to the present state, whatever
// the size of the steps.
func TestThingsLeadToThePresent(t *testing.T) {
	w, _ := open(t)
	var jobs []*workspace.Job
	for i := range 7 {
		job, _ := start(t, w, fmt.Sprintf("%d.zip", i))
		jobs = append(jobs, job)
	}
	if _, err := w.DeleteFile(t.Context(), jobs[2].Files[0], 0); err != nil {
		t.Fatal(err)
	}
	for _, step := range []int{1, 3, 100} {
		state := map[string]bool{}
		cursor := int64(0)
		for {
			things, to, err := w.Things(t.Context(), cursor, step)
			if err != nil {
				t.Fatal(err)
			}
			for _, th := range things {
				if th.Seq <= cursor || (cursor == 0 && th.Op == workspace.Del) {
					t.Fatalf("from %d came %+v", cursor, th)
				}
				state[string(th.Entity)+th.ID] = th.Op == workspace.Put
			}
			if len(things) == 0 {
				break
			}
			cursor = to
		}
		present := 0
		for _, there := range state {
			if there {
				present++
			}
		}
		if present != 13 || state["file"+jobs[2].Files[0]] {
			t.Errorf("step %d: %d things there", step, present)
		}
	}
}

func TestPaging(t *testing.T) {
	w, _ := open(t)
	for range 5 {
		if _, _, err := w.Submit(t.Context(), workspace.NewJob{Kind: "convert"}); err != nil {
			t.Fatal(err)
		}
	}
	var seen []string
	page := workspace.Page{Limit: 2}
	for {
		list := must(w.Jobs(t.Context(), "", page))(t)
		for _, j := range list.Items {
			seen = append(seen, j.ID)
		}
		if list.Next == nil {
			break
		}
		page.After = *list.Next
	}
	if len(seen) != 5 || !slices.IsSortedFunc(seen, func(a, b string) int { return strings.Compare(b, a) }) {
		t.Fatalf("paged to %v", seen)
	}
	if _, err := w.Jobs(t.Context(), "", workspace.Page{Limit: 1001}); !fault.Is(err, fault.Invalid) {
		t.Errorf("limit 1001: %v", err)
	}
	if _, err := w.Jobs(t.Context(), "", workspace.Page{After: "x"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("after x: %v", err)
	}
}

// Of the files that jobs read only those are named that lists still show.
func TestFilesOfJobsAreAmongTheNewest(t *testing.T) {
	w, _ := open(t)
	var jobs []string
	for _, name := range []string{"old.zip", "between.zip", "new.zip"} {
		job, _ := start(t, w, name)
		jobs = append(jobs, job.ID)
	}
	for _, c := range []struct {
		jobs   []string
		newest int
		want   string
	}{
		{jobs, 2, "between.zip new.zip"},
		{jobs[:1], 2, ""},
		{jobs[:1], 50, "old.zip"},
		{jobs[1:2], 2, "between.zip"},
	} {
		var names []string
		for _, f := range must(w.FilesOfJobs(t.Context(), c.jobs, c.newest))(t) {
			names = append(names, f.Name)
		}
		slices.Sort(names)
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("of %d jobs among the newest %d: %q, want %q", len(c.jobs), c.newest, got, c.want)
		}
	}
}
