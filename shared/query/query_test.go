package query

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"ret/shared/fault"
	"ret/shared/profile"
	"ret/shared/tablefile"
	"ret/shared/xmltable"
)

// shelf are tables in memory.
type shelf []*kept

type kept struct {
	name    string
	columns []xmltable.Column
	content []byte
	index   tablefile.Index
	kinds   []profile.Kind // if they are not to be found out
	opened  int            // times less closed
}

var errNone = errors.New("no such table")

func (s shelf) List(context.Context) (list []Listed, err error) {
	for i, t := range s {
		list = append(list, Listed{ID: fmt.Sprint(i), Name: t.name})
	}
	return list, nil
}

func (s shelf) Open(ctx context.Context, id string) (*Table, error) {
	for i, t := range s {
		if fmt.Sprint(i) != id {
			continue
		}
		rows, err := tablefile.Open(bytes.NewReader(t.content), t.index)
		if err != nil {
			return nil, err
		}
		kinds, err := t.kinds, error(nil)
		if kinds == nil {
			kinds, err = rows.Kinds(ctx)
		}
		t.opened++
		return &Table{Source: t.name + ".xml", Columns: t.columns, Kinds: kinds, Rows: rows, Close: func() error { t.opened--; return nil }}, err
	}
	return nil, errNone
}

// null is an absent cell.
const null = "\x00"

// store makes a table of rows; columns are names, with their kind after a colon.
func store(t testing.TB, name string, columns []xmltable.Column, rows [][]string) *kept {
	t.Helper()
	var b bytes.Buffer
	w := tablefile.NewWriter(&b, columns)
	cells := make([][]byte, len(columns))
	for _, row := range rows {
		for i, cell := range row {
			if cells[i] = []byte(cell); cell == null {
				cells[i] = nil
			}
		}
		if err := w.Row(cells); err != nil {
			t.Fatal(err)
		}
	}
	index, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	return &kept{name: name, columns: columns, content: b.Bytes(), index: index}
}

func named(names ...string) (columns []xmltable.Column) {
	for _, name := range names {
		columns = append(columns, xmltable.Column{Name: name, Kind: xmltable.Text})
	}
	return columns
}

// catalogue are two tables, of which the second is of the first's rows.
func catalogue(t testing.TB) shelf {
	columns := named("_id", "name", "price", "code", "@id")
	columns[0].Kind = xmltable.ID
	lines := named("_parent", "qty")
	lines[0].Kind = xmltable.Parent
	return shelf{
		store(t, "book", columns, [][]string{
			{"1", "a", "12.50", "0071", "x"},
			{"2", "b", null, "71", "y"},
			{"3", "", "7", "12345678901234567890", "z"},
		}),
		store(t, "book.line", lines, [][]string{{"1", "5"}, {"1", "6"}, {"3", "9"}}),
		store(t, "Book", named("a", "A", "_table"), [][]string{{"1", "2", "3"}}),
	}
}

// answered is an answer in a line.
func answered(t *testing.T, s shelf, sql string) string {
	t.Helper()
	r, err := Run(t.Context(), s, sql, Limits{})
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%v %v", r.Columns, r.Rows)
}

func TestAnswers(t *testing.T) {
	s := catalogue(t)
	for _, c := range []struct{ sql, want string }{
		{"SELECT * FROM book WHERE _id < 3", "[{_id integer} {name text} {price decimal} {code text} {@id text}] [[1 a 12.5 0071 x] [2 b <nil> 71 y]]"},
		{"SELECT price FROM book ORDER BY price DESC", "[{price decimal}] [[12.5] [7] [<nil>]]"},
		{"SELECT code FROM book WHERE code = 71", "[{code text}] [[71]]"},
		{`SELECT _table, _source, "@id" FROM BOOK WHERE rowid = 2`, "[{_table text} {_source text} {@id text}] [[book book.xml y]]"},
		{`SELECT name, sum(qty) AS n FROM book JOIN "book.line" ON _parent = _id GROUP BY name`, "[{name text} {n integer}] [[ 9] [a 11]]"},
		{"SELECT count(*) FROM main.book", "[{count(*) integer}] [[3]]"},
		{`SELECT * FROM "book~2"`, "[{a integer} {A~2 integer} {_table integer}] [[1 2 3]]"},
		{"WITH w AS (SELECT 1.5 AS x) SELECT x, 'y', NULL, x'0aff', 9e999 FROM w", "[{x decimal} {'y' text} {NULL text} {x'0aff' text} {9e999 text}] [[1.5 y <nil> x'0aff' Inf]]"},
		{"SELECT name FROM book WHERE name REGEXP '^[ab]$'", "[{name text}] [[a] [b]]"},
	} {
		if got := answered(t, s, c.sql); got != c.want {
			t.Errorf("%s\ngives %s\nwant  %s", c.sql, got, c.want)
		}
	}
	for _, kept := range s {
		if kept.opened != 0 {
			t.Errorf("%s is still open", kept.name)
		}
	}
}

func TestErrorsHaveTheirPlace(t *testing.T) {
	s := catalogue(t)
	for _, c := range []struct {
		sql          string
		line, column int
		message      string
	}{
		{"SELECT * FROM book JOIN nope", 1, 25, `There is no table "nope".`},
		{"SELECT * FROM\n \"book line\"", 2, 2, `There is no table "book line".`},
		{"SELECT * FROM book.line", 1, 20, `Write the name of this table in quotes: "book.line".`},
		{"SELECT 'ä', nam FROM book", 1, 13, "No such column: nam."},
		{"SELECT\n  1 +", 2, 6, "Incomplete input."},
		{"SELECT 1,\n\tFROM book", 2, 2, "Near \"FROM\": syntax error."},
		{"SELECT 1; SELECT 2", 1, 11, "One statement at a time: this is where a second one begins."},
		{"SELECT nofunction(1)", 1, 8, "No such function: nofunction."},
		{"SELECT sqlite_version()", 1, 8, "The function sqlite_version is not to be had here."},
		{"SELECT ?", 1, 8, "Write values themselves in place of parameters."},
		{"DROP TABLE book", 1, 1, "Only SELECT over this session's tables is allowed here."},
		{"", 1, 1, "There is no statement here. Write a SELECT."},
	} {
		_, err := Run(t.Context(), s, c.sql, Limits{})
		wrong, ok := errors.AsType[*Error](err)
		if !ok || wrong.Line != c.line || wrong.Column != c.column || fault.Message(err) != c.message || !fault.Is(err, fault.Malformed) {
			t.Errorf("%q: %v, %+v; want %d:%d %s", c.sql, err, wrong, c.line, c.column, c.message)
		}
	}
}

// A number that would not be the same as one stays as it is written.
func TestNumbersKeepTheirValue(t *testing.T) {
	s := shelf{store(t, "t", named("i", "d"), [][]string{
		{"9223372036854775807", "0.1"}, {"9223372036854775808", "0.12345678901234567890123"}, {"-0", "1e400"}, {"-12", "12.50"}, {"", "-7e-3"},
	})}
	want := "[{i integer} {d decimal} {typeof(i) text} {typeof(d) text}] " +
		"[[9223372036854775807 0.1 integer real] [9223372036854775808 0.12345678901234567890123 text text] [-0 1e400 text text] [-12 12.5 integer real] [ -0.007 text real]]"
	s[0].kinds = []profile.Kind{profile.Integer, profile.Decimal}
	if got := answered(t, s, "SELECT i, d, typeof(i), typeof(d) FROM t"); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
}

func TestLimits(t *testing.T) {
	var rows [][]string
	for i := range 5000 {
		rows = append(rows, []string{fmt.Sprint(i), fmt.Sprintf("%0500d", i)})
	}
	s := shelf{store(t, "t", named("n", "text"), rows)}
	for _, c := range []struct {
		limits    Limits
		rows      int
		truncated bool
	}{
		{Limits{}, 1000, true},
		{Limits{Rows: 5000}, 5000, false},
		{Limits{Rows: 4999}, 4999, true},
		{Limits{Rows: -1}, 5000, false},
		{Limits{Rows: -1, Bytes: 4 << 20}, 1885, true}, // a quarter of these bytes
	} {
		r, err := Run(t.Context(), s, "SELECT * FROM t", c.limits)
		if err != nil || len(r.Rows) != c.rows || r.Truncated != c.truncated {
			t.Errorf("%+v: %d rows, %v, %v", c, len(r.Rows), r.Truncated, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	begin := time.Now()
	_, err := Run(ctx, s, "SELECT count(*) FROM t a, t b, t c", Limits{})
	if !errors.Is(err, context.Canceled) || time.Since(begin) > 3*time.Second {
		t.Errorf("cancelled after %s: %v", time.Since(begin), err)
	}
}

// What has no room in memory is read from the stored table, with the same answer.
func TestJoinsWithoutRoom(t *testing.T) {
	var rows [][]string
	for i := range 3000 {
		rows = append(rows, []string{fmt.Sprint(i + 1), fmt.Sprint(i % 100), strings.Repeat("x", 300)})
	}
	columns := named("_id", "n", "text")
	columns[0].Kind = xmltable.ID
	s := shelf{store(t, "t", columns, rows)}
	for _, sql := range []string{
		"SELECT sum(b.n), max(b.text) FROM (SELECT * FROM t LIMIT 100) a JOIN t b ON b.n = a._id",
		"SELECT sum(b.n), max(b.text) FROM t a JOIN t b ON b._id = a.n + 1",
	} {
		want, got := answered(t, s, sql), ""
		if r, err := Run(t.Context(), s, sql, Limits{Bytes: 1 << 20}); err == nil {
			got = fmt.Sprintf("%v %v", r.Columns, r.Rows)
		}
		if got != want {
			t.Errorf("%s\ngives %.200s\nwant  %.200s", sql, got, want)
		}
	}
}

// Names are given in the order in which tables came, and none is given twice.
func TestNames(t *testing.T) {
	var list []Listed
	for _, name := range []string{"a", "b", "A", "a", "a~2", "Ä", "ä", "sqlite_master", "json_each", "pragma_x"} {
		list = append(list, Listed{Name: name})
	}
	want := "[a b A~2 a~3 a~2~2 Ä ä~2 ~sqlite_master~2 ~json_each~2 ~pragma_x~2]"
	if got := fmt.Sprint(Names(list)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestDescribe(t *testing.T) {
	schema, err := Describe(t.Context(), catalogue(t), 2)
	want := "CREATE TABLE \"book\" ( -- 3 rows\n  \"_id\" integer,\n  \"name\" text,\n  \"price\" decimal,\n  \"code\" text,\n  \"@id\" text\n);\n" +
		"CREATE TABLE \"book.line\" ( -- 3 rows\n  \"_parent\" integer,\n  \"qty\" integer\n);\n-- and 1 more tables\n"
	if got := schema.SQL(); got != want || err != nil {
		t.Errorf("%s %v", got, err)
	}
}

// Whatever a name is, a statement can have it as it is written.
func TestNamesAsTheyAreWritten(t *testing.T) {
	var list []string
	for word := range keywords {
		list = append(list, word, strings.ToUpper(word[:1])+word[1:])
	}
	list = append(list, "a", "_id", "Äpfel", "order.item", "@id", `x"y`, "1a", "a1", "tag[2]", "a b", "a-b", "a$")
	for _, name := range list {
		s := shelf{store(t, name, named(name), [][]string{{"v"}})}
		sql := fmt.Sprintf("SELECT %[1]s.%[1]s FROM %[1]s WHERE %[1]s = 'v'", Written(name))
		if r, err := Run(t.Context(), s, sql, Limits{}); err != nil || len(r.Rows) != 1 {
			t.Errorf("%s: %v, %v", sql, r, err)
		}
	}
	if got := Written("book") + Written("order.item"); got != `book"order.item"` {
		t.Error(got)
	}
}
