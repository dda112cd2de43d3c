package search

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func parse(t *testing.T, text string) Query {
	t.Helper()
	q, err := Parse(text, false)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// row makes cells; "∅" is absent.
func row(cells ...string) [][]byte {
	list := make([][]byte, len(cells))
	for i, cell := range cells {
		if cell != "∅" {
			list[i] = []byte(cell)
		}
	}
	return list
}

func TestQuestions(t *testing.T) {
	columns := []string{"title", "Unit Price", "note"}
	cells := row("Der Zauberberg", "12.50", "Müller & Söhne, 12:30; order-4711")
	for question, want := range map[string]bool{
		"zauberberg":                 true,
		"ZAUBERBERG der":             true,
		"zauber":                     false,
		"zauber*":                    true,
		"*berg":                      true,
		"*auberb*":                   true,
		`*"r z"*`:                    true,
		"muller":                     true,
		"MÜLLER":                     true,
		"mu\u0308ller":               true,
		`"muller sohne"`:             true,
		`"sohne muller"`:             false,
		`"muller soh"*`:              true,
		`"der muller"`:               false, // of two cells
		"title:zauberberg":           true,
		"title:muller":               false,
		"TITLE:der":                  true,
		`"unit price":12.50`:         true,
		`"unit price":12`:            true,
		`"unit price":50.12`:         false,
		"note:title":                 false,
		"12:30":                      true, // no such column: text
		"30:12":                      false,
		"-zauberberg":                false,
		"muller -faust":              true,
		"muller -title:muller":       true,
		"faust or muller":            true,
		"faust OR goethe":            false,
		"faust muller or zauberberg": true,
		"zauberberg muller or faust": true,
		"zauberberg faust or goethe": false,
		"or":                         false,
		"order-4711":                 true,
		"4711":                       true,
		"order.4711":                 true,
		"*4711*":                     true,
		"&":                          true,
		"#":                          false,
		"*;*":                        true,
		"title:*ber*":                true,
		"note:*ber*":                 false,
		`"zauberberg`:                true, // not closed yet
		"-":                          false,
		"title: der":                 false, // the word title, and der
	} {
		q := parse(t, question)
		_, got := q.Matcher(columns).Match(cells)
		if got != want {
			t.Errorf("%s: fits is %v", question, got)
		}
	}
}

func TestTheLastWordIsABeginningWhileTyping(t *testing.T) {
	cells := row("Der Zauberberg")
	for text, want := range map[string]bool{"zaub": true, "de zaub": false, "der zaub": true, "zaub ": false, `"der zaub`: true, `"zaub"`: false, "x:zaub": false, "a:zaub": true} {
		q, err := Parse(text, true)
		if err != nil {
			t.Fatal(err)
		}
		if _, got := q.Matcher([]string{"a"}).Match(cells); got != want {
			t.Errorf("%q: fits is %v", text, got)
		}
	}
}

func TestNothingIsAskedFor(t *testing.T) {
	for _, text := range []string{"", "  ", "*", "**", `""`, "-", `-""`} {
		if q := parse(t, text); !q.Empty() {
			t.Errorf("%q asks for %+v", text, q)
		}
	}
	if _, err := Parse(strings.Repeat("a ", 40), false); err == nil {
		t.Error("40 words were taken")
	}
	if _, err := Parse(strings.Repeat("a", 1001), false); err == nil {
		t.Error("1,001 characters were taken")
	}
}

func TestBetterFits(t *testing.T) {
	q := parse(t, "anna*")
	m := q.Matcher([]string{"x"})
	last := 2.0
	for _, cell := range []string{"Anna", "Anna Bo", "Anna Katharina", "Annabel B", "Annabella and Christopher"} {
		fit, ok := m.Match(row(cell))
		if !ok || fit.Score >= last || fit.Score <= 0 {
			t.Errorf("%s fits by %v, after %v", cell, fit.Score, last)
		}
		last = fit.Score
	}
}

func TestSnippets(t *testing.T) {
	long := strings.Repeat("lorem ipsum ", 50) + "the Müller <b>here</b> and a miller, " + strings.Repeat("dolor sit ", 50)
	for _, c := range []struct{ question, cell, want string }{
		{"muller", "Herr MÜLLER!", "Herr \u0002MÜLLER\u0003!"},
		{"m* x", "x m mu", "\u0002x\u0003 \u0002m\u0003 \u0002m\u0003u"},
		{`"a b"`, "a, b and a/b", "\u0002a, b\u0003 and \u0002a/b\u0003"},
		{"*a*", "a b a b", "\u0002a\u0003 b \u0002a\u0003 b"},
		{"-x y", "y", "\u0002y\u0003"},
		{"bad", "a\u0002bad\u0003\nb\xff", "a\uFFFD\u0002bad\u0003\uFFFD b\uFFFD"},
	} {
		got := Marked(parse(t, c.question).Matcher([]string{"x"}).Snippet(0, []byte(c.cell)))
		if got != c.want {
			t.Errorf("%s in %q: %q", c.question, c.cell, got)
		}
	}
	got := Marked(parse(t, "muller").Matcher([]string{"x"}).Snippet(0, []byte(long)))
	if !strings.Contains(got, "the \u0002Müller\u0003 <b>here</b>") || len(got) > 400 || !strings.HasPrefix(got, "…") || !strings.HasSuffix(got, "…") {
		t.Errorf("a long cell is shown as %q", got)
	}
	if back := Marked(Unmarked(got)); back != got {
		t.Errorf("%q is read as %q", got, back)
	}
}

// TestAgainstPlainReading holds the matcher against another reading of the same rules,
// which splits all text into words and looks for lists of words in lists of words.
func TestAgainstPlainReading(t *testing.T) {
	r := rand.New(rand.NewPCG(1, uint64(len(t.Name()))))
	n := 0
	for range 10_000 {
		cells := row(randomCell(r), randomCell(r), randomCell(r))
		text := randomQuestion(r)
		q := parse(t, text)
		_, got := q.Matcher([]string{"a", "b", "c"}).Match(cells)
		want := fitsPlainly(q, cells)
		if got != want {
			t.Fatalf("%q over %q: fits is %v", text, cells, got)
		}
		if got {
			n++
		}
	}
	if n < 500 || n > 9_500 {
		t.Errorf("%d of 10,000 fit: the test says little", n)
	}
}

var syllables = []string{"a", "b", "ab", "ba", "é", "E", "ß", "ö", "Ö", "1", "2", "12", "or", "東", "e\u0301", "İ"}

func randomWord(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(2) {
		b.WriteString(syllables[r.IntN(len(syllables))])
	}
	return b.String()
}

func randomCell(r *rand.Rand) string {
	if r.IntN(6) == 0 {
		return []string{"∅", ""}[r.IntN(2)]
	}
	var b strings.Builder
	for range 1 + r.IntN(3) {
		b.WriteString(randomWord(r))
		b.WriteString([]string{" ", "-", ", ", ":", "\n", ""}[r.IntN(6)])
	}
	return b.String()
}

func randomQuestion(r *rand.Rand) string {
	var b strings.Builder
	for i := range 1 + r.IntN(3) {
		if i > 0 {
			b.WriteString([]string{" ", " or "}[r.IntN(2)])
		}
		b.WriteString([]string{"", "", "-"}[r.IntN(3)])
		b.WriteString([]string{"", "", "", "a:", "A:", "d:", `"b":`}[r.IntN(7)])
		w := randomWord(r)
		b.WriteString([]string{w, w + "*", "*" + w + "*", `"` + w + " " + randomWord(r) + `"`, w + "-" + randomWord(r), `*"` + w + " " + randomWord(r) + `"*`}[r.IntN(6)])
	}
	return b.String()
}

func fitsPlainly(q Query, cells [][]byte) bool {
	for _, w := range q.ways {
		all := true
		for _, t := range w {
			in, looked := map[string]int{"a": 0, "b": 1, "c": 2}[t.column]
			if t.column != "" && !looked {
				if t.typed == nil {
					all = all && t.not
					continue
				}
				t = *t.typed
			}
			has := false
			for i, cell := range cells {
				if cell != nil && (!looked || i == in) {
					has = has || hasPlainly(t, string(cell))
				}
			}
			all = all && has != t.not
		}
		if all {
			return true
		}
	}
	return false
}

func hasPlainly(t term, cell string) bool {
	cell = folded(cell)
	if t.part != "" {
		return strings.Contains(cell, t.part)
	}
	words := wordsOf(cell)
	for i := 0; i+len(t.words) <= len(words); i++ {
		same := true
		for k, word := range t.words {
			if t.prefix && k == len(t.words)-1 {
				same = same && strings.HasPrefix(words[i+k], word)
			} else {
				same = same && words[i+k] == word
			}
		}
		if same {
			return true
		}
	}
	return false
}

// memoryTable is a table of rows in memory.
func memoryTable(n int64, rows [][][]byte) Table {
	return Table{ID: fmt.Sprint("t", n), N: n, Columns: []string{"a", "b", "c"}, Rows: func(_ context.Context, from int64, f func(int64, [][]byte) error) error {
		for i := from; i < int64(len(rows)); i++ {
			if err := f(i, rows[i]); err != nil {
				return err
			}
		}
		return nil
	}}
}

// TestPagesGiveEveryHitOnce reads answers to their end: each row that fits is there
// once, whatever the pages' length.
func TestPagesGiveEveryHitOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 3))
	for range 8 {
		var tables []Table
		want := make(map[string]bool)
		q := parse(t, "ab*")
		for n := int64(5); n > 0; n-- {
			var rows [][][]byte
			for i := range r.IntN(900) {
				cells := row("x", []string{"abc", "ab", "y"}[r.IntN(3)], "ab z")
				if r.IntN(3) > 0 {
					cells = row("x", "y", "z")
				}
				rows = append(rows, cells)
				if _, ok := q.Matcher([]string{"a", "b", "c"}).Match(cells); ok {
					want[fmt.Sprint("t", n, " ", i+1)] = true
				}
			}
			tables = append(tables, memoryTable(n, rows))
		}
		got := make(map[string]bool)
		question := Question{Query: q, Limit: 40 + r.IntN(400)}
		for pages := 0; ; pages++ {
			a, err := Find(t.Context(), tables, question)
			if err != nil || len(a.Hits) > question.Limit || pages > 3000 {
				t.Fatalf("page %d: %d hits, %v", pages, len(a.Hits), err)
			}
			for i, hit := range a.Hits {
				key := fmt.Sprint(hit.TableID, " ", hit.Row)
				if got[key] {
					t.Fatalf("%s came twice", key)
				}
				got[key] = true
				if pages == 0 && i > 0 && hit.Score > a.Hits[i-1].Score {
					t.Fatalf("hit %d is better than the one before", i)
				}
			}
			if question.After = a.Next; a.Next == "" {
				break
			}
		}
		if len(got) != len(want) {
			t.Fatalf("%d of %d hits, %d at once", len(got), len(want), question.Limit)
		}
		for key := range want {
			if !got[key] {
				t.Fatalf("%s is missing", key)
			}
		}
	}
	for _, none := range []string{"b.x", "b.-1", "b", "r.1.2", "r.1.2.3.4", "c.1", "b.01", "b.1.1", "."} {
		if _, err := Find(t.Context(), nil, Question{Query: parse(t, "a"), Limit: 1, After: none}); err == nil {
			t.Errorf("%s was taken for a place", none)
		}
	}
}

func TestFuse(t *testing.T) {
	a := Hit{TableID: "a", Row: 1, Column: "x"}
	b, c := Hit{TableID: "b", Row: 1}, Hit{TableID: "c", Row: 1}
	fused := Fuse([]Hit{a, b}, []Hit{c, a}, []Hit{b})
	var order []string
	for _, hit := range fused {
		order = append(order, hit.TableID)
	}
	if strings.Join(order, "") != "abc" || fused[0].Column != "x" || math.Abs(fused[0].Score-1.0/61-1.0/62) > 1e-12 {
		t.Errorf("fused %+v", fused)
	}
}

func BenchmarkMatch(b *testing.B) {
	cells := row("123456", "ORD-00012345", "Zauberberg Verlag", "Wien", "at", "2026-11-28", "1234.50", "17", "anna@example.com", "a few words that say something of it", "shipped", "7f3a91cc")
	q, _ := Parse("nowhere", false)
	m := q.Matcher(make([]string, len(cells)))
	b.ReportAllocs()
	for b.Loop() {
		m.Match(cells)
	}
}
