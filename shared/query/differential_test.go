package query

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ncruces/go-sqlite3"

	"ret/shared/xmltable"
)

// copied is what SQLite itself says: the same tables, imported into a database.
func copied(t testing.TB, s shelf) *sqlite3.Conn {
	t.Helper()
	db, err := sqlite3.Open(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for i, name := range Names(must(s.List(t.Context()))) {
		opened := must(s.Open(t.Context(), strconv.Itoa(i)))
		columns := columnsOf(opened.Columns, opened.Kinds)
		declared := strings.Replace(declaration(columns, nil), "TABLE x", "TABLE "+Quote(name), 1)
		if err := db.Exec(declared); err != nil {
			t.Fatal(err)
		}
		insert, _, err := db.Prepare("INSERT INTO " + Quote(name) + " VALUES (?" + strings.Repeat(",?", len(columns)-1) + ")")
		if err != nil {
			t.Fatal(err)
		}
		err = opened.Rows.Each(t.Context(), func(_ int64, cells [][]byte) error {
			for i, cell := range cells {
				if err := insert.BindRawText(i+1, cell); err != nil { // its affinity makes a number of it
					return err
				}
			}
			return insert.Exec()
		})
		if err != nil {
			t.Fatal(err)
		}
		_ = insert.Close()
		_ = opened.Close()
	}
	return db
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func answerOf(t testing.TB, db *sqlite3.Conn, sql string) (rows [][]any) {
	t.Helper()
	stmt, _, err := db.Prepare(sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer stmt.Close()
	for stmt.Step() {
		row := make([]any, stmt.ColumnCount())
		for i := range row {
			row[i] = valueOf(stmt, i)
		}
		rows = append(rows, row)
	}
	if err := stmt.Err(); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return rows
}

// sorted makes answers comparable that have no order of their own.
func sorted(rows [][]any) []string {
	list := make([]string, len(rows))
	for i, row := range rows {
		for _, v := range row {
			list[i] += fmt.Sprintf("%T %v|", v, v)
		}
	}
	slices.Sort(list)
	return list
}

// Answers are those that SQLite gives over an imported copy, whatever the tables and the
// statement.
func TestAnswersAreSQLites(t *testing.T) {
	seeds := uint64(5)
	if os.Getenv("RET_SOAK") == "1" {
		seeds = 200
	}
	for seed := range seeds {
		r := rand.New(rand.NewPCG(seed, 18))
		s := randomTables(t, r)
		db := copied(t, s)
		for range 100 {
			sql := randomSelect(r)
			want := answerOf(t, db, sql)
			got, err := everyRow(t, s, sql, randomLimits(r))
			if err != nil {
				t.Fatalf("seed %d: %s: %v", seed, sql, err)
			}
			if w, g := sorted(want), sorted(got); !slices.Equal(w, g) {
				t.Fatalf("seed %d: %s\ngives %d rows, %.300v too many\nwant  %d rows, %.300v too few", seed, sql, len(g), without(g, w), len(w), without(w, g))
			}
			if ordered := strings.Contains(sql, "ORDER BY 1"); ordered && !reflect.DeepEqual(firsts(want), firsts(got)) {
				t.Fatalf("seed %d: %s\nis ordered as %.300v\nwant %.300v", seed, sql, firsts(got), firsts(want))
			}
		}
	}
}

// everyRow is an answer, however much memory it takes.
func everyRow(t *testing.T, s shelf, sql string, limits Limits) (rows [][]any, err error) {
	err = Each(t.Context(), s, sql, limits, func([]Column) error { return nil }, func(row []any) error {
		rows = append(rows, slices.Clone(row))
		return nil
	})
	return rows, err
}

// randomLimits have tables read in each way: group by group, in order or as they stand, all
// of them from memory or some.
func randomLimits(r *rand.Rand) Limits {
	return Limits{Bytes: []int64{0, 0, 8 << 10, 16 << 10, 32 << 10, 64 << 10}[r.IntN(6)], groupedFrom: []int64{1, 1, 1 << 40}[r.IntN(3)], mostGroups: []int{0, 3}[r.IntN(2)]}
}

// without are those of a list that are not in another.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(row string) bool { return slices.Contains(other, row) })
}

func firsts(rows [][]any) (list []any) {
	for _, row := range rows {
		list = append(list, row[0])
	}
	return list
}

// The columns of the random tables: of each kind one, with values that are in all tables.
var randomColumns = []struct {
	name   string
	values []string
}{
	{"n", []string{"0", "1", "2", "3", "7", "-5", "12", "100", "9007199254740993", null}},
	{"price", []string{"0.5", "12.5", "12.50", "7", "-3.25", "1e3", "", null}},
	{"code", []string{"1", "01", "2", "7", "x", "X", "ä", "", "12.5", " 7", "x'y", "a,b", null}},
	{"day", []string{"2026-01-01", "2026-02-03", "2025-12-31", null}},
	{"@id", []string{"a", "b", "c d", "e\nf", `g"h`}},
}

func randomTables(t *testing.T, r *rand.Rand) (s shelf) {
	for table := range 2 {
		columns := named("_id", "_parent")
		columns[0].Kind, columns[1].Kind = xmltable.ID, xmltable.Parent
		for _, c := range randomColumns {
			columns = append(columns, named(c.name)...)
		}
		rows := make([][]string, r.IntN(400))
		for i := range rows {
			rows[i] = []string{strconv.Itoa(i + 1), strconv.Itoa(1 + r.IntN(300))}
			for _, c := range randomColumns {
				rows[i] = append(rows[i], c.values[r.IntN(len(c.values))])
			}
		}
		s = append(s, store(t, []string{"a", "b.c"}[table], columns, rows))
	}
	return s
}

func pick(r *rand.Rand, list ...string) string { return list[r.IntN(len(list))] }

func randomColumn(r *rand.Rand, of string) string {
	return of + "." + pick(r, "_id", "_parent", "n", "price", "code", "day", `"@id"`)
}

// randomTerm is a condition on one table.
func randomTerm(r *rand.Rand, of string) string {
	c := randomColumn(r, of)
	value := pick(r, "1", "7", "12.5", "'x'", "'7'", "'01'", "''", "NULL", "'2026-01-01'", "300", "'b'", "-3.25", "'ä'")
	switch r.IntN(9) {
	case 0:
		return c + " IS " + pick(r, "", "NOT ") + "NULL"
	case 1:
		return c + " IN (" + value + ", " + pick(r, "2", "'a'", "'x'", "0.5") + ")"
	case 2:
		return c + pick(r, " LIKE ", " NOT LIKE ") + pick(r, "'%2%'", "'x'", "'_'", "'A%'", "'%''%'")
	case 3:
		return c + " BETWEEN " + value + " AND " + pick(r, "100", "'z'", "12.5")
	case 4:
		return randomColumn(r, of) + pick(r, " = ", " < ", " <> ") + c
	case 5:
		return c + " = " + value + pick(r, "", " COLLATE NOCASE", " COLLATE RTRIM")
	}
	return c + pick(r, " = ", " < ", " <= ", " > ", " >= ", " <> ", " IS ", " == ") + value
}

func randomWhere(r *rand.Rand, of ...string) string {
	var terms []string
	for range r.IntN(3) {
		terms = append(terms, randomTerm(r, of[r.IntN(len(of))]))
	}
	if len(terms) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(terms, pick(r, " AND ", " AND ", " OR "))
}

// randomSelect is any statement over both tables.
func randomSelect(r *rand.Rand) string {
	switch r.IntN(10) {
	case 0:
		return "SELECT count(*), sum(a.n), avg(a.price), min(a.code), max(a.price), total(a.n) FROM a" + randomWhere(r, "a")
	case 1:
		return "SELECT " + randomColumn(r, "a") + ", count(*), count(a.n), sum(a._id) FROM a" + randomWhere(r, "a") + " GROUP BY 1 ORDER BY 1"
	case 2:
		on := randomColumn(r, "a") + " = " + randomColumn(r, "b")
		return "SELECT a._id, b._id FROM a " + pick(r, "", "LEFT ") + `JOIN "b.c" b ON ` + on + randomWhere(r, "a", "b") + " LIMIT 100000"
	case 3:
		return "SELECT a._id, (SELECT count(*) FROM \"b.c\" b WHERE b._parent = a._id AND " + randomTerm(r, "b") + ") FROM a" + randomWhere(r, "a")
	case 4:
		return "SELECT DISTINCT " + randomColumn(r, "a") + ", " + randomColumn(r, "a") + " FROM a" + randomWhere(r, "a")
	case 5:
		return "SELECT _id FROM a WHERE " + randomColumn(r, "a") + pick(r, " IN", " NOT IN") + " (SELECT " + randomColumn(r, "b") + ` FROM "b.c" b` + randomWhere(r, "b") + ")"
	case 6:
		return "SELECT " + randomColumn(r, "a") + ", rank() OVER (PARTITION BY a.n ORDER BY a._id) FROM a" + randomWhere(r, "a") + " ORDER BY 1"
	case 7:
		by := randomColumn(r, "a") + ", " + randomColumn(r, "a")
		return "SELECT " + by + ", count(*), total(a.price), group_concat(a._id), min(a.code) FROM a" + randomWhere(r, "a") +
			" GROUP BY " + by + pick(r, "", " ORDER BY 1", " ORDER BY 1 DESC, 2", " HAVING count(*) > 1")
	case 8:
		of := pick(r, "a", "b")
		by := randomColumn(r, of)
		return "SELECT " + by + ", count(*), sum(b.n) FROM a JOIN \"b.c\" b ON b._parent = a._id" + randomWhere(r, "a", "b") + " GROUP BY " + by + pick(r, "", " ORDER BY 1", " ORDER BY 1 DESC")
	}
	return "SELECT " + randomColumn(r, "a") + ", a.* FROM a" + randomWhere(r, "a") + " ORDER BY 1, a._id LIMIT " + strconv.Itoa(r.IntN(50))
}
