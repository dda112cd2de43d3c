package tablefile

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// A cursor gives the rows that Each gives, from wherever it is told to go, and no more of
// them than it is asked for.
func TestCursorsGiveTheRows(t *testing.T) {
	var rows []row
	for i := range 1500 {
		rows = append(rows, row{text(fmt.Sprint(i)), []*string{nil, text(""), text("a,b\nc\"d")}[i%3], text("x")})
	}
	table := store(t, []string{"n", "odd", "x"}, rows)
	r := rand.New(rand.NewPCG(1, 2))
	for cells := range 4 {
		c := table.Cursor(cells)
		for range 200 {
			if r.IntN(3) == 0 {
				if err := c.GoTo(r.Int64N(1600)); err != nil {
					t.Fatal(err)
				}
			}
			at := c.Row()
			got, err := c.Next()
			if at >= 1500 {
				if !errors.Is(err, io.EOF) {
					t.Fatalf("behind the last row: %q, %v", got, err)
				}
				continue
			}
			if want := cellsOf(rows[at])[:cells]; err != nil || fmt.Sprintf("%#v", got) != fmt.Sprintf("%#v", want) && cells > 0 {
				t.Fatalf("row %d: %#v, %v, want %#v", at, got, err, want)
			}
		}
	}
}

// Some gives rows by where Places says that they begin, whether they are near each other or
// far, short or longer than what is read at once.
func TestSomeGivesTheRows(t *testing.T) {
	var rows []row
	for i := range 1500 {
		long := strings.Repeat("long ", i%7*400)
		rows = append(rows, row{text(fmt.Sprint(i)), []*string{nil, text(""), text("a,b\nc\"d" + long)}[i%3]})
	}
	table := store(t, []string{"n", "odd"}, rows)
	var places []int64
	err := table.Places(t.Context(), func(row, place int64, _ [][]byte) error {
		places = append(places, place)
		return nil
	})
	if err != nil || len(places) != len(rows) {
		t.Fatalf("%d places, %v", len(places), err)
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		var wanted []int64
		for at := r.Int64N(100); at < 1500; at += 1 + r.Int64N(1+r.Int64N(300)) {
			wanted = append(wanted, at)
		}
		var got []int64
		err := table.Some(t.Context(), func(yield func(row, place int64) bool) {
			for _, at := range wanted {
				if !yield(at, places[at]) {
					return
				}
			}
		}, func(row int64, cells [][]byte) error {
			if want := cellsOf(rows[row]); fmt.Sprintf("%#v", cells) != fmt.Sprintf("%#v", want) {
				t.Fatalf("row %d: %#v, want %#v", row, cells, want)
			}
			got = append(got, row)
			return nil
		})
		if err != nil || !slices.Equal(got, wanted) {
			t.Fatalf("rows %v, %v, want %v", got, err, wanted)
		}
	}
}

// Kinds are those of the profile, which is taken from the shelf if it is there.
func TestKindsAreThoseOfTheProfile(t *testing.T) {
	table := store(t, []string{"n", "d", "t", "none"}, []row{{text("1"), text("2026-01-01"), text("x"), nil}, {text("2"), nil, text("3"), text("")}})
	views, shelf := NewViews(0), newMemoryShelf(1<<20)
	const want = "[integer date text text]"
	for _, made := range []string{"by one scan", "kept"} {
		if kinds, err := views.Kinds(t.Context(), shelf, "t", table); err != nil || fmt.Sprint(kinds) != want {
			t.Errorf("%s: %v, %v", made, kinds, err)
		}
	}
	if _, err := views.Profile(t.Context(), shelf, "u", table, Query{}); err != nil {
		t.Fatal(err)
	}
	read := &counted{ReaderAt: table.content}
	table.content = read
	if kinds, err := views.Kinds(t.Context(), shelf, "u", table); err != nil || fmt.Sprint(kinds) != want || read.bytes.Load() > 0 {
		t.Errorf("beside a profile: %v, %v, %d bytes were read", kinds, err, read.bytes.Load())
	}
}
