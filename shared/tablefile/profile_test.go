package tablefile

import (
	"context"
	"errors"
	"reflect"
	"strconv"
	"testing"
)

// A profile under filters is that of a table which has these rows alone, wherever it is
// kept.
func TestProfilesUnderFilters(t *testing.T) {
	var rows, kept []row
	for i := range 3000 {
		r := row{text(strconv.Itoa(i)), []*string{nil, text(""), text("x")}[i%3]}
		if rows = append(rows, r); i >= 1000 && i%3 == 2 {
			kept = append(kept, r)
		}
	}
	names := []string{"a", "b"}
	want, err := store(t, names, kept).Profile(t.Context(), Query{})
	if err != nil {
		t.Fatal(err)
	}
	table, content := store(t, names, rows), &counted{}
	content.ReaderAt, table.content = table.content, content
	views, shelf := NewViews(0), newMemoryShelf(1<<20)
	for i := range 2 {
		q := Query{Filters: []string{"a>=1000"}, In: []string{`b:["x"]`}, Sorts: []string{[]string{"a", "-b"}[i]}, Hidden: []string{"a"}}
		got, err := views.Profile(t.Context(), shelf, "t", table, q)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got\n%+v, want\n%+v, %v", got, want, err)
		}
	}
	if read := content.bytes.Load(); read > table.Bytes()+64<<10 {
		t.Errorf("%d bytes were read for two equal questions, the table has %d", read, table.Bytes())
	}
	if all, err := views.Profile(t.Context(), shelf, "t", table, Query{}); err != nil || all.Rows != 3000 || all.Columns[1].Absent != 1000 || all.Columns[1].Empty != 1000 || all.Columns[0].Name != "a" {
		t.Errorf("the whole table's is %+v, %v", all, err)
	}
}

// Who is not waited for any more stops reading.
func TestProfilesAreGivenUp(t *testing.T) {
	table, _ := largeTable(t, 5000)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	shelf := newMemoryShelf(1 << 20)
	if _, err := NewViews(0).Profile(ctx, shelf, "t", table, Query{Text: "1"}); !errors.Is(err, context.Canceled) || len(shelf.content) != 0 {
		t.Errorf("given up: %v, %d kept", err, len(shelf.content))
	}
}
