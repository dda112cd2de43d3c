package queue_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"ret/server/queue"
	"ret/shared/fault"
	"ret/shared/workspace"
)

// Whatever is done to jobs, in whatever order: no job is run twice at once, none
// is lost, each ends once, and nothing is left in the queue.
func TestRandomSequences(t *testing.T) {
	sequences := usualSequences
	if os.Getenv("RET_SOAK") == "1" {
		sequences = 10_000
	}
	const hands = 8
	var all sync.WaitGroup
	for hand := range hands {
		all.Go(func() {
			m := newModel(t, uint64(hand))
			defer m.close()
			for range sequences / hands {
				if t.Failed() {
					return
				}
				m.sequence()
			}
		})
	}
	all.Wait()
}

// model is a session whose jobs a test does random things to.
type model struct {
	t      *testing.T
	rand   *rand.Rand
	path   string
	queue  *queue.Queue
	line   *queue.Line
	ws     *workspace.Workspace
	change chan struct{} // something was committed
	ids    []string      // of this sequence

	mu      sync.Mutex
	calm    chan struct{}  // closed: runs succeed at once
	dice    *rand.Rand     // of the runs
	running map[string]int // runs of a job now
	won     map[string]int // how often a job succeeded
}

func newModel(t *testing.T, seed uint64) *model {
	now := uint64(time.Now().UnixNano())
	t.Logf("seed %d %d", seed, now)
	m := &model{
		t: t, rand: rand.New(rand.NewPCG(seed, now)), dice: rand.New(rand.NewPCG(now, seed)), change: make(chan struct{}, 1),
		path: filepath.Join(memoryDir(t), "workspace.db"), running: map[string]int{}, won: map[string]int{},
	}
	m.open()
	return m
}

func (m *model) open() {
	m.queue = queue.New(queue.Config{Workers: 2, Backoff: 100 * time.Microsecond})
	m.reopen()
}

func (m *model) reopen() {
	var err error
	if m.ws, err = workspace.Open(m.path, workspace.Options{Listener: m}); err != nil {
		m.t.Fatal(err)
	}
	m.line = m.queue.NewLine("s", m.ws, m)
	if err := m.line.Resume(context.Background()); err != nil {
		m.t.Error(err)
	}
}

func (m *model) closeLine() {
	m.line.Close()
	if err := m.ws.Close(); err != nil {
		m.t.Error(err)
	}
}

func (m *model) stopQueue() {
	now, cancel := context.WithCancel(context.Background())
	cancel()
	m.queue.Stop(now)
}

func (m *model) close() {
	m.stopQueue()
	m.closeLine()
}

// restart closes the session, or the queue with it, and opens all again.
func (m *model) restart() {
	if m.rand.IntN(2) == 0 {
		m.closeLine()
		m.reopen()
		return
	}
	m.close()
	m.open()
}

func (m *model) Changed(int64) {
	select {
	case m.change <- struct{}{}:
	default:
	}
}
func (m *model) Queued(job workspace.Queued)             { m.line.Queued(job) }
func (m *model) Stopped(id string)                       { m.line.Stopped(id) }
func (m *model) Progress(_ string, _ workspace.Progress) {}

func (m *model) Run(ctx context.Context, task *queue.Task) error {
	m.mu.Lock()
	if m.running[task.ID]++; m.running[task.ID] > 1 {
		m.t.Errorf("a job is run %d times at once", m.running[task.ID])
	}
	what, calm := m.dice.IntN(6), m.calm
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.running[task.ID]--
	}()
	select {
	case <-calm:
		return nil
	default:
	}
	switch what {
	case 0:
		return fault.New(fault.Unavailable, "later")
	case 1:
		return fault.New(fault.Invalid, "never")
	case 2:
		return nil
	}
	select { // until it is called off, or all shall end
	case <-ctx.Done():
		return ctx.Err()
	case <-calm:
		return nil
	}
}

func (m *model) Finish(ctx context.Context, run workspace.Run, out workspace.Outcome) error {
	_, err := m.ws.Finish(ctx, run, out)
	if err == nil && out.State == workspace.StateSucceeded {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.won[run.JobID]++
	}
	return err
}

// sequence does some random things to a few jobs, then lets all end.
func (m *model) sequence() {
	m.mu.Lock()
	m.calm = make(chan struct{})
	m.mu.Unlock()
	m.ids = nil
	for range 3 + m.rand.IntN(12) {
		m.step()
	}
	close(m.calm)
	m.awaitEnd()
}

func (m *model) step() {
	ctx := context.Background()
	what := m.rand.IntN(100)
	switch {
	case what < 3:
		m.restart()
	case what < 35 || len(m.ids) == 0:
		job, _, err := m.ws.Submit(ctx, workspace.NewJob{Kind: "test"})
		if err != nil {
			m.t.Error(err)
			return
		}
		m.ids = append(m.ids, job.ID)
	case what < 70:
		if _, err := m.ws.Cancel(ctx, m.any(), 0); err != nil {
			m.t.Error(err)
		}
	default:
		if _, err := m.ws.Retry(ctx, m.any()); err != nil && !fault.Is(err, fault.Conflict) {
			m.t.Error(err)
		}
	}
}

func (m *model) any() string { return m.ids[m.rand.IntN(len(m.ids))] }

// awaitEnd waits until the line has nothing to do and looks whether all has ended
// as it should.
func (m *model) awaitEnd() {
	stuck := time.After(20 * time.Second)
	for m.line.Busy() {
		select {
		case <-m.change:
		case <-time.After(time.Millisecond): // the last thing that a run does is not announced
		case <-stuck:
			m.t.Errorf("the queue does not end: %+v", m.queue.Figures())
			return
		}
	}
	if f := m.queue.Figures(); f.Waiting+f.Running > 0 {
		m.t.Errorf("left in the queue: %+v", f)
	}
	m.checkEnds()
}

// checkEnds: each job has ended, and has succeeded exactly if it says so, once.
func (m *model) checkEnds() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range m.ids {
		job, err := m.ws.Job(context.Background(), id)
		if err != nil {
			m.t.Error(err)
			return
		}
		if !job.State.Finished() {
			m.t.Errorf("a job is left %s, attempt %d", job.State, job.Attempt)
		}
		if want := job.State == workspace.StateSucceeded; (m.won[id] == 1) != want || m.won[id] > 1 {
			m.t.Errorf("a job that is %s succeeded %d times", job.State, m.won[id])
		}
	}
}
