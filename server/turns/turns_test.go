package turns_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ret/server/turns"
)

// Who holds all places without end gives one to somebody who has none, at the next
// checkpoint.
func TestAPlaceIsHandedOver(t *testing.T) {
	p := turns.New(2)
	ctx, stop := context.WithCancel(t.Context())
	var busy sync.WaitGroup
	for range 4 {
		busy.Go(func() {
			place, err := p.Enter(ctx, "busy")
			if err != nil {
				return
			}
			defer place.Leave()
			for place.Rest(ctx) == nil {
				time.Sleep(time.Microsecond) // the work between checkpoints
			}
		})
	}
	defer busy.Wait()
	defer stop()
	for range 20 {
		began := time.Now()
		place, err := p.Enter(t.Context(), "lone")
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 200*time.Millisecond {
			t.Errorf("waited %v", took)
		}
		place.Leave()
	}
}

// However many owners work without end, one who comes does not wait for a whole slice of
// each of them, which would be 400 ms here.
func TestManyOwnersTakeShorterSlices(t *testing.T) {
	const owners, promised = 40, 250 * time.Millisecond
	p := turns.New(2)
	ctx, stop := context.WithCancel(t.Context())
	var busy sync.WaitGroup
	var had atomic.Int64
	for i := range owners {
		busy.Go(func() {
			place, err := p.Enter(ctx, i)
			if err != nil {
				return
			}
			defer place.Leave()
			had.Add(1)
			for place.Rest(ctx) == nil {
				time.Sleep(time.Microsecond) // the work between checkpoints
			}
		})
	}
	defer busy.Wait()
	defer stop()
	for had.Load() < owners {
		time.Sleep(time.Millisecond)
	}
	soonest := time.Hour // of several, since others work on this machine too
	for range 5 {
		began := time.Now()
		place, err := p.Enter(t.Context(), "lone")
		if err != nil {
			t.Fatal(err)
		}
		soonest = min(soonest, time.Since(began))
		place.Leave()
	}
	if soonest > promised {
		t.Errorf("waited %v", soonest)
	}
}

// One that cannot go on lets another of its own owner go on.
func TestStepAsideServesTheSameOwner(t *testing.T) {
	p := turns.New(1)
	first, err := p.Enter(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	second := p.Ask("a", func() { close(served) })
	go func() {
		<-served
		second.Leave()
	}()
	if err := first.StepAside(t.Context()); err != nil {
		t.Fatal(err)
	}
	select {
	case <-served:
	default:
		t.Error("it went on before the other had its turn")
	}
	first.Leave()
}

// Who is outside holds nobody up, and stands in line when it comes back.
func TestOutsideHoldsNobodyUp(t *testing.T) {
	p := turns.New(1)
	first, err := p.Enter(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	var second *turns.Place
	back := make(chan error)
	out := make(chan struct{})
	go func() {
		back <- first.Outside(t.Context(), func() (err error) {
			second, err = p.Enter(t.Context(), "a")
			close(out)
			return err
		})
	}()
	<-out
	select {
	case err := <-back:
		t.Fatalf("it came back while the place was taken: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	second.Leave()
	if err := <-back; err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if err := first.Outside(ctx, func() (err error) {
		cancel()
		second, err = p.Enter(t.Context(), "b")
		return err
	}); err == nil {
		t.Error("it came back although it was called off")
	}
	first.Leave()
	second.Leave()
	if _, err := p.Enter(t.Context(), "c"); err != nil {
		t.Fatal(err)
	}
}

// However owners come, rest, give up and go: never more places than there are are
// held, and in the end all are free.
func TestPlacesAreNeverMoreNorLost(t *testing.T) {
	const n = 3
	p := turns.New(n)
	var working atomic.Int64
	var all sync.WaitGroup
	for i := range 60 {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rand.IntN(20))*time.Millisecond)
			defer cancel()
			place, err := p.Enter(ctx, fmt.Sprint(i%7))
			if err != nil {
				return
			}
			for range rand.IntN(50) {
				if now := working.Add(1); now > n {
					t.Errorf("%d work at once", now)
				}
				working.Add(-1)
				if rand.IntN(4) == 0 {
					if place.Outside(ctx, func() error { return nil }) != nil {
						break
					}
				} else if place.Rest(ctx) != nil {
					break
				}
			}
			place.Leave()
			place.Leave()
		})
	}
	all.Wait()
	for i := range n {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if _, err := p.Enter(ctx, fmt.Sprint("last", i)); err != nil {
			t.Fatalf("place %d is lost: %v", i, err)
		}
	}
}
