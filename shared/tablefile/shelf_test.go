package tablefile

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"sync"
	"testing"
)

// memoryShelf is a shelf with nothing below it.
type memoryShelf struct {
	room int64

	mu      sync.Mutex
	content map[string][]byte
	refuses error // of the next Keep
}

func newMemoryShelf(room int64) *memoryShelf {
	return &memoryShelf{room: room, content: map[string][]byte{}}
}

func (s *memoryShelf) Room() int64 { return s.room }

func (s *memoryShelf) Keep(key string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuses == nil {
		s.content[key] = b.Bytes()
	}
	return s.refuses
}

func (s *memoryShelf) Kept(key string) (Kept, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b, ok := s.content[key]; ok {
		return memoryKept{bytes.NewReader(b)}, nil
	}
	return nil, nil
}

type memoryKept struct{ *bytes.Reader }

func (memoryKept) Close() error { return nil }

// A view that memory has no room for is made once and read from the shelf: a later place
// of it costs the rows there, and not the table.
func TestViewsOnTheShelfAreNotMadeAgain(t *testing.T) {
	table, content := largeTable(t, 50_000)
	views, shelf := NewViews(1000), newMemoryShelf(1<<20)
	q := Query{Offset: 100, Limit: 10, Sorts: []string{"-name"}}
	if _, err := views.Page(t.Context(), shelf, "t", table, q); err != nil {
		t.Fatal(err)
	}
	before := content.bytes.Load()
	q.Offset = 49_990
	page, err := views.Page(t.Context(), shelf, "t", table, q)
	if err != nil || len(page.Rows) != 10 || page.Total != 50_000 || views.made != 1 {
		t.Fatalf("%d rows of %d, %d views made, %v", len(page.Rows), page.Total, views.made, err)
	}
	if read, most := content.bytes.Load()-before, int64(10*(indexEvery*40+64<<10)); read > most {
		t.Errorf("the second page read %d bytes, its rows have %d with what is around them", read, most)
	}
	alone, err := table.Page(t.Context(), q)
	if err != nil || show(toRows(alone.Rows)) != show(toRows(page.Rows)) {
		t.Errorf("without a shelf it is another page, %v", err)
	}
}

// A shelf that takes nothing, or gives back less than it took, costs time alone.
func TestShelfMayFail(t *testing.T) {
	table, _ := largeTable(t, 5_000)
	for name, spoil := range map[string]func(*memoryShelf){
		"takes nothing":  func(s *memoryShelf) { s.refuses = errors.New("full") },
		"has no room":    func(s *memoryShelf) { s.room = 10 },
		"loses what was": func(s *memoryShelf) { clear(s.content) },
	} {
		for _, budget := range []int64{10, 1 << 20} {
			shelf := newMemoryShelf(1 << 20)
			for range 2 {
				page, err := NewViews(budget).Page(t.Context(), shelf, "t", table, Query{Offset: 4_995, Limit: 10, Filters: []string{"name~a"}})
				if err != nil || len(page.Rows) != 5 || page.Total != 5_000 {
					t.Errorf("%s, %d bytes of memory: %d rows of %d, %v", name, budget, len(page.Rows), page.Total, err)
				}
				spoil(shelf)
			}
		}
	}
}

// What is hidden is in no answer, and is still sorted and filtered by.
func TestHiddenColumnsAreLeftOut(t *testing.T) {
	table := store(t, []string{"a", "b", "c"}, []row{{text("1"), text("y"), nil}, {text("2"), text("x"), text("")}, {text("3"), text("z"), nil}})
	for _, sorts := range [][]string{nil, {"b"}} {
		page, err := table.Page(t.Context(), Query{Limit: 10, Sorts: sorts, Filters: []string{"b!=z"}, Hidden: []string{"b"}})
		want := "\"1\"|∅|\n\"2\"|\"\"|\n"
		if sorts != nil {
			want = "\"2\"|\"\"|\n\"1\"|∅|\n"
		}
		if got := show(toRows(page.Rows)); err != nil || got != want || len(page.Columns) != 2 || page.Columns[1] != "c" {
			t.Errorf("sorted by %q: %q\n%s, %v", sorts, page.Columns, got, err)
		}
	}
}

// A view's address says all of it.
func TestViewsAreWrittenAsTheyAreRead(t *testing.T) {
	q := Query{Sorts: []string{"-a", "b"}, Filters: []string{"a>=1", "b!"}, In: []string{`c:["x",null]`}, Regex: []string{"c:^x$"}, Text: "é&", Hidden: []string{"d"}}
	v := q.Values()
	if got := ParseView(v).Values().Encode(); got != v.Encode() || len(v) != 6 {
		t.Errorf("%s became %s", v.Encode(), got)
	}
}

// A copied view is the table that its pages show.
func TestViewsAreCopied(t *testing.T) {
	var rows []row
	for i := range 3000 {
		rows = append(rows, row{text(strconv.Itoa(i * 7919 % 3000)), []*string{nil, text(""), text("x,\"y")}[i%3], text("hidden")})
	}
	table := store(t, []string{"a", "b", "c"}, rows)
	for _, q := range []Query{
		{},
		{Filters: []string{"a>=1500"}, Hidden: []string{"c"}},
		{Sorts: []string{"b", "-a"}, In: []string{`b:["",null]`}, Hidden: []string{"c"}},
	} {
		for _, budget := range []int64{0, 1 << 20} {
			var content bytes.Buffer
			index, err := NewViews(budget).Copy(t.Context(), nil, "t", table, q, &content)
			if err != nil {
				t.Fatal(err)
			}
			copied, err := Open(bytes.NewReader(content.Bytes()), reread(t, index))
			if err != nil {
				t.Fatal(err)
			}
			q.Limit = len(rows)
			want, _ := table.Page(t.Context(), q)
			got, err := copied.Page(t.Context(), Query{Limit: len(rows)})
			if err != nil || show(toRows(got.Rows)) != show(toRows(want.Rows)) || !slices.Equal(got.Columns, want.Columns) {
				t.Errorf("%+v: %d rows of %d, %v", q, len(got.Rows), len(want.Rows), err)
			}
		}
	}
}
