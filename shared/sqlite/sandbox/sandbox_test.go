package sandbox

import (
	"testing"

	"github.com/ncruces/go-sqlite3"
)

// Whatever virtual tables SQLite brings, their names are reserved.
func TestReservedNames(t *testing.T) {
	db, err := sqlite3.Open(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	stmt, _, err := db.Prepare("SELECT name FROM pragma_module_list UNION ALL SELECT 'sqlite_schema'")
	if err != nil {
		t.Fatal(err)
	}
	defer stmt.Close()
	for stmt.Step() {
		if name := stmt.ColumnText(0); !Reserved(name) {
			t.Errorf("%q is not reserved", name)
		}
	}
}

// Our functions answer as SQLite's do, of which they take the place.
func TestFunctionsAnswerAsSQLites(t *testing.T) {
	c, err := Open(t.Context(), 16<<20)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	plain, err := sqlite3.Open(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	values := []string{"NULL", "''", "'a'", "'A'", "'abcabc'", "'Äbcä'", "'ä'", "'  x y '", "'%'", "'_b%'", "'%c'", "'a*'", "'[a-c]*'", "'[^a]*'", "'[]a]?'", "'[a'", "'?b*c'", "'bc'", "12", "1.5", "-3", "x'6162'", "x''", "'a%b_c'"}
	for _, f := range []string{"like(%1,%2)", "glob(%1,%2)", "%1 LIKE %2 ESCAPE '%'", "%1 LIKE %2 ESCAPE 'a'", "instr(%1,%2)", "replace(%1,%2,'xx')", "replace('abcabc',%1,%2)", "trim(%1)", "ltrim(%1,%2)", "rtrim(%1,%2)", "trim(%1,%2)"} {
		for _, a := range values {
			for _, b := range values {
				expr := fill(f, a, b)
				want, wrong := answer(t, plain, expr)
				got, gotWrong := answer(t, c.raw, expr)
				if got != want || wrong != gotWrong {
					t.Errorf("%s is %q %v, want %q %v", expr, got, gotWrong, want, wrong)
				}
			}
		}
	}
}

func fill(f, a, b string) (expr string) {
	for i := 0; i < len(f); i++ {
		if f[i] != '%' || i+1 == len(f) || f[i+1] != '1' && f[i+1] != '2' {
			expr += f[i : i+1]
			continue
		}
		if i++; f[i] == '1' {
			expr += a
		} else {
			expr += b
		}
	}
	return expr
}

func answer(t *testing.T, db *sqlite3.Conn, expr string) (text string, wrong bool) {
	t.Helper()
	stmt, _, err := db.Prepare("SELECT quote(" + expr + "), typeof(" + expr + ")")
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	defer stmt.Close()
	if !stmt.Step() {
		return "", true
	}
	return stmt.ColumnText(0) + " " + stmt.ColumnText(1), false
}
