package replica_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"ret/shared/fault"
	"ret/shared/wire"
	"ret/shared/workspace"
)

// each has the mutations that a person can make of a pair's things.
var each = []struct {
	name, mutation string
	args           func(p *pair) any
}{
	{"delete a file with its tables", workspace.MutationFileDelete, func(p *pair) any { return id(p.other.ID) }},
	{"delete a file that a job reads", workspace.MutationFileDelete, func(p *pair) any { return id(p.file.ID) }},
	{"delete a table", workspace.MutationTableDelete, func(p *pair) any { return p.tables(1) }},
	{"delete all tables", workspace.MutationTableDelete, func(p *pair) any { return p.tables(workspace.MaxPage) }},
	{"lay out a table", workspace.MutationTableLayout, func(p *pair) any { return p.laidOut() }},
	{"cancel", workspace.MutationJobCancel, func(p *pair) any { return id(p.running.ID) }},
	{"retry", workspace.MutationJobRetry, func(p *pair) any { return id(p.failed.ID) }},
	{"submit", workspace.MutationJobSubmit, func(p *pair) any {
		return map[string]any{"kind": "convert", "files": []string{p.other.ID}}
	}},
	{"put an entry", workspace.MutationEntryPut, func(*pair) any { return map[string]any{"key": "new", "value": "dg=="} }},
	{"replace an entry", workspace.MutationEntryPut, func(*pair) any { return map[string]any{"key": "key", "value": "dmFsdWVz", "ttl": 60} }},
	{"delete an entry", workspace.MutationEntryDelete, func(*pair) any { return map[string]any{"key": "key"} }},
}

// tables names the newest tables, and one that is not there.
func (p *pair) tables(most int) any {
	ids := []string{"none"}
	for _, t := range must(p.r.Tables(p.Context(), workspace.TableFilter{}, workspace.Page{Limit: most}))(p).Items {
		ids = append(ids, t.ID)
	}
	return map[string][]string{"tables": ids}
}

// laidOut is a layout of the newest table.
func (p *pair) laidOut() any {
	table := must(p.r.NewestTables(p.Context(), workspace.TableFilter{}, workspace.Page{Limit: 1}))(p).Items[0]
	return map[string]any{"table": table.ID, "layout": workspace.Layout{Order: []int{0}, Pinned: []int{0}, Widths: map[int]int{0: 200}}}
}

func id(id string) any { return map[string]string{"id": id} }

func forEach(t *testing.T, do func(t *testing.T, p *pair, mutation string, args any)) {
	for _, m := range each {
		t.Run(m.name, func(t *testing.T) {
			p := newPair(t)
			do(t, p, m.mutation, m.args(p))
		})
	}
}

// A rejected mutation leaves nothing, whatever came from the server meanwhile.
func TestRejectedEffectIsTakenOffWhole(t *testing.T) {
	forEach(t, func(t *testing.T, p *pair, mutation string, args any) {
		p.ask(mutation, args)
		p.differs()
		p.upload("meanwhile.zip")
		p.put("key", "meanwhile")
		p.catchUp()
		p.differs()
		p.reopen()
		p.differs()
		must(p.r.Answered(t.Context(), &wire.Rejected{N: 1, Code: "conflict", Detail: "No."}))(t)
		p.same()
		rejected := must(p.r.Rejected(t.Context(), 10))(t)
		if len(rejected) != 1 || rejected[0].Detail != "No." || rejected[0].Name != mutation || p.waiting() != 0 {
			t.Fatalf("rejected: %+v, %d wait", rejected, p.waiting())
		}
		check(t, p.r.Dismiss(t.Context(), rejected[0].ID))
		if left := must(p.r.Rejected(t.Context(), 10))(t); len(left) != 0 {
			t.Errorf("dismissed: %+v", left)
		}
	})
}

// An acked mutation has its effect until it comes back from the server, and is
// then what the server made of it.
func TestAckedEffectStaysUntilTheDelta(t *testing.T) {
	forEach(t, func(t *testing.T, p *pair, mutation string, args any) {
		p.ask(mutation, args)
		shown := told(t, p.r.Workspace)
		p.answer(p.send())
		if now := told(t, p.r.Workspace); now != shown {
			t.Fatalf("an ack changed\n%s\nto\n%s", shown, now)
		}
		if p.waiting() != 1 {
			t.Fatalf("%d wait for the delta", p.waiting())
		}
		p.catchUp()
		p.same()
		if p.waiting() != 0 {
			t.Errorf("%d wait still", p.waiting())
		}
	})
}

func TestDeltaBeforeTheAck(t *testing.T) {
	forEach(t, func(t *testing.T, p *pair, mutation string, args any) {
		p.ask(mutation, args)
		answers := p.send()
		p.catchUp()
		p.answer(answers)
		p.same()
		if p.waiting() != 0 {
			t.Errorf("%d wait still", p.waiting())
		}
		p.answer(answers) // again, late
		p.same()
	})
}

// The server's answer was lost: what is sent again is done once.
func TestSentAgainItIsDoneOnce(t *testing.T) {
	forEach(t, func(t *testing.T, p *pair, mutation string, args any) {
		p.ask(mutation, args)
		p.send()
		p.reopen()
		if p.greet() {
			t.Fatal("begun anew")
		}
		p.answer(p.send())
		p.catchUp()
		p.same()
		if p.waiting() != 0 {
			t.Errorf("%d wait still", p.waiting())
		}
	})
}

// A reset within the same history keeps the outbox.
func TestResetKeepsTheOutbox(t *testing.T) {
	forEach(t, func(t *testing.T, p *pair, mutation string, args any) {
		p.ask(mutation, args)
		shown := told(t, p.r.Workspace)
		at := must(p.server.Cursor(t.Context()))(t)
		reset := &wire.Reset{Epoch: p.server.Epoch(), Cursor: at.Seq}
		if !must(p.r.Greeted(t.Context(), reset))(t) {
			t.Fatal("not begun anew")
		}
		p.catchUp()
		_, shown, _ = strings.Cut(shown, "\n}\n")
		if _, now, _ := strings.Cut(told(t, p.r.Workspace), "\n}\n"); now != shown {
			t.Fatalf("after the reset it is\n%s\nwas\n%s", now, shown)
		}
		p.answer(p.send())
		p.catchUp()
		p.same()
	})
}

// Several mutations build on each other; the first is rejected.
func TestEffectsBuildOnEachOther(t *testing.T) {
	p := newPair(t)
	p.ask(workspace.MutationJobCancel, id(p.running.ID))
	p.ask(workspace.MutationJobRetry, id(p.running.ID))
	p.ask(workspace.MutationFileDelete, id(p.file.ID))
	p.ask(workspace.MutationFileDelete, id(p.other.ID))
	if n := len(must(p.r.Files(t.Context(), workspace.Page{}))(t).Items); n != 1 {
		t.Fatalf("%d files", n)
	}
	must(p.r.Answered(t.Context(), &wire.Rejected{N: 1, Code: "conflict", Detail: "No."}))(t)
	// The retry has no effect now, the deletion cancels the job.
	if job := must(p.r.Job(t.Context(), p.running.ID))(t); job.State != workspace.StateCancelled {
		t.Errorf("the job is %s", job.State)
	}
	for n := int64(2); n <= 4; n++ {
		must(p.r.Answered(t.Context(), &wire.Rejected{N: n, Code: "conflict", Detail: "No."}))(t)
	}
	p.same()
}

// Something that another client deleted cannot be changed any more: the mutation
// waits without effect, and the server says what becomes of it.
func TestOvertakenMutationIsTheServersToReject(t *testing.T) {
	p := newPair(t)
	p.ask(workspace.MutationJobSubmit, map[string]any{"kind": "convert", "files": []string{p.file.ID}})
	must(p.server.DeleteFile(t.Context(), p.file.ID, 0))(t)
	p.catchUp()
	p.same()
	if p.waiting() != 1 {
		t.Fatalf("%d wait", p.waiting())
	}
	p.answer(p.send())
	p.same()
	if rejected := must(p.r.Rejected(t.Context(), 10))(t); len(rejected) != 1 || rejected[0].Code != "not_found" {
		t.Errorf("rejected: %+v", rejected)
	}
}

// What makes no sense as things are is refused at once and not kept.
func TestWhatCannotBeDoneIsRefused(t *testing.T) {
	p := newPair(t)
	for _, m := range []struct{ name, args, kind string }{
		{workspace.MutationJobRetry, `{"id":"` + p.running.ID + `"}`, "conflict"},
		{workspace.MutationJobCancel, `{"id":"none"}`, "not_found"},
		{"no.such", `{}`, "invalid"},
		{workspace.MutationJobCancel, `[]`, "invalid"},
		{workspace.MutationJobSubmit, `{"id":3}`, "invalid"},
		{workspace.MutationEntryPut, `{"key":""}`, "invalid"},
		{strings.Repeat("x", 200), `{}`, "too_large"},
		{workspace.MutationEntryPut, `{"key":"k","value":"` + strings.Repeat("a", wire.MaxFrameBytes) + `"}`, "too_large"},
	} {
		if _, err := p.r.Mutate(t.Context(), "", m.name, json.RawMessage(m.args), 0); fault.KindOf(err).String() != m.kind {
			t.Errorf("%.20s %.40s: %v", m.name, m.args, err)
		}
	}
	p.same()
	if p.waiting() != 0 {
		t.Errorf("%d wait", p.waiting())
	}
	if m := p.ask(workspace.MutationJobCancel, id(p.running.ID)); m.N != 1 {
		t.Errorf("the first that is kept has the number %d", m.N)
	}
}

// Whoever deletes what another client has deleted has what they wanted, whether this
// replica has heard of it yet or the server says so.
func TestDeletingWhatIsGoneIsDone(t *testing.T) {
	for _, heard := range []bool{true, false} {
		t.Run(fmt.Sprintf("heard=%v", heard), func(t *testing.T) {
			p := newPair(t)
			must(p.server.DeleteFile(t.Context(), p.file.ID, 0))(t)
			if heard {
				p.catchUp()
			}
			m := p.ask(workspace.MutationFileDelete, id(p.file.ID))
			if (m.N == 0) != heard {
				t.Errorf("its number is %d", m.N)
			}
			p.answer(p.send())
			p.catchUp()
			p.same()
			if rejected := must(p.r.Rejected(t.Context(), 10))(t); len(rejected) != 0 || p.waiting() != 0 {
				t.Errorf("rejected: %+v, %d wait", rejected, p.waiting())
			}
		})
	}
}

// Who names nothing to be deleted is told so by the replica as by the server.
func TestDeletingNothingIsRefused(t *testing.T) {
	p := newPair(t)
	args := json.RawMessage(`{"tables":[]}`)
	m, err := p.r.Mutate(t.Context(), "", workspace.MutationTableDelete, args, 0)
	if !fault.Is(err, fault.NotFound) || p.waiting() != 0 {
		t.Errorf("replica: %+v, %v", m, err)
	}
	sent := workspace.Mutation{Client: "c", N: 1, Name: workspace.MutationTableDelete, Args: args}
	if a := must(p.server.Mutate(t.Context(), sent, workspace.Around{}))(t); a.Code != fault.NotFound.String() {
		t.Errorf("server: %+v", a)
	}
}

// Who leads may end between keeping a change and saying so. The page asks whoever leads
// next, and the change is not made twice, also when it is done long since.
func TestAskedAgainItIsTakenOnce(t *testing.T) {
	p := newPair(t)
	args := must(json.Marshal(map[string]any{"kind": "convert", "files": []string{p.file.ID}}))(t)
	first := must(p.r.Mutate(t.Context(), "ask", workspace.MutationJobSubmit, args, 0))(t)
	for _, done := range []bool{false, true} {
		if done {
			p.answer(p.send())
			p.catchUp()
		}
		p.reopen()
		again := must(p.r.Mutate(t.Context(), "ask", workspace.MutationJobSubmit, args, 0))(t)
		if again.N != first.N || len(again.Touched) != 0 {
			t.Errorf("done=%v: %+v, want number %d and nothing touched", done, again, first.N)
		}
	}
	if p.waiting() != 0 {
		t.Errorf("%d wait", p.waiting())
	}
	p.same()
}

func TestOutboxIsBounded(t *testing.T) {
	p := newPair(t)
	for range 1000 {
		p.ask(workspace.MutationJobCancel, id(p.done.ID))
	}
	_, err := p.r.Mutate(t.Context(), "", workspace.MutationJobCancel, json.RawMessage(`{"id":"`+p.done.ID+`"}`), 0)
	if !fault.Is(err, fault.TooMany) {
		t.Error(err)
	}
}

// A client keeps its name and its numbers when it is started again.
func TestNumbersGoOnAfterARestart(t *testing.T) {
	p := newPair(t)
	before := must(p.r.Client(t.Context()))(t)
	p.ask(workspace.MutationJobCancel, id(p.running.ID))
	p.answer(p.send())
	p.catchUp()
	p.reopen()
	if now := must(p.r.Client(t.Context()))(t); now != before {
		t.Errorf("client %s, was %s", now, before)
	}
	if m := p.ask(workspace.MutationJobRetry, id(p.running.ID)); m.N != 2 {
		t.Errorf("number %d", m.N)
	}
}

// A server that has lost its answers would see a gap.
func TestForgottenAnswersAreNumberedAnew(t *testing.T) {
	p := newPair(t)
	for range 3 {
		p.ask(workspace.MutationEntryPut, map[string]any{"key": "k", "value": "dg=="})
	}
	p.answer(p.send()[:2])
	before := must(p.r.Client(t.Context()))(t)
	check(t, p.r.Agree(t.Context(), 1)) // it knew 2
	waiting := must(p.r.Unanswered(t.Context(), 0, 10))(t)
	if len(waiting) != 1 || waiting[0].N != 1 || waiting[0].Client == before {
		t.Fatalf("waiting: %+v", waiting)
	}
	p.answer(p.send())
	p.catchUp()
	p.same()
	if m := p.ask(workspace.MutationEntryDelete, map[string]any{"key": "k"}); m.N != 2 {
		t.Errorf("number %d", m.N)
	}
}

func TestNumbersThatTheServerKnowsAreNotGivenAgain(t *testing.T) {
	p := newPair(t)
	p.ask(workspace.MutationEntryPut, map[string]any{"key": "k", "value": "dg=="})
	check(t, p.r.Agree(t.Context(), 7))
	if m := p.ask(workspace.MutationEntryDelete, map[string]any{"key": "k"}); m.N != 8 {
		t.Errorf("number %d", m.N)
	}
}

// Another epoch is another session, perhaps another person's: nothing of the
// outbox is shown or sent there.
func TestOutboxOfAnotherHistoryIsDropped(t *testing.T) {
	for _, reset := range []bool{false, true} {
		p, foreign := newPair(t), newPair(t)
		client := must(p.r.Client(t.Context()))(t)
		p.ask(workspace.MutationJobCancel, id(p.running.ID))
		p.ask(workspace.MutationEntryPut, map[string]any{"key": "mine", "value": "dg=="})
		must(p.r.Answered(t.Context(), &wire.Rejected{N: 2, Code: "conflict", Detail: "No."}))(t)
		p.server = foreign.server
		at := must(p.server.Cursor(t.Context()))(t)
		var greeting wire.Frame = &wire.Welcome{Epoch: p.server.Epoch(), Cursor: at.Seq, LastN: 5}
		if reset {
			greeting = &wire.Reset{Epoch: p.server.Epoch(), Cursor: at.Seq, LastN: 5}
		}
		if !must(p.r.Greeted(t.Context(), greeting))(t) {
			t.Fatal("not begun anew")
		}
		if n := len(must(p.r.Unanswered(t.Context(), 0, 10))(t)) + len(must(p.r.Rejected(t.Context(), 10))(t)); n != 0 {
			t.Errorf("%d mutations are left", n)
		}
		if must(p.r.Client(t.Context()))(t) == client {
			t.Error("another session hears the same client")
		}
		p.catchUp()
		p.same()
		if m := p.ask(workspace.MutationJobCancel, id(foreign.running.ID)); m.N != 1 {
			t.Errorf("number %d", m.N)
		}
	}
}

// A delete of what has changed since the person saw it has no effect any more.
func TestBaseIsWhatThePersonSaw(t *testing.T) {
	p := newPair(t)
	at := must(p.r.Cursor(t.Context()))(t).Seq
	must(p.r.Mutate(t.Context(), "", workspace.MutationEntryDelete, json.RawMessage(`{"key":"key"}`), at))(t)
	p.put("key", "another")
	p.catchUp()
	p.same()
	p.answer(p.send())
	if rejected := must(p.r.Rejected(t.Context(), 10))(t); len(rejected) != 1 || rejected[0].Code != "conflict" {
		t.Errorf("rejected: %+v", rejected)
	}
}

// Pages follow effects by changes without a seq, and what comes off by what the
// server has.
func TestEffectsAreChangesForPages(t *testing.T) {
	p := newPair(t)
	p.ask(workspace.MutationFileDelete, id(p.other.ID))
	submitted := p.ask(workspace.MutationJobSubmit, map[string]any{"kind": "convert", "files": []string{p.file.ID}})
	effects, off, err := p.r.Effects(t.Context(), nil)
	check(t, err)
	ops := count(effects)
	if ops["file del"] != 1 || ops["table del"] != 4 || ops["job put"] != 3 || len(effects) != 8 || len(off) != 0 {
		t.Errorf("effects: %v", ops)
	}
	for _, ch := range effects {
		if ch.Seq != 0 || ch.Entity == workspace.EntityTable && ch.Group != "G" {
			t.Errorf("effect %+v", ch)
		}
	}
	for n := int64(1); n <= 2; n++ {
		must(p.r.Answered(t.Context(), &wire.Rejected{N: n, Code: "conflict", Detail: "No."}))(t)
	}
	var job struct{ ID string }
	check(t, json.Unmarshal(submitted.Args, &job))
	on, off, err := p.r.Effects(t.Context(), effects)
	check(t, err)
	ops = count(off)
	if len(on) != 0 || ops["file put"] != 1 || ops["table put"] != 4 || ops["job put"] != 2 || ops["job del"] != 1 {
		t.Errorf("taken off: %v", ops)
	}
	for _, ch := range off {
		if ch.Op == workspace.Del && ch.ID != job.ID {
			t.Errorf("%+v is gone", ch)
		}
	}
}

func count(changes []workspace.Change) map[string]int {
	ops := make(map[string]int)
	for _, ch := range changes {
		ops[string(ch.Entity)+" "+string(ch.Op)]++
	}
	return ops
}
