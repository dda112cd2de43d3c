package workspace_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ret/shared/entries"
	"ret/shared/fault"
	"ret/shared/workspace"
	"ret/shared/xmltable"
)

func mutation(n int64, name string, args any) workspace.Mutation {
	text, err := json.Marshal(args)
	if err != nil {
		panic(err)
	}
	return workspace.Mutation{Client: "tab", N: n, Name: name, Args: text}
}

type args map[string]any

func TestMutationIsDoneOnceHoweverOftenItComes(t *testing.T) {
	w, h := open(t)
	file := must(w.Accept(t.Context(), upload(workspace.NewID(), "d", nil, "a.zip")))(t).Files[0]
	m := mutation(1, workspace.MutationJobSubmit, args{"kind": "convert", "files": []string{file.ID}})
	first := must(w.Mutate(t.Context(), m, workspace.Around{}))(t)
	if first.Rejected() || first.Seq == 0 {
		t.Fatalf("%+v", first)
	}
	for range 3 {
		if again := must(w.Mutate(t.Context(), m, workspace.Around{}))(t); again != first {
			t.Errorf("again: %+v, first %+v", again, first)
		}
	}
	if jobs := must(w.Jobs(t.Context(), "", workspace.Page{}))(t); len(jobs.Items) != 1 || len(h.queued) != 1 {
		t.Errorf("%d jobs, %d queued", len(jobs.Items), len(h.queued))
	}
	if n := must(w.LastMutation(t.Context(), "tab"))(t); n != 1 {
		t.Errorf("last n %d", n)
	}
	if n := must(w.LastMutation(t.Context(), "other"))(t); n != 0 {
		t.Errorf("another client's last n %d", n)
	}
}

func TestAnswersOutliveTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "workspace.db")
	reopen := func() *workspace.Workspace { return must(workspace.Open(path, workspace.Options{}))(t) }
	w := reopen()
	m := mutation(1, workspace.MutationFileDelete, args{"id": "none"})
	first := must(w.Mutate(t.Context(), m, workspace.Around{}))(t)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w = reopen()
	t.Cleanup(func() { _ = w.Close() })
	if again := must(w.Mutate(t.Context(), m, workspace.Around{}))(t); again != first || again.Code != "not_found" {
		t.Errorf("again: %+v, first %+v", again, first)
	}
}

func TestRejectionBlocksNothing(t *testing.T) {
	w, h := open(t)
	job, _ := start(t, w, "a.zip")
	for n, m := range []workspace.Mutation{
		mutation(1, workspace.MutationJobRetry, args{"id": job.ID}), // running
		mutation(2, workspace.MutationJobSubmit, args{"kind": "convert", "files": []string{"none"}}),
		mutation(3, workspace.MutationJobSubmit, args{"kind": "convert", "files": 7}),
		mutation(4, "no.such", args{}),
		mutation(5, workspace.MutationEntryPut, args{"key": "", "value": ""}),
	} {
		if a := must(w.Mutate(t.Context(), m, workspace.Around{}))(t); !a.Rejected() || a.Detail == "" || a.N != int64(n+1) {
			t.Errorf("%s: %+v", m.Name, a)
		}
	}
	cancelled := must(w.Mutate(t.Context(), mutation(6, workspace.MutationJobCancel, args{"id": job.ID}), workspace.Around{}))(t)
	if cancelled.Rejected() || len(h.stopped) != 1 {
		t.Errorf("%+v, stopped %v", cancelled, h.stopped)
	}
}

func TestGapIsRefusedAndStoresNothing(t *testing.T) {
	w, _ := open(t)
	m := mutation(2, workspace.MutationFileDelete, args{"id": "none"})
	if _, err := w.Mutate(t.Context(), m, workspace.Around{}); !errors.Is(err, workspace.ErrGap) {
		t.Fatal(err)
	}
	if n := must(w.LastMutation(t.Context(), "tab"))(t); n != 0 {
		t.Errorf("last n %d", n)
	}
	m.N = 0
	if _, err := w.Mutate(t.Context(), m, workspace.Around{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("n of 0: %v", err)
	}
}

func TestNewerChangeRejectsDeleteAndCancel(t *testing.T) {
	w, _ := open(t)
	job, run := start(t, w, "a.zip")
	seen := must(w.Cursor(t.Context()))(t).Seq
	if err := w.Progress(t.Context(), run, workspace.Progress{Done: 1, Total: 2}, time.Minute); err != nil {
		t.Fatal(err)
	}
	cancel := mutation(1, workspace.MutationJobCancel, args{"id": job.ID})
	cancel.Base = seen
	if a := must(w.Mutate(t.Context(), cancel, workspace.Around{}))(t); a.Code != "conflict" {
		t.Errorf("cancel: %+v", a)
	}
	cancel.N, cancel.Base = 2, must(w.Cursor(t.Context()))(t).Seq
	if a := must(w.Mutate(t.Context(), cancel, workspace.Around{}))(t); a.Rejected() {
		t.Errorf("cancel of what was seen: %+v", a)
	}
	remove := mutation(3, workspace.MutationFileDelete, args{"id": job.Files[0]})
	remove.Base = 1
	var unlinked []string
	around := workspace.Around{Unlink: func(blobs []string) { unlinked = append(unlinked, blobs...) }}
	if a := must(w.Mutate(t.Context(), remove, around))(t); a.Rejected() || len(unlinked) != 1 {
		t.Errorf("delete: %+v, unlinked %v", a, unlinked)
	}
	if must(w.Mutate(t.Context(), remove, around))(t); len(unlinked) != 1 {
		t.Errorf("repeated delete unlinked again: %v", unlinked)
	}
}

// A layout is kept and told with its table. What names columns that are not there, or none
// that can be drawn, is rejected and changes nothing.
func TestColumnsAreLaidOut(t *testing.T) {
	w, _ := open(t)
	job, run := start(t, w, "a.zip")
	table := &workspace.Table{
		FileID: &job.Files[0], Group: "a", Source: "a.zip!/x.xml", Name: "x", Blob: workspace.NewID(), RowIndex: []byte{},
		Columns: []xmltable.Column{{Name: "b"}, {Name: "c"}, {Name: "d"}},
	}
	doc := workspace.Document{Path: table.Source, FileID: job.Files[0], Status: workspace.StatusConverted, Manifest: []byte("{}")}
	if err := w.AddFinished(t.Context(), run, []workspace.Finished{{Document: doc, Tables: []*workspace.Table{table}}}, 0); err != nil {
		t.Fatal(err)
	}
	before := must(w.Cursor(t.Context()))(t).Seq
	for n, wrong := range []string{
		`{"order":[3]}`, `{"order":[-1]}`, `{"pinned":[0,0]}`, `{"hidden":[7]}`, `{"widths":{"0":47}}`, `{"widths":{"0":481}}`, `{"widths":{"3":100}}`, `{"order":"b"}`,
	} {
		m := workspace.Mutation{Client: "tab", N: int64(n + 1), Name: workspace.MutationTableLayout, Args: json.RawMessage(`{"table":"` + table.ID + `","layout":` + wrong + `}`)}
		if a := must(w.Mutate(t.Context(), m, workspace.Around{}))(t); a.Code != "invalid" {
			t.Errorf("%s: %+v", wrong, a)
		}
	}
	if after := must(w.Cursor(t.Context()))(t).Seq; after != before {
		t.Errorf("what was rejected is told as %d", after)
	}
	layout := workspace.Layout{Order: []int{2, 0, 1}, Pinned: []int{1}, Hidden: []int{0}, Widths: map[int]int{0: 48, 2: 480}}
	m := mutation(9, workspace.MutationTableLayout, args{"table": table.ID, "layout": layout})
	a := must(w.Mutate(t.Context(), m, workspace.Around{}))(t)
	things, _, err := w.Things(t.Context(), before, 10)
	if err != nil || a.Rejected() || a.Seq != before+1 || len(things) != 1 || !reflect.DeepEqual(things[0].Value.(*workspace.Table).Layout, &layout) {
		t.Fatalf("%+v, told %+v, %v", a, things, err)
	}
	if kept := must(w.Table(t.Context(), table.ID))(t).Layout; !reflect.DeepEqual(kept, &layout) {
		t.Errorf("kept is %+v", kept)
	}
	if shown := layout.Shown(3); !slices.Equal(shown, []int{1, 2, 0}) {
		t.Errorf("columns are shown as %v", shown)
	}
	m = mutation(10, workspace.MutationTableLayout, args{"table": "none", "layout": layout})
	if a := must(w.Mutate(t.Context(), m, workspace.Around{}))(t); a.Code != "not_found" {
		t.Errorf("of no table: %+v", a)
	}
}

func TestEntriesMutate(t *testing.T) {
	w, _ := open(t)
	var around workspace.Around
	var cached []string
	around.Entry = func(_ context.Context, key string, write func() error) error {
		cached = append(cached, key)
		return write()
	}
	value := base64.StdEncoding.EncodeToString([]byte("v"))
	put := must(w.Mutate(t.Context(), mutation(1, workspace.MutationEntryPut, args{"key": "k", "value": value, "ttl": 60}), around))(t)
	things, to, err := w.Things(t.Context(), 0, 10)
	if err != nil || put.Rejected() || to != put.Seq || len(things) != 1 {
		t.Fatalf("%+v, %d things to %d, %v", put, len(things), to, err)
	}
	if e := things[0].Value.(*entries.Entry); e.Key != "k" || e.Size != 1 || e.ExpiresAt == nil {
		t.Errorf("entry %+v", e)
	}
	if e, found, err := w.Entries().Read(t.Context(), "k"); err != nil || !found || string(e.Value) != "v" {
		t.Errorf("stored %+v, %v, %v", e, found, err)
	}
	stale := mutation(2, workspace.MutationEntryDelete, args{"key": "k"})
	stale.Base = put.Seq - 1
	if stale.Base > 0 {
		if a := must(w.Mutate(t.Context(), stale, around))(t); a.Code != "conflict" {
			t.Errorf("stale delete: %+v", a)
		}
		stale.N++
	}
	stale.Base = put.Seq
	if a := must(w.Mutate(t.Context(), stale, around))(t); a.Rejected() {
		t.Errorf("delete: %+v", a)
	}
	if _, found, _ := w.Entries().Read(t.Context(), "k"); found {
		t.Error("still there")
	}
	if len(cached) < 2 || cached[0] != "k" {
		t.Errorf("the cache saw %v", cached)
	}
}

func TestJobsOfMutationsAreChecked(t *testing.T) {
	w, _ := open(t)
	file := must(w.Accept(t.Context(), upload(workspace.NewID(), "d", nil, "a.zip")))(t).Files[0]
	around := workspace.Around{Job: func(spec *workspace.NewJob) error {
		if spec.Kind != "convert" {
			return fault.New(fault.Invalid, "There is no such kind of job.")
		}
		spec.MaxAttempts = 7
		return nil
	}}
	odd := must(w.Mutate(t.Context(), mutation(1, workspace.MutationJobSubmit, args{"kind": "odd", "files": []string{file.ID}}), around))(t)
	if odd.Code != "invalid" {
		t.Errorf("%+v", odd)
	}
	id := workspace.NewID()
	must(w.Mutate(t.Context(), mutation(2, workspace.MutationJobSubmit, args{"id": id, "kind": "convert", "files": []string{file.ID}}), around))(t)
	if job := must(w.Job(t.Context(), id))(t); job.MaxAttempts != 7 {
		t.Errorf("%+v", job)
	}
}

// What a mutation did before it failed is undone, but not what others did in the
// same transaction.
func TestRejectedMutationLeavesNothing(t *testing.T) {
	w, h := open(t)
	id := workspace.NewID()
	job, _ := start(t, w, "a.zip")
	before := must(w.Cursor(t.Context()))(t).Seq
	bad := mutation(1, workspace.MutationJobSubmit, args{"id": id, "kind": "convert", "files": []string{job.Files[0], "none"}})
	errs := make(chan error, 20)
	for i := range cap(errs) {
		go func() {
			m := bad
			m.Client = fmt.Sprint("tab", i)
			a, err := w.Mutate(context.WithoutCancel(t.Context()), m, workspace.Around{})
			if err == nil && !a.Rejected() {
				err = errors.New("was not rejected")
			}
			errs <- err
		}()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if after := must(w.Cursor(t.Context()))(t).Seq; after != before || len(h.queued) != 1 {
		t.Errorf("seq %d, was %d; queued %v", after, before, h.queued)
	}
}

// What another client has deleted is deleted, and what never was is not found.
func TestDeletingWhatIsGoneIsDone(t *testing.T) {
	w, _ := open(t)
	file := must(w.Accept(t.Context(), upload(workspace.NewID(), "d", nil, "a.zip")))(t).Files[0]
	for n := int64(1); n <= 2; n++ {
		if a := must(w.Mutate(t.Context(), mutation(n, workspace.MutationFileDelete, args{"id": file.ID}), workspace.Around{}))(t); a.Rejected() {
			t.Errorf("deletion %d: %+v", n, a)
		}
	}
	for n, m := range []workspace.Mutation{
		mutation(3, workspace.MutationFileDelete, args{"id": workspace.NewID()}),
		mutation(4, workspace.MutationTableDelete, args{"tables": []string{file.ID}}),
		mutation(5, workspace.MutationTableDelete, args{"tables": []string{}}),
	} {
		if a := must(w.Mutate(t.Context(), m, workspace.Around{}))(t); !a.Rejected() {
			t.Errorf("%d: %+v", n, a)
		}
	}
	if _, err := w.DeleteFile(t.Context(), file.ID, 0); !fault.Is(err, fault.NotFound) {
		t.Errorf("without the live channel: %v", err)
	}
}

// Answers count against the session, are as small as they can be, and there are no
// new ones in a full session once they have had their share; stored ones stay.
func TestAnswersCountAndAreBounded(t *testing.T) {
	w, _ := open(t)
	key := strings.Repeat("k", 600)
	first := mutation(1, strings.Repeat("x", 100_000), args{})
	answer := must(w.Mutate(t.Context(), first, workspace.Around{}))(t)
	if held := must(w.HeldBytes(t.Context()))(t); !answer.Rejected() || len(answer.Detail) > 500 || held < 400 || held > 600 {
		t.Errorf("%d bytes are held for %+v", held, answer)
	}
	for n := int64(2); ; n++ {
		m := mutation(n, strings.Repeat("x", 100_000), args{"key": key})
		_, err := w.Mutate(t.Context(), m, workspace.Around{MaxBytes: 1})
		if errors.Is(err, workspace.ErrAnswersFull) {
			break
		}
		if held := must(w.HeldBytes(t.Context()))(t); err != nil || held > 2<<20 || n > 10_000 {
			t.Fatalf("%d: %d bytes are held, %v", n, held, err)
		}
	}
	if again := must(w.Mutate(t.Context(), first, workspace.Around{MaxBytes: 1}))(t); again != answer {
		t.Errorf("the stored answer is %+v, was %+v", again, answer)
	}
}

// An entry for which there is no room is refused, and the refusal is the answer.
func TestEntryWithoutRoomIsRefused(t *testing.T) {
	w, _ := open(t)
	full := workspace.Around{Room: func(n int64) error {
		if n != 5 {
			t.Errorf("asked for %d bytes", n)
		}
		return fault.New(fault.NoSpace, "The disk is full.")
	}}
	put := mutation(1, workspace.MutationEntryPut, args{"key": "k", "value": []byte("value")})
	refused := must(w.Mutate(t.Context(), put, full))(t)
	if refused.Code != fault.NoSpace.String() || refused.Detail != "The disk is full." {
		t.Errorf("%+v", refused)
	}
	if again := must(w.Mutate(t.Context(), put, workspace.Around{}))(t); again != refused {
		t.Errorf("again: %+v", again)
	}
}
