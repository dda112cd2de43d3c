package queue_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"ret/server/queue"
	"ret/shared/fault"
	"ret/shared/workspace"
)

// desk is a session with a workspace, a line and jobs that do what the test says.
type desk struct {
	*workspace.Workspace
	line   *queue.Line
	run    func(ctx context.Context, t *queue.Task) error
	finish func(context.Context, workspace.Run, workspace.Outcome) error // nil: as it should be

	mu    sync.Mutex
	shown []workspace.Progress
}

func (d *desk) Changed(int64)               {}
func (d *desk) Queued(job workspace.Queued) { d.line.Queued(job) }
func (d *desk) Stopped(id string)           { d.line.Stopped(id) }

func (d *desk) Run(ctx context.Context, t *queue.Task) error { return d.run(ctx, t) }
func (d *desk) Finish(ctx context.Context, run workspace.Run, out workspace.Outcome) error {
	if d.finish != nil {
		return d.finish(ctx, run, out)
	}
	_, err := d.Workspace.Finish(ctx, run, out)
	return err
}

func (d *desk) Progress(_ string, p workspace.Progress) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.shown = append(d.shown, p)
}

func newQueue(t *testing.T, workers int) *queue.Queue {
	t.Helper()
	q := queue.New(queue.Config{Workers: workers, Backoff: time.Millisecond})
	t.Cleanup(func() { q.Stop(t.Context()) })
	return q
}

func openDesk(t *testing.T, q *queue.Queue, path string, run func(ctx context.Context, t *queue.Task) error) *desk {
	t.Helper()
	d := &desk{run: run}
	var err error
	if d.Workspace, err = workspace.Open(path, workspace.Options{Listener: d}); err != nil {
		t.Fatal(err)
	}
	d.line = q.NewLine("s", d.Workspace, queue.Runner(d))
	if err := d.line.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		d.line.Close()
		if err := d.Workspace.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// openDeskOver is newDesk with a store between the line and its workspace.
func openDeskOver(t *testing.T, q *queue.Queue, b *brokenStore, run func(ctx context.Context, t *queue.Task) error) *desk {
	t.Helper()
	d := newDesk(t, q, run)
	d.line.Close()
	b.Workspace, d.finish = d.Workspace, b.finishOf(d)
	d.line = q.NewLine("s", b, queue.Runner(d))
	t.Cleanup(func() { d.line.Close() })
	return d
}

func newDesk(t *testing.T, q *queue.Queue, run func(ctx context.Context, t *queue.Task) error) *desk {
	t.Helper()
	return openDesk(t, q, filepath.Join(t.TempDir(), "workspace.db"), run)
}

func (d *desk) submit(t *testing.T) string {
	t.Helper()
	job, _, err := d.Submit(t.Context(), workspace.NewJob{Kind: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return job.ID
}

// await waits until a job is in a state; the test's own time limit bounds it.
func (d *desk) await(t *testing.T, id string, want workspace.State) *workspace.Job {
	t.Helper()
	for {
		job, err := d.Job(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if job.State == want {
			return job
		}
		if job.State.Finished() {
			t.Fatalf("job ended as %s (%v), want %s", job.State, job.Errors, want)
		}
	}
}

func succeed(context.Context, *queue.Task) error { return nil }

func TestEveryJobRunsOnce(t *testing.T) {
	q := newQueue(t, 2)
	var mu sync.Mutex
	ran := map[string]int{}
	d := newDesk(t, q, func(_ context.Context, task *queue.Task) error {
		mu.Lock()
		defer mu.Unlock()
		ran[task.ID]++
		return nil
	})
	ids := make([]string, 200)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() { ids[i] = d.submit(t) })
	}
	wg.Wait()
	for _, id := range ids {
		d.await(t, id, workspace.StateSucceeded)
		mu.Lock()
		if ran[id] != 1 {
			t.Errorf("job ran %d times", ran[id])
		}
		mu.Unlock()
	}
}

// A session with many jobs must not hold up one with a single job.
func TestSessionsTakeTurns(t *testing.T) {
	q := newQueue(t, 1)
	gate := make(chan struct{})
	var mu sync.Mutex
	var order []string
	note := func(who string) func(context.Context, *queue.Task) error {
		return func(ctx context.Context, _ *queue.Task) error {
			<-gate
			mu.Lock()
			defer mu.Unlock()
			order = append(order, who)
			return nil
		}
	}
	busy, lone := newDesk(t, q, note("busy")), newDesk(t, q, note("lone"))
	var last string
	for range 50 {
		last = busy.submit(t)
	}
	id := lone.submit(t)
	close(gate)
	lone.await(t, id, workspace.StateSucceeded)
	busy.await(t, last, workspace.StateSucceeded)
	mu.Lock()
	defer mu.Unlock()
	if at := slices.Index(order, "lone"); at > 2 {
		t.Fatalf("the lone job came as number %d", at+1)
	}
}

// memoryDir is where files are in memory, if there is such a place: other packages'
// tests, which use the disk at the same time, then do not count.
func memoryDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "ret-queue-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func TestCancelReachesARunningJob(t *testing.T) {
	q := newQueue(t, 1)
	running := make(chan struct{})
	var cause error
	d := openDesk(t, q, filepath.Join(memoryDir(t), "workspace.db"), func(ctx context.Context, _ *queue.Task) error {
		close(running)
		<-ctx.Done()
		cause = context.Cause(ctx)
		return ctx.Err()
	})
	id := d.submit(t)
	<-running
	began := time.Now()
	if _, err := d.Cancel(t.Context(), id, 0); err != nil {
		t.Fatal(err)
	}
	d.line.Close() // waits for the run
	if took := time.Since(began); took > 100*time.Millisecond {
		t.Errorf("it took %v", took)
	}
	if !errors.Is(cause, workspace.ErrLost) {
		t.Errorf("cause %v", cause)
	}
	d.await(t, id, workspace.StateCancelled)
}

func TestOnlyWhatCanPassIsTriedAgain(t *testing.T) {
	for _, c := range []struct {
		err      error
		attempts int
	}{
		{fault.New(fault.Unavailable, "later"), 3},
		{errors.New("unknown"), 3},
		{fault.New(fault.Invalid, "never"), 1},
	} {
		t.Run(fmt.Sprint(c.err), func(t *testing.T) {
			d := newDesk(t, newQueue(t, 1), func(context.Context, *queue.Task) error { return c.err })
			job := d.await(t, d.submit(t), workspace.StateFailed)
			if job.Attempt != c.attempts || len(job.Errors) != 1 {
				t.Errorf("%d attempts, errors %v", job.Attempt, job.Errors)
			}
		})
	}
}

func TestPanicFailsTheJobAlone(t *testing.T) {
	d := newDesk(t, newQueue(t, 1), func(context.Context, *queue.Task) error { panic("boom") })
	d.await(t, d.submit(t), workspace.StateFailed)
	d.run = succeed
	d.await(t, d.submit(t), workspace.StateSucceeded)
}

func TestShutdownPutsBackWithoutCost(t *testing.T) {
	q := queue.New(queue.Config{Workers: 1})
	running := make(chan struct{})
	path := filepath.Join(t.TempDir(), "workspace.db")
	d := openDesk(t, q, path, func(ctx context.Context, _ *queue.Task) error {
		close(running)
		<-ctx.Done()
		return ctx.Err()
	})
	id := d.submit(t)
	<-running
	now, cancel := context.WithCancel(t.Context())
	cancel()
	q.Stop(now)
	job := d.await(t, id, workspace.StateQueued)
	if left := job.MaxAttempts - job.Attempt; left != 3 {
		t.Errorf("%d attempts left, want 3", left)
	}
	d.line.Close()
	if err := d.Workspace.Close(); err != nil {
		t.Fatal(err)
	}
	again := openDesk(t, newQueue(t, 1), path, succeed)
	again.await(t, id, workspace.StateSucceeded)
}

func TestRunNowDoesAllAttempts(t *testing.T) {
	tries := 0
	d := newDesk(t, newQueue(t, 0), func(context.Context, *queue.Task) error {
		if tries++; tries < 3 {
			return fault.New(fault.Unavailable, "later")
		}
		return nil
	})
	id := d.submit(t)
	if err := d.line.RunNow(t.Context(), id, "test"); err != nil {
		t.Fatal(err)
	}
	d.await(t, id, workspace.StateSucceeded)
}

func TestProgressIsShownAndNeverGoesBack(t *testing.T) {
	d := newDesk(t, newQueue(t, 1), func(_ context.Context, task *queue.Task) error {
		for _, done := range []int64{0, 5, 3, 10} {
			task.Report(workspace.Progress{Done: done, Total: 10})
		}
		return nil
	})
	d.await(t, d.submit(t), workspace.StateSucceeded)
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.IsSortedFunc(d.shown, func(a, b workspace.Progress) int { return int(a.Done - b.Done) }) || d.shown[len(d.shown)-1].Done != 10 {
		t.Fatalf("shown %v", d.shown)
	}
}

func TestFenceWaitsForTheStart(t *testing.T) {
	d := newDesk(t, newQueue(t, 1), func(ctx context.Context, task *queue.Task) error {
		run, err := task.Fence(ctx)
		if err != nil || run.Attempt != 1 {
			return fmt.Errorf("fence: %+v, %w", run, err)
		}
		job, err := task.Job(ctx)
		if err != nil || job.State != workspace.StateRunning {
			return fmt.Errorf("state behind the fence: %+v, %w", job, err)
		}
		return nil
	})
	d.await(t, d.submit(t), workspace.StateSucceeded)
}

func BenchmarkEmptyJobs(b *testing.B) {
	q := queue.New(queue.Config{Workers: 2})
	var wg sync.WaitGroup
	d := &desk{}
	var err error
	if d.Workspace, err = workspace.Open(filepath.Join(b.TempDir(), "workspace.db"), workspace.Options{Listener: d}); err != nil {
		b.Fatal(err)
	}
	d.run = func(context.Context, *queue.Task) error { wg.Done(); return nil }
	d.line = q.NewLine("s", d.Workspace, queue.Runner(d))
	if err := d.line.Resume(b.Context()); err != nil {
		b.Fatal(err)
	}
	wg.Add(b.N)
	var submitters sync.WaitGroup
	for i := range 50 {
		submitters.Go(func() {
			for range (b.N + 49 - i) / 50 {
				if _, _, err := d.Submit(b.Context(), workspace.NewJob{Kind: "test"}); err != nil {
					b.Error(err)
				}
			}
		})
	}
	submitters.Wait()
	wg.Wait()
	d.line.Close()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
	q.Stop(b.Context())
	if err := d.Workspace.Close(); err != nil {
		b.Fatal(err)
	}
}
