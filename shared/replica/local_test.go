package replica_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"ret/shared/replica"
	"ret/shared/tablefile"
	"ret/shared/workspace"
	"ret/shared/xmltable"
)

// localJob is a job over two new files that this browser has done itself.
type localJob struct {
	replica.LocalJob
	content []byte             // of all its tables
	stored  []*tablefile.Table // each by itself
}

func newLocalJob(t testing.TB, rows int) *localJob {
	t.Helper()
	made := time.Now().UTC().Truncate(time.Millisecond)
	l := &localJob{}
	l.Job = workspace.Job{
		ID: workspace.NewID(), Kind: "convert", State: workspace.StateQueued, Options: json.RawMessage(`{}`), MaxAttempts: 1,
		CreatedAt: made, Errors: []workspace.JobError{},
	}
	var tables [][]byte
	for _, name := range []string{"one.xml", "two.xml"} {
		f := workspace.File{ID: workspace.NewID(), Name: name, Size: 3, SHA256: "00", Kind: "xml", CreatedAt: made}
		l.Files, l.Job.Files = append(l.Files, f), append(l.Job.Files, f.ID)
		l.Documents = append(l.Documents, workspace.Document{Path: name, FileID: f.ID, Status: workspace.StatusConverted, Rows: int64(rows), Manifest: []byte("{}")})
		text, index := tableText(t, rows)
		tables = append(tables, text)
		opened := must(tablefile.Open(bytes.NewReader(text), index))(t)
		l.stored = append(l.stored, opened)
		l.Tables = append(l.Tables, replica.LocalTable{Table: workspace.Table{
			ID: workspace.TableID(l.Job.ID, name, 0), JobID: l.Job.ID, FileID: &f.ID, Group: "G", Source: name, Name: "row",
			Columns: columns, Rows: index.Rows, Bytes: index.Bytes, CreatedAt: made, RowIndex: must(index.MarshalBinary())(t),
		}})
	}
	l.lay(tables)
	return l
}

// lay puts the tables' texts into the content, a piece of each in turn.
func (l *localJob) lay(tables [][]byte) {
	const piece = 1000
	for at := 0; ; at += piece {
		before := len(l.content)
		for i, text := range tables {
			part := text[min(at, len(text)):min(at+piece, len(text))]
			if len(part) > 0 {
				l.Tables[i].Extents = append(l.Tables[i].Extents, replica.Extent{Offset: int64(len(l.content)), Length: int64(len(part))})
			}
			l.content = append(l.content, part...)
		}
		if len(l.content) == before {
			return
		}
	}
}

// accept has the server take what has gone up of a local job: its files, and with
// the last of them the job.
func (p *pair) accept(l *localJob, files ...int) {
	p.Helper()
	for _, i := range files {
		f := l.Files[i]
		f.Blob = workspace.NewID()
		up := workspace.Upload{ID: f.ID, Digest: "d", Files: []*workspace.File{&f}}
		must(p.server.Accept(p.Context(), up))(p)
	}
}

func (p *pair) submit(l *localJob) workspace.Run {
	p.Helper()
	_, _, err := p.server.Submit(p.Context(), workspace.NewJob{ID: l.Job.ID, Kind: "convert", Files: l.Job.Files})
	check(p, err)
	return must(p.server.Start(p.Context(), l.Job.ID, time.Minute))(p)
}

// finishTable has the server make one of the tables that the browser has made.
func (p *pair) finishTable(l *localJob, run workspace.Run, i int) {
	p.Helper()
	table := l.Tables[i].Table
	table.Blob = workspace.NewID()
	check(p, p.server.AddFinished(p.Context(), run, []workspace.Finished{{Document: l.Documents[i], Tables: []*workspace.Table{&table}}}, 0))
}

func (p *pair) locals() []replica.Local { return must(p.r.LocalJobs(p.Context()))(p) }

func (p *pair) take(l *localJob) {
	p.Helper()
	if !must(p.r.TakeLocal(p.Context(), l.LocalJob))(p) {
		p.Fatal("the job is not taken")
	}
}

// lists are the ids of what lists show, whatever their order.
func (p *pair) lists() (ids []string) {
	p.Helper()
	page := workspace.Page{Limit: workspace.MaxPage}
	for _, f := range must(p.r.Files(p.Context(), page))(p).Items {
		ids = append(ids, f.ID)
	}
	for _, j := range must(p.r.Jobs(p.Context(), "", page))(p).Items {
		ids = append(ids, j.ID)
	}
	for _, t := range must(p.r.Tables(p.Context(), workspace.TableFilter{}, page))(p).Items {
		ids = append(ids, t.ID)
	}
	slices.Sort(ids)
	return ids
}

// A job that this browser has done stands in all lists, over a restart, and as the
// server says the same things nothing is missing at any moment, nothing there
// twice; in the end nothing of it is left.
func TestLocalJobIsReplaced(t *testing.T) {
	p := newPair(t)
	l := newLocalJob(t, 50)
	before := p.lists()
	p.take(l)
	all := p.lists()
	if len(all) != len(before)+5 {
		t.Fatalf("%d things, and %d before", len(all), len(before))
	}
	p.take(l) // it is offered at each start
	p.reopen()
	still := func(when string) {
		t.Helper()
		if got := p.lists(); !slices.Equal(got, all) {
			t.Fatalf("%s there are %v, not %v", when, got, all)
		}
	}
	still("after a restart")
	p.greet()
	still("after a greeting")
	p.accept(l, 0)
	p.catchUp()
	still("with one file up")
	p.accept(l, 1)
	run := p.submit(l)
	p.catchUp()
	still("with the job under way")
	for i := range l.Tables {
		p.finishTable(l, run, i)
		p.catchUp()
		still(fmt.Sprintf("with %d tables made again", i+1))
	}
	if len(p.locals()) != 1 {
		t.Error("the tables cannot be read any more")
	}
	must(p.server.Finish(t.Context(), run, workspace.Outcome{State: workspace.StateSucceeded}))(t)
	p.catchUp()
	if left := p.locals(); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	p.same()
	if must(p.r.TakeLocal(t.Context(), l.LocalJob))(t) {
		t.Error("it is taken again")
	}
	p.same()
}

// All that the server has done at once takes the place of what was done here, also
// where it is told from the beginning.
func TestLocalJobMeetsAFinishedOne(t *testing.T) {
	for _, how := range []string{"in one delta", "from the beginning", "failed", "deleted"} {
		t.Run(how, func(t *testing.T) {
			p := newPair(t)
			l := newLocalJob(t, 5)
			p.take(l)
			p.accept(l, 0, 1)
			run := p.submit(l)
			state := workspace.StateSucceeded
			if how == "failed" {
				state = workspace.StateFailed
			} else {
				p.finishTable(l, run, 0)
				p.finishTable(l, run, 1)
			}
			must(p.server.Finish(t.Context(), run, workspace.Outcome{State: state}))(t)
			switch how {
			case "from the beginning":
				check(t, p.r.StartOver(t.Context(), p.server.Epoch(), 0))
			case "deleted":
				for _, f := range l.Files {
					must(p.server.DeleteFile(t.Context(), f.ID, 0))(t)
				}
			}
			p.catchUp()
			if left := p.locals(); len(left) != 0 {
				t.Errorf("left: %v", left)
			}
			p.same()
		})
	}
}

// What waits in the outbox and what was done here do not disturb each other.
func TestLocalJobAndOutbox(t *testing.T) {
	forEach(t, func(t *testing.T, p *pair, mutation string, args any) {
		first, second := newLocalJob(t, 5), newLocalJob(t, 5)
		p.take(first)
		p.ask(mutation, args)
		p.take(second)
		p.reopen()
		p.greet()
		p.answer(p.send())
		p.accept(first, 0, 1)
		run := p.submit(first)
		p.finishTable(first, run, 0)
		p.catchUp()
		p.finishTable(first, run, 1)
		must(p.server.Finish(t.Context(), run, workspace.Outcome{State: workspace.StateSucceeded}))(t)
		p.catchUp()
		if n := p.waiting(); n != 0 {
			t.Errorf("%d wait", n)
		}
		check(t, p.r.DropLocal(t.Context(), second.Job.ID))
		p.same()
	})
}

// A local job belongs to one history of the server.
func TestLocalJobOfAnotherHistoryIsDropped(t *testing.T) {
	p := newPair(t)
	p.take(newLocalJob(t, 5))
	check(t, p.r.StartOver(t.Context(), workspace.NewID(), 0))
	if left := p.locals(); len(left) != 0 || len(p.lists()) != 0 {
		t.Errorf("left: %v, %v", left, p.lists())
	}
}

// Of what has not gone up a page can tell which job it belongs to; pages hear of
// it as of other effects.
func TestLocalOf(t *testing.T) {
	p := newPair(t)
	l := newLocalJob(t, 5)
	p.take(l)
	for _, id := range []string{l.Job.ID, l.Files[0].ID, l.Files[1].ID} {
		got := must(p.r.LocalOf(t.Context(), id))(t)
		if want := []replica.Local{{JobID: l.Job.ID, Files: 2}}; !reflect.DeepEqual(got, want) {
			t.Errorf("of %s: %+v", id, got)
		}
	}
	if got := must(p.r.LocalOf(t.Context(), p.file.ID))(t); len(got) != 0 {
		t.Errorf("of the server's file: %+v", got)
	}
	on, _, err := p.r.Effects(t.Context(), nil)
	check(t, err)
	if counts := count(on); counts["file put"] != 2 || counts["job put"] != 1 || counts["table put"] != 2 {
		t.Errorf("effects: %v", counts)
	}
	check(t, p.r.DropLocal(t.Context(), l.Job.ID))
	_, off, err := p.r.Effects(t.Context(), on)
	check(t, err)
	if counts := count(off); counts["file del"] != 2 || counts["job del"] != 1 || counts["table del"] != 2 {
		t.Errorf("taken off: %v", counts)
	}
	p.same()
}

// Rows of a local table are those that were written, in any order and choice, until
// its content is let go.
func TestLocalRows(t *testing.T) {
	p := newPair(t)
	l := newLocalJob(t, 2500)
	p.take(l)
	rows := replica.NewRows(p.r, 1<<20)
	rows.SetContent(l.Job.ID, bytes.NewReader(l.content))
	for i := range l.Tables {
		table := must(p.r.Table(t.Context(), l.Tables[i].ID))(t)
		for _, q := range []tablefile.Query{
			{Limit: 100},
			{Offset: 2450, Limit: 100},
			{Sorts: []string{"-number"}, Offset: 1200, Limit: 100},
			{Filters: []string{"text~line 24"}, Limit: 1000},
		} {
			got := must(rows.Read(t.Context(), table, q))(t)
			if want := must(l.stored[i].Page(t.Context(), q))(t); !reflect.DeepEqual(got, want) {
				t.Errorf("table %d, %+v: %d rows of %d, not %d of %d", i, q, len(got.Rows), got.Total, len(want.Rows), want.Total)
			}
		}
		whole := must(rows.Table(t.Context(), table))(t)
		var got, want bytes.Buffer
		check(t, whole.WriteCSV(t.Context(), &got, xmltable.CSVOptions{}))
		check(t, l.stored[i].WriteCSV(t.Context(), &want, xmltable.CSVOptions{}))
		if !bytes.Equal(got.Bytes(), want.Bytes()) {
			t.Errorf("table %d is saved as %d bytes, not %d", i, got.Len(), want.Len())
		}
	}
	if kept := bytesKept(t, rows); kept != 0 {
		t.Errorf("%d bytes are kept twice", kept)
	}
	rows.SetContent(l.Job.ID, nil)
	_, err := rows.Read(t.Context(), must(p.r.Table(t.Context(), l.Tables[0].ID))(t), tablefile.Query{Limit: 100})
	if _, missing := errors.AsType[*replica.MissingRows](err); !missing {
		t.Errorf("without its content: %v", err)
	}
}

// Content that is damaged is told from rows that are missing.
func TestLocalRowsOfDamagedContent(t *testing.T) {
	p := newPair(t)
	l := newLocalJob(t, 2500)
	p.take(l)
	rows := replica.NewRows(p.r, 1<<20)
	rows.SetContent(l.Job.ID, bytes.NewReader(l.content[:len(l.content)/2]))
	table := must(p.r.Table(t.Context(), l.Tables[0].ID))(t)
	if _, err := rows.Read(t.Context(), table, tablefile.Query{Offset: 2400, Limit: 100}); err == nil {
		t.Error("rows that are not there are read")
	}
}
