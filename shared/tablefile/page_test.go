package tablefile

import (
	"bytes"
	"fmt"
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
