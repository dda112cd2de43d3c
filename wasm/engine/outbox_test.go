package engine_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"ret/shared/wire"
	"ret/shared/workspace"
	"ret/wasm/engine"
)

// mutate asks as a page does and waits for the answer, which must be that it is
// taken.
func (w *worker) mutate(name string, args any) {
	w.Helper()
	w.Ask(engine.Ask{Type: engine.AskMutate, Page: "page", Mutate: &engine.Mutate{Ask: workspace.NewID(), Name: name, Args: must(json.Marshal(args))(w)}})
	for {
		switch kind, frame := w.hear("page"); kind {
		case "taken":
			return
		case "refused":
			w.Fatalf("refused: %s", frame)
		}
	}
}

// untilStanding reads up to a standing for which ok is true, and returns the
// deltas on the way that go nowhere.
func (w *worker) untilStanding(ok func(engine.Standing) bool) (effects []wire.Delta) {
	w.Helper()
	for {
		switch kind, frame := w.hear("page"); kind {
		case "standing":
			var s engine.Standing
			if err := json.Unmarshal(frame, &s); err != nil {
				w.Fatal(err)
			}
			if ok(s) {
				return effects
			}
		case "delta":
			var d wire.Delta
			if err := json.Unmarshal(frame, &d); err != nil {
				w.Fatal(err)
			}
			if d.From == d.To {
				effects = append(effects, d)
			}
		}
	}
}

func settled(s engine.Standing) bool { return s.Ready && s.Online && s.Waiting == 0 }
func offline(s engine.Standing) bool { return !s.Online }

// targets are the elements that deltas change, with how.
func targets(deltas []wire.Delta) string {
	var all []string
	for _, d := range deltas {
		for _, ch := range d.Changes {
			all = append(all, ch.Swap+" "+ch.Target)
		}
	}
	return strings.Join(all, ", ")
}

type idArgs struct {
	ID string `json:"id"`
}

func TestMutationIsShownAtOnceAndDone(t *testing.T) {
	s := newSession(t)
	up := s.upload(t, "a.zip")
	w := start(t, s, filepath.Join(t.TempDir(), "replica.db"))
	w.untilReady()
	w.mutate(workspace.MutationJobCancel, idArgs{up.Job.ID})
	effects := w.untilStanding(settled)
	if !strings.Contains(targets(effects), "job-"+up.Job.ID) && !strings.Contains(fmt.Sprint(effects), "job-"+up.Job.ID) {
		t.Errorf("effects: %s", targets(effects))
	}
	if job := must(s.Job(t.Context(), up.Job.ID))(t); job.State != workspace.StateCancelled {
		t.Errorf("the job is %s", job.State)
	}
	w.untilAt(s)
	same(t, s, w)
}

// What is asked for without a network is there in every page, also after a
// restart, and done when the network is back.
func TestMutationsMadeOffline(t *testing.T) {
	s := newSession(t)
	path := filepath.Join(t.TempDir(), "replica.db")
	var ups []workspace.Accepted
	for n := range 3 {
		ups = append(ups, s.upload(t, fmt.Sprint(n, ".zip")))
	}
	w := start(t, s, path)
	w.untilReady()
	s.down.Store(true)
	s.cut()
	w.untilStanding(offline)
	w.mutate(workspace.MutationFileDelete, idArgs{ups[0].Files[0].ID})
	w.mutate(workspace.MutationJobCancel, idArgs{ups[1].Job.ID})
	w.mutate(workspace.MutationJobRetry, idArgs{ups[1].Job.ID})
	w.untilStanding(func(s engine.Standing) bool { return s.Waiting == 3 })

	at := must(w.replica.Cursor(t.Context()))(t).Seq
	w.Ask(engine.Ask{Type: engine.AskFollow, Page: "page", Epoch: s.Epoch(), Cursor: at})
	var welcome wire.Welcome
	w.expect("welcome", &welcome)
	shown := targets(w.untilStanding(offline))
	for _, want := range []string{"remove file-" + ups[0].Files[0].ID, "append jobs"} {
		if !strings.Contains(shown, want) {
			t.Errorf("a page that asks later is not told %q: %s", want, shown)
		}
	}
	_ = w.end()
	w = start(t, s, path)
	s.down.Store(false)
	w.Online()
	w.untilStanding(settled)
	w.untilAt(s)
	same(t, s, w)
	if files := must(s.Files(t.Context(), workspace.Page{}))(t).Items; len(files) != 2 {
		t.Errorf("%d files", len(files))
	}
	if job := must(s.Job(t.Context(), ups[1].Job.ID))(t); job.State != workspace.StateQueued {
		t.Errorf("the job is %s", job.State)
	}
}

// What the server rejects comes off again, and stands in the list until the
// person has seen it.
func TestRejectionIsToldUntilItIsDismissed(t *testing.T) {
	s := newSession(t)
	up := s.upload(t, "a.zip")
	must(s.Cancel(t.Context(), up.Job.ID, 0))(t)
	w := start(t, s, filepath.Join(t.TempDir(), "replica.db"))
	w.untilReady()
	s.down.Store(true)
	s.cut()
	w.untilStanding(offline)
	w.mutate(workspace.MutationJobRetry, idArgs{up.Job.ID})
	must(s.Retry(t.Context(), up.Job.ID))(t) // someone else was quicker
	s.down.Store(false)
	w.Online()
	var told engine.Standing
	w.untilStanding(func(s engine.Standing) bool { told = s; return s.Rejected == 1 })
	if len(told.Rejections) != 1 || !strings.Contains(told.Rejections[0].Detail, "queued") || told.Waiting != 0 {
		t.Fatalf("%+v", told)
	}
	w.untilAt(s)
	same(t, s, w)
	w.Ask(engine.Ask{Type: engine.AskDismiss, Page: "page", Dismiss: told.Rejections[0].ID})
	w.untilStanding(func(s engine.Standing) bool { return s.Rejected == 0 })
}

// A change that makes no sense is refused in so many words, and nothing waits.
func TestChangeThatCannotBeTriedIsRefused(t *testing.T) {
	s := newSession(t)
	s.mix(t, 0)
	w := start(t, s, filepath.Join(t.TempDir(), "replica.db"))
	w.untilReady()
	w.Ask(engine.Ask{Type: engine.AskMutate, Page: "page", Mutate: &engine.Mutate{Ask: "a", Name: workspace.MutationJobCancel, Args: []byte(`{"id":"none"}`)}})
	var refused engine.Refused
	w.expect("refused", &refused)
	if refused.Code != "not_found" || refused.Ask != "a" || refused.Detail == "" {
		t.Errorf("%+v", refused)
	}
	same(t, s, w)
}

// More waits than the server takes at once.
func TestLongOutboxIsSentByAndBy(t *testing.T) {
	s := newSession(t)
	up := s.upload(t, "a.zip")
	w := start(t, s, filepath.Join(t.TempDir(), "replica.db"))
	w.untilReady()
	s.down.Store(true)
	s.cut()
	w.untilStanding(offline)
	const jobs = 200
	for range jobs {
		w.mutate(workspace.MutationJobSubmit, map[string]any{"kind": "convert", "files": []string{up.Files[0].ID}})
	}
	s.down.Store(false)
	w.Online()
	w.untilStanding(settled)
	w.untilAt(s)
	for side, ws := range map[string]*workspace.Workspace{"server": s.Workspace, "replica": w.replica.Workspace} {
		if counts := must(ws.CountJobs(t.Context()))(t); counts[workspace.StateQueued] != jobs+1 {
			t.Errorf("%s: %v", side, counts)
		}
	}
}

// What waits for a session that is gone is not done to the next one.
func TestOutboxOfAnErasedSessionIsDropped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "replica.db")
	erased := newSession(t)
	up := erased.upload(t, "a.zip")
	w := start(t, erased, path)
	w.untilReady()
	erased.down.Store(true)
	erased.cut()
	w.untilStanding(offline)
	w.mutate(workspace.MutationEntryPut, map[string]any{"key": "mine", "value": "dg=="})
	w.mutate(workspace.MutationFileDelete, idArgs{up.Files[0].ID})
	_ = w.end()

	s := newSession(t)
	s.mix(t, 0)
	w = start(t, s, path)
	w.untilStanding(settled)
	s.mix(t, 1)
	w.untilAt(s)
	same(t, s, w)
	if _, found, err := s.Entries().Read(t.Context(), "mine"); found || err != nil {
		t.Errorf("another session got it: %v", err)
	}
}
