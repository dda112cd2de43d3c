package xmltable

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// repairedText is what the repairer makes of a document, and how it warns.
func repairedText(t testing.TB, document string, slow bool) (string, []string) {
	t.Helper()
	var src io.Reader = strings.NewReader(document)
	if slow {
		src = iotest.OneByteReader(src)
	}
	for _, wrapped := range []bool{false, true} {
		r := newRepairer(src, Limits{}.withDefaults(), 1<<20, wrapped, true)
		text, err := io.ReadAll(r)
		if errors.Is(err, errSecondRoot) {
			src = strings.NewReader(document)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		return string(text), r.warnings()
	}
	return "", nil
}

func TestRepair(t *testing.T) {
	for _, c := range []struct{ document, want, warning string }{
		{"<a><b>1</b></a>", "<a><b>1</b></a>", ""},
		{"junk\n<?xml version='1.0'?><a/>", "<?xml version='1.0'?><a/>", "1× (at 1:1)"},
		{"<a/>\nmore & more\n", "<a/>\n", "1× (at 2:1)"},
		{"<a/><?xml version='1.0'?><!DOCTYPE a [<!ENTITY x ']>'>]>", "<a/>", "2× (at 1:5, 1:26)"},
		{"<a><?xml version='1.0'?>x</a>", "<a>x</a>", "1× (at 1:4)"},
		{"<?xml version='1.0'?><a/>\n<?xml version='1.0'?><b/><a/>", "<?xml version='1.0'?><documents><a/>\n<b/><a/></documents>", "2× (at 2:22, 2:26)"},
		{"<a>é\x01\x02x\uFFFE\x00</a>", "<a>éx</a>", "4× (at 1:5, 1:6, 1:8, 1:9)"},
		{"<a b='\x01'>&#1;&#xFFFF;&#x110000;&#0;</a>", "<a b=''></a>", "5× (at 1:7, 1:10, 1:14, 1:22, 1:32)"},
		{"<a b='R&D &amp; &x;'>AT&T &lt;&#233;& &; &#; &#x; &#12</a>", "<a b='R&amp;D &amp; &amp;x;'>AT&amp;T &lt;&#233;&amp; &amp;; &amp;#; &amp;#x; &amp;#12</a>", "8× (at 1:8, 1:17, 1:24, 1:37, 1:39 and 3 more)"},
		{"<a>&eacute;&nbsp;&LT;&AMP;&semi;&notit;&hearts</a>", "<a>é\u00a0&#60;&#38;&#59;&amp;notit;&amp;hearts</a>", "7×"},
		{"<!DOCTYPE a [<!ENTITY x '1'>]><a>&x;&y;</a>", "<a>&x;&amp;y;</a>", "1× (at 1:37)"},
		{"<!DOCTYPE a SYSTEM 'x.dtd'><a>&x;&eacute;</a>", "<a>&x;&eacute;</a>", ""},
		{"<!DOCTYPE a [<!ENTITY x '1'><!NONSENSE ]><a>&x;</a>", "<a>&x;</a>", "1× (at 1:1)"},
		{"<!DOCTYPE a [<!ENTITY x '1'><!ENTITY y \"2>]><a b=\"1\">&x;</a>", "<a b=\"1\">&x;</a>", "1× (at 1:1)"},
		{"<!DOCTYPE a PUBLIC foo><a/>", "<a/>", "1× (at 1:1)"},
		{"<!DOCTYPE a foo [ <!ENTITY x ']'> ]\n ><a/>", "<a/>", "1× (at 1:1)"},
		{"<a><b>x", "<a><b>x</b></a>", "1× (at 1:8)"},
		{"<a><b>x</", "<a><b>x</b></a>", "1×"},
		{"<a>x<b c='1", "<a>x</a>", "1×"},
		{"<a>x<!-- y", "<a>x</a>", "1×"},
		{"<a>x<?y z", "<a>x</a>", "1×"},
		{"<a>x &am", "<a>x </a>", "1×"},
		{"<a>x<![CD", "<a>x</a>", "1×"},
		{"<a>x<", "<a>x</a>", "1×"},
		{"<a><![CDATA[x]", "<a><![CDATA[x]]]></a>", "1×"},
		{"<a/><b", "<a/>", "1×"},
		{"<a></b></a>", "<a></b></a>", ""},
		{"<a b=1>&</a>", "<a b=1>&amp;</a>", "1×"},
		{"", "", ""},
		{"junk", "", "1×"},
		{"<!-- x", "<!-- x", ""},
	} {
		for _, slow := range []bool{false, true} {
			got, warnings := repairedText(t, c.document, slow)
			if got != c.want {
				t.Errorf("%q slow %v becomes\n%q, want\n%q", c.document, slow, got, c.want)
			}
			if told := strings.Join(warnings, "\n"); !strings.Contains(told, c.warning) || (c.warning == "") != (told == "") {
				t.Errorf("%q warns %q, want %q", c.document, told, c.warning)
			}
		}
	}
}

// What could be read without stays as it is.
func TestRepairedTables(t *testing.T) {
	_, got := convert(t, Options{Repair: true}, text("x.xml", "<a k='1'/>\n<a k='2'/>"))
	if got["a"] != "@k\n1\n2\n" {
		t.Errorf("two roots give %q", got)
	}
	_, got = convert(t, Options{Repair: true}, text("x.xml", "<r><i>R&D</i><i>a\x00b &eacute;</i><i>cut"))
	if got["i"] != "#text\nR&D\nab é\ncut\n" {
		t.Errorf("a damaged document gives %q", got)
	}
	_, got = convert(t, Options{Repair: true, Merged: true}, text("1.xml", "<documents><a k='1'/><a k='2'/></documents>"), text("2.xml", "<a k='3'/><a k='4'/>"))
	if got["a"] != "_file,@k\n1.xml,1\n1.xml,2\n2.xml,3\n2.xml,4\n" {
		t.Errorf("merged: %q", got)
	}
}

// What is left wrong is told at its place in the document, not in what was made
// of it.
func TestErrorsBehindARepair(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		document     string
		line, column int
	}{
		{"<a>&\x01&é</b>", 1, 8},
		{"<a/>\n\x01text <a>\n&nbsp;\x02</b>", 3, 8},
		{"<!DOCTYPE a [\n<!BAD>]><a>\n</b>", 3, 1},
		{"<a>" + strings.Repeat("é\x01&\n", 100_000) + "ü</b>", 100_001, 2},
		{"<a>" + strings.Repeat("é\x01&", 100_000) + "</b>", 1, 300_004},
	} {
		for _, size := range []int{0, 64} {
			if e := syntaxError(t, c.document, Options{Repair: true, windowBytes: size}); e.Line != c.line || e.Column != c.column {
				t.Errorf("%.40q: got %v, want %d:%d", c.document, e, c.line, c.column)
			}
		}
	}
}

// FuzzRepair: what comes out is the same however the document comes in, has at
// most one root, and a well-formed document stays as it is.
func FuzzRepair(f *testing.F) {
	for _, document := range []string{
		"<a b='&x;'>&eacute;</a>\x00<a/>", "<!DOCTYPE a [<!ENTITY x '1'> junk ]><a>&x;&y;", "x<?xml version='1.0'?><a><![CDATA[", "<a><!-- </a>",
	} {
		f.Add(document)
	}
	f.Fuzz(func(t *testing.T, document string) {
		at, _ := repairedText(t, document, false)
		slowly, _ := repairedText(t, document, true)
		if at != slowly {
			t.Errorf("%q becomes %q at once, %q slowly", document, at, slowly)
		}
		in := text("x.xml", document)
		whole, err := Scan(t.Context(), in, Options{})
		mended, mendedErr := Scan(t.Context(), in, Options{Repair: true})
		if err == nil && (mendedErr != nil || whole.values != mended.values || whole.bytes != mended.bytes) {
			t.Errorf("%q is well-formed, but repaired: %v", document, mendedErr)
		}
		if mendedErr == nil {
			convert(t, Options{Repair: true}, in)
		}
	})
}
