package tablefile

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"testing"
)

// A page of huge values is cut short at its budget and says where to go on; who goes
// on gets every row once, sorted or not.
func TestLargeRowsAreGivenInPortions(t *testing.T) {
	const rows, size = 120, 1 << 20
	table := textTable(t, rows, func(i int) []byte {
		return append(fmt.Appendf(nil, "%03d", (i*77)%rows), bytes.Repeat([]byte("x"), size-3)...)
	})
	for _, sort := range []string{"", "name", "-name"} {
		seen := map[string]bool{}
		for offset := int64(0); offset < rows; {
			var page Page
			var err error
			peak := peakWhile(func() { page, err = table.Page(t.Context(), Query{Offset: offset, Limit: 1000, Sorts: []string{sort}}) })
			if err != nil || page.Total != rows || page.Offset != offset {
				t.Fatalf("%+v, %v", page, err)
			}
			if peak > 80<<20 {
				t.Errorf("%q took %d bytes at once", sort, peak)
			}
			for _, row := range page.Rows {
				seen[(*row[0])[:3]] = true
			}
			next := offset + int64(len(page.Rows))
			if whole := next == rows; whole != (page.Next == nil) || !whole && (*page.Next != next || len(page.Rows) != PageBytes/size) {
				t.Fatalf("%d rows from %d on, next is %v", len(page.Rows), offset, page.Next)
			}
			offset = next
		}
		if len(seen) != rows {
			t.Errorf("%q gave %d rows of %d", sort, len(seen), rows)
		}
	}
}

// A row that is larger than a page is a page of its own.
func TestARowLargerThanAPageIsGiven(t *testing.T) {
	table := textTable(t, 3, func(i int) []byte { return bytes.Repeat([]byte{'c' - byte(i)}, PageBytes+1) })
	for _, sort := range []string{"", "name"} {
		page, err := table.Page(t.Context(), Query{Offset: 1, Limit: 2, Sorts: []string{sort}})
		if err != nil || len(page.Rows) != 1 || page.Next == nil || *page.Next != 2 || (*page.Rows[0][0])[0] != 'b' {
			t.Errorf("%q gives %d rows, next %v, %v", sort, len(page.Rows), page.Next, err)
		}
	}
}

// A window of columns is what is left of the same rows with all of them.
func TestAWindowOfColumns(t *testing.T) {
	var rows []row
	for i := range 300 {
		rows = append(rows, row{text(strconv.Itoa(i)), nil, text(""), text("x" + strconv.Itoa(i%7))})
	}
	table := store(t, []string{"a", "b", "c", "d"}, rows)
	for _, q := range []Query{{}, {Sorts: []string{"-d"}}, {Filters: []string{"d=x3"}}, {Hidden: []string{"b"}}} {
		q.Limit, q.Offset = 50, 20
		all, err := table.Page(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, window := range [][2]int{{0, 2}, {1, 0}, {2, 5}, {3, 1}, {9, 3}} {
			q.FirstColumn, q.Columns = window[0], window[1]
			got, err := table.Page(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			first := min(window[0], len(all.Columns))
			last := len(all.Columns)
			if window[1] > 0 {
				last = min(first+window[1], last)
			}
			if !slices.Equal(got.Columns, all.Columns[first:last]) || len(got.Rows) != len(all.Rows) || got.Total != all.Total {
				t.Fatalf("%v: columns %v of %d rows", window, got.Columns, len(got.Rows))
			}
			for i, r := range got.Rows {
				if !reflect.DeepEqual(append(row{}, r...), append(row{}, all.Rows[i][first:last]...)) {
					t.Fatalf("%v: row %d differs", window, i)
				}
			}
		}
	}
}

// Of a table a page reads the header, its own rows, and those before them in their block;
// of what follows little.
func TestAPageReadsWhatItNeeds(t *testing.T) {
	const rows, rowBytes = 10_000, 100
	table := textTable(t, rows, func(i int) []byte { return fmt.Appendf(nil, "%0*d", rowBytes-1, i) })
	content := &counted{ReaderAt: table.content}
	table, err := Open(content, table.index)
	if err != nil || content.bytes.Load() > 2*shortRead {
		t.Fatalf("for a header of one column %d bytes are read: %v", content.bytes.Load(), err)
	}
	for _, q := range []Query{{Limit: 100}, {Offset: 777, Limit: 100}, {Offset: 9_990, Limit: 100}, {Offset: 5_000, Limit: 1_000}} {
		content.bytes.Store(0)
		page, err := table.Page(t.Context(), q)
		if err != nil || len(page.Rows) == 0 {
			t.Fatal(err)
		}
		needed := (q.Offset%indexEvery + int64(len(page.Rows))) * rowBytes
		if got := content.bytes.Load(); got < needed || got > needed+2*shortRead {
			t.Errorf("%d rows from %d on: %d bytes are read, and %d needed", q.Limit, q.Offset, got, needed)
		}
	}
}
