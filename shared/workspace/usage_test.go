package workspace_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ret/shared/fault"
	"ret/shared/replica"
	"ret/shared/sqlite"
	"ret/shared/workspace"
)

// recount counts by scanning, as nobody else does.
func recount(t *testing.T, path string) (u workspace.Usage, answers int64) {
	t.Helper()
	db, err := sqlite.Open(path, sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Read(t.Context(), func(c *sqlite.Conn) error {
		return c.QueryRow(`SELECT (SELECT count(*) FROM files), (SELECT coalesce(sum(size), 0) FROM files),
			(SELECT count(*) FROM tables), (SELECT coalesce(sum(bytes), 0) FROM tables),
			(SELECT count(*) FROM jobs), (SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')),
			(SELECT coalesce(sum(24 + octet_length(code) + octet_length(detail)), 0) FROM answers) +
			(SELECT coalesce(sum(32 + 2 * octet_length(name)), 0) FROM clients)`, nil,
			&u.Files, &u.Bytes, &u.Tables, &u.TableBytes, &u.Jobs, &u.Unfinished, &answers)
	})
	if err != nil {
		t.Fatal(err)
	}
	return u, answers
}

// sameCounts compares what a workspace says it holds with what it holds.
func sameCounts(t *testing.T, w *workspace.Workspace, path, when string) {
	t.Helper()
	said := must(w.Usage(t.Context()))(t)
	said.CacheEntries, said.CacheBytes = 0, 0
	counted, answers := recount(t, path)
	if said != counted {
		t.Fatalf("%s: usage says %+v, there is %+v", when, said, counted)
	}
	if held := must(w.HeldBytes(t.Context()))(t); held != said.Held()+answers {
		t.Fatalf("%s: held %d bytes, usage says %d, and answers %d", when, held, said.Held(), answers)
	}
}

// life does random things to a workspace, with some that are refused, given up or
// fail half done.
type life struct {
	*testing.T
	w     *workspace.Workspace
	r     *rand.Rand
	files []string
	jobs  []string
	runs  []workspace.Run
	made  int
}

func pick[T any](r *rand.Rand, list []T) (one T, ok bool) {
	if len(list) == 0 {
		return one, false
	}
	return list[r.IntN(len(list))], true
}

// step does one thing. What is refused is part of the life, what fails is not.
func (l *life) step() {
	ctx, cancel := context.WithCancel(l.Context())
	defer cancel()
	if l.r.IntN(20) == 0 {
		cancel()
	}
	err := []func(context.Context) error{l.upload, l.begin, l.begin, l.addTables, l.addTables, l.end, l.cancelJob, l.retry, l.deleteFile, l.deleteTable}[l.r.IntN(10)](ctx)
	if err != nil && !errors.Is(err, context.Canceled) && !errors.As(err, new(*fault.Error)) {
		l.Fatal(err)
	}
}

func (l *life) upload(ctx context.Context) error {
	l.made++
	up := upload(workspace.NewID(), "d", &workspace.NewJob{Kind: "convert"}, fmt.Sprint("f", l.made), fmt.Sprint("g", l.made))
	up.Files[0].Size = l.r.Int64N(1000)
	if l.r.IntN(4) == 0 {
		up.MaxSessionBytes = 500
	}
	acc, err := l.w.Accept(ctx, up)
	if err == nil {
		l.files = append(l.files, acc.Files[0].ID, acc.Files[1].ID)
		l.jobs = append(l.jobs, acc.Job.ID)
	}
	return err
}

func (l *life) begin(ctx context.Context) error {
	id, ok := pick(l.r, l.jobs)
	if !ok {
		return nil
	}
	run, err := l.w.Start(ctx, id, time.Minute)
	if err == nil {
		l.runs = append(l.runs[max(0, len(l.runs)-5):], run) // mostly such as still have their job
	}
	return err
}

func (l *life) addTables(ctx context.Context) error {
	run, ok := pick(l.r, l.runs)
	if !ok {
		return nil
	}
	job, err := l.w.Job(ctx, run.JobID)
	if err != nil {
		return err
	}
	var docs []workspace.Finished
	for range 1 + l.r.IntN(3) {
		l.made++
		f := finished(job, fmt.Sprint(l.made), workspace.StatusConverted)
		f.Tables[0].Blob, f.Tables[0].Bytes = fmt.Sprint("blob", l.made), l.r.Int64N(1000)
		docs = append(docs, f)
	}
	return l.w.AddFinished(ctx, run, docs, int64(l.r.IntN(2)*10_000)) // may be full only when all is written
}

func (l *life) end(ctx context.Context) error {
	run, ok := pick(l.r, l.runs)
	if !ok {
		return nil
	}
	if l.r.IntN(4) == 0 {
		return l.w.Requeue(ctx, run, time.Time{}, true)
	}
	state := workspace.StateSucceeded
	if l.r.IntN(3) == 0 {
		state = workspace.StateFailed
	}
	_, err := l.w.Finish(ctx, run, workspace.Outcome{State: state})
	return err
}

func (l *life) cancelJob(ctx context.Context) error {
	id, _ := pick(l.r, l.jobs)
	_, err := l.w.Cancel(ctx, id, 0)
	return err
}

func (l *life) retry(ctx context.Context) error {
	id, _ := pick(l.r, l.jobs)
	_, err := l.w.Retry(ctx, id)
	return err
}

func (l *life) deleteFile(ctx context.Context) error {
	id, _ := pick(l.r, l.files)
	_, err := l.w.DeleteFile(ctx, id, 0)
	return err
}

func (l *life) deleteTable(ctx context.Context) error {
	list, err := l.w.Tables(ctx, workspace.TableFilter{}, workspace.Page{})
	if err != nil {
		return err
	}
	table, ok := pick(l.r, list.Items)
	if !ok {
		return nil
	}
	_, err = l.w.DeleteTable(ctx, table.ID)
	return err
}

// adopt has a replica follow a workspace, sometimes from the beginning.
func adopt(t *testing.T, copied *replica.Replica, w *workspace.Workspace, anew bool) {
	t.Helper()
	if anew {
		if err := copied.StartOver(t.Context(), w.Epoch(), 0); err != nil {
			t.Fatal(err)
		}
	}
	at := must(copied.Cursor(t.Context()))(t).Seq
	things, to, err := w.Things(t.Context(), at, 1<<20)
	if err == nil {
		err = copied.Adopt(t.Context(), things, to)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// After thousands of changes of all kinds, on the server and in a replica that
// follows it, what is counted is what a recount finds.
func TestCountersEqualARecount(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			paths := [2]string{filepath.Join(t.TempDir(), "server.db"), filepath.Join(t.TempDir(), "replica.db")}
			w := must(workspace.Open(paths[0], workspace.Options{}))(t)
			defer w.Close()
			copied := must(replica.Open(t.Context(), paths[1], sqlite.Config{}))(t)
			defer copied.Close()
			l := &life{T: t, w: w, r: rand.New(rand.NewPCG(seed, 11))}
			adopt(t, copied, w, true)
			tables := int64(0)
			for i := range 800 {
				l.step()
				if i%100 == 99 {
					adopt(t, copied, w, l.r.IntN(3) == 0)
					sameCounts(t, w, paths[0], fmt.Sprint("server, step ", i))
					sameCounts(t, copied.Workspace, paths[1], fmt.Sprint("replica, step ", i))
					tables = max(tables, must(l.w.Usage(t.Context()))(t).Tables)
				}
			}
			if u, _ := recount(t, paths[0]); tables == 0 || u.Files == 0 || u.Unfinished == 0 || u.Jobs == u.Unfinished {
				t.Errorf("the life left too little to count: %+v", u)
			}
		})
	}
}

// A workspace from before the counters gets them filled.
func TestOlderWorkspaceIsCounted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "workspace.db")
	old := must(sqlite.Open(path, sqlite.Config{Migrations: workspace.Migrations.UpTo(7)}))(t)
	err := old.Write(t.Context(), func(c *sqlite.Conn) error {
		for _, sql := range []string{
			`INSERT INTO meta (one, epoch) VALUES (1, 'x')`,
			`INSERT INTO uploads (id, digest, created_at) VALUES ('u', 'd', 1)`,
			`INSERT INTO files (id, upload_id, name, size, sha256, kind, blob, created_at) VALUES
				('f', 'u', 'f', 5, '', 'zip', 'b1', 1), ('g', 'u', 'g', 7, '', 'zip', 'b2', 1)`,
			`INSERT INTO jobs (id, kind, state, options, max_attempts, created_at, finished_at) VALUES
				('j', 'convert', 'queued', '{}', 3, 1, NULL), ('k', 'convert', 'succeeded', '{}', 3, 1, 2)`,
			`INSERT INTO tables (id, job_id, "group", source, name, root, columns, rows, bytes, blob, row_index, created_at)
				VALUES ('t', 'k', 'g', 's', 'n', '', '[]', 1, 30, 'b3', X'', 1)`,
		} {
			if _, err := c.Exec(sql); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, old.Close()); err != nil {
		t.Fatal(err)
	}
	w := must(workspace.Open(path, workspace.Options{}))(t)
	defer w.Close()
	sameCounts(t, w, path, "after the upgrade")
	if held := must(w.HeldBytes(t.Context()))(t); held != 42 {
		t.Errorf("held %d bytes, want 42", held)
	}
}

// What a session holds is asked for with every page and piece of an upload: no
// table is scanned for it, however large it is.
func TestUsageScansNothing(t *testing.T) {
	for _, step := range plan(t, workspace.UsageQueries) {
		if strings.Contains(step, "SCAN") && !strings.HasSuffix(step, ": SCAN meta") { // of one row
			t.Error(step)
		}
	}
}

// plan is how SQLite goes about queries of a workspace.
func plan(t *testing.T, queries []string) (steps []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "workspace.db")
	if err := must(workspace.Open(path, workspace.Options{}))(t).Close(); err != nil {
		t.Fatal(err)
	}
	db := must(sqlite.Open(path, sqlite.Config{}))(t)
	defer db.Close()
	err := db.Read(t.Context(), func(c *sqlite.Conn) error {
		for _, sql := range queries {
			for row, err := range c.Query(`EXPLAIN QUERY PLAN ` + sql) {
				if err != nil {
					return err
				}
				steps = append(steps, sql+": "+row.Text(3))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return steps
}
