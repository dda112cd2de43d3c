package replica_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ret/shared/entries"
	"ret/shared/replica"
	"ret/shared/sqlite"
	"ret/shared/sqlite/memoryvfs"
	"ret/shared/wire"
	"ret/shared/workspace"
	"ret/shared/xmltable"
)

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// inMemory is a database that lasts as long as the test, opened as the browser
// does, since these tests run there too.
var inMemory = sqlite.Config{VFS: memoryvfs.Name, Exclusive: true}

var databases atomic.Int64

func newPath() string { return fmt.Sprintf("/outbox%d", databases.Add(1)) }

// pair is a server's session and one client's replica of it.
type pair struct {
	testing.TB
	server *workspace.Workspace
	r      *replica.Replica
	path   string // of the replica

	file, other           *workspace.File
	running, failed, done *workspace.Job
}

// newPair makes a session with something for each mutation: a running job of one
// file, a failed and a finished one of another, and an entry.
func newPair(t testing.TB) *pair {
	p := &pair{TB: t, path: newPath()}
	p.server = must(workspace.Open(newPath(), workspace.Options{SQLite: inMemory}))(t)
	t.Cleanup(func() { _ = p.server.Close() })
	p.file, p.other = p.upload("a <&>.zip"), p.upload("b\x00.zip")
	p.upload("last.zip")
	p.done = p.convert(p.other, workspace.StateSucceeded)
	p.failed = p.convert(p.other, workspace.StateFailed)
	p.running, _ = p.start(p.file)
	p.put("key", "value")
	p.reopen()
	t.Cleanup(func() { _ = p.r.Close() })
	p.greet()
	p.catchUp()
	p.same()
	return p
}

func (p *pair) upload(name string) *workspace.File {
	return must(p.server.Accept(p.Context(), workspace.Upload{ID: workspace.NewID(), Digest: "d", Files: []*workspace.File{{
		Name: name, Size: 3, SHA256: "00", Kind: "zip", Blob: workspace.NewID(),
	}}}))(p).Files[0]
}

func (p *pair) start(f *workspace.File) (*workspace.Job, workspace.Run) {
	job, _, err := p.server.Submit(p.Context(), workspace.NewJob{Kind: "convert", Files: []string{f.ID}})
	check(p, err)
	return job, must(p.server.Start(p.Context(), job.ID, time.Minute))(p)
}

// convert runs a job over a file that makes two tables and fails at a document.
func (p *pair) convert(f *workspace.File, end workspace.State) *workspace.Job {
	job, run := p.start(f)
	path := f.Name + "!/x.xml"
	doc := workspace.Document{Path: path, FileID: f.ID, Status: workspace.StatusConverted, Rows: 3, Manifest: []byte("{}")}
	bad := workspace.Document{Path: path + "2", FileID: f.ID, Status: workspace.StatusFailed, Line: 2, Column: 9, Message: "It ends.", Manifest: []byte("{}")}
	var tables []*workspace.Table
	for _, name := range []string{"book", "author"} {
		tables = append(tables, &workspace.Table{
			FileID: &f.ID, Group: "G", Source: path, Name: name, Rows: 3, Bytes: 30, Blob: workspace.NewID(), RowIndex: []byte{},
			Columns: []xmltable.Column{{Name: "title", Path: "/a/title", Kind: "text"}},
		})
	}
	check(p, p.server.Progress(p.Context(), run, workspace.Progress{Done: 1, Total: 3, Unit: "files", Message: path, Rate: 1.0 / 3}, time.Minute))
	check(p, p.server.AddFinished(p.Context(), run, []workspace.Finished{{Document: doc, Tables: tables}, {Document: bad}}, 0))
	out := workspace.Outcome{State: end}
	if end == workspace.StateFailed {
		out.Error = "It did not go well."
	}
	must(p.server.Finish(p.Context(), run, out))(p)
	return job
}

func (p *pair) put(key, value string) {
	check(p, p.server.Entries().Write(p.Context(), func(tx *entries.Tx) error {
		if err := tx.Put(entries.Stored{Key: key, Value: []byte(value), StoredAt: time.Now(), Used: 1}); err != nil {
			return err
		}
		return tx.Settle()
	}))
}

// reopen closes the replica without a word and opens it again.
func (p *pair) reopen() {
	p.Helper()
	if p.r != nil {
		check(p, p.r.Close())
	}
	p.r = must(replica.Open(context.Background(), p.path, inMemory))(p)
}

// greet is what happens between hello and what follows the welcome.
func (p *pair) greet() (anew bool) {
	p.Helper()
	hello := must(p.r.Hello(p.Context()))(p)
	at := must(p.server.Cursor(p.Context()))(p)
	w := wire.Welcome{
		Epoch: p.server.Epoch(), Cursor: at.Seq, ExpiresAt: time.Unix(1e9, 0),
		LastN: must(p.server.LastMutation(p.Context(), hello.Client))(p),
	}
	return must(p.r.Greeted(p.Context(), &w))(p)
}

// delta is what the server says after the replica's cursor, as it comes.
func (p *pair) delta() *wire.Delta {
	p.Helper()
	at := must(p.r.Cursor(p.Context()))(p).Seq
	things, to, err := p.server.Things(p.Context(), at, 1000)
	check(p, err)
	var encoded []wire.EncodedChange
	for _, t := range things {
		encoded = append(encoded, wire.EncodedChange{Seq: t.Seq, Text: must(wire.EncodeThing(t))(p)})
	}
	frame, _ := wire.EncodeDelta(at, to, encoded)
	return must(wire.DecodeServer(frame))(p).(*wire.Delta)
}

func (p *pair) catchUp() {
	p.Helper()
	if step := must(p.r.Apply(p.Context(), p.delta()))(p); step != wire.Apply {
		p.Fatalf("step %s", step)
	}
}

// ask takes a mutation of the person.
func (p *pair) ask(name string, args any) replica.Pending {
	p.Helper()
	return must(p.r.Mutate(p.Context(), "", name, must(json.Marshal(args))(p), 0))(p)
}

// send has the server do what waits and returns its answers.
func (p *pair) send() (answers []wire.Frame) {
	p.Helper()
	for _, m := range must(p.r.Unanswered(p.Context(), 0, 1000))(p) {
		a := must(p.server.Mutate(p.Context(), workspace.Mutation(m), workspace.Around{}))(p)
		if a.Rejected() {
			answers = append(answers, &wire.Rejected{N: a.N, Code: a.Code, Detail: a.Detail})
		} else {
			answers = append(answers, &wire.Ack{N: a.N, Seq: a.Seq})
		}
	}
	return answers
}

func (p *pair) answer(answers []wire.Frame) {
	p.Helper()
	for _, f := range answers {
		must(p.r.Answered(p.Context(), f))(p)
	}
}

// waiting counts the mutations that are not settled.
func (p *pair) waiting() int64 {
	counts := must(p.r.OutboxCount(p.Context()))(p)
	return counts[replica.PendingWaiting] + counts[replica.PendingAcked]
}

// told is all that a workspace says to clients, lists in their order.
func told(t testing.TB, w *workspace.Workspace) string {
	t.Helper()
	ctx := t.Context()
	var all strings.Builder
	page := workspace.Page{Limit: workspace.MaxPage}
	write := func(v any, err error) {
		fmt.Fprintf(&all, "%s\n", must(json.MarshalIndent(must(v, err)(t), "", " "))(t))
	}
	write(w.Cursor(ctx))
	write(w.Files(ctx, page))
	write(w.Tables(ctx, workspace.TableFilter{}, page))
	write(w.Jobs(ctx, "", page))
	usage, err := w.Usage(ctx)
	write(usage, err)
	things, _, err := w.Things(ctx, 0, 1<<30)
	if err == nil {
		for _, thing := range things {
			fmt.Fprintf(&all, "%s\n", must(wire.EncodeThing(thing))(t))
		}
	}
	return all.String()
}

// same checks that the replica is what the server is.
func (p *pair) same() {
	p.Helper()
	// The floor is where a replica began.
	floor := func(s string) string { _, rest, _ := strings.Cut(s, "\n}\n"); return rest }
	if got, want := floor(told(p, p.r.Workspace)), floor(told(p, p.server)); got != want {
		p.Fatalf("the replica is\n%s\nthe server\n%s", got, want)
	}
}

func (p *pair) differs() {
	p.Helper()
	if told(p, p.r.Workspace) == told(p, p.server) {
		p.Fatal("a mutation has no effect")
	}
}
