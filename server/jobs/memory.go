package jobs

import (
	"context"
	"time"

	"golang.org/x/sync/semaphore"
)

// Memory is what all jobs of the process share: before a document is worked on, its
// job takes from it what the document may need, and waits until there is so much.
// A waiting job gives its place to others, so that who holds the memory goes on.
// It may be used concurrently; a nil Memory has no bound.
type Memory struct {
	total int64
	free  *semaphore.Weighted
}

// NewMemory returns a budget of so many bytes.
func NewMemory(bytes int64) *Memory {
	return &Memory{total: bytes, free: semaphore.NewWeighted(bytes)}
}

const (
	// smallDocument is the size up to which a document is worked on at once: so many
	// fit into any machine as there are places, and nobody's small file waits.
	smallDocument = 1 << 20

	// A row is held twice while it is written, and is bounded (64 MiB); no document
	// has longer rows than it is long itself.
	largestRow  = 64 << 20
	rowsInHand  = 3
	aroundThese = 4 << 20 // the shape, buffers

	askAgain = 25 * time.Millisecond
)

// need is what a document of that size may take, at most all there is.
func (m *Memory) need(size int64) int64 {
	return min(m.total, aroundThese+rowsInHand*min(size, largestRow))
}

// admit takes what a document of that size needs, and returns what gives it back.
// While it waits it calls stepAside again and again. Its error is ctx's.
func (m *Memory) admit(ctx context.Context, size int64, stepAside func(context.Context) error) (release func(), err error) {
	if m == nil || size <= smallDocument {
		return func() {}, nil
	}
	need := m.need(size)
	release = func() { m.free.Release(need) }
	if m.free.TryAcquire(need) {
		return release, nil
	}
	waiting, stop := context.WithCancel(ctx)
	defer stop()
	got := make(chan error, 1)
	go func() { got <- m.free.Acquire(waiting, need) }()
	again := time.NewTicker(askAgain)
	defer again.Stop()
	for {
		select {
		case err := <-got:
			return release, err
		case <-again.C:
			if err := stepAside(ctx); err != nil {
				stop()
				if <-got == nil {
					release()
				}
				return nil, err
			}
		}
	}
}
