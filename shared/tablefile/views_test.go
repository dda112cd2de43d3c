package tablefile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ret/shared/xmltable"
)

// counted counts what is read.
type counted struct {
	io.ReaderAt
	bytes atomic.Int64
}

func (c *counted) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(p, off)
	c.bytes.Add(int64(n))
	return n, err
}

// largeTable has two columns, of which "name" is to be sorted by.
func largeTable(t testing.TB, rows int) (*Table, *counted) {
	t.Helper()
	var content bytes.Buffer
	w := NewWriter(&content, []xmltable.Column{{Name: "name"}, {Name: "place"}})
	for i := range rows {
		key := uint32(i) * 2654435761 // each once, in no order
		if err := w.Row([][]byte{fmt.Appendf(nil, "a longer name %010d", key), strconv.AppendInt(nil, int64(i), 10)}); err != nil {
			t.Fatal(err)
		}
	}
	index, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	c := &counted{ReaderAt: bytes.NewReader(content.Bytes())}
	table, err := Open(c, index)
	if err != nil {
		t.Fatal(err)
	}
	return table, c
}

// Deep pages of a sorted table that many ask for at once are found out once, and
// what is read for all of them is the table and the pages.
func TestEqualQuestionsAreAnsweredOnce(t *testing.T) {
	table, content := largeTable(t, 100_000)
	views := NewViews(1 << 20)
	before := content.bytes.Load()
	var all sync.WaitGroup
	answers := make([]Page, 12)
	for i := range answers {
		all.Go(func() {
			var err error
			if answers[i], err = views.Page(t.Context(), nil, "t", table, Query{Offset: 99_000, Limit: 100, Sorts: []string{"-name"}}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, p := range answers {
		if show(toRows(p.Rows)) != show(toRows(answers[0].Rows)) || len(p.Rows) != 100 || p.Total != 100_000 {
			t.Fatal("answers differ")
		}
	}
	// A page's rows lie in as many blocks at most, each of which may be read whole.
	page := int64(100 * (indexEvery*40 + 64<<10))
	if read := content.bytes.Load() - before; views.made != 1 || read > table.Bytes()+12*page {
		t.Errorf("made %d views and read %d bytes, the table has %d and a page %d", views.made, read, table.Bytes(), page)
	}
}

// What is kept stays within its budget, and what was asked for last is there.
func TestViewsStayWithinTheirBudget(t *testing.T) {
	table, _ := largeTable(t, 1000)
	views := NewViews(10 * 4200)
	for i := range 50 {
		q := Query{Limit: 1, Sorts: []string{"name"}}
		if _, err := views.Page(t.Context(), nil, fmt.Sprint("table", i), table, q); err != nil {
			t.Fatal(err)
		}
		if views.bytes > views.budget {
			t.Fatalf("%d bytes kept of %d", views.bytes, views.budget)
		}
	}
	for range 2 {
		if _, err := views.Page(t.Context(), nil, "table49", table, Query{Offset: 500, Limit: 1, Sorts: []string{"name"}}); err != nil || views.made != 50 {
			t.Fatalf("made %d views, %v", views.made, err)
		}
	}
}

// held lets nobody read on until it is told.
type held struct {
	io.ReaderAt
	inside, release chan struct{}
	once            sync.Once
}

func (h *held) ReadAt(p []byte, off int64) (int, error) {
	h.once.Do(func() { close(h.inside); <-h.release })
	return h.ReaderAt.ReadAt(p, off)
}

// Who waits for another one's view gets one also if that one gives up.
func TestWhoWaitsForAViewTakesItOver(t *testing.T) {
	table, content := largeTable(t, 5000)
	views := NewViews(1 << 20)
	first, giveUp := context.WithCancel(t.Context())
	h := &held{ReaderAt: content, inside: make(chan struct{}), release: make(chan struct{})}
	slow := *table
	slow.content = h
	q := Query{Offset: 4000, Limit: 10, Sorts: []string{"name"}}
	var all sync.WaitGroup
	all.Go(func() {
		if _, err := views.Page(first, nil, "t", &slow, q); !errors.Is(err, context.Canceled) {
			t.Errorf("given up: %v", err)
		}
	})
	<-h.inside
	all.Go(func() {
		if p, err := views.Page(t.Context(), nil, "t", table, q); err != nil || len(p.Rows) != 10 {
			t.Errorf("the one that waited: %d rows, %v", len(p.Rows), err)
		}
	})
	giveUp()
	close(h.release)
	all.Wait()
}

// What different questions take for their work comes out of one budget, also where a
// table is too large for its view to be kept: who would pass it waits, and has read
// nothing meanwhile.
func TestWorkOfAllQuestionsIsBounded(t *testing.T) {
	for name, budget := range map[string]int64{"kept": 1 << 20, "too large to be kept": 1 << 10} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				table, content := largeTable(t, 5000)
				table.sortRoom = sortRoom{keys: workBytes / 16, texts: 1 << 20} // one has all there is
				views := NewViews(budget)
				h := &held{ReaderAt: content, inside: make(chan struct{}), release: make(chan struct{})}
				first, second := *table, *table
				first.content = h
				second.content = &counted{ReaderAt: content}
				var all sync.WaitGroup
				ask := func(t0 *Table, sort string) {
					all.Go(func() {
						if p, err := views.Page(t.Context(), nil, "t", t0, Query{Offset: 4000, Limit: 10, Sorts: []string{sort}}); err != nil || len(p.Rows) != 10 {
							t.Errorf("sorted by %s: %d rows, %v", sort, len(p.Rows), err)
						}
					})
				}
				ask(&first, "name")
				<-h.inside
				ask(&second, "-name")
				synctest.Wait()
				if n := second.content.(*counted).bytes.Load(); n > 0 {
					t.Errorf("the second has read %d bytes beside the first", n)
				}
				close(h.release)
				all.Wait()
			})
		})
	}
}

// Sorting holds what its room says, however long the values are and wherever the
// page lies.
func TestSortingIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("sorts a large table")
	}
	table, _ := largeTable(t, 200_000)
	table.sortRoom = sortRoom{keys: 20_000, texts: 256 << 10}
	defer debug.SetGCPercent(debug.SetGCPercent(10)) // what is held counts, not what is let go
	peak := peakWhile(func() {
		page, err := table.Page(t.Context(), Query{Offset: 199_990, Limit: 100, Sorts: []string{"name"}})
		if err != nil || len(page.Rows) != 10 {
			t.Errorf("%d rows, %v", len(page.Rows), err)
		}
	})
	if peak > 8<<20 { // all keys with their texts would be 9 MB and more
		t.Errorf("took %d bytes at once", peak)
	}
}

// peakWhile is by how much the heap grew while f ran, at most.
func peakWhile(f func()) (peak uint64) {
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	done, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			runtime.ReadMemStats(&now)
			if now.HeapAlloc > before.HeapAlloc {
				peak = max(peak, now.HeapAlloc-before.HeapAlloc)
			}
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	}()
	f()
	close(done)
	<-watched
	return peak
}

// Numbers that share their nearest float, and such as have none, keep their order.
func TestNumbersOfAllSizesAreOrdered(t *testing.T) {
	names := []string{"-1e999", "-9007199254740993", "-9007199254740992", "-1e-400", "0", "1e-400", "2e-400", "0.1", "9007199254740992", "9007199254740993", "1e999", "2e999"}
	var rows []row
	for i := range names {
		rows = append(rows, row{text(names[(i*5)%len(names)])})
	}
	rows = append(rows, row{text("1e-1")}, row{text("a")}, row{text("abcdefg")}, row{text("abcdefg\x00")}, row{text("a\x00")}, row{text("-0")}, row{nil})
	table := store(t, []string{"n"}, rows)
	for _, descending := range []bool{false, true} {
		q := Query{Limit: math.MaxInt32, Sorts: []string{map[bool]string{true: "-n", false: "n"}[descending]}}
		page, err := table.Page(t.Context(), q)
		if want := modelSort(rows, 0, descending); err != nil || show(toRows(page.Rows)) != show(want) {
			t.Errorf("%v, %v\n%swant\n%s", q.Sorts, err, show(toRows(page.Rows)), show(want))
		}
	}
}
