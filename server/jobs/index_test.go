package jobs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ret/server/index"
	"ret/server/jobs"
	"ret/server/queue"
	"ret/shared/search"
	"ret/shared/workspace"
)

// orders is a document of so many rows.
func orders(rows int) []byte {
	var b strings.Builder
	b.WriteString("<orders>")
	for n := range rows {
		fmt.Fprintf(&b, "<order><number>N%07d</number><city>Wien</city><remark>delivered to the door, signed by number %d</remark></order>", n, n%97)
	}
	b.WriteString("</orders>")
	return []byte(b.String())
}

// indexJobs are the session's, the newest first.
func (s *session) indexJobs() (list []*workspace.Job) {
	s.t.Helper()
	all, err := s.Jobs(s.t.Context(), "", workspace.Page{})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, job := range all.Items {
		if job.Kind == workspace.KindIndex {
			list = append(list, job)
		}
	}
	return list
}

// finds is how many hits a question has, and whether the index knew all tables.
func (s *session) finds(question string) (hits int, indexed bool) {
	s.t.Helper()
	q, err := search.Parse(question, false)
	if err != nil {
		s.t.Fatal(err)
	}
	answer, err := s.runner.Index.Find(s.t.Context(), search.Question{Query: q, Limit: 1000})
	if err != nil {
		s.t.Fatal(err)
	}
	return len(answer.Hits), answer.Indexed
}

// Tables are indexed by a job that follows their conversion; a few small ones are not worth it. It
// is there in the transaction that ends the conversion.
func TestIndexFollowsConversions(t *testing.T) {
	q := queue.New(queue.Config{Workers: 2})
	s := newSession(t, q, "")
	s.runner.Index = index.New(s.Workspace, s.folder)
	s.await(s.submit("small.xml", orders(20)))
	if list := s.indexJobs(); len(list) != 0 {
		t.Errorf("%d index jobs follow a small conversion", len(list))
	}
	if hits, indexed := s.finds("N0000007"); hits != 1 || indexed {
		t.Errorf("%d hits in a table that is not indexed; it is: %v", hits, indexed)
	}
	s.await(s.submit("large.xml", orders(2000)))
	list := s.indexJobs()
	if len(list) != 1 {
		t.Fatalf("%d index jobs follow a conversion", len(list))
	}
	if job := s.await(list[0].ID); job.State != workspace.StateSucceeded || job.Progress.Unit != "rows" || job.Progress.Done != 2020 {
		t.Errorf("the index job is %+v", job)
	}
	if hits, indexed := s.finds("N0000007"); hits != 2 || !indexed {
		t.Errorf("%d hits, all indexed: %v", hits, indexed)
	}
	s.await(s.submit("broken.xml", []byte("<a>")))
	if list := s.indexJobs(); len(list) != 1 {
		t.Errorf("%d index jobs after a conversion that made nothing", len(list))
	}
}

// While one worker makes an index, another session's small job is done in between, and so is
// the same session's next conversion.
func TestIndexGivesWay(t *testing.T) {
	q := queue.New(queue.Config{Workers: 1})
	s, other := newSession(t, q, ""), newSession(t, q, "")
	s.runner.Index = index.New(s.Workspace, s.folder)
	begun := s.indexing()
	s.await(s.submit("large.xml", orders(120_000)))
	list := s.indexJobs()
	if len(list) != 1 {
		t.Fatalf("%d index jobs", len(list))
	}
	<-begun
	submitted := time.Now()
	small := other.await(other.submit("small.xml", orders(5)))
	waited := small.StartedAt.Sub(submitted)
	if job, err := s.Job(t.Context(), list[0].ID); err != nil || job.State != workspace.StateRunning {
		t.Errorf("the index job has ended before a small one of another session, which began after %v: %v", waited, err)
	}
	if waited > 250*time.Millisecond {
		t.Errorf("another session's job waited %v", waited)
	}
	if job := s.await(list[0].ID); job.State != workspace.StateSucceeded {
		t.Errorf("the index job has %s: %v", job.State, job.Errors)
	}
	if hits, indexed := s.finds("N0119999"); hits != 1 || !indexed {
		t.Errorf("%d hits, all indexed: %v", hits, indexed)
	}
}

// While one job makes an index, the session's next ones wait for it, but not with a worker
// each: that one gives its own away again and again, and would never have it back.
func TestIndexJobsWaitWithoutAWorker(t *testing.T) {
	q := queue.New(queue.Config{Workers: 2})
	s := newSession(t, q, "")
	s.runner.Index = index.New(s.Workspace, s.folder)
	begun := s.indexing()
	s.await(s.submit("large.xml", orders(120_000)))
	<-begun
	for n := range 4 {
		s.await(s.submit(fmt.Sprintf("%d.xml", n), orders(2000)))
	}
	list := s.indexJobs()
	for _, job := range list {
		if job := s.await(job.ID); job.State != workspace.StateSucceeded {
			t.Errorf("an index job has %s: %v", job.State, job.Errors)
		}
	}
	if hits, indexed := s.finds("N0001999"); len(list) < 3 || hits != 5 || !indexed {
		t.Errorf("%d index jobs, %d hits, all indexed: %v", len(list), hits, indexed)
	}
}

// indexing tells when an index job reports its first rows.
func (s *session) indexing() <-chan struct{} {
	begun := make(chan struct{}, 1)
	s.show = func(p workspace.Progress) {
		if p.Unit == "rows" {
			select {
			case begun <- struct{}{}:
			default:
			}
		}
	}
	return begun
}

// An index job is about all tables, and there is nothing to choose.
func TestIndexJobTakesNoOptions(t *testing.T) {
	if _, err := jobs.New(workspace.KindIndex, []byte(`{"record":"x"}`), 3); err == nil {
		t.Error("an option was taken")
	}
	for _, none := range []string{"", "{}", "null"} {
		if _, err := jobs.New(workspace.KindIndex, []byte(none), 3); err != nil {
			t.Errorf("%q was refused: %v", none, err)
		}
	}
}
