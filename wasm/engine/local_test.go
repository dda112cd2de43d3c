package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ret/shared/convert"
	"ret/shared/seal"
	"ret/shared/workspace"
	"ret/wasm/converter"
	"ret/wasm/engine"
)

// keeper keeps what a conversion makes as the browser does: all tables in one sealed
// content, and a manifest.
type keeper struct {
	*converter.Tables
	manifest bytes.Buffer
}

func (k *keeper) Progress(convert.Progress) {}

func (k *keeper) Finish(lines []byte) error {
	for line := range bytes.Lines(lines) {
		k.manifest.WriteByte('\n')
		k.manifest.Write(bytes.TrimSpace(line))
	}
	return nil
}

// drop is a file of so many books that is dropped into the browser and converted there.
func drop(t testing.TB, rows int) (kept engine.Kept, file string) {
	t.Helper()
	var text strings.Builder
	text.WriteString("<books>")
	for i := range rows {
		fmt.Fprintf(&text, "<book><title>Title %d</title></book>", i)
	}
	text.WriteString("</books>")
	job := converter.Job{ID: workspace.NewID(), Options: json.RawMessage(`{}`)}
	var content bytes.Buffer
	key := seal.NewKey()
	k := &keeper{Tables: must(converter.NewTables(&content, key))(t)}
	f := converter.File{ID: workspace.NewID(), Name: "books.xml", Size: int64(text.Len()), Content: strings.NewReader(text.String())}
	job.Files, job.Host = []converter.File{f}, k
	header := converter.Header{ID: job.ID, Options: job.Options, Files: []converter.DroppedFile{{ID: f.ID, Name: f.Name, Size: f.Size, SHA256: "00", Kind: "xml"}}}
	k.manifest.Write(must(json.Marshal(header))(t))
	must(converter.Run(context.Background(), job))(t)
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	part := must(key.Open(bytes.NewReader(content.Bytes()), int64(content.Len()), nil))(t)
	return engine.Kept{JobID: job.ID, Manifest: k.manifest.Bytes(), Content: part, Waiting: true}, f.ID
}

// offlineWith is a worker without a server that was offered a conversion.
func offlineWith(t testing.TB, kept engine.Kept) (*session, *worker) {
	t.Helper()
	s := newSession(t)
	w := start(t, s, filepath.Join(t.TempDir(), "replica.db"))
	w.untilReady()
	w.untilKept() // and knows who looks
	s.down.Store(true)
	s.leave()
	w.untilStanding(offline)
	w.Offered(kept)
	return s, w
}

func (w *worker) tables() []*workspace.Table {
	w.Helper()
	return must(w.replica.Tables(w.Context(), workspace.TableFilter{}, workspace.Page{}))(w).Items
}

func await[T any](t testing.TB, from chan T) (v T) {
	t.Helper()
	select {
	case v = <-from:
	case <-time.After(patience):
		t.Fatal("nothing comes")
	}
	return v
}

// untilTold waits until pages were told something of a thing.
func (w *worker) untilTold(target string) {
	w.Helper()
	for until := time.Now().Add(patience); time.Now().Before(until); {
		if _, frame := w.hear("page"); bytes.Contains(frame, []byte(target)) {
			return
		}
	}
	w.Fatalf("nothing is said of %s", target)
}

// save is what comes of a table's download.
func (w *worker) save(id, query string) (content string, saved engine.Saved) {
	w.Helper()
	return w.saveFrom("/api/v1/tables/" + url.PathEscape(id) + "/content?" + query)
}

// saveAnswer is what comes of the download of a statement's answer.
func (w *worker) saveAnswer(sql string) (content string, saved engine.Saved) {
	w.Helper()
	return w.saveFrom("/query?" + url.Values{"sql": {sql}}.Encode())
}

func (w *worker) saveFrom(path string) (content string, saved engine.Saved) {
	w.Helper()
	var out bytes.Buffer
	done := make(chan engine.Saved, 1)
	w.Download(engine.Download{ID: "d", Path: path}, &out, func(s engine.Saved) { done <- s })
	select {
	case saved = <-done:
		return out.String(), saved
	case <-time.After(patience):
		w.Fatal("no answer to a download")
		return "", saved
	}
}

// What was converted here is told to pages, drawn and saved without a server.
func TestConversionIsShown(t *testing.T) {
	kept, file := drop(t, 250)
	_, w := offlineWith(t, kept)
	w.untilTold("file-" + file)
	tables := w.tables()
	if len(tables) != 1 || tables[0].Rows != 250 {
		t.Fatalf("tables: %+v", tables)
	}
	id := tables[0].ID
	for path, want := range map[string]string{
		"/":                                     "/tables/" + id,
		"/jobs":                                 "goes up when the server can be reached",
		"/jobs/" + kept.JobID:                   "/tables/" + id,
		"/tables/" + id + "?offset=200":         "Title 249",
		"/tables/" + id + "?filter=title~le 24": "Title 240",
		"/tables/" + id + "?sort=-title&limit=20": "Title 99",
	} {
		if page := w.ask(path); page.Status != 200 || !strings.Contains(page.HTML, want) {
			t.Errorf("%s is answered with %d and without %q", path, page.Status, want)
		}
	}
	content, saved := w.save(id, "format=csv")
	if saved.Problem != "" || saved.Name != "book.csv" || strings.Count(content, "\n") != 251 {
		t.Errorf("saved %+v with %d lines", saved, strings.Count(content, "\n"))
	}
	content, saved = w.saveAnswer("SELECT title FROM book WHERE title LIKE '%24_' ORDER BY rowid")
	if saved.Problem != "" || saved.Name != "query.csv" || !strings.HasPrefix(content, "title\nTitle 240\n") || strings.Count(content, "\n") != 11 {
		t.Errorf("saved %+v: %q", saved, content)
	}
	if _, saved := w.saveAnswer("SELECT title FROM nowhere"); !strings.Contains(saved.Problem, "no table") {
		t.Errorf("a wrong statement is saved: %+v", saved)
	}
	if _, saved := w.save(id, "format=xlsx"); !strings.Contains(saved.Problem, "Workbooks") {
		t.Errorf("a workbook without a server: %+v", saved)
	}
	if _, saved := w.save(workspace.NewID(), ""); saved.Problem == "" {
		t.Error("a table that is not there is saved")
	}
}

// Whoever deletes or cancels what has not gone up gives it up; pages are told.
func TestConversionIsGivenUp(t *testing.T) {
	for name, of := range map[string]func(kept engine.Kept, file string) string{
		workspace.MutationFileDelete: func(_ engine.Kept, file string) string { return file },
		workspace.MutationJobCancel:  func(kept engine.Kept, _ string) string { return kept.JobID },
	} {
		t.Run(name, func(t *testing.T) {
			kept, file := drop(t, 5)
			_, w := offlineWith(t, kept)
			w.untilTold("file-" + file)
			w.mutate(name, idArgs{of(kept, file)})
			if got := await(t, w.givenUp); !slices.Equal(got, []string{file}) {
				t.Errorf("given up: %v", got)
			}
			if got := await(t, w.settled); got != kept.JobID {
				t.Errorf("settled: %s", got)
			}
			if left := w.tables(); len(left) != 0 {
				t.Errorf("left: %+v", left)
			}
			if n := must(w.replica.OutboxCount(t.Context()))(t); len(n) != 0 {
				t.Errorf("the server would be asked: %v", n)
			}
		})
	}
}

// A page that lists a local table learns that all of it is here.
func TestLocalTablesAreThere(t *testing.T) {
	kept, file := drop(t, 5)
	_, w := offlineWith(t, kept)
	w.untilTold("file-" + file)
	id := w.tables()[0].ID
	w.Ask(engine.Ask{Type: engine.AskKept, Page: "page", Kept: []string{id, "none"}})
	w.untilTold(`{"type":"kept","tables":{"` + id + `":"whole"}}`)
}

// What the server has not made yet it could not delete; it would come back.
func TestLocalTablesAreNotDeletedAlone(t *testing.T) {
	kept, file := drop(t, 5)
	_, w := offlineWith(t, kept)
	w.untilTold("file-" + file)
	made := w.tables()
	w.Ask(engine.Ask{Type: engine.AskMutate, Page: "page", Mutate: &engine.Mutate{
		Ask: "a", Name: workspace.MutationTableDelete, Args: fmt.Appendf(nil, `{"tables":[%q]}`, made[0].ID),
	}})
	w.untilTold("has not made these tables yet")
	if left := w.tables(); len(left) != len(made) {
		t.Errorf("left are %d of %d tables", len(left), len(made))
	}
}

// When the server has done the same, the conversion is settled, also if it was offered
// late; and so is one whose files will not go up and of which the server knows nothing.
func TestConversionIsSettled(t *testing.T) {
	kept, file := drop(t, 5)
	s, w := offlineWith(t, kept)
	w.untilTold("file-" + file)
	up := must(s.Accept(t.Context(), workspace.Upload{
		ID: file, Digest: "d", Job: &workspace.NewJob{ID: kept.JobID, Kind: "convert"},
		Files: []*workspace.File{{ID: file, Name: "books.xml", Size: 3, SHA256: "00", Kind: "xml", Blob: workspace.NewID()}},
	}))(t)
	s.down.Store(false)
	s.away.Store(false)
	w.Online()
	w.untilReady()
	w.untilAt(s)
	if len(w.tables()) != 1 {
		t.Error("the table is gone before the server has it")
	}
	s.convert(t, up, "books")
	if got := await(t, w.settled); got != kept.JobID {
		t.Errorf("settled: %s", got)
	}
	w.untilAt(s)
	w.Offered(kept)
	if got := await(t, w.settled); got != kept.JobID {
		t.Errorf("offered late, settled: %s", got)
	}
	stray, _ := drop(t, 5)
	stray.Waiting = false
	w.Offered(stray)
	if got := await(t, w.settled); got != stray.JobID {
		t.Errorf("settled: %s", got)
	}
	stray.Manifest = []byte("{")
	w.Offered(stray)
	if got := await(t, w.settled); got != stray.JobID {
		t.Errorf("of no manifest, settled: %s", got)
	}
}
