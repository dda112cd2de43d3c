package tablefile

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/sync/semaphore"
)

// Views keeps the views of many tables, as long as there is room, so that paging
// through a sorted table sorts it once. Equal questions at the same time are
// answered once, and what different ones take for their work comes out of one
// budget. For concurrent use.
type Views struct {
	budget int64               // bytes of kept views
	work   *semaphore.Weighted // bytes

	mu     sync.Mutex
	kept   *simplelru.LRU[viewKey, *View]
	bytes  int64
	making map[viewKey]chan struct{} // closed when it is made or has failed
	made   int                       // ever
}

// viewKey is a hash of table and question: what was asked for may outlive the
// session here, but cannot be read.
type viewKey [sha256.Size]byte

const (
	// workBytes is what may be taken at once to make views, or pages of tables that are
	// too large for one.
	workBytes = 116 << 20

	// smallWork needs no turn.
	smallWork = 1 << 20
)

// NewViews keeps views of at most budget bytes, four for each of their rows.
func NewViews(budget int64) *Views {
	kept, _ := simplelru.NewLRU[viewKey, *View](1<<30, nil) // fails on sizes below 1 only
	return &Views{budget: budget, work: semaphore.NewWeighted(workBytes), kept: kept, making: make(map[viewKey]chan struct{})}
}

// Page is Table.Page with what is kept. name is the table's, unlike any other's:
// its content never changes.
func (v *Views) Page(ctx context.Context, name string, t *Table, q Query) (Page, error) {
	asked, err := t.parse(q)
	if err != nil {
		return Page{}, err
	}
	if asked.plain() {
		return t.page(ctx, q, asked)
	}
	if t.index.Rows*4 > v.budget/2 { // too large to be kept: each page is found out anew
		done, err := v.takeWork(ctx, t.viewWork(asked))
		if err != nil {
			return Page{}, err
		}
		defer done()
		return t.page(ctx, q, asked)
	}
	view, err := v.view(ctx, newViewKey(name, q), t, asked)
	if err != nil {
		return Page{}, err
	}
	return t.pageOf(ctx, q, view)
}

func newViewKey(name string, q Query) viewKey {
	text, err := json.Marshal([]any{name, q.Sort, q.Filters})
	if err != nil {
		panic(fmt.Sprintf("strings that cannot be written: %v", err))
	}
	return sha256.Sum256(text)
}

// view returns the kept view, or waits for who is making it, or makes it.
func (v *Views) view(ctx context.Context, key viewKey, t *Table, asked question) (*View, error) {
	for {
		v.mu.Lock()
		if view, ok := v.kept.Get(key); ok {
			v.mu.Unlock()
			return view, nil
		}
		made, running := v.making[key]
		if !running {
			made = make(chan struct{})
			v.making[key] = made
			v.mu.Unlock()
			return v.make(ctx, key, t, asked, made)
		}
		v.mu.Unlock()
		select {
		case <-made: // or given up by who made it: then it is the next one's turn
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (v *Views) make(ctx context.Context, key viewKey, t *Table, asked question, made chan struct{}) (view *View, err error) {
	defer func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		delete(v.making, key)
		close(made)
		if view != nil && err == nil {
			v.made++
			v.keep(key, view)
		}
	}()
	done, err := v.takeWork(ctx, t.viewWork(asked))
	if err != nil {
		return nil, err
	}
	defer done()
	return t.view(ctx, asked)
}

// takeWork waits until so many bytes are free for work; done gives them back.
func (v *Views) takeWork(ctx context.Context, bytes int64) (done func(), err error) {
	if bytes <= smallWork {
		return func() {}, nil
	}
	if err := v.work.Acquire(ctx, bytes); err != nil {
		return nil, err
	}
	return func() { v.work.Release(bytes) }, nil
}

// keep makes room for a view, mu held.
func (v *Views) keep(key viewKey, view *View) {
	v.kept.Add(key, view)
	v.bytes += view.bytes()
	for v.bytes > v.budget {
		_, oldest, ok := v.kept.RemoveOldest()
		if !ok {
			return
		}
		v.bytes -= oldest.bytes()
	}
}

// viewWork is about how many bytes making a view takes.
func (t *Table) viewWork(asked question) int64 {
	work := t.index.Rows * 4
	switch {
	case t.sortsWhole(asked, math.MaxInt64):
		work += t.index.Rows*16 + min(t.index.Bytes, t.sortRoom.texts)
	case asked.by != nil:
		work += t.sortRoom.keys*16 + 2*min(t.index.Bytes, t.sortRoom.texts)
	}
	return min(work, workBytes)
}
