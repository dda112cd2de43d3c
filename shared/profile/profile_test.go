package profile

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// cells are a column: nil is absent.
type cells []*string

// slowly computes a profile the slow way: by sorting, by regular expressions, by exact
// fractions, with all values in memory.
func slowly(column cells) Column {
	p := Column{Kind: Text, Top: []Frequent{}, Histogram: []Bin{}}
	counts, order := map[string]int64{}, []string{}
	for _, cell := range column {
		if cell == nil {
			p.Absent++
			continue
		}
		p.Present++
		if counts[*cell]++; counts[*cell] == 1 {
			order = append(order, *cell)
		}
	}
	p.Empty, p.Distinct, p.Exact = counts[""], int64(len(order)), len(order) <= ExactValues
	p.Top = slowTop(order[:min(len(order), ExactValues)], counts)
	filled := slices.DeleteFunc(slices.Clone(order), func(v string) bool { return v == "" })
	if len(filled) == 0 {
		return p
	}
	p.Kind = slowKind(filled)
	slices.SortFunc(filled, func(a, b string) int {
		if p.Kind == Integer || p.Kind == Decimal {
			x, _ := new(big.Rat).SetString(a)
			y, _ := new(big.Rat).SetString(b)
			return cmp.Or(x.Cmp(y), cmp.Compare(a, b))
		}
		return cmp.Compare(a, b)
	})
	p.Min, p.Max = new(slowCut(filled[0])), new(slowCut(filled[len(filled)-1]))
	p.Shortest = math.MaxInt64
	for _, v := range filled {
		n := int64(len([]rune(v)))
		p.Shortest, p.Longest = min(p.Shortest, n), max(p.Longest, n)
	}
	if p.Kind != Text && p.Kind != Boolean {
		p.Histogram = slowHistogram(filled, counts, p.Kind)
	}
	return p
}

func slowCut(v string) string {
	if len(v) <= givenBytes {
		return v
	}
	for v = v[:givenBytes]; !utf8.ValidString(v); {
		v = v[:len(v)-1]
	}
	return v
}

func slowTop(order []string, counts map[string]int64) []Frequent {
	order = slices.Clone(order)
	slices.SortFunc(order, func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	top := []Frequent{}
	for _, v := range order[:min(len(order), TopValues)] {
		top = append(top, Frequent{Value: slowCut(v), Cut: len(v) > givenBytes, Count: counts[v]})
	}
	return top
}

var slowKinds = []struct {
	kind Kind
	is   func(string) bool
}{
	{Integer, regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`).MatchString},
	{Decimal, func(v string) bool {
		if !regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,6})?$`).MatchString(v) {
			return false
		}
		_, err := strconv.ParseFloat(v, 64) // what no float is near to is text
		return err == nil
	}},
	{Date, func(v string) bool { return parses(v, time.DateOnly, "2006-01-02Z07:00") }},
	{Time, func(v string) bool { return parses(v, "15:04", "15:04:05", "15:04:05Z07:00") }},
	{DateTime, func(v string) bool {
		return parses(v, "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02T15:04:05Z07:00")
	}},
	{Boolean, regexp.MustCompile(`(?i)^(true|false|yes|no)$`).MatchString},
}

func parses(v string, layouts ...string) bool {
	return slices.ContainsFunc(layouts, func(layout string) bool {
		_, err := time.Parse(layout, v)
		return err == nil
	})
}

func slowKind(values []string) Kind {
	for _, k := range slowKinds {
		if !slices.ContainsFunc(values, func(v string) bool { return len(v) > mostMeasured || !k.is(v) }) {
			return k.kind
		}
	}
	return Text
}

// slowAmount measures a value by what the standard library makes of it.
func slowAmount(v string, kind Kind) float64 {
	since := func(t time.Time) float64 {
		t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC) // as the clock there showed
		return float64(t.Unix()) + float64(t.Nanosecond())/1e9
	}
	for _, layout := range map[Kind][]string{
		Date:     {time.DateOnly, "2006-01-02Z07:00"},
		Time:     {"15:04", "15:04:05", "15:04:05Z07:00"},
		DateTime: {"2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02T15:04:05Z07:00"},
	}[kind] {
		t, err := time.Parse(layout, v)
		switch {
		case err != nil:
		case kind == Date:
			return since(t) / daySeconds
		case kind == Time:
			return since(t.AddDate(1970, 0, 0))
		default:
			return since(t)
		}
	}
	r, _ := new(big.Rat).SetString(v)
	f, _ := r.Float64()
	return f
}

// slowHistogram tries widths from the least one on.
func slowHistogram(values []string, counts map[string]int64, kind Kind) []Bin {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		low, high = min(low, slowAmount(v, kind)), max(high, slowAmount(v, kind))
	}
	power := -2000
	if kind != Decimal {
		power = 0
	}
	bin := func(x float64) *big.Int { // floor(x / 2^power)
		r := new(big.Rat).SetFloat64(x)
		two := new(big.Int).Lsh(big.NewInt(1), uint(max(power, -power)))
		if power > 0 {
			r.Quo(r, new(big.Rat).SetInt(two))
		} else {
			r.Mul(r, new(big.Rat).SetInt(two))
		}
		return new(big.Int).Div(r.Num(), r.Denom()) // Euclid's, which floors
	}
	fits := func() bool {
		near := new(big.Int).Abs(bin(high))
		if l := new(big.Int).Abs(bin(low)); l.Cmp(near) > 0 {
			near = l
		}
		return near.BitLen() <= 53 && new(big.Int).Sub(bin(high), bin(low)).Cmp(big.NewInt(Bins)) < 0
	}
	for power = max(power, leastPower); !fits(); {
		power++
	}
	first := bin(low).Int64()
	bins := make([]Bin, bin(high).Int64()-first+1)
	for i := range bins {
		edge := func(n int64) any { return edgeOf(math.Ldexp(float64(first+n), power), kind) }
		bins[i].From, bins[i].To = edge(int64(i)), edge(int64(i)+1)
	}
	for _, v := range values {
		bins[bin(slowAmount(v, kind)).Int64()-first].Count += counts[v]
	}
	return bins
}

// samples make the cells of columns of many sorts.
var samples = map[string]func(r *rand.Rand) *string{
	"few":           func(r *rand.Rand) *string { return new(fmt.Sprint("value ", r.IntN(30))) },
	"integers":      func(r *rand.Rand) *string { return new(fmt.Sprint(r.IntN(2000) - 1000)) },
	"many integers": func(r *rand.Rand) *string { return new(fmt.Sprint(int64(r.ExpFloat64()*1e6) - 1000)) },
	"long integers": func(r *rand.Rand) *string {
		return new(fmt.Sprintf("%d%018d", 1+r.IntN(9), r.Int64N(1e18)))
	},
	"decimals": func(r *rand.Rand) *string { return new(fmt.Sprintf("%.2f", r.NormFloat64()*100)) },
	"floats":   func(r *rand.Rand) *string { return new(fmt.Sprintf("%.6e", math.Exp(r.NormFloat64()*50))) },
	"dates": func(r *rand.Rand) *string {
		return new(time.Date(1600+r.IntN(800), 1, 1+r.IntN(500), 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
	},
	"moments": func(r *rand.Rand) *string {
		layout := []string{"2006-01-02T15:04:05", "2006-01-02T15:04:05Z", "2006-01-02 15:04:05", "2006-01-02T15:04:05.000Z07:00", "2006-01-02T15:04"}[r.IntN(5)]
		return new(time.Unix(1_500_000_000+r.Int64N(1e8), r.Int64N(1e9)).In(time.FixedZone("", 7200)).Format(layout))
	},
	"times": func(r *rand.Rand) *string {
		return new(fmt.Sprintf("%02d:%02d:%02d", r.IntN(24), r.IntN(60), r.IntN(60)))
	},
	"booleans": func(r *rand.Rand) *string { return new([]string{"true", "False", "YES", "no"}[r.IntN(4)]) },
	"absent":   func(*rand.Rand) *string { return nil },
	"empty":    func(*rand.Rand) *string { return new("") },
	"texts": func(r *rand.Rand) *string {
		return new(strings.Repeat("ä€x", r.IntN(3)) + fmt.Sprint(r.IntN(40_000)))
	},
	"long": func(r *rand.Rand) *string {
		return new(strings.Repeat("€", 84+r.IntN(3)) + strings.Repeat("y", r.IntN(3)) + fmt.Sprint(r.IntN(99)))
	},
	"almost numbers": func(r *rand.Rand) *string {
		return new([]string{"1", "-0", "01", "+1", "1.", ".5", "1e3", "1e", "1e400", "0.0", "-", "1 "}[r.IntN(12)])
	},
	"almost dates": func(r *rand.Rand) *string {
		return new([]string{"2026-02-28", "2024-02-29", "2023-02-29", "2026-13-01", "2026-1-01", "2026-01-01+02:00"}[r.IntN(1+r.IntN(6))])
	},
}

// randomTable mixes sorts of columns, with cells that are absent, empty, or of another
// sort here and there.
func randomTable(r *rand.Rand, rows int, names []string) []cells {
	table := make([]cells, len(names))
	for i, name := range names {
		absent, empty := r.Float64()*float64(r.IntN(2)), r.Float64()*float64(r.IntN(2))
		for range rows {
			cell := samples[name](r)
			switch {
			case r.Float64() < absent:
				cell = nil
			case r.Float64() < empty:
				cell = new("")
			}
			table[i] = append(table[i], cell)
		}
		if rows > 0 && r.IntN(4) == 0 {
			table[i][r.IntN(rows)] = samples[names[r.IntN(len(names))]](r)
		}
	}
	return table
}

func rowOf(table []cells, n int) [][]byte {
	row := make([][]byte, len(table))
	for i, column := range table {
		if column[n] != nil {
			row[i] = []byte(*column[n])
		}
	}
	return row
}

// check holds a profile against the slow computation.
func check(t *testing.T, names []string, table []cells, got Profile) {
	t.Helper()
	for i, column := range table {
		want, have := slowly(column), got.Columns[i]
		if !want.Exact && math.Abs(float64(have.Distinct-want.Distinct)) < 0.04*float64(want.Distinct) {
			want.Distinct = have.Distinct
		}
		if w, h := show(want), show(have); w != h {
			t.Errorf("%s, %d rows:\n%s\nwant\n%s", names[i], len(column), h, w)
		}
	}
}

func show(c Column) string {
	text := func(s *string) string {
		if s == nil {
			return "none"
		}
		return *s
	}
	least, greatest := text(c.Min), text(c.Max)
	c.Min, c.Max = nil, nil
	return fmt.Sprintf("%q %q %+v", least, greatest, c)
}

func TestProfilesAreThoseOfASlowComputation(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var names []string
	for name := range samples {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, rows := range []int{0, 1, 2, 7, 40, 300, 3000, 3000, 40_000} {
		table := randomTable(r, rows, names)
		c, kinds := New(len(names), NewRoom(1<<30)), NewNarrower(len(names))
		aside := New(len(names), NewRoom(1<<30))
		defer aside.LearnAside()()
		for n := range rows {
			c.Row(rowOf(table, n))
			aside.Row(rowOf(table, n))
			kinds.Row(rowOf(table, n))
		}
		got := c.Profile()
		if other := aside.Profile(); !reflect.DeepEqual(other, got) {
			t.Errorf("learnt aside %d rows are other ones", rows)
		}
		if got.Rows != int64(rows) {
			t.Errorf("%d rows, want %d", got.Rows, rows)
		}
		check(t, names, table, got)
		for i, kind := range kinds.Kinds() {
			if kind != got.Columns[i].Kind {
				t.Errorf("%s, %d rows: %s, the profile says %s", names[i], rows, kind, got.Columns[i].Kind)
			}
		}
	}
}

// Without room for all values a column is estimated early, and what is said of it stays
// true.
func TestColumnsWithoutRoomAreEstimated(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	names := []string{"few", "texts", "many integers"}
	table := randomTable(r, 20_000, names)
	c := New(len(names), NewRoom(20_000))
	for n := range table[0] {
		c.Row(rowOf(table, n))
	}
	got := c.Profile()
	for i, column := range got.Columns {
		want := slowly(table[i])
		if len(column.Top) > 0 && column.Top[0].Count > want.Top[0].Count {
			t.Errorf("%s: most frequent %+v, want %+v at most", names[i], column.Top[:min(1, len(column.Top))], want.Top[0])
		}
		if off := math.Abs(float64(column.Distinct - want.Distinct)); off > 0.04*float64(want.Distinct) {
			t.Errorf("%s: %d different values, want about %d", names[i], column.Distinct, want.Distinct)
		}
		column.Top, want.Top, column.Distinct, want.Distinct = nil, nil, 0, 0
		column.Exact, want.Exact = false, false
		if show(column) != show(want) {
			t.Errorf("%s:\n%s\nwant\n%s", names[i], show(column), show(want))
		}
	}
}

// Values that are longer than what is kept of them are told apart all the same.
func TestLongValues(t *testing.T) {
	long := strings.Repeat("a", 100_000)
	var column cells
	for _, v := range []string{long + "1", long + "2", long + "1", long, "b"} {
		column = append(column, new(v))
	}
	c := New(1, NewRoom(1<<20))
	for n := range column {
		c.Row(rowOf([]cells{column}, n))
	}
	check(t, []string{"long"}, []cells{column}, c.Profile())
}

func BenchmarkCollector(b *testing.B) {
	for name := range samples {
		b.Run(name, func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 2))
			table := randomTable(r, 100_000, []string{name})
			rows := make([][][]byte, len(table[0]))
			for n := range rows {
				rows[n] = rowOf(table, n)
			}
			b.ResetTimer()
			for b.Loop() {
				c := New(1, NewRoom(1<<30))
				for _, row := range rows {
					c.Row(row)
				}
				c.Profile()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(rows)), "ns/cell")
		})
	}
}
