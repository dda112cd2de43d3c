package xmltable

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf16"

	"ret/shared/fault"
)

func syntaxError(t *testing.T, document string, opt Options) *SyntaxError {
	t.Helper()
	_, err := Scan(t.Context(), text("x.xml", document), opt)
	syntax, ok := errors.AsType[*SyntaxError](err)
	if !ok {
		t.Fatalf("%.80q: got %v, want a syntax error", document, err)
	}
	return syntax
}

// Errors say where, in lines and characters, and what was expected.
func TestErrorsSayWhere(t *testing.T) {
	for _, c := range []struct {
		document     string
		line, column int
		message      string
	}{
		{"", 1, 1, "expected the root element, found the end of the document"},
		{"<a>", 1, 4, "expected the end tag </a>, found the end of the document"},
		{"<a>\n<b>ü</c></a>", 2, 5, "expected the end tag </b>, found </c>"},
		{"<a>\r\n\r\nä&nope;</a>", 3, 2, "expected an entity that is declared, found &nope;"},
		{"<a b='1' b='2'/>", 1, 10, "expected each attribute once, found b again"},
		{"<a b=1/>", 1, 6, "expected the value of b in quotes"},
		{"<a b='<'/>", 1, 7, "expected no < in an attribute value"},
		{"<a>]]></a>", 1, 4, "expected no ]]> outside of a CDATA section"},
		{"<a>\x01</a>", 1, 4, "expected a character that XML allows, found the control character U+0001"},
		{"<a>é\xff</a>", 1, 5, "expected UTF-8, found bytes that it forbids"},
		{"<a>\uFFFE</a>", 1, 4, "expected a character that XML allows, found U+FFFE"},
		{"<a>&#0;</a>", 1, 4, "expected the number of a character that XML allows"},
		{"<a/><b/>", 1, 5, "expected nothing more after the root element; a second document begins here, which --repair reads"},
		{"<a/>x", 1, 5, "expected nothing more after the root element"},
		{"<a><!-- -- --></a>", 1, 9, "expected no -- within a comment"},
		{"<!-- c --><?xml version='1.0'?><a/>", 1, 11, "expected <?xml in small letters, at the very start"},
		{"<a/>\n<?xml version='1.0'?><a/>", 2, 1, "a second document begins here, which --repair reads"},
		{"<a/><!DOCTYPE a><a/>", 1, 5, "a second document begins here, which --repair reads"},
		{"<a b='xy&nope;'/>", 1, 9, "expected an entity that is declared, found &nope;"},
		{"<a b='x & y'/>", 1, 9, "write & itself as &amp;"},
		{"<!DOCTYPE a [<!ENTITY e 'ä & y'>]><a/>", 1, 28, "write & itself as &amp;"},
		{"<!DOCTYPE a [<!ENTITY e 'a%b'>]><a/>", 1, 27, "expected no % in the value"},
		{"<!DOCTYPE a [<!ATTLIST a b CDATA 'x & y'>]><a/>", 1, 37, "write & itself as &amp;"},
		{"<?xml version='1.1'?><a>&#1;</a>", 1, 25, "XML 1.1, which the document says it is, allows this"},
		{"<?xml version='1.1'?><a b='&#1;'/>", 1, 28, "XML 1.1, which the document says it is, allows this"},
		{"<?xml version='1.1'?><a\u0085b=''/>", 1, 24, "XML 1.1, which the document says it is, allows this"},
		{"<?xml version='1.1'?><a xmlns:p='u'><b xmlns:p=''/></a>", 1, 40, "XML 1.1, which the document says it is, allows this"},
		{"<?xml version='1.0'?><a>&#1;</a>", 1, 25, "expected the number of a character that XML allows"},
		{" \n", 2, 1, "the file is empty: expected the root element"},
		{"{\"a\": 1}", 1, 1, "the file is JSON, not XML: expected the root element"},
		{"\ufeff [1]", 1, 2, "the file is JSON, not XML: "},
		{"<!DOCTYPE html>\n<html><br></html>", 2, 11, "the file is HTML, not XML: expected the end tag </br>"},
		{"<!doctype HTML><html/>", 1, 1, "the file is HTML, not XML: "},
		{"<a><x:b/></a>", 1, 4, "expected a declaration xmlns:x of the prefix, found none"},
		{"<a xmlns:p='u' xmlns:q='u' p:i='1' q:i='2'/>", 1, 1, "found q:i again by its namespace"},
		{"<!DOCTYPE a [<!ENTITY e '<b>'>]><a>&e;</b></a>", 1, 36, "in the entity e: expected the end tag </b>"},
		{"<!DOCTYPE a [<!ENTITY e '&f;'><!ENTITY f '&e;'>]><a>&e;</a>", 1, 53, "expected entities that do not contain themselves"},
		{"<?xml version='1.0' encoding='nope'?><a/>", 1, 1, `expected an encoding that RET knows, found "nope"`},
		{"<?xml version='1.0' encoding='windows-1253'?><a>abc\xd2</a>", 1, 52, "expected windows-1253, found bytes that it forbids"},
		{"<?xml version='1.0' encoding='US-ASCII'?><a>\xe4</a>", 1, 45, "expected US-ASCII, found bytes that it forbids"},
	} {
		for _, size := range []int{0, 64} {
			e := syntaxError(t, c.document, Options{windowBytes: size})
			if e.Line != c.line || e.Column != c.column || !strings.Contains(e.Message, c.message) {
				t.Errorf("%q in windows of %d:\n got %v\nwant %d:%d: %s", c.document, size, e, c.line, c.column, c.message)
			}
		}
	}
}

// The place is right however far into the document it is.
func TestErrorFarIntoADocument(t *testing.T) {
	document := "<a>" + strings.Repeat("<b>ü</b>\r\n", 50_000) + strings.Repeat("é", 100_000) + "</c>"
	e := syntaxError(t, document, Options{})
	if e.Line != 50_001 || e.Column != 100_001 {
		t.Errorf("got %v", e)
	}
	if !fault.Is(e, fault.Invalid) || fault.Message(e) != e.Message {
		t.Errorf("to package fault it is %v, %q", fault.KindOf(e), fault.Message(e))
	}
}

// Lone surrogates and odd bytes fail, a genuine U+FFFD does not.
func TestUTF16(t *testing.T) {
	encode := func(bigEndian, mark bool, units ...uint16) string {
		var b []byte
		if mark {
			units = append([]uint16{0xFEFF}, units...)
		}
		for _, u := range units {
			if bigEndian {
				u = u>>8 | u<<8
			}
			b = append(b, byte(u), byte(u>>8))
		}
		return string(b)
	}
	good := utf16.Encode([]rune("<a><b>ä€𝄞\uFFFD</b><b/></a>"))
	for _, bigEndian := range []bool{false, true} {
		for _, mark := range []bool{false, true} {
			_, got := convert(t, Options{}, text("x.xml", encode(bigEndian, mark, good...)))
			if got["b"] != "#text\nä€𝄞\uFFFD\n\"\"\n" {
				t.Errorf("big endian %v, mark %v: %q", bigEndian, mark, got["b"])
			}
			lone := append(utf16.Encode([]rune("<a>x")), 0xD800, '<', '/', 'a', '>')
			if e := syntaxError(t, encode(bigEndian, mark, lone...), Options{}); e.Column != 5 {
				t.Errorf("lone surrogate: %v", e)
			}
		}
	}
	syntaxError(t, encode(false, true, good...)+"x", Options{})
}

func TestEncodings(t *testing.T) {
	for declared, c := range map[string]struct{ bytes, want string }{
		"ISO-8859-1":   {"\xe4\x80", "ä\u0080"},
		"windows-1252": {"\xe4\x80", "ä€"},
		"utf-8":        {"ä", "ä"},
		"Shift_JIS":    {"\x93\xfa\x96\x7b", "日本"},
		"GB18030":      {"\xd6\xd0", "中"},
		"KOI8-R":       {"\xc1", "а"},
		"us-ascii":     {"a", "a"},
	} {
		document := "<?xml version='1.0' encoding='" + declared + "'?><a>" + c.bytes + "</a>"
		_, got := convert(t, Options{}, text("x.xml", document))
		if got["a"] != "#text\n"+c.want+"\n" {
			t.Errorf("%s: %q, want %q", declared, got["a"], c.want)
		}
	}
	// A byte order mark is stronger than the declaration.
	_, got := convert(t, Options{}, text("x.xml", "\xEF\xBB\xBF<?xml version='1.0' encoding='ISO-8859-1'?><a>ä</a>"))
	if got["a"] != "#text\nä\n" {
		t.Errorf("with a byte order mark: %q", got["a"])
	}
}

func TestLimits(t *testing.T) {
	bomb := "<!DOCTYPE a [<!ENTITY e0 'ha'>"
	for i := range 12 {
		bomb += "<!ENTITY e" + itoa(i+1) + " '" + strings.Repeat("&e"+itoa(i)+";", 10) + "'>"
	}
	for _, c := range []struct {
		document string
		limits   Limits
		message  string
	}{
		{strings.Repeat("<a>", 1001), Limits{}, "elements are nested deeper than the limit of 1000"},
		{"<" + strings.Repeat("n", 65<<10) + "/>", Limits{}, "a name is over the limit of 65536 bytes"},
		{"<a>" + strings.Repeat("x", 300) + "</a>", Limits{ValueBytes: 256}, "a text is over the limit of 256 bytes"},
		{"<a b='" + strings.Repeat("x", 300<<10) + "'/>", Limits{ValueBytes: 256 << 10}, "the value of b is over the limit of 262144 bytes"},
		{bomb + "]><a>&e12;</a>", Limits{}, "entities expand to more than the limit of 8388608 bytes"},
		{bomb + "]><a b='&e12;'/>", Limits{}, "entities expand to more than the limit of 8388608 bytes"},
		{bomb + "]><a>&e9;</a>", Limits{EntityDepth: 5}, "entities are nested deeper than the limit of 5"},
	} {
		if e := syntaxError(t, c.document, Options{Limits: c.limits}); !strings.Contains(e.Message, c.message) {
			t.Errorf("%.40q: got %v, want %s", c.document, e, c.message)
		}
	}
	_, got := convert(t, Options{}, text("x.xml", strings.Repeat("<a>", 1000)+"1"+strings.Repeat("</a>", 1000)))
	if !strings.HasSuffix(got["a"], "a\n1\n") {
		t.Errorf("1000 levels: %.60q", got["a"])
	}
}

// What is not in the document stays as written, with a warning; but a document
// that declares everything itself has no such excuse.
func TestReferencesLeftAsWritten(t *testing.T) {
	for _, document := range []string{
		"<!DOCTYPE a SYSTEM 'x.dtd'><a>&x;&x;</a>",
		"<!DOCTYPE a [<!ENTITY x SYSTEM 'x.ent'>]><a>&x;&x;</a>",
		"<!DOCTYPE a [<!ENTITY % p SYSTEM 'p.ent'>%p;<!ENTITY x 'ignored'>]><a>&x;&x;</a>",
	} {
		shape, err := Scan(t.Context(), text("x.xml", document), Options{})
		if err != nil {
			t.Fatalf("%s: %v", document, err)
		}
		if w := shape.Warnings(); len(w) != 1 || !strings.Contains(w[0], "&x;") {
			t.Errorf("%s: warnings %q", document, w)
		}
		if _, got := convert(t, Options{}, text("x.xml", document)); got["a"] != "#text\n&x;&x;\n" {
			t.Errorf("%s: %q", document, got["a"])
		}
	}
	syntaxError(t, "<!DOCTYPE a [<!ENTITY x SYSTEM 'x.ent'>]><a b='&x;'/>", Options{})
	syntaxError(t, "<?xml version='1.0' standalone='yes'?><!DOCTYPE a SYSTEM 'x.dtd'><a>&x;</a>", Options{})
}

func TestInternalSubset(t *testing.T) {
	_, got := convert(t, Options{}, text("x.xml", `<!DOCTYPE r [
		<!ENTITY % p "<!ENTITY e 'from p'>"> %p;
		<!ENTITY m "<b>in</b> mixed">
		<!ATTLIST i kind NMTOKENS #IMPLIED def CDATA "d&e;" id ID #IMPLIED>
		<!ATTLIST i def CDATA "second declaration does not count">
	]><r><i kind="  a   b " note=" a
b "/><i id=" x ">&e; <b>&m;</b></i></r>`))
	want := "@kind,@note,@def,@id,#text,#xml,b,b#xml\n" +
		"a b, a b ,dfrom p,,\"\",,,\n" +
		",,dfrom p,x,from p in mixed,&e; <b>&m;</b>,in mixed,&m;\n"
	if got["i"] != want {
		t.Errorf("got\n%swant\n%s", got["i"], want)
	}
}
