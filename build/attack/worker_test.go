package attack

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
)

// jobView is what the tests read of a job.
type jobView struct {
	ID        string
	State     string
	CreatedAt time.Time `json:"created_at"`
	StartedAt time.Time `json:"started_at"`
	Attempt   int
	Progress  struct {
		BytesDone int64 `json:"bytes_done"`
	}
}

func (c *client) job(id string) (j jobView) {
	c.t.Helper()
	c.do("GET", "/api/v1/jobs/"+id, nil).want(c.t, 200).decode(c.t, &j)
	return j
}

// submit uploads a file to be converted and returns the job's id.
func (c *client) submit(name string, content []byte) string {
	c.t.Helper()
	var accepted struct{ Job struct{ ID string } }
	c.upload("/api/v1/files?convert=1", name, content).want(c.t, 201).decode(c.t, &accepted)
	return accepted.Job.ID
}

// long is a small archive of one document that takes seconds to convert.
func long(t testing.TB) []byte {
	t.Helper()
	const sizeBytes = 400 << 20
	var rows bytes.Buffer
	for i := range 300 {
		fmt.Fprintf(&rows, "<book n=\"%d\"><title>Title of the library</title><author>Author %d</author></book>\n", i*i*7919, i%97)
	}
	var content bytes.Buffer
	z := zip.NewWriter(&content)
	entry, err := z.Create("long.xml")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"<library>", strings.Repeat(rows.String(), sizeBytes/rows.Len()), "</library>"} {
		if _, err := entry.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return content.Bytes()
}

// holdWorkers has one session's long jobs at all workers.
func holdWorkers(t *testing.T, who *client, content []byte) (jobs []string) {
	t.Helper()
	for i := range 2 {
		jobs = append(jobs, who.submit(fmt.Sprintf("long%d.zip", i), content))
	}
	for _, id := range jobs {
		eventually(t, 5*time.Second, "a long job is at work", func() bool { return who.job(id).Progress.BytesDone > 0 })
	}
	return jobs
}

// One session whose long jobs hold all workers makes nobody wait: someone's small job
// starts at once, and the long ones go on in the attempt that they are in. Signing out
// waits for none of them.
func TestLongJobsMakeNobodyWait(t *testing.T) {
	server := start(t, "RET_WORKERS=2")
	greedy := signIn(t, server, "admin")
	lone := someoneElse(t, server)
	content := long(t)
	besiege(t, server, func() {
		jobs := holdWorkers(t, greedy, content)
		small := lone.submit("small.xml", books(3))
		eventually(t, 2*time.Second, "the small job starts", func() bool { return !lone.job(small).StartedAt.IsZero() })
		if j := lone.job(small); j.StartedAt.Sub(j.CreatedAt) > othersTime {
			t.Errorf("the small job started after %v, want at most %v", j.StartedAt.Sub(j.CreatedAt), othersTime)
		}
		for _, id := range jobs {
			if j := greedy.job(id); j.State != "running" || j.Attempt != 1 {
				t.Errorf("a long job is %s in attempt %d", j.State, j.Attempt)
			}
		}
		greedy.signOut()
		if got := lone.job(small).State; got == "failed" {
			t.Errorf("the small job is %s", got)
		}
	})
}

// A server that is told to stop does so within its grace, whatever runs.
func TestStoppingDoesNotWaitForJobs(t *testing.T) {
	const grace = 20 * time.Second
	server := start(t, "RET_WORKERS=2")
	greedy := signIn(t, server, "admin")
	jobs := holdWorkers(t, greedy, long(t))
	began := time.Now()
	server.Stop(t, syscall.SIGTERM)
	if took := time.Since(began); took > grace {
		t.Errorf("it took %v, want at most %v", took, grace)
	}
	server.Restart(t)
	for _, id := range jobs {
		if j := greedy.job(id); j.State == "failed" || j.Attempt > 2 {
			t.Errorf("a job that was put back is %s in attempt %d", j.State, j.Attempt)
		}
	}
}
