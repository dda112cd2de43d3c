package workspace_test

import (
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"ret/shared/replica"
	"ret/shared/sqlite"
	"ret/shared/workspace"
)

// What a job's record says stays true when its file is deleted or converted again,
// on the server and in a replica.
func TestJobRecordOutlivesItsFile(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, w *workspace.Workspace, job *workspace.Job){
		"deleted": func(t *testing.T, w *workspace.Workspace, job *workspace.Job) {
			must(w.DeleteFile(t.Context(), job.Files[0], 0))(t)
		},
		"converted again": func(t *testing.T, w *workspace.Workspace, job *workspace.Job) {
			second, _, err := w.Submit(t.Context(), workspace.NewJob{Kind: "convert", Files: job.Files})
			if err != nil {
				t.Fatal(err)
			}
			convertAll(t, w, second)
		},
		"table deleted": func(t *testing.T, w *workspace.Workspace, _ *workspace.Job) {
			list := must(w.Tables(t.Context(), workspace.TableFilter{}, workspace.Page{}))(t)
			must(w.DeleteTable(t.Context(), list.Items[0].ID))(t)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := open(t)
			copied := must(replica.Open(t.Context(), filepath.Join(t.TempDir(), "replica.db"), sqlite.Config{}))(t)
			defer copied.Close()
			acc := must(w.Accept(t.Context(), upload(workspace.NewID(), "d", &workspace.NewJob{Kind: "convert"}, "a.zip")))(t)
			convertAll(t, w, acc.Job)
			brief := must(w.JobBrief(t.Context(), acc.Job.ID))(t)
			if brief.FirstFile != "a.zip" || brief.Bytes != 10 || brief.Tables != 2 || brief.ErrorCount != 1 {
				t.Fatalf("before: %+v", brief)
			}
			change(t, w, acc.Job)
			if after := must(w.JobBrief(t.Context(), acc.Job.ID))(t); !reflect.DeepEqual(after, brief) {
				t.Errorf("the record is\n%+v, was\n%+v", after, brief)
			}
			things, to, err := w.Things(t.Context(), 0, 1000)
			if err != nil {
				t.Fatal(err)
			}
			if err := copied.Adopt(t.Context(), things, to); err != nil {
				t.Fatal(err)
			}
			if there := must(copied.JobBrief(t.Context(), acc.Job.ID))(t); !reflect.DeepEqual(there, brief) {
				t.Errorf("the replica's record is\n%+v, was\n%+v", there, brief)
			}
		})
	}
}

// convertAll runs a job to its end: two tables and a failed document.
func convertAll(t *testing.T, w *workspace.Workspace, job *workspace.Job) {
	t.Helper()
	run := must(w.Start(t.Context(), job.ID, time.Minute))(t)
	docs := []workspace.Finished{
		finished(job, "x.xml", workspace.StatusConverted), finished(job, "y.xml", workspace.StatusConverted),
		finished(job, "z.xml", workspace.StatusFailed),
	}
	if err := w.Progress(t.Context(), run, workspace.Progress{Done: 1, Total: 3, Unit: "files", BytesDone: 5, BytesTotal: 20}, time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := w.AddFinished(t.Context(), run, docs, 0); err != nil {
		t.Fatal(err)
	}
	must(w.Finish(t.Context(), run, workspace.Outcome{State: workspace.StateSucceeded}))(t)
}

// A job under which the process died twice, each time while it had been at one
// document for a while, is not tried a third time; one that had made progress is.
func TestTwoDeathsAtOneDocumentFail(t *testing.T) {
	for _, progress := range []bool{false, true} {
		w, _ := open(t)
		job, run := start(t, w, "a.zip")
		for death := range 2 {
			if err := w.Progress(t.Context(), run, workspace.Progress{Total: 2}, time.Minute); err != nil {
				t.Fatal(err)
			}
			if progress {
				path := []string{"x.xml", "y.xml"}[death]
				if err := w.AddFinished(t.Context(), run, []workspace.Finished{finished(job, path, workspace.StatusConverted)}, 0); err != nil {
					t.Fatal(err)
				}
			}
			waiting := must(w.Waiting(t.Context()))(t)
			if goesOn := progress || death == 0; (len(waiting) == 1) != goesOn {
				t.Fatalf("progress %v, death %d: %v wait", progress, death+1, waiting)
			}
			if len(waiting) == 1 {
				run = must(w.Start(t.Context(), job.ID, time.Minute))(t)
			}
		}
		got := must(w.Job(t.Context(), job.ID))(t)
		if failed := got.State == workspace.StateFailed; failed == progress || failed && len(got.Errors) != 1 {
			t.Errorf("progress %v: job is %s, %v", progress, got.State, got.Errors)
		}
		if left := got.MaxAttempts - got.Attempt; progress && left != 2 {
			t.Errorf("%d attempts are left beside the present one", left)
		}
	}
}

// A job that runs by its row, that nobody runs and whose lease is over is queued
// again.
func TestRescueTakesUpWhatNobodyRuns(t *testing.T) {
	w, h := open(t)
	left, _ := start(t, w, "left.zip")
	held, _ := start(t, w, "held.zip")
	fresh, _ := start(t, w, "fresh.zip")
	for _, id := range []string{left.ID, held.ID} {
		if err := w.Progress(t.Context(), workspace.Run{JobID: id, Attempt: 1}, workspace.Progress{}, -time.Second); err != nil {
			t.Fatal(err)
		}
	}
	h.queued = nil
	if err := w.Rescue(t.Context(), func(id string) bool { return id == held.ID }); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]workspace.State{
		left.ID: workspace.StateQueued, held.ID: workspace.StateRunning, fresh.ID: workspace.StateRunning,
	} {
		if job := must(w.Job(t.Context(), id))(t); job.State != want {
			t.Errorf("job is %s, want %s", job.State, want)
		}
	}
	if len(h.queued) != 1 {
		t.Errorf("queued %v", h.queued)
	}
}
