package convert

import (
	"sync"
	"sync/atomic"
	"time"

	"ret/shared/archive"
)

// progressInterval is how often a run reports while no file is done.
const progressInterval = 100 * time.Millisecond

// passes over each document.
const passes = 2

// progress keeps count for Job.Progress. Its methods may be called concurrently.
type progress struct {
	bytes atomic.Int64

	mu     sync.Mutex
	report func(Progress)
	state  Progress

	stop, stopped chan struct{}
}

func newProgress(report func(Progress), entries []archive.Entry) *progress {
	p := &progress{report: report, state: Progress{Total: len(entries)}}
	for i := range entries {
		if entries[i].State == archive.Document {
			p.state.TotalBytes += passes * entries[i].Size()
		}
	}
	if report == nil {
		p.report = func(Progress) {}
	}
	return p
}

// start reports until close is called, also while nothing is finished.
func (p *progress) start() {
	p.stop, p.stopped = make(chan struct{}), make(chan struct{})
	p.finished(0)
	go func() {
		defer close(p.stopped)
		ticker := time.NewTicker(progressInterval)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				p.finished(0)
			case <-p.stop:
				return
			}
		}
	}()
}

// close waits until nothing is reported any more.
func (p *progress) close() {
	close(p.stop)
	<-p.stopped
}

// started says which file is at work.
func (p *progress) started(path string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state.Path = path
}

// finished counts files and reports.
func (p *progress) finished(files int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state.Done += files
	p.state.Bytes = min(p.bytes.Load(), p.state.TotalBytes)
	p.report(p.state)
}
