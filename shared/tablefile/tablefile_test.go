package tablefile

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"math/rand/v2"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"ret/shared/fault"
	"ret/shared/xmltable"
)

// row is a naive row: nil is absent.
type row []*string

func text(s string) *string { return &s }

// store writes a table and opens it.
func store(t testing.TB, columns []string, rows []row) *Table {
	t.Helper()
	var b bytes.Buffer
	w := NewWriter(&b, namedColumns(columns))
	for _, r := range rows {
		if err := w.Row(cellsOf(r)); err != nil {
			t.Fatal(err)
		}
	}
	index, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	table, err := Open(bytes.NewReader(b.Bytes()), reread(t, index))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func namedColumns(names []string) []xmltable.Column {
	columns := make([]xmltable.Column, len(names))
	for i, name := range names {
		columns[i].Name = name
	}
	return columns
}

func cellsOf(r row) [][]byte {
	cells := make([][]byte, len(r))
	for i, c := range r {
		if c != nil {
			cells[i] = []byte(*c)
		}
	}
	return cells
}

// reread sends an index through its stored form.
func reread(t testing.TB, index Index) Index {
	t.Helper()
	data, err := index.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var again Index
	if err := again.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	return again
}

var sampleCells = []*string{
	nil, text(""), text("a"), text("B"), text("b"), text("a,b"), text("line\nend\r\n"), text(`"quoted"`), text("ä"),
	text("1"), text("01"), text("10"), text("9"), text("-3"), text("1.0"), text("1e3"), text("999.5"), text("+2"),
	text("12345678901234567890"), text("12345678901234567891"), text("1e400"), text("-"), text("NaN"), text("0x10"), text("1."), text(".5"), text("5e-1"), text("."), text("1e"), text("0"), text("-0.0"),
	text("a beginning that many share"), text("a beginning that many share, and this goes on"), text("a beginning that many share, and this goes elsewhere"), text("a beginning that"), text("a beginn"), text("-12345678901234567890"), text("-12345678901234567891"), text("-123456789012345678905"),
}

func sampleRows(random *rand.Rand, n, columns int) []row {
	rows := make([]row, n)
	for i := range rows {
		for range columns {
			rows[i] = append(rows[i], sampleCells[random.IntN(len(sampleCells))])
		}
	}
	return rows
}

// asNumber is the model's idea of a number.
func asNumber(s string) (*big.Rat, bool) {
	if strings.ContainsAny(s, "xX_/iInNpP") {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

func modelCompare(a, b string) int {
	x, ok := asNumber(a)
	y, also := asNumber(b)
	if ok && also {
		return x.Cmp(y)
	}
	return cmp.Compare(a, b)
}

// modelOrder is the contract's order of two cells, absent apart.
func modelOrder(a, b string) int {
	_, x := asNumber(a)
	_, y := asNumber(b)
	if x != y {
		return map[bool]int{true: -1, false: 1}[x]
	}
	return modelCompare(a, b)
}

func modelSort(rows []row, column int, descending bool) []row {
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b row) int {
		x, y := a[column], b[column]
		switch {
		case x == nil && y == nil:
			return 0
		case x == nil:
			return 1
		case y == nil:
			return -1
		case descending:
			return -modelOrder(*x, *y)
		}
		return modelOrder(*x, *y)
	})
	return sorted
}

var modelOperators = map[string]func(cell, operand string) bool{
	"=":  func(c, o string) bool { return modelCompare(c, o) == 0 },
	"!=": func(c, o string) bool { return modelCompare(c, o) != 0 },
	"<":  func(c, o string) bool { return modelCompare(c, o) < 0 },
	"<=": func(c, o string) bool { return modelCompare(c, o) <= 0 },
	">":  func(c, o string) bool { return modelCompare(c, o) > 0 },
	">=": func(c, o string) bool { return modelCompare(c, o) >= 0 },
	"~":  func(c, o string) bool { return strings.Contains(strings.ToLower(c), strings.ToLower(o)) },
}

func show(rows []row) string {
	var b strings.Builder
	for _, r := range rows {
		for _, c := range r {
			if c == nil {
				b.WriteString("∅|")
			} else {
				fmt.Fprintf(&b, "%q|", *c)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func toRows(rows [][]*string) []row {
	var out []row
	for _, r := range rows {
		out = append(out, r)
	}
	return out
}

func TestPageAgreesWithANaiveModel(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	columns := []string{"a", "a=", "b<c", "#text"}
	rounds := 400
	if runtime.GOARCH == "wasm" { // which shows that it is the same code there
		rounds = 100
	}
	for range rounds {
		rows := sampleRows(random, random.IntN(3*indexEvery), len(columns))
		table := store(t, columns, rows)
		q := Query{Offset: int64(random.IntN(40)), Limit: random.IntN(60)}
		want := rows
		for range random.IntN(3) {
			want = modelFilter(random, &q, columns, want)
		}
		for range random.IntN(4) { // the first that is sorted by counts least
			column, descending := random.IntN(len(columns)), random.IntN(2) == 0
			q.Sorts = append([]string{map[bool]string{true: "-", false: ""}[descending] + columns[column]}, q.Sorts...)
			want = modelSort(want, column, descending)
		}
		total := len(want)
		want = want[min(int(q.Offset), total):]
		want = want[:min(q.Limit, len(want))]

		if random.IntN(3) > 0 { // several passes, as for large tables
			table.sortRoom = sortRoom{whole: random.Int64N(2) << 20, keys: 2 + random.Int64N(20<<(5*random.IntN(2))), texts: random.Int64N(200) << random.IntN(8)}
		}
		table.partRows = indexEvery * (1 + random.Int64N(3))
		read := table.Page
		if random.IntN(2) == 0 {
			views, shelf := NewViews(random.Int64N(3000)), newMemoryShelf(random.Int64N(3000))
			read = func(ctx context.Context, q Query) (Page, error) {
				if _, err := views.Page(ctx, shelf, "t", table, q); err != nil {
					return Page{}, err
				}
				return views.Page(ctx, shelf, "t", table, q) // perhaps from where it is kept
			}
		}
		page, err := read(t.Context(), q)
		if err != nil {
			t.Fatalf("%+v: %v", q, err)
		}
		if got := show(toRows(page.Rows)); got != show(want) || page.Total != int64(total) {
			t.Fatalf("%+v of %d rows gives %d\n%swant %d\n%s", q, len(rows), page.Total, got, total, show(want))
		}
		for i, n := range page.Numbers {
			if show(rows[n-1:n]) != show(want[i:i+1]) {
				t.Fatalf("%+v: the row at %d is said to be row %d", q, i, n)
			}
		}
		if !q.Plain() && len(page.Numbers) != len(page.Rows) {
			t.Fatalf("%+v: %d rows have %d numbers", q, len(page.Rows), len(page.Numbers))
		}
	}
}

// modelFilter adds a random filter of any form to q and gives the rows that satisfy it.
func modelFilter(random *rand.Rand, q *Query, columns []string, rows []row) []row {
	column := random.IntN(len(columns))
	accept := func(r row) bool { return false }
	switch random.IntN(6) {
	case 0:
		list := []*string{sampleCells[random.IntN(len(sampleCells))], sampleCells[random.IntN(len(sampleCells))], nil}[:2+random.IntN(2)]
		text, _ := json.Marshal(list)
		q.In = append(q.In, columns[column]+":"+string(text))
		accept = func(r row) bool {
			return slices.ContainsFunc(list, func(v *string) bool {
				return v == nil && r[column] == nil || v != nil && r[column] != nil && *v == *r[column]
			})
		}
	case 1:
		expression := regexp.MustCompile([]string{"", "^$", "^[0-9.]+$", "(?i)a|é", "0$"}[random.IntN(5)])
		q.Regex = append(q.Regex, columns[column]+":"+expression.String())
		accept = func(r row) bool { return r[column] != nil && expression.MatchString(*r[column]) }
	case 2:
		part := cmp.Or(q.Text, []string{"1", "A", "\n", `"`}[random.IntN(4)]) // there is one
		q.Text = part
		accept = func(r row) bool {
			return slices.ContainsFunc(r, func(c *string) bool { return c != nil && modelOperators["~"](*c, part) })
		}
	default:
		accept = modelCondition(random, q, columns, column)
	}
	return slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return !accept(r) })
}

// modelCondition adds a column, an operator and a value.
func modelCondition(random *rand.Rand, q *Query, columns []string, column int) func(row) bool {
	accept := func(c *string) bool { return c == nil }
	condition := "!"
	if operand := sampleCells[random.IntN(len(sampleCells))]; operand != nil {
		signs := []string{"=", "!=", "<", "<=", ">", ">=", "~"}
		sign := signs[random.IntN(len(signs))]
		if columns[column] == "a" && sign == "=" && *operand != "" {
			sign = "!=" // "a=" and an operator would name the longer column
		}
		condition = sign + *operand
		if columns[column] == "a" && sign == "=" {
			condition = "="
		}
		accept = func(c *string) bool { return c != nil && modelOperators[sign](*c, *operand) }
	}
	q.Filters = append(q.Filters, columns[column]+condition)
	return func(r row) bool { return accept(r[column]) }
}

func TestLongestColumnNameIsMeant(t *testing.T) {
	columns := []string{"a", "a=b", "-a", "x<"}
	rows := []row{
		{text("b=1"), text("1"), text("p"), nil},
		{text("q"), text("2"), text("o"), text("")},
	}
	table := store(t, columns, rows)
	for filter, want := range map[string]int64{"a=b=1": 1, "a=b=2": 1, "a=q": 1, "x<!": 1, "x<=": 1, "a!=q": 1, "a~B": 1} {
		page, err := table.Page(t.Context(), Query{Limit: 10, Filters: []string{filter}})
		if err != nil || page.Total != want {
			t.Errorf("%s lets %d rows through (%v), want %d", filter, page.Total, err, want)
		}
	}
	page, err := table.Page(t.Context(), Query{Limit: 1, Sorts: []string{"-a"}})
	if err != nil || *page.Rows[0][2] != "o" {
		t.Errorf("a column named like a turned order is not sorted by itself: %v", err)
	}
}

func TestBadQueriesAreInvalid(t *testing.T) {
	table := store(t, []string{"a"}, nil)
	for _, q := range []Query{
		{Sorts: []string{"b"}},
		{Sorts: []string{"--a"}},
		{Sorts: []string{"a", "b"}},
		{In: []string{"a:[1]"}},
		{In: []string{`a:["x"`}},
		{In: []string{`b:["x"]`}},
		{Regex: []string{"a:("}},
		{Regex: []string{"a^x"}},
		{Hidden: []string{"b"}},
		{Hidden: []string{"a"}},
		{Filters: []string{"b=1"}},
		{Filters: []string{"a"}},
		{Filters: []string{"a!x"}},
		{Offset: -1},
		{Limit: -1},
	} {
		if _, err := table.Page(t.Context(), q); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v gives %v", q, err)
		}
	}
}

func TestAbsentAndEmptyInASingleColumn(t *testing.T) {
	rows := []row{{nil}, {text("")}, {nil}, {text("x")}}
	table := store(t, []string{"#text"}, rows)
	page, err := table.Page(t.Context(), Query{Limit: 10})
	if err != nil || show(toRows(page.Rows)) != show(rows) {
		t.Errorf("rows are %s, %v", show(toRows(page.Rows)), err)
	}
}

func TestDamageIsNoticed(t *testing.T) {
	index := store(t, []string{"a", "b"}, []row{{text("1"), text("2")}, {text("3"), text("4")}}).index
	for _, bad := range []string{"a,b\n1,2\n3\n4\n", "a,b\n1,2\n3,\"\n", "a,b\n1,2\n3,4,"} {
		table, err := Open(strings.NewReader(bad), index)
		if err == nil {
			_, err = table.Page(t.Context(), Query{Limit: 10})
		}
		if !errors.Is(err, errDamaged) {
			t.Errorf("%q gives %v", bad, err)
		}
	}
}

// A table that was cut off is not given out as a whole one, however it is given out:
// also where it ends with a row.
func TestHalfATableIsNotExported(t *testing.T) {
	index := store(t, []string{"a", "b"}, []row{{text("1"), text("2")}, {text("3"), text("4")}}).index
	for _, half := range []string{"a,b\n", "a,b\n1,2\n", "a,b\n1,2\n3,"} {
		for _, opts := range []xmltable.CSVOptions{{}, {BOM: true}, {Delimiter: ';'}} {
			table, err := Open(strings.NewReader(half), index)
			if err == nil {
				err = table.WriteCSV(t.Context(), io.Discard, opts)
			}
			if !errors.Is(err, errDamaged) {
				t.Errorf("%q with %+v gives %v", half, opts, err)
			}
		}
	}
}

func TestPageStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	table := store(t, []string{"a"}, []row{{text("1")}})
	for _, q := range []Query{{Limit: 1}, {Limit: 1, Sorts: []string{"a"}}, {Limit: 1, Filters: []string{"a=1"}}} {
		if _, err := table.Page(ctx, q); !errors.Is(err, context.Canceled) {
			t.Errorf("%+v gives %v", q, err)
		}
	}
}

// A table to which parts are joined is the same, down to its index.
func TestJoinedPartsAreTheTable(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(4, 4))
	columns := namedColumns([]string{"a", "b"})
	for range 30 {
		var one, joined bytes.Buffer
		whole, parts := NewWriter(&one, columns), NewWriter(&joined, columns)
		fork := parts.Fork()
		for range r.IntN(6) {
			to, isFork := parts, r.IntN(3) > 0
			if isFork {
				to = fork
			}
			long := strings.Repeat("x", r.IntN(300))
			for range r.IntN(700) {
				cells := [][]byte{[]byte(long), nil}
				if err := errors.Join(whole.Row(cells), to.Row(cells)); err != nil {
					t.Fatal(err)
				}
			}
			if !isFork {
				continue
			}
			if err := parts.Join(fork); err != nil {
				t.Fatal(err)
			}
		}
		want, err1 := whole.Close()
		got, err2 := parts.Close()
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) || !bytes.Equal(one.Bytes(), joined.Bytes()) {
			t.Fatalf("index %+v, %d bytes; as one %+v, %d bytes", got, joined.Len(), want, one.Len())
		}
	}
}

// TestCSVIsWhatConvertWrites compares exports with the writer that "ret convert"
// uses, for every combination of switches.
func TestCSVIsWhatConvertWrites(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, columns := range [][]string{{"#text"}, {"a", "=b"}} {
		rows := sampleRows(random, 600, len(columns))
		table := store(t, columns, rows)
		for switches := range 8 {
			opts := xmltable.CSVOptions{BOM: switches&1 != 0, CRLF: switches&2 != 0, ExcelSafe: switches&4 != 0}
			var want, got bytes.Buffer
			csv := xmltable.NewCSV(&want, namedColumns(columns), opts)
			for _, r := range rows {
				if err := csv.Row(cellsOf(r)); err != nil {
					t.Fatal(err)
				}
			}
			if err := csv.Flush(); err != nil {
				t.Fatal(err)
			}
			if err := table.WriteCSV(t.Context(), &got, opts); err != nil || !bytes.Equal(got.Bytes(), want.Bytes()) {
				t.Errorf("%+v of %v differs (%v)", opts, columns, err)
			}
		}
	}
}

func FuzzIndexUnmarshal(f *testing.F) {
	good, _ := Index{Rows: 300, Bytes: 1000, offsets: []int64{4, 800}}.MarshalBinary()
	f.Add(good)
	f.Fuzz(func(t *testing.T, data []byte) {
		var index Index
		if index.UnmarshalBinary(data) != nil {
			return
		}
		if again := reread(t, index); !slices.Equal(again.offsets, index.offsets) || again.Rows != index.Rows {
			t.Errorf("%v came back as %v", index, again)
		}
	})
}

func FuzzScanner(f *testing.F) {
	f.Add([]byte("a,\"\"\n\"x\"\"y\",\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := newScanner(bytes.NewReader(data), 0)
		rows := 0
		for s.next() == nil {
			if rows++; rows > len(data) || len(s.cells) == 0 {
				t.Fatalf("%d rows, %d cells", rows, len(s.cells))
			}
		}
	})
}

// A column that is not there is named; a filter without an operator is explained.
func TestWhatIsWrongWithAFilterIsSaid(t *testing.T) {
	columns := []string{"a", "a:b", "x=y"}
	for _, c := range []struct {
		q    Query
		says string
	}{
		{Query{Filters: []string{"none=1"}}, `There is no column "none" to filter by.`},
		{Query{Filters: []string{"none!"}}, `There is no column "none" to filter by.`},
		{Query{Filters: []string{"a"}}, "one of = != ~"},
		{Query{Filters: []string{"=1"}}, "one of = != ~"},
		{Query{In: []string{`none:["1"]`}}, `There is no column "none" to filter by.`},
		{Query{Regex: []string{"a"}}, "a colon, and what its values must be"},
		{Query{Regex: []string{"a:("}}, "missing closing )"},
	} {
		if _, err := parseFilters(c.q, columns); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v", c.q, err)
		}
	}
}
