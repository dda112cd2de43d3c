package queue

import (
	"context"
	"slices"
	"sync"
	"time"

	"ret/shared/workspace"
)

// How often progress is shown and stored. Storing renews the lease as well.
const (
	showEvery  = 100 * time.Millisecond
	storeEvery = time.Second
)

// meter remembers what a run reported.
type meter struct {
	mu     sync.Mutex
	last   workspace.Progress
	shown  time.Time // when last was passed on
	base   int64     // done and when at the first report: earlier attempts do
	baseAt time.Time // not count into the rate

	samples []float64 // of the rate, a second apart
	sampled time.Time
	count   int64 // done when last sampled
}

// maxSamples bounds the memory of a rate to some minutes.
const maxSamples = 300

func (m *meter) rates() []float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.samples)
}

// sample notes the rate once a second.
func (m *meter) sample(done int64, now time.Time) {
	since := now.Sub(m.sampled)
	if since < time.Second {
		return
	}
	if !m.sampled.IsZero() {
		m.samples = append(m.samples, float64(done-m.count)/since.Seconds())
		m.samples = m.samples[max(0, len(m.samples)-maxSamples):]
	}
	m.sampled, m.count = now, done
}

// Report says how far the run is: done of total, and the item at work. The rate
// is computed here. Calls are cheap and may be as frequent as one likes; done
// never goes back.
func (t *Task) Report(p workspace.Progress) {
	now := time.Now()
	m := &t.meter
	m.mu.Lock()
	if m.baseAt.IsZero() {
		m.base, m.baseAt = p.Done, now
	}
	if p.Unit == "" {
		p.Unit = "files"
	}
	p.Done, p.Total = max(p.Done, m.last.Done), max(p.Total, m.last.Total)
	p.BytesDone, p.BytesTotal = max(p.BytesDone, m.last.BytesDone), max(p.BytesTotal, m.last.BytesTotal)
	if took := now.Sub(m.baseAt).Seconds(); took > 0.2 {
		p.Rate = float64(p.Done-m.base) / took
	}
	m.last = p
	m.sample(p.Done, now)
	show := now.Sub(m.shown) >= showEvery || p.Done == p.Total
	if show {
		m.shown = now
	}
	m.mu.Unlock()
	if show {
		t.line().runner.Progress(t.ID, p)
	}
}

// heartbeat stores progress now and then, whether or not there is any, so that
// the lease holds. It returns the function that ends it.
func (t *Task) heartbeat() (stop func()) {
	ticker := time.NewTicker(storeEvery)
	quit := make(chan struct{})
	t.beats.Go(func() {
		for {
			select {
			case <-quit:
				return
			case <-ticker.C:
				t.store()
			}
		}
	})
	return func() {
		ticker.Stop()
		close(quit)
		t.beats.Wait()
	}
}

// store writes the newest progress. A run that has lost its job is told.
func (t *Task) store() {
	run, err := t.Fence(t.ctx)
	if err != nil {
		return
	}
	t.meter.mu.Lock()
	p := t.meter.last
	t.meter.mu.Unlock()
	if err := t.line().store.Progress(context.WithoutCancel(t.ctx), run, p, t.queue().cfg.Lease); err == workspace.ErrLost {
		t.cancel(workspace.ErrLost)
	}
}
