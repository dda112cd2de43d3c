package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// jobQueue is a queue with one kind of job, which does nothing but say that it
// began. Everything it does is durable: SQLite with a WAL and synchronous=FULL.
type jobQueue interface {
	// enqueue returns once the job is stored. at goes to began.
	enqueue(ctx context.Context, at time.Time) error
	start(ctx context.Context) error
	close()
}

// queueMaker opens a queue in a folder of its own; began is called by each job.
type queueMaker struct {
	name string
	open func(folder string, began func(at time.Time)) (jobQueue, error)
}

var (
	ownQueue    = queueMaker{"ret", openRet}
	rivalQueues = []queueMaker{{"river", openRiver}, {"backlite", openBacklite}}
)

// How many jobs each measurement takes; rivals get fewer, for they need longer.
const (
	ownJobs      = 20_000
	rivalJobs    = 4_000
	latencyJobs  = 500
	fairnessJobs = 10_000
)

func benchQueue(ctx context.Context, b *bench) error {
	folder, remove, err := workFolder()
	if err != nil {
		return err
	}
	defer remove()
	q := &queueBench{bench: b, ctx: ctx, folder: folder}
	for _, measure := range []func() error{q.enqueues, q.latency, q.emptyJobs, q.lifetimes, q.fairness} {
		if err := measure(); err != nil {
			return err
		}
	}
	return nil
}

type queueBench struct {
	*bench
	ctx    context.Context
	folder string
	opened int
}

func (b *queueBench) open(m queueMaker, began func(at time.Time)) (jobQueue, error) {
	b.opened++
	return m.open(filepath.Join(b.folder, fmt.Sprint(b.opened)), began)
}

// enqueues measures storing jobs that nobody runs yet.
func (b *queueBench) enqueues() error {
	for _, callers := range []int{1, 50} {
		own, err := b.enqueueRate(ownQueue, callers)
		if err != nil {
			return err
		}
		for _, m := range rivalQueues {
			rival, err := b.enqueueRate(m, callers)
			if err != nil {
				return err
			}
			b.report(result{
				Name: fmt.Sprintf("queue_enqueue_%d", callers), Value: own, Unit: "ops/s",
				Rival: m.name, RivalValue: rival, Allocs: -1,
			})
		}
	}
	return nil
}

func (b *queueBench) enqueueRate(m queueMaker, callers int) (float64, error) {
	q, err := b.open(m, func(time.Time) {})
	if err != nil {
		return 0, err
	}
	defer q.close()
	const jobs = 15_000 // a session may have 20,000 that wait
	n := min(jobs, 500*callers)
	started := time.Now()
	err = b.enqueueMany(q, callers, n)
	return float64(n) / time.Since(started).Seconds(), err
}

// latency measures from the call that enqueues to the start of the job, one job
// after the other.
func (b *queueBench) latency() error {
	sync, err := fsyncTime(b.folder)
	if err != nil {
		return err
	}
	own, err := b.latencyOf(ownQueue)
	if err != nil {
		return err
	}
	for _, m := range rivalQueues {
		rival, err := b.latencyOf(m)
		if err != nil {
			return err
		}
		b.report(result{
			Name: "queue_enqueue_to_start_p50", Value: own, Unit: "ms", Rival: m.name, RivalValue: rival,
			Floor: "fsync", FloorValue: sync.Seconds() * 1000, Allocs: -1,
		})
	}
	return nil
}

func (b *queueBench) latencyOf(m queueMaker) (p50 float64, err error) {
	began := make(chan time.Duration, 1)
	q, err := b.open(m, func(at time.Time) { began <- time.Since(at) })
	if err != nil {
		return 0, err
	}
	defer q.close()
	if err := q.start(b.ctx); err != nil {
		return 0, err
	}
	waits := make([]time.Duration, 0, latencyJobs)
	for range latencyJobs {
		if err := q.enqueue(b.ctx, time.Now()); err != nil {
			return 0, err
		}
		waits = append(waits, <-began)
	}
	slices.Sort(waits)
	return waits[len(waits)/2].Seconds() * 1000, nil
}

// emptyJobs measures how fast jobs that wait are run.
func (b *queueBench) emptyJobs() error {
	return b.compareRates("queue_empty_jobs", func(m queueMaker, n int) (float64, error) {
		var left atomic.Int64
		left.Store(int64(n))
		done := make(chan struct{})
		q, err := b.open(m, countDown(&left, done))
		if err != nil {
			return 0, err
		}
		defer q.close()
		if err := b.enqueueMany(q, manyCallers, n); err != nil {
			return 0, err
		}
		started := time.Now()
		if err := q.start(b.ctx); err != nil {
			return 0, err
		}
		<-done
		return float64(n) / time.Since(started).Seconds(), nil
	})
}

// lifetimes measures jobs that are enqueued by 50 callers and run at the same
// time, until the last has run.
func (b *queueBench) lifetimes() error {
	return b.compareRates("queue_jobs_lifetime", func(m queueMaker, n int) (float64, error) {
		var left atomic.Int64
		left.Store(int64(n))
		done := make(chan struct{})
		q, err := b.open(m, countDown(&left, done))
		if err != nil {
			return 0, err
		}
		defer q.close()
		if err := q.start(b.ctx); err != nil {
			return 0, err
		}
		started := time.Now()
		if err := b.enqueueMany(q, manyCallers, n); err != nil {
			return 0, err
		}
		<-done
		return float64(n) / time.Since(started).Seconds(), nil
	})
}

func (b *queueBench) compareRates(name string, measure func(m queueMaker, n int) (float64, error)) error {
	own, err := measure(ownQueue, ownJobs)
	if err != nil {
		return err
	}
	for _, m := range rivalQueues {
		rival, err := measure(m, rivalJobs)
		if err != nil {
			return err
		}
		b.report(result{Name: name, Value: own, Unit: "jobs/s", Rival: m.name, RivalValue: rival, Allocs: -1})
	}
	return nil
}

func countDown(left *atomic.Int64, done chan struct{}) func(time.Time) {
	return func(time.Time) {
		if left.Add(-1) == 0 {
			close(done)
		}
	}
}

const manyCallers = 50

func (b *queueBench) enqueueMany(q jobQueue, callers, n int) error {
	var group sync.WaitGroup
	failed := make(chan error, callers)
	for caller := range callers {
		group.Go(func() {
			for range (n + caller) / callers {
				if err := q.enqueue(b.ctx, time.Now()); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	group.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// fairness measures how long a session's only job takes while another session
// has 10,000 waiting.
func (b *queueBench) fairness() error {
	alone, err := b.loneJob(0)
	if err != nil {
		return err
	}
	behind, err := b.loneJob(fairnessJobs)
	if err != nil {
		return err
	}
	b.report(result{
		Name: "queue_lone_job_behind_10000", Value: behind, Unit: "ms",
		Floor: "lone_job_alone", FloorValue: alone, Allocs: -1,
	})
	return nil
}
