// Package turns shares a number of places between owners, so that whoever asks for
// little never waits long behind those who ask for much.
//
// A place that becomes free goes to an owner who has none before it goes to one
// who has, and among these by turns. Who holds a place for long asks at
// checkpoints (Rest) whether an owner without one is waiting, and if so hands it
// over and stands in line for another. An owner who has several places gives one
// at once, one who has a single place after its slice, so that owners without end
// do not do nothing but pass places around.
//
// With W places and S owners that work without end one who comes then waits S/W slices
// and one checkpoint at most. A slice is the shorter the more owners wait, so that this
// is Slice and as much again, or S/W times ShortestSlice where there are very many.
//
// Places and Place may be used concurrently.
package turns

import (
	"container/list"
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Slice is how long a place is kept while others wait, by an owner who has no
// other and where one waits for each place. Where more do it is shorter by as much,
// down to ShortestSlice.
const (
	Slice         = 20 * time.Millisecond
	ShortestSlice = 2 * time.Millisecond
)

// Places are what owners share.
type Places struct {
	mu     sync.Mutex
	all    int // places
	free   int
	ring   list.List // of *owner: those who wait, in turn
	owners map[any]*owner
	slice  time.Duration

	// hungry counts the owners who wait and have no place, waiting all who wait: a
	// checkpoint that finds none is a look at a number.
	hungry, waiting atomic.Int64
}

// owner is who asks. It is known while it waits or has a place.
type owner struct {
	key    any
	held   int           // places
	paused list.List     // of *Place: were handed over and are wanted back; go first
	asking list.List     // of *Place: have not begun
	turn   *list.Element // in the ring, while anything waits
	hungry bool
}

// New makes n places.
func New(n int) *Places {
	return &Places{all: n, free: n, owners: map[any]*owner{}, slice: Slice}
}

// Place is one claim to a place: asked for, held, handed over for a while, left.
type Place struct {
	places *Places
	owner  *owner
	begin  func()

	// These belong to the mutex of places.
	state  state
	since  time.Time     // when it was last given
	spot   *list.Element // in one of the owner's lists, while it waits
	resume chan struct{} // closed when a place that was handed over is given again
	aside  bool          // was handed over for want of something else

	away atomic.Bool // state is paused
}

type state uint8

const (
	asking state = iota
	held
	paused
	outside // given back for a while, and not asked for
	left
)

// Ask stands in line for a place of an owner, whom a comparable key tells from
// others. When it is given, begin is called on a goroutine
// of its own; before that, Leave withdraws.
func (p *Places) Ask(key any, begin func()) *Place {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := p.owner(key)
	place := &Place{places: p, owner: o, begin: begin}
	place.spot = o.asking.PushBack(place)
	p.waiting.Add(1)
	p.settle(o)
	p.give()
	return place
}

// owner is who has this key.
func (p *Places) owner(key any) *owner {
	o := p.owners[key]
	if o == nil {
		o = &owner{key: key}
		p.owners[key] = o
	}
	return o
}

// Enter is Ask for one who waits: it returns with a place, or with ctx's error.
func (p *Places) Enter(ctx context.Context, key any) (*Place, error) {
	given := make(chan struct{})
	place := p.Ask(key, func() { close(given) })
	select {
	case <-given:
		return place, nil
	case <-ctx.Done():
		place.Leave()
		return nil, ctx.Err()
	}
}

// Leave gives the place back, or withdraws from the line. Leaving again does
// nothing.
func (t *Place) Leave() {
	p := t.places
	p.mu.Lock()
	defer p.mu.Unlock()
	switch t.state {
	case held:
		t.owner.held--
		p.free++
	case asking, paused:
		p.leaveLine(t)
	}
	if t.state == paused {
		close(t.resume) // whoever waits at a checkpoint goes on, without a place
	}
	t.set(left)
	p.settle(t.owner)
	p.give()
}

// Rest is a checkpoint: where an owner without a place is waiting, it hands the
// place over and returns when it has one again, or with ctx's error and without.
// Several goroutines may share a place; each of them rests then. Whatever else is to be
// done on this processor, such as a request, comes in between. It costs next to nothing
// while nobody waits.
func (t *Place) Rest(ctx context.Context) error { return t.rest(ctx, &t.places.hungry, false) }

// StepAside is Rest for one that cannot go on at present: the place goes to
// anybody who waits, the same owner too.
func (t *Place) StepAside(ctx context.Context) error { return t.rest(ctx, &t.places.waiting, true) }

// Outside does something that needs no place, such as waiting for a network: the place
// is given back meanwhile, and stood in line for afterwards. The error is that of do, or
// of ctx, with which it returns without a place. Only one goroutine may use the place
// then.
func (t *Place) Outside(ctx context.Context, do func() error) error {
	t.goOut()
	err := do()
	resume := t.comeIn()
	if resume == nil {
		return err
	}
	select {
	case <-resume:
		return err
	case <-ctx.Done():
		if err == nil {
			err = ctx.Err()
		}
		return err
	}
}

func (t *Place) goOut() {
	p := t.places
	p.mu.Lock()
	defer p.mu.Unlock()
	if t.state != held {
		return
	}
	t.set(outside)
	t.owner.held--
	p.free++
	p.settle(t.owner)
	p.give()
}

// comeIn stands in line again, and returns what tells that there is a place.
func (t *Place) comeIn() <-chan struct{} {
	p := t.places
	p.mu.Lock()
	defer p.mu.Unlock()
	if t.state != outside {
		return nil
	}
	t.owner = p.owner(t.owner.key) // it may have been forgotten meanwhile
	t.set(paused)
	t.resume, t.aside = make(chan struct{}), false
	t.spot = t.owner.paused.PushBack(t)
	p.waiting.Add(1)
	p.settle(t.owner)
	p.give()
	return t.resume
}

func (t *Place) rest(ctx context.Context, waiting *atomic.Int64, aside bool) error {
	// Go takes a processor away from who works without a pause after 10 to 20 ms. Where
	// such work holds all of them, each step of a request would wait for that.
	runtime.Gosched()
	for t.away.Load() || waiting.Load() > 0 {
		resume := t.handOver(aside)
		if resume == nil {
			break
		}
		select {
		case <-resume:
		case <-ctx.Done():
			return ctx.Err()
		}
		aside = false
		waiting = &t.places.hungry
	}
	return ctx.Err()
}

// handOver gives the place to the next in line, if it is to be given, and returns
// what tells that there is one again.
func (t *Place) handOver(aside bool) <-chan struct{} {
	p := t.places
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case t.state == paused:
		return t.resume
	case t.state != held || !aside && !p.mayTake(t):
		return nil
	}
	t.set(paused)
	t.resume, t.aside = make(chan struct{}), aside
	t.spot = t.owner.paused.PushBack(t)
	t.owner.held--
	p.free++
	p.waiting.Add(1)
	p.settle(t.owner)
	p.give()
	return t.resume
}

// mayTake reports whether an owner who has no place may have this one.
func (p *Places) mayTake(t *Place) bool {
	hungry := p.hungry.Load()
	return hungry > 0 && (t.owner.held > 1 || time.Since(t.since) >= p.sliceBeside(hungry))
}

// sliceBeside is how long a place is kept while so many owners have none.
func (p *Places) sliceBeside(hungry int64) time.Duration {
	each := max(1, (hungry+int64(p.all)-1)/int64(p.all)) // that wait for one place
	return min(p.slice, max(ShortestSlice, p.slice/time.Duration(each)))
}

// give hands the free places out.
func (p *Places) give() {
	for p.free > 0 {
		o := p.next()
		if o == nil {
			return
		}
		t := o.first()
		p.leaveLine(t)
		p.free--
		o.held++
		was := t.state
		t.since = time.Now()
		t.set(held)
		p.ring.MoveToBack(o.turn)
		p.settle(o)
		if was == paused {
			close(t.resume)
		} else {
			go t.begin()
		}
	}
}

// first is the place that the owner wants most: one that was handed over, the
// oldest. One that stepped aside lets another begin before it.
func (o *owner) first() *Place {
	front := o.paused.Front()
	if front != nil {
		t := front.Value.(*Place)
		if !t.aside || o.asking.Len() == 0 {
			return t
		}
		t.aside = false
	}
	return o.asking.Front().Value.(*Place)
}

// next is the owner whose turn it is: the first without a place, else the first.
// At most as many owners as there are places are passed over.
func (p *Places) next() *owner {
	for e := p.ring.Front(); e != nil; e = e.Next() {
		if o := e.Value.(*owner); o.held == 0 {
			return o
		}
	}
	if first := p.ring.Front(); first != nil {
		return first.Value.(*owner)
	}
	return nil
}

// leaveLine takes t out of its owner's list.
func (p *Places) leaveLine(t *Place) {
	if t.state == paused {
		t.owner.paused.Remove(t.spot)
	} else {
		t.owner.asking.Remove(t.spot)
	}
	t.spot = nil
	p.waiting.Add(-1)
}

func (t *Place) set(s state) {
	t.state = s
	t.away.Store(s == paused)
}

// settle brings what is known of an owner in line with its lists.
func (p *Places) settle(o *owner) {
	waits := o.paused.Len()+o.asking.Len() > 0
	switch {
	case waits && o.turn == nil:
		o.turn = p.ring.PushBack(o)
	case !waits && o.turn != nil:
		p.ring.Remove(o.turn)
		o.turn = nil
	}
	if hungry := waits && o.held == 0; hungry != o.hungry {
		o.hungry = hungry
		if hungry {
			p.hungry.Add(1)
		} else {
			p.hungry.Add(-1)
		}
	}
	if !waits && o.held == 0 {
		delete(p.owners, o.key)
	}
}
