package system

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A server that is killed at any moment goes on after its restart: each job ends
// once, each document is converted once, a client that comes back with its cursor
// misses nothing, and the tables are those of a run that nobody disturbed.
func TestKill(t *testing.T) {
	t.Parallel()
	server := start(t, "RET_WORKERS=2")
	who := admin(t, server)
	undisturbed := who.convert("", file{"load.zip", manyBooks(t, documents, 40)})
	want := who.tableContents(t, undisturbed)

	kills := 5
	if soak {
		kills = 50
	}
	watcher := follow(who)
	var submitted []string
	for range kills {
		a := who.upload("/api/v1/files?convert=1", nil, file{"load.zip", manyBooks(t, documents, 40)}).want(t, 201)
		var accepted struct{ Job job }
		a.decode(t, &accepted)
		submitted = append(submitted, accepted.Job.ID)
		// The moment is random on purpose: no signal marks it.
		<-time.After(time.Duration(rand.IntN(600)) * time.Millisecond)
		server.Stop(t, syscall.SIGKILL)
		watcher.untilCut(t)
		server.Restart(t)
		watcher.comeBack()
	}
	var ended []job // first all of them: who does not read the live channel is cut off
	for _, id := range submitted {
		ended = append(ended, watcher.untilEnded(t, id))
	}
	for _, j := range ended {
		if j.State != "succeeded" || j.Result.Converted != documents || len(j.Result.Tables) != documents {
			t.Errorf("job: %+v", j)
		}
		if got := who.tableContents(t, j); !maps.Equal(got, want) {
			t.Errorf("%d tables differ from the %d of an undisturbed run", len(got), len(want))
		}
	}
	checkDisk(t, who)
}

const documents = 300

// tableContents reads all tables of a job by their source.
func (c *client) tableContents(t testing.TB, of job) map[string]string {
	t.Helper()
	files := c.exported(t, "", of)
	delete(files, "manifest.json")
	if len(files) != documents {
		t.Errorf("the export holds %d tables", len(files))
	}
	return files
}

// checkDisk fails if anything half-written lies in the session's folder, or more
// tables than the session lists.
func checkDisk(t testing.TB, c *client) {
	t.Helper()
	blobs := 0
	for _, name := range filesBelow(t, c.server, "sessions") {
		if strings.HasSuffix(name, ".part") || strings.Contains(name, "/extracted/") {
			t.Errorf("left on disk: %s", name)
		}
		if strings.HasSuffix(filepath.Dir(name), "/output") {
			blobs++
		}
	}
	if listed := len(c.tables()); blobs != listed {
		t.Errorf("%d tables on disk, %d listed", blobs, listed)
	}
}

// watcher is a live client that comes back with its cursor after each cut.
type watcher struct {
	c      *client
	s      *socket
	epoch  string
	cursor int64
	ended  map[string]int64 // seq of each job's end
	tables map[string]bool  // announced
	jobs   map[string]job
	faults []string
}

func follow(c *client) *watcher {
	w := &watcher{c: c, ended: map[string]int64{}, tables: map[string]bool{}, jobs: map[string]job{}}
	w.comeBack()
	return w
}

func (w *watcher) comeBack() { w.s = w.c.live(w.epoch, w.cursor) }

// untilCut reads until the connection is gone.
func (w *watcher) untilCut(t testing.TB) {
	t.Helper()
	for {
		f, err := w.s.next()
		if err != nil {
			w.s.close()
			return
		}
		w.take(f)
	}
}

// untilEnded reads until a job has ended.
func (w *watcher) untilEnded(t testing.TB, id string) job {
	t.Helper()
	for !w.jobs[id].over() {
		f, err := w.s.next()
		if err != nil {
			t.Fatalf("waiting for a job's end: %v", err)
		}
		w.take(f)
	}
	for _, fault := range w.faults {
		t.Error(fault)
	}
	w.faults = nil
	return w.c.job(id)
}

func (w *watcher) take(f frame) {
	switch f.Type {
	case "welcome":
		w.epoch = f.Epoch
	case "reset":
		w.faults = append(w.faults, "the server did not know the cursor any more")
		w.epoch, w.cursor = f.Epoch, 0
	case "delta":
		if f.From != w.cursor {
			w.faults = append(w.faults, fmt.Sprintf("a delta from %d after one to %d", f.From, w.cursor))
		}
		w.cursor = f.To
		for _, ch := range f.Changes {
			w.note(ch)
		}
	}
}

func (w *watcher) note(ch change) {
	switch {
	case ch.Entity == "table" && ch.Op == "put":
		if w.tables[ch.ID] {
			w.faults = append(w.faults, "a table was announced twice")
		}
		w.tables[ch.ID] = true
	case ch.Entity == "job" && ch.Op == "put":
		var j job
		if err := json.Unmarshal(ch.Value, &j); err != nil {
			w.faults = append(w.faults, err.Error())
		}
		if w.ended[ch.ID] != 0 && w.ended[ch.ID] != ch.Seq {
			w.faults = append(w.faults, "a job changed after its end")
		}
		if j.over() {
			w.ended[ch.ID] = ch.Seq
		}
		w.jobs[ch.ID] = j
	}
}
