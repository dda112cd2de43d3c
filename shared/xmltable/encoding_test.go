package xmltable

import (
	"slices"
	"strings"
	"testing"
)

// TestEncodingsByAnyName reads documents by IANA names and by the web's labels.
func TestEncodingsByAnyName(t *testing.T) {
	for _, c := range []struct{ declared, bytes, want string }{
		{"gb2312", "\xd6\xd0\x81\x40", "中丂"}, // GBK, of which the second is beyond GB 2312
		{"windows-31j", "\x93\xfa", "日"},
		{"sjis", "\x93\xfa", "日"},
		{"cp1251", "\xc0", "А"},
		{"cp1252", "\x80", "€"},
		{"x-cp1252", "\x80", "€"},
		{"Windows-1252", "\x80", "€"},
		{"latin1", "\xe4\xa4", "ä¤"},
		{"iso88591", "\xe4", "ä"},
		{"ISO-8859-15", "\xa4", "€"},
		{"big5", "\xa4\xa4", "中"},
		{"euc-kr", "\xb0\xa1", "가"},
		{"ks_c_5601-1987", "\xb0\xa1", "가"},
		{"IBM437", "\x82", "é"},
		{"macintosh", "\x8e", "é"},
		{"unicode-1-1-utf-8", "ä", "ä"},
	} {
		_, got := convert(t, Options{}, text("x.xml", "<?xml version='1.0' encoding='"+c.declared+"'?><a>"+c.bytes+"</a>"))
		if got["a"] != "#text\n"+c.want+"\n" {
			t.Errorf("%s: %q, want %q", c.declared, got["a"], c.want)
		}
	}
}

// TestLatin1IsItself keeps ISO-8859-1 from being read as windows-1252, and says
// where that was likely meant.
func TestLatin1IsItself(t *testing.T) {
	warnings := func(document string) string {
		shape, err := Scan(t.Context(), text("x.xml", document), Options{})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(shape.Warnings(), "\n")
	}
	declared := "<?xml version='1.0' encoding='ISO-8859-1'?>"
	if w := warnings(declared + "<a>\xe4\x80</a>"); !strings.Contains(w, "windows-1252") {
		t.Errorf("a control character gives %q", w)
	}
	if w := warnings(declared + "<a>\xe4&#x80;</a>"); w != "" {
		t.Errorf("a reference to one gives %q", w)
	}
	long := strings.Repeat("\xe4", 300<<10)
	if _, got := convert(t, Options{}, text("x.xml", declared+"<a>"+long+"</a>")); got["a"] != "#text\n"+strings.Repeat("ä", 300<<10)+"\n" {
		t.Error("a long text is not read as it is")
	}
}

// TestLatin1IsWindows1252WhereThatIsChosen reads all names of ISO-8859-1 so, and no
// other encoding.
func TestLatin1IsWindows1252WhereThatIsChosen(t *testing.T) {
	for _, c := range []struct{ declared, bytes, want string }{
		{"ISO-8859-1", "\x80\xe4", "€ä"},
		{"latin1", "\x93x\x94", "“x”"},
		{"ISO-8859-15", "\xa4", "€"},
		{"utf-8", "ä", "ä"},
	} {
		in := text("x.xml", "<?xml version='1.0' encoding='"+c.declared+"'?><a>"+c.bytes+"</a>")
		_, got := convert(t, Options{Windows1252: true}, in)
		if got["a"] != "#text\n"+c.want+"\n" {
			t.Errorf("%s: %q, want %q", c.declared, got["a"], c.want)
		}
	}
	forbidden := text("x.xml", "<?xml version='1.0' encoding='ISO-8859-1'?><a>\x81</a>")
	if _, err := Scan(t.Context(), forbidden, Options{Windows1252: true}); err == nil || !strings.Contains(err.Error(), "windows-1252") {
		t.Errorf("a byte that windows-1252 forbids: %v", err)
	}
}

// TestUTF16ThatIsNone reads what says UTF-16 but begins as UTF-8, as programs
// write that convert a file and leave its declaration.
func TestUTF16ThatIsNone(t *testing.T) {
	for _, name := range []string{"UTF-16", "utf-16le", "UTF-16BE", "unicode"} {
		document := "<?xml version='1.0' encoding='" + name + "'?><a>ä€</a>"
		shape, err := Scan(t.Context(), text("x.xml", document), Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if w := shape.Warnings(); len(w) != 1 || !strings.Contains(w[0], "read as UTF-8") {
			t.Errorf("%s: warnings %q", name, w)
		}
		if _, got := convert(t, Options{}, text("x.xml", document)); got["a"] != "#text\nä€\n" {
			t.Errorf("%s: %q", name, got["a"])
		}
	}
}

// TestSpaceBeforeTheDeclaration is only a warning, and the declaration counts.
func TestSpaceBeforeTheDeclaration(t *testing.T) {
	for _, spaces := range []string{" ", "\r\n\r\n", strings.Repeat("\n", 900), "\ufeff\n"} {
		document := spaces + "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe4</a>"
		want := "ä"
		if strings.HasPrefix(spaces, "\ufeff") {
			document, want = strings.Replace(document, "\xe4", "ä", 1), "ä"
		}
		shape, err := Scan(t.Context(), text("x.xml", document), Options{})
		if err != nil {
			t.Fatalf("%.10q: %v", spaces, err)
		}
		if !slices.Equal(shape.Warnings(), []string{"White space stands before the XML declaration, where nothing may stand."}) {
			t.Errorf("warnings %q", shape.Warnings())
		}
		if _, got := convert(t, Options{}, text("x.xml", document)); got["a"] != "#text\n"+want+"\n" {
			t.Errorf("%.10q: %q", spaces, got["a"])
		}
	}
}

// TestEBCDIC reads a document whose declaration only the first letters tell how
// to read.
func TestEBCDIC(t *testing.T) {
	document, err := encodingOf("IBM037").NewEncoder().String("<?xml version='1.0' encoding='IBM1047'?><a>[x]</a>")
	if err != nil {
		t.Fatal(err)
	}
	document = strings.ReplaceAll(strings.ReplaceAll(document, "\xba", "\xad"), "\xbb", "\xbd") // brackets, where the two differ
	if _, got := convert(t, Options{}, text("x.xml", document)); got["a"] != "#text\n[x]\n" {
		t.Errorf("got %q", got["a"])
	}
}

// TestManyReferencesLeft tells of some and ends soon.
func TestManyReferencesLeft(t *testing.T) {
	var b strings.Builder
	b.WriteString("<!DOCTYPE a SYSTEM 'x.dtd'><a>")
	for i := range 200_000 {
		b.WriteString("&e" + itoa(i) + ";")
	}
	shape, err := Scan(t.Context(), text("x.xml", b.String()+"</a>"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(shape.Warnings()); n != toldLeft+1 {
		t.Errorf("%d warnings", n)
	}
}
