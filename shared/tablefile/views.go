package tablefile

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/sync/semaphore"

	"ret/shared/xmltable"
)

// Views keeps the views of many tables, as long as there is room, so that paging
// through a sorted table sorts it once: those used last in memory, and all on the shelf
// of whom they belong to. Equal questions at the same time are
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

// Page is Table.Page with what is kept, in memory and on the shelf, which may be nil.
// name is the table's, unlike any other's: its content never changes.
func (v *Views) Page(ctx context.Context, shelf Shelf, name string, t *Table, q Query) (page Page, err error) {
	asked, err := t.parse(q)
	if err != nil {
		return Page{}, err
	}
	if asked.plain() {
		return t.page(ctx, q, asked)
	}
	found, err := v.numbers(ctx, shelf, newViewKey(name, q), t, asked)
	if err != nil {
		return Page{}, err
	}
	if found != nil {
		defer found.close()
		return t.pageOf(ctx, q, asked, found)
	}
	// There is no room to keep them: each page is found out anew.
	done, err := v.takeWork(ctx, t.viewWork(asked))
	if err != nil {
		return Page{}, err
	}
	defer done()
	return t.page(ctx, q, asked)
}

// Copy writes a view as a table of its own, so that all that can be done with a table
// can be done with a view. It reads the rows of a sorted view in parts of many rows, each
// of which may read the table once.
func (v *Views) Copy(ctx context.Context, shelf Shelf, name string, t *Table, q Query, w io.Writer) (Index, error) {
	asked, err := t.parse(q)
	if err != nil {
		return Index{}, err
	}
	columns := make([]xmltable.Column, 0, len(t.Columns))
	for _, name := range asked.names(t.Columns) {
		columns = append(columns, xmltable.Column{Name: name})
	}
	to := NewWriter(w, columns)
	if len(asked.by) == 0 {
		err = t.Each(ctx, func(_ int64, cells [][]byte) error {
			if !matchAll(asked.filters, cells) {
				return nil
			}
			return to.Row(asked.cells(cells))
		})
	} else {
		err = v.copySorted(ctx, shelf, name, t, q, to)
	}
	if err != nil {
		return Index{}, err
	}
	return to.Close()
}

// copyRows is how many rows of a sorted view are read at once.
const copyRows = 32 << 10

func (v *Views) copySorted(ctx context.Context, shelf Shelf, name string, t *Table, q Query, to *Writer) error {
	for q.Offset, q.Limit = 0, copyRows; ; {
		page, err := v.Page(ctx, shelf, name, t, q)
		if err != nil {
			return err
		}
		for _, row := range page.Rows {
			if err := to.Row(xmltable.CellBytes(row)); err != nil {
				return err
			}
		}
		if q.Offset += int64(len(page.Rows)); q.Offset >= page.Total || len(page.Rows) == 0 {
			return nil
		}
	}
}

func newViewKey(name string, q Query) viewKey {
	text, err := json.Marshal([]any{name, sorts(q.Sorts), q.Filters, q.In, q.Regex, q.Text})
	if err != nil {
		panic(fmt.Sprintf("strings that cannot be written: %v", err))
	}
	return sha256.Sum256(text)
}

// found are a view's numbers, to be closed.
type found struct {
	numbers
	close func()
}

func inMemory(view *View) *found { return &found{view, func() {}} }

// numbers returns the kept view, or waits for who is making it, or makes it; nil where
// there is no room to keep it.
func (v *Views) numbers(ctx context.Context, shelf Shelf, key viewKey, t *Table, asked question) (*found, error) {
	if f := v.inMemory(key); f != nil {
		return f, nil
	}
	done, err := v.alone(ctx, key)
	if err != nil {
		return nil, err
	}
	defer done()
	if f := v.inMemory(key); f != nil { // somebody has made it meanwhile
		return f, nil
	}
	return v.find(ctx, shelf, key, t, asked)
}

func (v *Views) inMemory(key viewKey) *found {
	v.mu.Lock()
	defer v.mu.Unlock()
	if view, ok := v.kept.Get(key); ok {
		return inMemory(view)
	}
	return nil
}

// find looks on the shelf, and makes what is not there. It is the only one at it.
func (v *Views) find(ctx context.Context, shelf Shelf, key viewKey, t *Table, asked question) (*found, error) {
	if f, err := onShelf(shelf, key); f != nil || err != nil {
		return f, err
	}
	if t.index.Rows*numberBytes <= v.budget/2 {
		return v.make(ctx, shelf, key, t, asked)
	}
	if shelf == nil || t.index.Rows > math.MaxUint32 || t.index.Rows*numberBytes > shelf.Room() {
		return nil, nil
	}
	done, err := v.takeWork(ctx, t.viewWork(asked))
	if err != nil {
		return nil, err
	}
	defer done()
	if kept, err := t.makeOn(ctx, shelf, key, asked); !kept || err != nil {
		return nil, err
	}
	v.countMade()
	return onShelf(shelf, key)
}

// onShelf is what a shelf keeps. What cannot be read there is made anew.
func onShelf(shelf Shelf, key viewKey) (*found, error) {
	if shelf == nil {
		return nil, nil
	}
	kept, err := shelf.Kept(key.text())
	if err != nil || kept == nil {
		return nil, err
	}
	return &found{shelved{kept}, func() { _ = kept.Close() }}, nil
}

// make makes a view in memory.
func (v *Views) make(ctx context.Context, shelf Shelf, key viewKey, t *Table, asked question) (*found, error) {
	done, err := v.takeWork(ctx, t.viewWork(asked))
	if err != nil {
		return nil, err
	}
	defer done()
	view, err := t.view(ctx, asked)
	if err != nil {
		return nil, err
	}
	if shelf != nil {
		view.keepOn(shelf, key)
	}
	v.countMade()
	v.keep(key, view)
	return inMemory(view), nil
}

func (v *Views) countMade() {
	v.mu.Lock()
	v.made++
	v.mu.Unlock()
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

// keep makes room for a view.
func (v *Views) keep(key viewKey, view *View) {
	v.mu.Lock()
	defer v.mu.Unlock()
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
	work := t.index.Rows * numberBytes
	if len(asked.by) > 1 {
		work += 2 * t.index.Rows * numberBytes
	}
	switch {
	case len(asked.by) == 0:
	case t.sortsWhole(math.MaxInt64):
		work += t.index.Rows*24 + min(t.index.Bytes, t.sortRoom.texts)
	default:
		work += t.sortRoom.keys*16 + 2*min(t.index.Bytes, t.sortRoom.texts)
	}
	return min(work, workBytes)
}
