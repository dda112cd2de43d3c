package xmltable

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
)

// regularDocument has records that are nearly all written in the same way: now and
// then something else stands between two tags.
func regularDocument(r *rand.Rand) string {
	var b strings.Builder
	odd := func(usual string, others ...string) string {
		if r.IntN(12) == 0 {
			return others[r.IntN(len(others))]
		}
		return usual
	}
	indent := []string{"", "\n    ", "\n\t", "\n" + strings.Repeat(" ", 40)}[r.IntN(4)]
	long := strings.Repeat("long", r.IntN(7))
	b.WriteString("<rows>")
	for i := range 40 {
		b.WriteString(odd("\n  <row>", "<row>", "\n  <row id='1'>", "\n  <row xml:space='preserve'>", "\n  <!-- c --><row>", "<other/>\n  <row>", "\n <row xmlns='u'>"))
		for _, name := range []string{"id", "name", "city" + long, "d"} {
			value := odd(fmt.Sprint("value ", i), "", " ", "\n x \n", "a &#252; &amp; b", "<![CDATA[<c>]]>", "<i>k</i>", strings.Repeat("w", 60), "\xC3\xBC]]", "a > b")
			between := odd(indent, "", " ", "text", "<!-- - -->", "\n", "<?p i?>"+indent, "<x/>", "&#32;")
			start := odd("<"+name+">", "<"+name+" >", "<"+name+" a='1'>", "<"+name+" xml:space='preserve'>", "<"+name+"/><"+name+">")
			b.WriteString(between + start + value + odd("</"+name+">", "</"+name+" >"))
		}
		b.WriteString(indent + odd("<e></e>", "<e a='1'></e>", "<e p:a='1' xmlns:p='v'></e>"))
		b.WriteString(odd("\n  </row>", "</row>", "\n  </row >"))
	}
	b.WriteString("\n</rows>")
	return b.String()
}

// What is expected by what came last time changes nothing: a window of 64 bytes
// leaves hardly a seam whole.
func TestSeamsChangeNothing(t *testing.T) {
	for seed := range uint64(150) {
		document := regularDocument(rand.New(rand.NewPCG(seed, 15)))
		for _, opt := range []Options{{}, {Trim: true}, {Flat: true}, {RecordXML: true}, {Record: "//name"}, {MaxRepeat: 1}} {
			cut := opt
			cut.windowBytes = 64
			if got, want := tablesAndCounts(t, document, opt), tablesAndCounts(t, document, cut); !maps.Equal(got, want) {
				t.Fatalf("seed %d, %+v, %q:\n got %q\nwant %q", seed, opt, document, got, want)
			}
		}
	}
}

// tablesAndCounts are the tables of a document by name, and what was counted.
func tablesAndCounts(t *testing.T, document string, opt Options) map[string]string {
	t.Helper()
	shape, err := Scan(t.Context(), text("x.xml", document), opt)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{"#": fmt.Sprint(shape.Account(), shape.LayoutBytes(), shape.Warnings())}
	_, written := write(t, shape, opt, CSVOptions{}, text("x.xml", document))
	maps.Copy(all, written)
	return all
}

// An error behind seams is where it would be without them.
func TestErrorsBehindSeams(t *testing.T) {
	record := "\n <row>\n  <id>1</id>\n  <name>n</name>\n  <city>c</city>\n </row>"
	for _, c := range []struct{ broken, message string }{
		{"\n <row>\n  <id>1</id>\n  <name>n</nama>", "expected the end tag </name>, found </nama>"},
		{"\n <row>\n  <id>1</id>\n  <name>]]></name>", "expected no ]]> outside"},
		{"\n <row>\n  <id>1</id>\n  <name>&nope;</name>", "expected an entity that is declared, found &nope;"},
		{"\n <row>\n  <id>1</id>\n  <name>n</name>\n  <city>c</city>\n </rows>", "expected the end tag </row>, found </rows>"},
		{"\n <row>\n  <id>1</id>\n  <name>n", "found the end of the document"},
	} {
		document := "<rows>" + strings.Repeat(record, 50) + c.broken
		got, want := syntaxError(t, document, Options{}), syntaxError(t, document, Options{windowBytes: 64})
		if *got != *want || !strings.Contains(got.Message, c.message) {
			t.Errorf("%q: got %v, want %v, %s", c.broken, got, want, c.message)
		}
	}
}
