package jobs_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"

	"ret/server/files"
	"ret/server/jobs"
	"ret/server/keys"
	"ret/server/queue"
	"ret/shared/convert"
	"ret/shared/sqlite"
	"ret/shared/sqlite/faultvfs"
	"ret/shared/workspace"
)

// session is one with a real folder, workspace, line and runner.
type session struct {
	*workspace.Workspace
	t      *testing.T
	dir    string
	folder *files.Folder
	line   *queue.Line
	runner *jobs.Runner
	show   func(workspace.Progress)
}

func (s *session) Changed(int64)               {}
func (s *session) Queued(job workspace.Queued) { s.line.Queued(job) }
func (s *session) Stopped(id string)           { s.line.Stopped(id) }

func newSession(t *testing.T, q *queue.Queue, vfs string) *session {
	t.Helper()
	s := &session{t: t, dir: t.TempDir(), show: func(workspace.Progress) {}}
	master, err := keys.Open(s.dir+".key", true)
	if err != nil {
		t.Fatal(err)
	}
	store, err := files.OpenStore(s.dir, master, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if s.folder, err = store.Open("one"); err != nil {
		t.Fatal(err)
	}
	if s.Workspace, err = workspace.Open(filepath.Join(s.dir, "workspace.db"), workspace.Options{Listener: s, SQLite: sqlite.Config{VFS: vfs}}); err != nil {
		t.Fatal(err)
	}
	s.runner = &jobs.Runner{
		Workspace: s.Workspace, Folder: s.folder, Workers: 2,
		Show: func(_ string, p workspace.Progress) { s.show(p) },
	}
	s.line = q.NewLine("one", s.Workspace, s.runner)
	t.Cleanup(func() {
		s.line.Close()
		for _, err := range []error{s.Workspace.Close(), s.folder.Close(), store.Close()} {
			if err != nil {
				t.Error(err)
			}
		}
	})
	return s
}

// submit uploads a file with its job.
func (s *session) submit(name string, content []byte) string {
	s.t.Helper()
	return s.accept(name, content, &workspace.NewJob{Kind: "convert", MaxAttempts: 5}).Job.ID
}

// upload uploads a file that is not converted.
func (s *session) upload(name string, content []byte) *workspace.File {
	s.t.Helper()
	return s.accept(name, content, nil).Files[0]
}

func (s *session) accept(name string, content []byte, job *workspace.NewJob) workspace.Accepted {
	s.t.Helper()
	blob, err := s.folder.CreateInput()
	if err == nil {
		_, err = blob.Write(content)
	}
	if err == nil {
		err = blob.Commit()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	acc, err := s.Accept(s.t.Context(), workspace.Upload{
		ID: workspace.NewID(), Digest: name, Job: job,
		Files: []*workspace.File{{Name: name, Size: int64(len(content)), SHA256: strings.Repeat("0", 64), Kind: "zip", Blob: blob.Name()}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return acc
}

func (s *session) await(id string) *workspace.Job {
	s.t.Helper()
	for {
		job, err := s.Job(s.t.Context(), id)
		if err != nil {
			s.t.Fatal(err)
		}
		if job.State.Finished() {
			return job
		}
		time.Sleep(time.Millisecond)
	}
}

// checkBlobs: each table has its blob, and each blob its table.
func (s *session) checkBlobs() {
	s.t.Helper()
	known, err := s.Blobs(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	for blob := range known {
		if _, err := os.Stat(filepath.Join(s.dir, "sessions", "one", filepath.FromSlash(blob))); err != nil {
			s.t.Errorf("a row without its file: %v", err)
		}
	}
	left, err := os.ReadDir(filepath.Join(s.dir, "sessions", "one", "output"))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range left {
		if !known["output/"+e.Name()] {
			s.t.Errorf("a file without its row: %s", e.Name())
		}
	}
}

func zipOf(t *testing.T, documents int, content string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := range documents {
		w, err := z.Create(fmt.Sprintf("d%04d.xml", i))
		if err == nil {
			_, err = w.Write([]byte(content))
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

func newQueue(t *testing.T, workers int) *queue.Queue {
	t.Helper()
	q := queue.New(queue.Config{Workers: workers, Backoff: time.Millisecond})
	t.Cleanup(func() {
		now, cancel := context.WithCancel(context.Background())
		cancel()
		q.Stop(now)
	})
	return q
}

// A group of documents that cannot be written down leaves neither rows without
// files nor files without rows, and is done again.
func TestFailingFlushLeavesNothing(t *testing.T) {
	disk := faultvfs.New(t)
	s := newSession(t, newQueue(t, 1), disk.Name())
	var left atomic.Int64
	disk.Fail(func(op faultvfs.Op) error {
		if op == faultvfs.Write && left.Load() > 0 && left.Add(-1) == 0 {
			return sqlite3.FULL
		}
		return nil
	})
	var armed atomic.Bool
	s.show = func(p workspace.Progress) {
		if p.Done > 0 && armed.CompareAndSwap(false, true) {
			left.Store(1) // the next write: that of a group
		}
	}
	id := s.submit("many.zip", zipOf(t, 400, `<r><i><a>1</a></i><i><a>2</a></i></r>`))
	job := s.await(id)
	if !armed.Load() || left.Load() != 0 {
		t.Fatal("nothing failed")
	}
	if job.State != workspace.StateSucceeded || job.Result.Converted != 400 || len(job.Result.Tables) != 400 {
		t.Errorf("job is %s, %+v, %v", job.State, job.Result.Converted, job.Errors)
	}
	s.checkBlobs()
}

// An upload that converts for long, in one document, lets another session's small
// one begin within 250 ms; and both end.
func TestLoneUploadBesideLargeDocuments(t *testing.T) {
	q := newQueue(t, 2)
	busy, lone := newSession(t, q, ""), newSession(t, q, "")
	large := []byte("<r>" + strings.Repeat("<i><a>some text</a><b>1</b></i>", manyRows) + "</r>")
	began := make(chan struct{}, 100)
	busy.show = func(workspace.Progress) {
		select {
		case began <- struct{}{}:
		default:
		}
	}
	ids := []string{busy.submit("one.xml", large), busy.submit("two.xml", large)}
	<-began
	<-began
	first := make(chan time.Time, 100)
	lone.show = func(workspace.Progress) {
		select {
		case first <- time.Now():
		default:
		}
	}
	asked := time.Now()
	id := lone.submit("small.xml", []byte("<r><i>1</i></r>"))
	if took := (<-first).Sub(asked); took > startsWithin {
		t.Errorf("it began after %v", took)
	}
	if job := lone.await(id); job.State != workspace.StateSucceeded {
		t.Errorf("the small job is %s: %v", job.State, job.Errors)
	}
	for _, id := range ids {
		if f := q.Figures(); f.Running+f.Waiting < 2 {
			t.Errorf("the large ones had ended: %+v", f)
		}
		if err := busy.cancelled(id); err != nil {
			t.Error(err)
		}
	}
}

func (s *session) cancelled(id string) error {
	_, err := s.Cancel(s.t.Context(), id, 0)
	return err
}

// Someone's looks take turns with another's many.
func TestLooksTakeTurns(t *testing.T) {
	q := newQueue(t, 1)
	busy, lone := newSession(t, q, ""), newSession(t, q, "")
	large := []byte("<r>" + strings.Repeat("<i><a>some text</a><b>1</b></i>", manyRows) + "</r>")
	look := func(ctx context.Context, i *jobs.Inspector, name string, s *session, file *workspace.File) error {
		up := jobs.Upload{SessionID: name, File: file, Folder: s.folder}
		return i.Look(ctx, up, convert.Options{}, 1, func(in *convert.Inspector) error {
			_, err := in.Inspect(ctx, in.Paths()[0])
			return err
		})
	}
	inspector := jobs.NewInspector(convert.Limits{}, 2)
	big, small := busy.upload("big.xml", large), lone.upload("small.xml", []byte("<r><i>1</i></r>"))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 10)
	for range 10 {
		go func() { ended <- look(ctx, inspector, "busy", busy, big) }()
	}
	for range 5 {
		began := time.Now()
		if err := look(t.Context(), inspector, "lone", lone, small); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > startsWithin {
			t.Errorf("a small look took %v", took)
		}
	}
	stop()
	for range 10 {
		<-ended
	}
}

// One large file: its job says how far it is within it, and the figures what it is
// about.
func TestProgressWithinOneDocument(t *testing.T) {
	q := newQueue(t, 1)
	s := newSession(t, q, "")
	content := []byte("<r>" + strings.Repeat("<i><a>some text</a><b>1</b></i>", manyRows/3) + "</r>")
	var within, known atomic.Bool
	s.show = func(p workspace.Progress) {
		if p.Done == 0 && p.BytesDone > 0 && p.BytesDone < p.BytesTotal {
			within.Store(true)
		}
		for _, a := range q.Figures().Active {
			known.Store(known.Load() || a.Attempt == 1 && a.Bytes == int64(len(content)))
		}
	}
	job := s.await(s.submit("one.xml", content))
	if job.State != workspace.StateSucceeded || job.Progress.BytesDone != job.Progress.BytesTotal {
		t.Errorf("job is %s, %+v", job.State, job.Progress)
	}
	if !within.Load() {
		t.Error("no progress was shown within the file")
	}
	if !known.Load() {
		t.Error("the figures do not know attempt and size")
	}
}
