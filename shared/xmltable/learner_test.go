package xmltable

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// What a Learner gives is what Scan and Choose give, whatever it has learnt before.
func TestLearnerRemembersNothingThatCounts(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]Options{
		"plain": {}, "flat": {Flat: true, Record: "//b"}, "xml": {RecordXML: true}, "trim": {Trim: true}, "pivot": {Pivots: []string{"b@k=#text"}},
		"local": {ByLocalName: true}, "few repeats": {MaxRepeat: 1},
	} {
		t.Run(name, func(t *testing.T) {
			l, recalled := NewLearner(opt), 0
			for seed := range uint64(1000) {
				document := alikeDocument(seed)
				known := len(l.known)
				learnt, tables, account := learnAndWrite(t, l, document)
				sh, err := Scan(t.Context(), text("x.xml", document), opt)
				if err != nil {
					t.Fatalf("%s: %v", document, err)
				}
				if got, want := fmt.Sprint(learnt.Account(), learnt.LayoutBytes(), learnt.Warnings()), fmt.Sprint(sh.Account(), sh.LayoutBytes(), sh.Warnings()); got != want {
					t.Fatalf("%s: learnt %s, not %s", document, got, want)
				}
				plan, want := write(t, sh, opt, CSVOptions{}, text("x.xml", document))
				if !reflect.DeepEqual(tables.plan.Tables, plan.Tables) || !reflect.DeepEqual(tables.plan.Candidates, plan.Candidates) || tables.plan.Record != plan.Record {
					t.Fatalf("%s: planned %v, not %v", document, tables.plan.Tables, plan.Tables)
				}
				if got := tables.csvOf(t); !reflect.DeepEqual(got, want) {
					t.Fatalf("%s:\n%v\nnot\n%v", document, got, want)
				}
				if account != sh.Account() {
					t.Fatalf("%s: %v stand in cells, not %v", document, account, sh.Account())
				}
				if len(l.known) == known && known > 0 && l.misses == 0 {
					recalled++
				}
			}
			if l.keeps(Input{Size: 1}) && recalled < 150 {
				t.Errorf("%d of 1000 documents were like an earlier one", recalled)
			}
		})
	}
}

func learnAndWrite(t *testing.T, l *Learner, document string) (*Shape, *tables, Account) {
	t.Helper()
	in := text("x.xml", document)
	sh, plan, err := l.Learn(t.Context(), in)
	if err != nil {
		t.Fatalf("%s: %v", document, err)
	}
	sink := newTables(plan, CSVOptions{})
	written, err := plan.Write(t.Context(), in, sink)
	if err != nil {
		t.Fatalf("%s: %v", document, err)
	}
	return sh, sink, written.Account
}

// alikeDocument is four times in a row the same but for its values.
func alikeDocument(seed uint64) string {
	values := rand.New(rand.NewPCG(seed, 4))
	return strings.NewReplacer("1", strconv.Itoa(values.IntN(1e6)), "t", strings.Repeat("t", values.IntN(3))).Replace(anyDocument(seed / 4))
}

func anyDocument(seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 3))
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	var b strings.Builder
	b.WriteString(pick("", "", "", `<!DOCTYPE r [<!ATTLIST b d CDATA "7">]>`))
	root := pick("r", "r", "r", "r", "s")
	b.WriteString("<" + root + pick("", "", ` xmlns="u:7"`, ` xmlns:p="u:7"`, ` xmlns:p="u:2" xmlns:q="u:2"`) + ">")
	for range r.IntN(3) {
		b.WriteString(pick("", "", "", "\n") + "<a>")
		b.WriteString(pick("<b>1</b>", "<b>1</b>", "<b>1</b>", "<b>22</b><b/>", `<b k="1" x="2">y</b>`, `<b x="1" k="2"/>`, "<c>1</c><b>1</b>", "<b>1</b><c>1</c>", "wow <b>x</b> wow", `<b xml:space="preserve"> </b>`))
		b.WriteString(pick("", "", "<c><b>&amp;</b></c>", "<c> t </c>"))
		b.WriteString("</a>" + pick("", "", "\n"))
	}
	b.WriteString("</" + root + ">")
	return b.String()
}

// An error in a document is told as it would be without the ones before it.
func TestLearnerTellsErrorsAsScanDoes(t *testing.T) {
	l := NewLearner(Options{})
	for range 3 {
		learnAndWrite(t, l, "<r><a>1</a></r>")
		for _, document := range []string{"<r>\n<a>1</b></r>", "<r><a>1</a>", "<r><a>1</a></r><r/>", "", "<r><a>&x;</a></r>"} {
			_, want := Scan(t.Context(), text("x.xml", document), Options{})
			if _, _, err := l.Learn(t.Context(), text("x.xml", document)); want == nil || err == nil || err.Error() != want.Error() {
				t.Errorf("%s: %v, not %v", document, err, want)
			}
		}
	}
}

// A document like the one before it allocates hardly anything.
func TestLearnerAllocatesLittle(t *testing.T) {
	l := NewLearner(Options{})
	in := text("x.xml", `<r><row id="1"><a>1</a><b>2</b></row></r>`)
	sink := sinkFunc(func(int, [][]byte) error { return nil })
	allocs := testing.AllocsPerRun(100, func() {
		_, plan, err := l.Learn(t.Context(), in)
		if err == nil {
			_, err = plan.Write(t.Context(), in, sink)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 20 {
		t.Errorf("%v allocations a document", allocs)
	}
}

type sinkFunc func(table int, cells [][]byte) error

func (f sinkFunc) Row(table int, cells [][]byte) error { return f(table, cells) }

// Documents that differ in nothing but the order of their elements are not alike.
func TestLearnerMindsTheOrder(t *testing.T) {
	l := NewLearner(Options{})
	for range 2 {
		for _, names := range []string{"ab", "ba"} {
			first, second := names[:1], names[1:]
			_, sink, _ := learnAndWrite(t, l, "<r><"+first+">1</"+first+"><"+second+">2</"+second+"></r>")
			if got, want := sink.csvOf(t)["r"], first+","+second+"\n1,2\n"; got != want {
				t.Errorf("%q, not %q", got, want)
			}
		}
	}
}
