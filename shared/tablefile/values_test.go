package tablefile

import (
	"cmp"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ret/shared/fault"
)

// naiveValues counts one column of rows by hand, in order.
func naiveValues(rows []row, column int, part string, byCount bool) (items []ColumnValue, distinct int64) {
	counts, absent := map[string]int64{}, int64(0)
	for _, r := range rows {
		switch {
		case r[column] == nil && part == "":
			absent++
		case r[column] != nil && strings.Contains(strings.ToLower(*r[column]), strings.ToLower(part)):
			counts[*r[column]]++
		}
	}
	for value, count := range counts {
		items = append(items, ColumnValue{&value, count})
	}
	number := func(s string) (float64, bool) {
		n, err := strconv.ParseFloat(s, 64)
		return n, err == nil
	}
	slices.SortFunc(items, func(a, b ColumnValue) int {
		if byCount && a.Count != b.Count {
			return cmp.Compare(b.Count, a.Count)
		}
		an, aIs := number(*a.Value)
		bn, bIs := number(*b.Value)
		if aIs != bIs {
			return map[bool]int{true: -1, false: 1}[aIs]
		}
		if order := cmp.Compare(an, bn); aIs && order != 0 {
			return order
		}
		return cmp.Compare(*a.Value, *b.Value)
	})
	distinct = int64(len(items))
	if absent > 0 {
		items = append(items, ColumnValue{nil, absent})
	}
	return items, distinct
}

func TestValuesAgreeWithANaiveCount(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pool := []*string{nil, text(""), text("a"), text("B"), text("b"), text("1"), text("1.0"), text("-2"), text("10"), text("2"), text("äb"), text("x,\n\"y\"")}
	var rows []row
	for range 3000 {
		rows = append(rows, row{pool[random.IntN(len(pool))], text(strconv.Itoa(random.IntN(7)))})
	}
	names := []string{"a", "n"}
	table, views, shelf := store(t, names, rows), NewViews(0), newMemoryShelf(1<<20)
	table.partRows = indexEvery
	for _, part := range []string{"", "b", "1"} {
		for _, byCount := range []bool{true, false} {
			for _, least := range []int{0, 4} {
				var through []row
				for _, r := range rows {
					if n, _ := strconv.Atoi(*r[1]); n >= least {
						through = append(through, r)
					}
				}
				want, distinct := naiveValues(through, 0, part, byCount)
				var got []ColumnValue
				for more := true; more; {
					page, err := views.Values(t.Context(), shelf, "t", table, ValuesQuery{
						Column: "a", Contains: part, ByCount: byCount, Offset: len(got), Limit: 5,
						Rows: Query{Filters: []string{"n>=" + strconv.Itoa(least)}, Sorts: []string{"n"}},
					})
					if err != nil || page.Distinct != distinct {
						t.Fatalf("%d different ones, not %d, %v", page.Distinct, distinct, err)
					}
					got, more = append(got, page.Items...), page.Next != nil
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("%q, by count %v, from %d on: got\n%v, want\n%v", part, byCount, least, got, want)
				}
			}
		}
	}
}

// The first of many values are found without putting all of them in order; they are the same.
func TestFirstValuesAgreeWithANaiveCount(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, many := range []int{1, 30, 4000} {
		var rows []row
		for range 6000 {
			n := random.IntN(many)
			value := text(strconv.Itoa(n))
			switch n % 3 {
			case 1:
				value = text("value " + strconv.Itoa(n))
			case 2:
				value = text(strconv.Itoa(n) + ".0")
			}
			rows = append(rows, row{value}, row{nil})
		}
		table := store(t, []string{"a"}, rows)
		table.partRows = indexEvery
		for _, byCount := range []bool{true, false} {
			want, distinct := naiveValues(rows, 0, "", byCount)
			for _, place := range [][2]int{{0, 1}, {0, 10}, {7, 100}, {300, 500}, {0, 0}, {0, 1 << 20}, {len(want) - 1, 9}, {1 << 20, 9}} {
				got, err := table.Values(t.Context(), ValuesQuery{Column: "a", ByCount: byCount, Offset: place[0], Limit: place[1]})
				first := min(place[0], len(want))
				last := min(first+place[1], len(want))
				if err != nil || got.Distinct != distinct || (got.Next != nil) != (last < len(want)) || !slices.EqualFunc(got.Items, want[first:last], equalValues) {
					t.Fatalf("%d different, by count %v, %v: %d values of %d, %v", many, byCount, place, len(got.Items), got.Distinct, err)
				}
			}
		}
	}
}

func equalValues(a, b ColumnValue) bool {
	return a.Count == b.Count && (a.Value == nil) == (b.Value == nil) && (a.Value == nil || *a.Value == *b.Value)
}

// A second page is read from the shelf, and what does not fit into memory is refused.
func TestValuesAreCountedOnceAndBounded(t *testing.T) {
	table, content := store(t, []string{"a"}, slices.Repeat([]row{{text("x")}, {nil}}, 2000)), &counted{}
	content.ReaderAt, table.content = table.content, content
	views, shelf := NewViews(0), newMemoryShelf(1<<20)
	for range 3 {
		got, err := views.Values(t.Context(), shelf, "t", table, ValuesQuery{Column: "a", Limit: 1})
		if err != nil || got.Distinct != 1 || got.Next == nil || *got.Items[0].Value != "x" || got.Items[0].Count != 2000 {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	if read := content.bytes.Load(); read > table.Bytes()+64<<10 {
		t.Errorf("%d bytes were read for three pages, the table has %d", read, table.Bytes())
	}
	if _, err := table.Values(t.Context(), ValuesQuery{Column: "none"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a column that is not there: %v", err)
	}
	counts := newValueCounts(&valueRoom{})
	var err error
	for i := 0; err == nil && i < 2*valuesRoom/countedValueBytes; i++ {
		err = counts.add([]byte(strconv.Itoa(i)))
	}
	if !fault.Is(err, fault.TooLarge) {
		t.Errorf("too many values: %v", err)
	}
}

// What lies on the shelf in blocks is given from any place as it is found out anew.
func TestValuesAreGivenFromAnyPlaceOfTheShelf(t *testing.T) {
	var rows []row
	for i := range 2600 {
		rows = append(rows, row{text("v" + strconv.Itoa(i%2500))})
	}
	table, views, shelf := store(t, []string{"a"}, append(rows, row{nil})), NewViews(0), newMemoryShelf(1<<20)
	for _, place := range [][2]int{{0, 10}, {990, 20}, {1000, 1000}, {2490, 100}, {500, 2500}, {9999, 5}} {
		q := ValuesQuery{Column: "a", ByCount: true, Offset: place[0], Limit: place[1]}
		want, err := table.Values(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		got, err := views.Values(t.Context(), shelf, "t", table, q)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("from %d on: %d values of %d, %v", place[0], len(got.Items), got.Distinct, err)
		}
	}
}
