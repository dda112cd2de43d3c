package tablefile

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"ret/shared/xmltable"
)

// textTable has one column of n texts.
func textTable(t testing.TB, n int, text func(i int) []byte) *Table {
	t.Helper()
	var content bytes.Buffer
	w := NewWriter(&content, []xmltable.Column{{Name: "name"}})
	for i := range n {
		if err := w.Row([][]byte{text(i)}); err != nil {
			t.Fatal(err)
		}
	}
	index, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	table, err := Open(bytes.NewReader(content.Bytes()), index)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func sortedWhole(t testing.TB, table *Table) *wholeSort {
	t.Helper()
	asked, err := table.parse(Query{Sorts: []string{"name"}})
	if err != nil {
		t.Fatal(err)
	}
	sorted, err := table.sortWhole(t.Context(), sorting{by: asked.by[0], again: asked.again, reach: asked.reach})
	if err != nil {
		t.Fatal(err)
	}
	return sorted
}

func shuffled(i int) uint32 { return uint32(i) * 2654435761 }

// Texts that begin alike cost a few scans of the table, not one for each few bytes,
// and no memory for the texts; neither do texts made to be hard to tell apart.
func TestTextsThatBeginAlikeAreSortedInFewScans(t *testing.T) {
	long := strings.Repeat("long ", 40_000)
	for name, c := range map[string]struct {
		rows  int
		text  func(i int) []byte
		scans int
	}{
		"numbers":         {100_000, func(i int) []byte { return fmt.Appendf(nil, "%010d", shuffled(i)) }, 2},
		"beginning alike": {100_000, func(i int) []byte { return fmt.Appendf(nil, "a longer name %010d", shuffled(i)) }, 3},
		"addresses": {100_000, func(i int) []byte {
			return fmt.Appendf(nil, "https://data.example.org/%d/records/of/%010d", i%5, shuffled(i))
		}, 5},
		"all alike":   {300, func(int) []byte { return []byte(long) }, 2},
		"in pairs":    {200, func(i int) []byte { return []byte(fmt.Sprint(i/2) + long) }, 4},
		"ever longer": {3000, func(i int) []byte { return append(bytes.Repeat([]byte("a"), 8*i), 'b') }, 8},
	} {
		t.Run(name, func(t *testing.T) {
			table := textTable(t, c.rows, c.text)
			began := time.Now()
			var sorted *wholeSort
			peak := peakWhile(func() { sorted = sortedWhole(t, table) })
			if sorted.scans > c.scans {
				t.Errorf("%d scans, may be %d", sorted.scans, c.scans)
			}
			// 20 bytes a row, 20 MiB for windows and samples, and garbage.
			if most := uint64(c.rows*20 + 40<<20); peak > most {
				t.Errorf("took %d bytes at once, may be %d", peak, most)
			}
			rows := sorted.rows()
			for i := range rows[1:] {
				a, b := c.text(int(rows[i])), c.text(int(rows[i+1]))
				if order := bytes.Compare(a, b); order > 0 || order == 0 && rows[i] > rows[i+1] {
					t.Fatalf("row %d stands before %d", rows[i], rows[i+1])
				}
			}
			t.Logf("%d scans of %d bytes, %d bytes at once, %v", sorted.scans, table.Bytes(), peak, time.Since(began))
		})
	}
}

// What is sorted by prefixes, windows and what groups share agrees with the naive
// model.
func TestLongTextsAndNumbersAgreeWithANaiveModel(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	parts := []string{"a", "b", "same ", "the very same beginning ", "\x00", "ä", "1", "99999999999999999999", "-"}
	cell := func() *string {
		var b strings.Builder
		for range random.IntN(5) {
			b.WriteString(parts[random.IntN(len(parts))])
		}
		return text(b.String())
	}
	for range 40 {
		rows := make([]row, random.IntN(3*indexEvery))
		for i := range rows {
			if rows[i] = (row{cell()}); random.IntN(20) == 0 {
				rows[i] = row{nil}
			}
		}
		table := store(t, []string{"name"}, rows)
		table.sortRoom.texts = 1 << random.IntN(16)
		table.partRows = indexEvery
		for _, descending := range []bool{false, true} {
			sort := map[bool]string{true: "-name", false: "name"}[descending]
			page, err := table.Page(t.Context(), Query{Limit: len(rows), Sorts: []string{sort}})
			if want := modelSort(rows, 0, descending); err != nil || show(toRows(page.Rows)) != show(want) {
				t.Fatalf("%s, %v\n%swant\n%s", sort, err, show(toRows(page.Rows)), show(want))
			}
		}
	}
}

// BenchmarkDeepPageByText is the attack: who asks for the end of a large table.
func BenchmarkDeepPageByText(b *testing.B) {
	table, _ := largeTable(b, 3_000_000)
	for b.Loop() {
		views := NewViews(64 << 20)
		peak := peakWhile(func() {
			done := make(chan error)
			for range 12 {
				go func() {
					_, err := views.Page(b.Context(), nil, "t", table, Query{Offset: 2_990_000, Limit: 100, Sorts: []string{"name"}})
					done <- err
				}()
			}
			for range 12 {
				if err := <-done; err != nil {
					b.Error(err)
				}
			}
		})
		b.ReportMetric(float64(peak)/1e6, "MB-at-once")
	}
}

// Halves that are sorted at the same time come to what is sorted at once.
func TestHalvesAreMergedInOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	compare := func(a, b sortKey) int { return cmp.Or(cmp.Compare(a.prefix, b.prefix), cmp.Compare(a.row, b.row)) }
	for _, n := range []int{leastAtOnce, leastAtOnce + 1, 3 * leastAtOnce} {
		keys := make([]sortKey, n)
		for i := range keys {
			keys[i] = sortKey{prefix: random.Uint64N(uint64(n)), row: uint32(i)}
		}
		want := slices.Clone(keys)
		slices.SortFunc(want, compare)
		if sortAtOnce(keys, compare); !slices.Equal(keys, want) {
			t.Errorf("%d keys are not in order", n)
		}
	}
}
