package queue

import (
	"slices"
	"sync"
	"time"

	"ret/shared/workspace"
)

// Figures say how the queue is doing.
type Figures struct {
	Waiting, Running int
	Lines            int // sessions with jobs that wait or run
	FinishedHour     int64
	FailedHour       int64
	Waited, Ran      Percentiles // of the last jobs
	Active           []Active    // running now, longest first
}

// Percentiles of a series of durations.
type Percentiles struct{ P50, P95 time.Duration }

// Active is a run under way.
type Active struct {
	Owner string // the line's
	JobID string
	Kind  string
	Since time.Time // when it began to wait
	Began time.Time

	Attempt int   // 0 until its start is stored
	Bytes   int64 // of its files, once they have been listed
}

// active describes a run; the queue's mutex is held.
func (t *Task) active() Active {
	a := Active{Owner: t.record.line.owner, JobID: t.ID, Kind: t.Kind, Since: t.record.since, Began: t.began}
	select {
	case <-t.claimed:
		a.Attempt = t.attempt.Attempt
	default:
	}
	a.Bytes = t.bytes.Load()
	return a
}

// Figures returns the present figures.
func (q *Queue) Figures() Figures {
	f := q.past.figures(time.Now())
	q.mu.Lock()
	defer q.mu.Unlock()
	for l := range q.lines {
		f.Waiting += l.waiting
		if len(l.records) > 0 {
			f.Lines++
		}
	}
	for t := range q.running {
		f.Active = append(f.Active, t.active())
	}
	f.Running = len(f.Active)
	slices.SortFunc(f.Active, func(a, b Active) int { return a.Began.Compare(b.Began) })
	return f
}

// past remembers how the last jobs went.
type past struct {
	mu     sync.Mutex
	waited series
	ran    series
	ends   [60]minute
}

// minute counts what ended in one minute of the hour.
type minute struct {
	at               int64 // Unix minutes
	finished, failed int64
}

func (p *past) started(waited time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waited.add(waited)
}

func (p *past) ended(state workspace.State, ran time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ran.add(ran)
	if !state.Finished() {
		return
	}
	now := time.Now().Unix() / 60
	m := &p.ends[now%60]
	if m.at != now {
		*m = minute{at: now}
	}
	m.finished++
	if state == workspace.StateFailed {
		m.failed++
	}
}

func (p *past) figures(now time.Time) (f Figures) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f.Waited, f.Ran = p.waited.percentiles(), p.ran.percentiles()
	for _, m := range p.ends {
		if m.at > now.Unix()/60-60 {
			f.FinishedHour += m.finished
			f.FailedHour += m.failed
		}
	}
	return f
}

// series keeps the last durations.
type series struct {
	last [512]time.Duration
	n    int
}

func (s *series) add(d time.Duration) {
	s.last[s.n%len(s.last)] = d
	s.n++
}

func (s *series) percentiles() Percentiles {
	n := min(s.n, len(s.last))
	if n == 0 {
		return Percentiles{}
	}
	sorted := slices.Sorted(slices.Values(s.last[:n]))
	return Percentiles{P50: sorted[n/2], P95: sorted[n*95/100]}
}
