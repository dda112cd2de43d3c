package replica_test

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"ret/shared/replica"
	"ret/shared/tablefile"
	"ret/shared/workspace"
	"ret/shared/xmltable"
)

var columns = []xmltable.Column{{Name: "number", Path: "/number", Kind: xmltable.Text}, {Name: "text", Path: "/text", Kind: xmltable.Text}, {Name: "rest", Path: "/rest", Kind: xmltable.Text}}

// rowsOf are rows with numbers, texts, empty and absent cells.
func rowsOf(n int) [][]*string {
	text := func(s string) *string { return &s }
	rows := make([][]*string, n)
	for i := range rows {
		rows[i] = []*string{text(fmt.Sprint(i * 7 % 101)), text(fmt.Sprintf("line %d, \"quoted\"\nand é <&>", i)), nil}
		if i%3 == 0 {
			rows[i][2] = text("")
		}
		if i%5 == 0 {
			rows[i][0] = text("none")
		}
	}
	return rows
}

// tableText is a table of such rows as it is stored.
func tableText(t testing.TB, rows int) ([]byte, tablefile.Index) {
	t.Helper()
	var text bytes.Buffer
	w := tablefile.NewWriter(&text, columns)
	for _, row := range rowsOf(rows) {
		cells := make([][]byte, len(row))
		for i, cell := range row {
			if cell != nil {
				cells[i] = []byte(*cell)
			}
		}
		check(t, w.Row(cells))
	}
	index := must(w.Close())(t)
	return text.Bytes(), index
}

// kept is a replica with one table, and the table as the server stores it.
type kept struct {
	*replica.Replica
	table  *workspace.Table
	stored *tablefile.Table
}

func newKept(t *testing.T, rows int) *kept {
	t.Helper()
	// In memory: under js there are no other files.
	r, err := replica.Open(t.Context(), workspace.NewID()+".db", inMemory)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	k := &kept{Replica: r}
	k.table, k.stored = k.add(t, rows, 1)
	return k
}

func (k *kept) add(t *testing.T, rows int, seq int64) (*workspace.Table, *tablefile.Table) {
	t.Helper()
	table := &workspace.Table{ID: workspace.NewID(), JobID: workspace.NewID(), Group: "g", Source: "a.xml", Name: "row", Columns: columns, Rows: int64(rows), CreatedAt: time.Unix(1e9, 0)}
	text, index := tableText(t, rows)
	table.Bytes = index.Bytes
	thing := workspace.Thing{Change: workspace.Change{Seq: seq, Entity: workspace.EntityTable, ID: table.ID, Op: workspace.Put}, Value: table}
	if err := k.Adopt(t.Context(), []workspace.Thing{thing}, seq); err != nil {
		t.Fatal(err)
	}
	stored, err := tablefile.Open(bytes.NewReader(text), index)
	if err != nil {
		t.Fatal(err)
	}
	return table, stored
}

// read reads as the engine does: what is missing is asked for and kept.
func (k *kept) read(t *testing.T, rows *replica.Rows, q tablefile.Query) (page tablefile.Page, asked int) {
	t.Helper()
	for {
		page, err := rows.Read(t.Context(), k.table, q)
		var missing *replica.MissingRows
		if !errors.As(err, &missing) {
			if err != nil {
				t.Fatal(err)
			}
			return page, asked
		}
		if asked++; asked > 1 {
			t.Fatalf("%+v is missing after it was kept", missing.Query)
		}
		answer, err := k.stored.Page(t.Context(), missing.Query)
		if err != nil {
			t.Fatal(err)
		}
		if err := rows.Keep(t.Context(), k.table, missing.Query, answer); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRowsAreThoseOfTheServer(t *testing.T) {
	k := newKept(t, 730)
	rows := replica.NewRows(k.Replica, 1<<20)
	for _, q := range []tablefile.Query{
		{Limit: 100},
		{Offset: 700, Limit: 100},
		{Offset: 650, Limit: 100},
		{Offset: 100, Limit: 500},
		{Offset: 729, Limit: 1},
		{Offset: 730, Limit: 100},
		{Offset: 5000, Limit: 100},
		{Offset: 600, Limit: 100},
	} {
		want, err := k.stored.Page(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := k.read(t, rows, q)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%+v gives %d rows of %d, want %d of %d", q, len(got.Rows), got.Total, len(want.Rows), want.Total)
		}
		if _, asked := k.read(t, rows, q); asked != 0 {
			t.Errorf("%+v is asked for again", q)
		}
	}
}

// A whole table sorts and filters as the server's does; another one is asked for.
func TestWholeTableIsSortedAndFilteredHere(t *testing.T) {
	k := newKept(t, 530)
	rows := replica.NewRows(k.Replica, 1<<20)
	queries := []tablefile.Query{
		{Limit: 100, Sorts: []string{"number"}},
		{Limit: 100, Sorts: []string{"-number"}},
		{Offset: 100, Limit: 50, Sorts: []string{"text"}},
		{Limit: 10, Sorts: []string{"-rest"}, Filters: []string{"number>=50"}},
		{Limit: 100, Filters: []string{"rest!"}},
		{Offset: 20, Limit: 100, Filters: []string{"rest=", "number!=none"}},
		{Limit: 100, Filters: []string{"text~É"}},
	}
	var missing *replica.MissingRows
	if _, err := rows.Read(t.Context(), k.table, queries[0]); !errors.As(err, &missing) || !reflect.DeepEqual(missing.Query, queries[0]) {
		t.Fatalf("a table that is not here gives %v", err)
	}
	for {
		q, more, err := rows.Ahead(t.Context(), k.table)
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			break
		}
		answer, err := k.stored.Page(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if ok, err := rows.Add(t.Context(), k.table, q, answer); err != nil || !ok {
			t.Fatalf("not kept: %v", err)
		}
	}
	for _, q := range queries {
		want, err := k.stored.Page(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		got, err := rows.Read(t.Context(), k.table, q)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%+v differs", q)
		}
	}
	_, here := rows.Read(t.Context(), k.table, tablefile.Query{Limit: 1, Sorts: []string{"no such"}})
	_, there := k.stored.Page(t.Context(), tablefile.Query{Limit: 1, Sorts: []string{"no such"}})
	if here == nil || there == nil || here.Error() != there.Error() {
		t.Errorf("a column that is not there: %v, the server says %v", here, there)
	}
}

// What was looked at longest ago goes first; never is there more than the budget.
// A list says of which tables rows are there without the server.
func TestKeptRowsAreSaid(t *testing.T) {
	k := newKept(t, 250)
	empty, _ := k.add(t, 0, 2)
	rows := replica.NewRows(k.Replica, 1<<20)
	says := func(want replica.Kept) {
		t.Helper()
		got := must(rows.Kept(t.Context(), []string{k.table.ID, empty.ID, "none"}))(t)
		if got[k.table.ID] != want || got[empty.ID] != replica.KeptWhole || got["none"] != "" {
			t.Errorf("kept: %v, not %q", got, want)
		}
	}
	says("")
	k.read(t, rows, tablefile.Query{Offset: 100, Limit: 100})
	says(replica.KeptPart)
	k.read(t, rows, tablefile.Query{Offset: 0, Limit: 250})
	says(replica.KeptWhole)
}

func TestRowsStayWithinTheBudget(t *testing.T) {
	k := newKept(t, 2000)
	rows := replica.NewRows(k.Replica, 1<<30)
	k.read(t, rows, tablefile.Query{Limit: 100})
	one := bytesKept(t, rows)
	rows = replica.NewRows(k.Replica, 4*one)
	for page := range int64(20) {
		k.read(t, rows, tablefile.Query{Offset: page * 100, Limit: 100})
		k.read(t, rows, tablefile.Query{Limit: 100}) // looked at all the time
		if total := bytesKept(t, rows); total > 4*one {
			t.Fatalf("%d bytes are kept of %d", total, 4*one)
		}
	}
	for offset, want := range map[int64]int{0: 0, 1900: 0, 1000: 1} {
		if _, asked := k.read(t, rows, tablefile.Query{Offset: offset, Limit: 100}); asked != want {
			t.Errorf("rows from %d on are asked for %d times, want %d", offset, asked, want)
		}
	}
}

// Ahead of need nothing is given up, and what nobody looked at goes first.
func TestRowsAheadGiveWay(t *testing.T) {
	k := newKept(t, 300)
	rows := replica.NewRows(k.Replica, 1<<30)
	k.read(t, rows, tablefile.Query{Limit: 100})
	one := bytesKept(t, rows)
	rows = replica.NewRows(k.Replica, one*5/2)
	viewed, stored := k.table, k.stored
	k.table, k.stored = k.add(t, 100, 2)
	q, _, err := rows.Ahead(t.Context(), k.table)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := k.stored.Page(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := rows.Add(t.Context(), k.table, q, answer); !ok || err != nil {
		t.Fatalf("there is room, but it was not kept: %v", err)
	}
	ahead := k.table
	k.table, k.stored = k.add(t, 100, 3)
	if ok, err := rows.Add(t.Context(), k.table, q, answer); ok || err != nil {
		t.Errorf("kept beyond the budget, %v", err)
	}
	k.table, k.stored = viewed, stored
	k.read(t, rows, tablefile.Query{Offset: 100, Limit: 100})
	if _, asked := k.read(t, rows, tablefile.Query{Limit: 100}); asked != 0 {
		t.Error("what a person looked at went before what nobody did")
	}
	if whole, err := rows.Whole(t.Context(), ahead); whole || err != nil {
		t.Errorf("what nobody looked at is still there, %v", err)
	}
}

func TestRowsGoWithTheirTable(t *testing.T) {
	k := newKept(t, 100)
	rows := replica.NewRows(k.Replica, 1<<20)
	k.read(t, rows, tablefile.Query{Limit: 100})
	gone := workspace.Thing{Change: workspace.Change{Seq: 2, Entity: workspace.EntityTable, ID: k.table.ID, Op: workspace.Del}}
	if err := k.Adopt(t.Context(), []workspace.Thing{gone}, 2); err != nil {
		t.Fatal(err)
	}
	if total := bytesKept(t, rows); total != 0 {
		t.Errorf("%d bytes are left of a table that is gone", total)
	}
	answer, err := k.stored.Page(t.Context(), tablefile.Query{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	if err := rows.Keep(t.Context(), k.table, tablefile.Query{Limit: 100}, answer); err != nil || bytesKept(t, rows) != 0 {
		t.Errorf("rows that come after their table went are kept, %v", err)
	}
}

func TestStartingOverForgetsRowsAndViewer(t *testing.T) {
	k := newKept(t, 100)
	rows := replica.NewRows(k.Replica, 1<<20)
	k.read(t, rows, tablefile.Query{Limit: 100})
	if err := k.SetViewer(t.Context(), []byte(`{"name":"ada"}`)); err != nil {
		t.Fatal(err)
	}
	if err := k.StartOver(t.Context(), "another", 0); err != nil {
		t.Fatal(err)
	}
	facts, err := k.Viewer(t.Context())
	if facts != nil || err != nil || bytesKept(t, rows) != 0 {
		t.Errorf("left are %d bytes and %q, %v", bytesKept(t, rows), facts, err)
	}
}

// Rows that were not asked for are refused.
func TestForeignRowsAreRefused(t *testing.T) {
	k := newKept(t, 300)
	rows := replica.NewRows(k.Replica, 1<<20)
	q := tablefile.Query{Limit: 100}
	for what, answer := range map[string]tablefile.Page{
		"another offset": {Rows: rowsOf(100), Offset: 100, Total: 300},
		"another length": {Rows: rowsOf(100), Total: 301},
		"too many":       {Rows: rowsOf(200), Total: 300},
	} {
		if err := rows.Keep(t.Context(), k.table, q, answer); err == nil || bytesKept(t, rows) != 0 {
			t.Errorf("%s is kept", what)
		}
	}
}

func bytesKept(t *testing.T, rows *replica.Rows) int64 {
	t.Helper()
	total, err := rows.Bytes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return total
}
