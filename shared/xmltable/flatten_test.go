package xmltable

import (
	"errors"
	"strings"
	"testing"

	"ret/shared/fault"
)

// rulesTests are what the cases of docs/flattening.md leave out. Tables are given
// in their order, each as its name and its CSV.
var rulesTests = []struct {
	name     string
	opt      Options
	document string
	record   string
	tables   []string
}{
	{
		"K of 1",
		Options{MaxRepeat: 1},
		"<r><i><a>1</a><a>2</a></i><i/></r>", "i",
		[]string{"i", "_id\n1\n2\n", "i.a", "_parent,_pos,#text\n1,1,1\n1,2,2\n"},
	},
	{
		"what repeats around a spill spills too",
		Options{MaxRepeat: 3},
		"<r><i><g><m>1</m><m>2</m></g><g><m>3</m></g></i><i><g/></i></r>", "i",
		[]string{"i", "_id\n1\n2\n", "i.g", "_parent,_pos,m,m[2]\n1,1,1,2\n1,2,3,\n2,1,,\n"},
	},
	{
		"a record below repeated ones",
		Options{Record: "g/h/row"},
		"<r><g n='1'><h><row>a</row><row>b</row></h></g><g><h><row>c</row></h><h/><h><row>d</row></h></g></r>", "g/h/row",
		[]string{
			"row", "_in,#text\ng.h,a\ng.h,b\ng[2].h,c\ng[2].h[3],d\n",
			"_document", "_id\n1\n",
			"_document.g", "_parent,_pos,@n\n1,1,1\n1,2,\n",
		},
	},
	{
		"a record by name, at several depths",
		Options{Record: "//row"},
		"<r><row><b>1</b><row>inner</row></row><x><row k='v'><a>2</a><b>3</b></row><row/></x></r>", "//row",
		[]string{"row", "_id,_parent,_in,@k,#text,b,a\n1,,\"\",,,1,\n2,1,row,,inner,,\n3,,x,v,,3,2\n4,,x,,\"\",,\n"},
	},
	{
		"the document as record by choice",
		Options{Record: "(document)"},
		"<r><i>1</i><i>2</i></r>", "(document)",
		[]string{"r", "i,i[2]\n1,2\n"},
	},
	{
		"text beside records is never markup",
		Options{},
		"<r>before<i>1</i><j/>between<i>2</i></r>", "i",
		[]string{"i", "#text\n1\n2\n", "_document", "#text,j\nbeforebetween,\"\"\n"},
	},
	{
		"the document's tables",
		Options{MaxRepeat: 2},
		"<r><k>1</k><k>2</k><k>3</k><i>a</i><i>b</i><i>c</i><i>d</i></r>", "i",
		[]string{"i", "#text\na\nb\nc\nd\n", "_document", "_id\n1\n", "_document.k", "_parent,_pos,#text\n1,1,1\n1,2,2\n1,3,3\n"},
	},
	{
		"reserved names",
		Options{},
		"<r><_document><_id>1</_id><_pos/></_document><_document/></r>", `\_document`,
		[]string{`\_document`, "\\_id,\\_pos\n1,\"\"\n,\n"},
	},
	{
		"dots in names of tables",
		Options{MaxRepeat: 1},
		"<r><i><a.b>1</a.b><a.b>2</a.b><a><b>3</b><b>4</b></a></i><i/></r>", "i",
		[]string{
			"i", "_id\n1\n2\n",
			`i.a\.b`, "_parent,_pos,#text\n1,1,1\n1,2,2\n",
			"i.a.b", "_parent,_pos,#text\n1,1,3\n1,2,4\n",
		},
	},
	{
		"a third namespace",
		Options{},
		"<r xmlns:p='u:p'><i><a>1</a><p:a>2</p:a><a xmlns='u:q'>3</a><p:a xmlns:p='u:r'>4</p:a></i><i/></r>", "i",
		[]string{"i", "a,p:a,ns2:a,ns3:a\n1,2,3,4\n,,,\n"},
	},
	{
		"xml:space counts blanks, default ends it",
		Options{},
		"<r><i xml:space='preserve'> <a> </a><b xml:space='default'> </b></i><i><a/></i></r>", "i",
		[]string{"i", "@xml:space,#text,#xml,a,b@xml:space,b\npreserve,   , <a> </a><b xml:space='default'> </b>, ,default, \n,\"\",<a/>,\"\",,\n"},
	},
	{
		"nothing weighs nothing",
		Options{},
		"<r><i/><i/></r>", "i",
		[]string{"i", "#text\n\"\"\n\"\"\n"},
	},
}

func TestRules(t *testing.T) {
	for _, c := range rulesTests {
		t.Run(c.name, func(t *testing.T) {
			plan, got := convert(t, c.opt, text("x.xml", c.document))
			if plan.Record != c.record {
				t.Errorf("record %q, want %q", plan.Record, c.record)
			}
			var all []string
			for _, table := range plan.Tables {
				all = append(all, table.Name, got[table.Name])
			}
			if have, want := strings.Join(all, "\n"), strings.Join(c.tables, "\n"); have != want {
				t.Errorf("got\n%s\nwant\n%s", have, want)
			}
		})
	}
}

// A class of documents has the tables of all, and the numbers count on.
func TestMerged(t *testing.T) {
	opt := Options{Merged: true, MaxRepeat: 1}
	_, got := convert(t, opt,
		text("a.xml", "<r><i><b>1</b></i></r>"),
		text("b.xml", "<r v='2'><i><a>2</a><b>3</b><b>4</b></i><i><b>5</b></i></r>"),
	)
	for name, want := range map[string]string{
		"i":         "_file,_id,a\na.xml,1,\nb.xml,2,2\nb.xml,3,\n",
		"i.b":       "_file,_parent,_pos,#text\na.xml,1,1,1\nb.xml,2,1,3\nb.xml,2,2,4\nb.xml,3,1,5\n",
		"_document": "_file,@v\na.xml,\nb.xml,2\n",
	} {
		if got[name] != want {
			t.Errorf("%s:\n%swant\n%s", name, got[name], want)
		}
	}
}

// Rows before a syntax error are kept on request, whole records only.
func TestKeepPartial(t *testing.T) {
	document := "<r v='1'><h>x</h><i><a>1</a></i><i><a>2</a><a>3</a></i><i><a>4</a><a>5</a>&"
	for _, size := range []int{0, 64} {
		opt := Options{KeepPartial: true, MaxRepeat: 1, windowBytes: size}
		shape, err := Scan(t.Context(), text("x.xml", document), opt)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := Choose(t.Context(), shape, opt)
		if err != nil {
			t.Fatal(err)
		}
		sink := newTables(plan, CSVOptions{})
		written, err := plan.Write(t.Context(), text("x.xml", document), sink)
		if err != nil || written.Partial == nil || written.Partial.Column != 75 {
			t.Fatalf("%v, partial %v", err, written.Partial)
		}
		for name, want := range map[string]string{
			"i":         "_id\n1\n2\n",
			"i.a":       "_parent,_pos,#text\n1,1,1\n2,1,2\n2,2,3\n",
			"_document": "@v,h\n1,x\n",
		} {
			if got := sink.csvOf(t)[name]; got != want {
				t.Errorf("%s:\n%swant\n%s", name, got, want)
			}
		}
	}
	if _, err := Scan(t.Context(), text("x.xml", document), Options{}); err == nil {
		t.Error("nothing is kept without being asked for")
	}
}

func TestChooseRefuses(t *testing.T) {
	shape, err := Scan(t.Context(), text("x.xml", "<r><i a='1' b='2' c='3'/><i/></r>"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, opt := range []Options{
		{MaxRepeat: -1},
		{Limits: Limits{Columns: 2}},
		{Record: "(document)", Limits: Limits{Columns: 1}},
	} {
		_, err := Choose(t.Context(), shape, opt)
		if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooLarge) {
			t.Errorf("%+v: %v", opt, err)
		}
	}
}

// Exact paths tell namespaces and instances apart.
func TestColumnPaths(t *testing.T) {
	plan, _ := convert(t, Options{}, text("x.xml",
		"<p:r xmlns:p='u:p'><i><p:a p:k='1'>x</p:a><p:a>y<b/></p:a></i><i/></p:r>"))
	var paths []string
	for _, c := range plan.Tables[0].Columns {
		paths = append(paths, c.Path+" "+string(c.Kind))
	}
	want := "/Q{u:p}r/i/Q{u:p}a/@Q{u:p}k attribute\n" +
		"/Q{u:p}r/i/Q{u:p}a text\n/Q{u:p}r/i/Q{u:p}a markup\n/Q{u:p}r/i/Q{u:p}a/b text\n" +
		"/Q{u:p}r/i/Q{u:p}a[2]/@Q{u:p}k attribute\n" +
		"/Q{u:p}r/i/Q{u:p}a[2] text\n/Q{u:p}r/i/Q{u:p}a[2] markup\n/Q{u:p}r/i/Q{u:p}a[2]/b text"
	if got := strings.Join(paths, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A document that is another one in the second pass is noticed.
func TestChangedDocument(t *testing.T) {
	shape, err := Scan(t.Context(), text("x.xml", "<r><i>1</i><i>2</i></r>"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := Choose(t.Context(), shape, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, changed := range []string{"<r><j/></r>", "<r><i k='1'/></r>", "<r><i><\x00</i></r>"} {
		_, err := plan.Write(t.Context(), text("x.xml", changed), newTables(plan, CSVOptions{}))
		if err == nil {
			t.Errorf("%q was accepted", changed)
		}
	}
}

type brokenSink struct{}

var errBroken = errors.New("broken")

func (brokenSink) Row(int, [][]byte) error { return errBroken }

func TestSinkErrorStopsWriting(t *testing.T) {
	shape, err := Scan(t.Context(), text("x.xml", "<r><i>1</i></r>"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := Choose(t.Context(), shape, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := plan.Write(t.Context(), text("x.xml", "<r><i>1</i></r>"), brokenSink{}); !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
}
