package query

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"ret/shared/sqlite/sandbox"
)

// A table that is grouped is read group by group, be its rows all in memory, or in lots, or
// some groups too large for it; SQLite has nothing to sort then.
func TestRowsComeGroupByGroup(t *testing.T) {
	r := rand.New(rand.NewPCG(18, 3))
	rows := make([][]string, 6000)
	for i := range rows {
		rows[i] = []string{pick(r, "a", "a", "a", "a", "a", "b", "c", "", null), pick(r, "7", "12.5", "12.50", "-3", null), "some text"}
	}
	s := shelf{store(t, "t", named("code", "price", "text"), rows)}
	const sql = "SELECT code, price, count(text), group_concat(t.rowid) FROM t WHERE price IS NOT 7 GROUP BY code, price ORDER BY code, price"
	want := answerOf(t, copied(t, s), sql)
	for bytes, lots := range map[int64]int{4 << 20: 1, 600 << 10: 4, 300 << 10: 8} {
		got, groups := groupedBy(t, s, sql, Limits{Bytes: bytes})
		if groups == nil {
			t.Fatalf("with %d bytes nothing is grouped", bytes)
		}
		if n := groups.lots(); n != lots {
			t.Errorf("with %d bytes there are %d lots, want %d", bytes, n, lots)
		}
		if !slices.Equal(sorted(got), sorted(want)) || len(got) != len(want) || got[0][0] != nil {
			t.Errorf("with %d bytes: %.300v\nwant %.300v", bytes, got, want)
		}
	}
	if _, groups := groupedBy(t, s, sql, Limits{Bytes: 100 << 10}); groups != nil {
		t.Error("a table is read group by group that has no room for that")
	}
	if _, groups := groupedBy(t, s, "SELECT DISTINCT code, price FROM t WHERE code = 'a' ORDER BY code, price", Limits{}); groups != nil {
		t.Error("a table is read group by group of which one group is wanted")
	}
}

// A table that is sorted is read in that order, the first rows before all others.
func TestRowsComeInOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(18, 4))
	rows := make([][]string, 6000)
	for i := range rows {
		rows[i] = []string{pick(r, "a", "ab", "b", "", null), pick(r, "7", "12.5", "12.50", "-3", null), fmt.Sprintf("%05x", r.IntN(1<<20)), "some text"}
	}
	s := shelf{store(t, "t", named("code", "price", "id", "text"), rows)}
	db := copied(t, s)
	for _, by := range []string{"price DESC, id", "id DESC", "id, code", "code DESC, price DESC, id"} {
		sql := "SELECT t.rowid, code, price, id, text FROM t ORDER BY " + by
		want := answerOf(t, db, sql)
		for _, bytes := range []int64{32 << 20, 1800 << 10} {
			got, groups := groupedBy(t, s, sql, Limits{Bytes: bytes, mostGroups: 100})
			if groups == nil || groups.lots() < 2 || bytes == 1800<<10 && groups.lots() < 3 {
				t.Fatalf("%s with %d bytes: in order: %v", by, bytes, groups != nil)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s with %d bytes: %.300v\nwant %.300v", by, bytes, got, want)
			}
		}
	}
	if _, groups := groupedBy(t, s, "SELECT id FROM t WHERE code = 'a' ORDER BY id", Limits{}); groups != nil {
		t.Error("all rows are put in order where few may be wanted")
	}
}

// groupedBy is an answer, and how its table was grouped.
func groupedBy(t *testing.T, s shelf, sql string, limits Limits) (rows [][]any, groups *grouping) {
	t.Helper()
	limits = limits.withDefaults()
	conn := must(sandbox.Open(t.Context(), limits.Bytes))
	asked := newStatement(t.Context(), s, conn, sql, limits)
	defer asked.close()
	stmt := must(asked.prepare())
	defer conn.End(stmt)
	for must(conn.Step(stmt)) {
		row := make([]any, stmt.ColumnCount())
		for i := range row {
			row[i] = valueOf(stmt, i)
		}
		rows = append(rows, row)
	}
	for _, p := range asked.open["t"].plans {
		if p.groups != nil {
			groups = p.groups
		}
	}
	return rows, groups
}

// lots is in how many goes the groups are read.
func (g *grouping) lots() (n int) {
	for at := uint32(0); int(at) < len(g.bytes); n++ {
		at, _ = g.span(at)
	}
	return n
}
