package convert

import (
	"context"

	"golang.org/x/sync/errgroup"

	"ret/shared/archive"
)

// waitingPerWorker is how many results may wait for an earlier one to be handed
// over: enough for small files beside a large one, few enough for memory.
const waitingPerWorker = 64

// pool lets workers work on entries and hands each outcome over in the order of
// the entries, one at a time. An error of either ends all.
type pool[T any] struct {
	workers  int
	progress *progress
	work     func(context.Context, *worker, *archive.Entry) (T, error)
	finish   func(context.Context, T) error
	drop     func(T) // takes the outcomes that finish never gets
}

// task is an entry on its way through the workers.
type task[T any] struct {
	entry   *archive.Entry
	outcome chan T // gets one, unless the run ends before
}

// run returns when no worker is left.
func (p pool[T]) run(ctx context.Context, entries []*archive.Entry) error {
	group, ctx := errgroup.WithContext(ctx)
	free := make(chan task[T])
	order := make(chan task[T], p.workers*waitingPerWorker)
	group.Go(func() error { return feed(ctx, entries, free, order) })
	for range p.workers {
		group.Go(func() error { return p.drain(ctx, free) })
	}
	var next task[T]
	group.Go(func() error { return p.take(ctx, order, &next) })
	err := group.Wait()
	p.dropOutcome(next)
	for t := range order {
		p.dropOutcome(t)
	}
	return err
}

// feed queues the entries twice: in order, and for whoever is free.
func feed[T any](ctx context.Context, entries []*archive.Entry, free, order chan<- task[T]) error {
	defer close(order)
	defer close(free)
	for _, e := range entries {
		t := task[T]{e, make(chan T, 1)}
		for _, queue := range []chan<- task[T]{order, free} {
			select {
			case queue <- t:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}

// drain is one worker.
func (p pool[T]) drain(ctx context.Context, free <-chan task[T]) error {
	w := &worker{progress: p.progress}
	for t := range free {
		outcome, err := p.work(ctx, w, t.entry)
		if err != nil {
			return err
		}
		t.outcome <- outcome
	}
	return nil
}

// take hands outcomes over; next is the task whose turn it is.
func (p pool[T]) take(ctx context.Context, order <-chan task[T], next *task[T]) error {
	for t := range order {
		*next = t
		select {
		case outcome := <-t.outcome:
			if err := p.finish(ctx, outcome); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (p pool[T]) dropOutcome(t task[T]) {
	select {
	case outcome := <-t.outcome:
		p.drop(outcome)
	default: // taken, or never made
	}
}
