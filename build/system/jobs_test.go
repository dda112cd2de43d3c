package system

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"ret/build/retproc"
	"ret/server/receipt"
)

func TestCancelAndRetry(t *testing.T) {
	t.Parallel()
	who := admin(t, start(t, "RET_WORKERS=1"))
	const total = 6000
	accepted := who.upload("/api/v1/files?convert=1", nil, file{"load.zip", manyBooks(t, total, 20)}).want(t, 201)
	var up struct{ Job job }
	accepted.decode(t, &up)
	id := up.Job.ID
	who.jobUntil(id, func(j job) bool { return j.State == "running" })
	eventually(t, 10*time.Second, "some tables are there", func() bool { return len(who.tables()) > 0 })

	asked := time.Now()
	who.do("POST", "/api/v1/jobs/"+id+"/cancel", nil).want(t, 202)
	j := who.ended(id)
	if j.State != "cancelled" {
		t.Fatalf("the job is %s", j.State)
	}
	// The worker is free again as soon as the job has let go.
	who.convert("", text("next.xml", books(3)))
	if took := time.Since(asked); took > 2*time.Second {
		t.Errorf("the next job was done %v after the cancel", took)
	}
	checkDisk(t, who)
	kept := len(who.tables()) - 1
	if kept >= total {
		t.Error("nothing was left to cancel")
	}

	who.do("POST", "/api/v1/jobs/"+id+"/cancel", nil).want(t, 202) // a no-op now
	again := who.do("POST", "/api/v1/jobs/"+id+"/retry", nil).want(t, 202)
	if again.object(t)["id"] != id {
		t.Error("a retry made another job")
	}
	if j = who.ended(id); j.State != "succeeded" || j.Result.Converted != total || len(who.tables()) != total+1 {
		t.Errorf("after the retry: %s, %+v, %d tables", j.State, j.Result.Converted, len(who.tables()))
	}
	who.do("POST", "/api/v1/jobs/"+id+"/retry", nil).want(t, 409)
	checkDisk(t, who)
}

// A cancel reaches a running job within 100 ms: by then its only worker has begun
// the next one. It is the machine's own while it runs: what it promises is a time.
func TestCancelReachesARunningJob(t *testing.T) {
	who := admin(t, start(t, "RET_WORKERS=1"))
	var up struct{ Job job }
	who.upload("/api/v1/files?convert=1", nil, file{"load.zip", manyBooks(t, 6000, 5)}).want(t, 201).decode(t, &up)
	long := up.Job.ID
	var took []time.Duration
	for range 5 {
		if len(took) > 0 {
			who.do("POST", "/api/v1/jobs/"+long+"/retry", nil).want(t, 202)
		}
		eventually(t, 10*time.Second, "the job is at work", func() bool {
			j := who.job(long)
			return j.State == "running" && j.Progress.Done > 0
		})
		who.upload("/api/v1/files?convert=1", nil, text("next.xml", books(3))).want(t, 201).decode(t, &up)
		asked := time.Now()
		who.do("POST", "/api/v1/jobs/"+long+"/cancel", nil).want(t, 202)
		for who.job(up.Job.ID).State == "queued" {
			if time.Since(asked) > 10*time.Second {
				t.Fatal("the worker did not let go")
			}
		}
		took = append(took, time.Since(asked))
		if j := who.job(long); j.State != "cancelled" {
			t.Fatalf("the job is %s", j.State)
		}
	}
	t.Logf("after %v", took)
	slices.Sort(took)
	// The third of five, since a disk may take its time once.
	if took[2] > 100*time.Millisecond {
		t.Errorf("it took %v", took)
	}
}

func TestConvertAgainAndDelete(t *testing.T) {
	t.Parallel()
	who := admin(t, start(t))
	first := who.convert("", text("a.xml", books(20)))
	second := who.do("POST", "/api/v1/jobs", map[string]any{
		"kind": "convert", "files": first.Files, "key": "again", "options": map[string]any{"record": "//title"},
	}).want(t, 202).object(t)["id"].(string)
	same := who.do("POST", "/api/v1/jobs", map[string]any{"kind": "convert", "files": first.Files, "key": "again"}).want(t, 202)
	if same.object(t)["id"] != second {
		t.Error("the same key made another job")
	}
	who.ended(second)
	names := func() (all []string) {
		for _, table := range who.tables() {
			all = append(all, table.Name)
		}
		slices.Sort(all)
		return all
	}
	if got := names(); !slices.Contains(got, "title") || slices.Contains(got, "book") {
		t.Errorf("after converting again: %q", got)
	}
	// One that fails replaces nothing.
	third := who.do("POST", "/api/v1/jobs", map[string]any{
		"kind": "convert", "files": first.Files, "options": map[string]any{"exclude": []string{"**"}},
	}).want(t, 202).object(t)["id"].(string)
	if j := who.ended(third); j.State != "failed" {
		t.Errorf("without any document: %s", j.State)
	}
	if got := names(); !slices.Contains(got, "title") {
		t.Errorf("after one that failed: %q", got)
	}
	checkDisk(t, who)
	who.do("DELETE", "/api/v1/files/"+first.Files[0], nil).want(t, 204)
	if left := who.tables(); len(left) != 0 {
		t.Errorf("tables of a deleted file: %+v", left)
	}
	checkDisk(t, who)
}

// Whatever a session holds, signing out of it takes no longer: 10,000 uploads, tables,
// entries of the cache, a job at work and an open socket. It is the machine's own while
// it runs: what it promises is a time.
func TestLogoutWithManyFiles(t *testing.T) {
	server := start(t)
	who := admin(t, server)
	const total, together = 10_000, 1000
	for i := range total / together {
		files := make([]file, together)
		for n := range files {
			files[n] = text(fmt.Sprintf("%d-%d.xml", i, n), books(1))
		}
		who.upload("/api/v1/files", nil, files...).want(t, 201)
	}
	if j := who.convert("", file{"load.zip", manyBooks(t, 300, 1)}); j.Result.Converted != 300 {
		t.Fatalf("%+v", j)
	}
	for i := range 100 {
		who.do("PUT", fmt.Sprintf("/api/v1/cache/%d", i), strings.Repeat("value", 1000)).want(t, 204)
	}
	who.live("", 0)
	var up struct{ Job job }
	// It has to be at work still when 10,000 files and the beginning of it have been told.
	who.upload("/api/v1/files?convert=1", nil, file{"load.zip", manyBooks(t, 20_000, 1)}).want(t, 201).decode(t, &up)
	who.jobUntil(up.Job.ID, func(j job) bool { return j.State == "running" && j.Progress.Done > 0 })
	began := time.Now()
	out := who.do("POST", "/api/v1/logout", nil).want(t, 200)
	took := time.Since(began)
	if took > 100*time.Millisecond {
		t.Errorf("signing out took %v", took)
	}
	var said struct{ Receipts []receipt.Receipt }
	out.decode(t, &said)
	if r := said.Receipts[0]; r.Files != total+2 || len(r.Uploads) != total+2 || r.Unknown || !r.KeyDestroyed {
		t.Errorf("the receipt names %d of %d files: %.300s", len(r.Uploads), r.Files, out.content)
	}
	eventually(t, 2*time.Second, "the folder is gone", func() bool { return nothingLeft(t, server) })
	t.Logf("answered after %v, all gone after %v", took, time.Since(began))
}

// Without workers a job is done when the request that submits it is answered.
func TestNoWorkers(t *testing.T) {
	t.Parallel()
	who := admin(t, start(t, "RET_WORKERS=0"))
	var up struct{ Job job }
	who.upload("/api/v1/files?convert=1", nil, text("a.xml", books(3))).want(t, 201).decode(t, &up)
	if up.Job.State != "succeeded" || len(who.tables()) != 1 {
		t.Errorf("the upload's job: %+v", up.Job)
	}
	var j job
	who.do("POST", "/api/v1/jobs", map[string]any{"kind": "convert", "files": up.Job.Files}).want(t, 202).decode(t, &j)
	if j.State != "succeeded" {
		t.Errorf("the job: %+v", j)
	}
}

// What a server with workers left is done by one without, though no request waits
// for it any more.
func TestNoWorkersTakeUpWhatIsLeft(t *testing.T) {
	t.Parallel()
	server := start(t, "RET_WORKERS=1")
	who := admin(t, server)
	left := make([]string, 3)
	for i := range left {
		var up struct{ Job job }
		who.upload("/api/v1/files?convert=1", nil, file{"load.zip", manyBooks(t, 300, 20)}).want(t, 201).decode(t, &up)
		left[i] = up.Job.ID
	}
	server.Stop(t, syscall.SIGKILL)
	who.server = retproc.Start(t, ret, retproc.Options{Env: []string{"RET_WORKERS=0"}, Runtime: server.Runtime, MasterKey: server.MasterKey})
	for _, id := range left {
		if j := who.ended(id); j.State != "succeeded" || j.Result.Converted != 300 {
			t.Errorf("a job that was left: %+v", j)
		}
	}
}
