package xmltable

import (
	"encoding/xml"
	"fmt"
	"io"
	"sort"
	"strings"
	"testing"
)

// trace writes down what the scanner finds in a document, in a form in which two
// readers can be compared: text as a whole, white space as spaces.
func trace(t *testing.T, document string, size int) (string, error) {
	t.Helper()
	opt := Options{windowBytes: size}
	s := newScanner(newShape(), opt)
	s.learns = true
	closeInput, err := s.open(t.Context(), text("x.xml", document))
	if err != nil {
		return "", err
	}
	defer func() { _ = closeInput() }()
	var b traceBuilder
	for {
		switch s.next() {
		case tokenStart:
			b.scannerStart(s)
			s.top().blanks = true
		case tokenLeaf:
			b.scannerStart(s)
			b.text(string(s.text))
			b.end(s.tag.path.local)
		case tokenText:
			b.text(string(s.text))
		case tokenEnd:
			b.end(s.tag.path.local)
		case tokenDone:
			return b.String(), nil
		case tokenError:
			return b.String(), s.err
		}
	}
}

type traceBuilder struct {
	strings.Builder
	depth int
}

func (b *traceBuilder) scannerStart(s *scanner) {
	var attributes []string
	for _, a := range s.attributes {
		attributes = append(attributes, fmt.Sprintf("{%s}%s=%q", a.attribute.space, a.attribute.local, spaced(string(a.value))))
	}
	b.start(s.tag.path.space, s.tag.path.local, attributes)
}

func (b *traceBuilder) start(space, local string, attributes []string) {
	b.depth++
	sort.Strings(attributes)
	fmt.Fprintf(b, "<{%s}%s %s>", space, local, strings.Join(attributes, " "))
}

func (b *traceBuilder) text(s string) {
	if b.depth > 0 {
		b.WriteString(spaced(s))
	}
}

func (b *traceBuilder) end(local string) {
	b.depth--
	fmt.Fprintf(b, "</%s>", local)
}

func spaced(s string) string { return strings.NewReplacer("\n", " ", "\t", " ", "\r", " ").Replace(s) }

// standardTrace is trace by encoding/xml.
func standardTrace(document string) (string, error) {
	d := xml.NewDecoder(strings.NewReader(document))
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, fmt.Errorf("not compared") }
	var b traceBuilder
	for {
		token, err := d.Token()
		if err == io.EOF {
			return b.String(), nil
		}
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.StartElement:
			var attributes []string
			for _, a := range token.Attr {
				if a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns" {
					continue
				}
				attributes = append(attributes, fmt.Sprintf("{%s}%s=%q", a.Name.Space, a.Name.Local, spaced(a.Value)))
			}
			b.start(token.Name.Space, token.Name.Local, attributes)
		case xml.EndElement:
			b.end(token.Name.Local)
		case xml.CharData:
			b.text(string(token))
		}
	}
}

// comparable leaves out what encoding/xml is known to do in another way: document
// types, and names that only Namespaces in XML forbids.
func comparable(document, found string) bool {
	return !strings.Contains(document, "<!DOCTYPE") && !strings.Contains(found, ":")
}

// checkReaders compares the scanner with itself in small windows, and with
// encoding/xml where that accepts the document too.
func checkReaders(t *testing.T, document string) {
	t.Helper()
	found, err := trace(t, document, 0)
	for _, size := range []int{64, 97} {
		small, smallErr := trace(t, document, size)
		if err == nil && small != found || fmt.Sprint(smallErr) != fmt.Sprint(err) {
			t.Fatalf("in windows of %d:\n%s, %v\nwant\n%s, %v", size, small, smallErr, found, err)
		}
	}
	if err != nil || !comparable(document, strings.NewReplacer("{u:x}", "", "{u:y}", "", "{u:d}", "").Replace(found)) {
		return
	}
	standard, err := standardTrace(document)
	if err == nil && standard != found {
		t.Fatalf("found\n%s\nencoding/xml\n%s", found, standard)
	}
}

func TestReadersAgree(t *testing.T) {
	t.Parallel()
	compared := 0
	for seed := range uint64(500) {
		document, _ := randomDocument(seed)
		_, content, _ := strings.Cut(document, "]>")
		content = strings.ReplaceAll(content, "&amper;", "&amp;")
		if _, err := standardTrace(content); err == nil {
			compared++
		}
		checkReaders(t, content)
		checkReaders(t, document)
	}
	if compared < 400 {
		t.Errorf("encoding/xml accepts only %d", compared)
	}
}

// No document makes the scanner panic, hang, or lose a value.
func FuzzScan(f *testing.F) {
	for seed := range uint64(20) {
		document, _ := randomDocument(seed)
		f.Add([]byte(document))
	}
	for _, document := range []string{
		"<a b='1'>x&#65;<![CDATA[ ]]]]><![CDATA[>]]></a>", "\xFF\xFE<\x00a\x00/\x00>\x00", "<a>\r\r\n]]&gt;</a>",
		"<!DOCTYPE a [<!ELEMENT a (b|(c,d?)*)+><!ATTLIST a b (x|y) 'x' c NOTATION (n) #FIXED 'n'>" +
			"<!ENTITY % p '<!--c-->'>%p;<!NOTATION n PUBLIC 'p'><!ENTITY u SYSTEM 's' NDATA n>]><a/>",
		"<?xml version='1.0' encoding='ISO-8859-1' standalone='no'?><?p i?><a xml:space='preserve'> <b/> </a><!-- e -->",
	} {
		f.Add([]byte(document))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		checkReaders(t, string(document))
		in := text("x.xml", string(document))
		shape, err := Scan(t.Context(), in, Options{})
		if err != nil {
			checkPartial(t, in)
			return
		}
		plan, err := Choose(t.Context(), shape, Options{})
		if err != nil {
			t.Fatal(err)
		}
		written, err := plan.Write(t.Context(), in, newTables(plan, CSVOptions{}))
		if err != nil || written.Account != shape.Account() {
			t.Fatalf("%v of %v: %v", written.Account, shape.Account(), err)
		}
	})
}

// checkPartial: what Scan has read of an ill-formed document, Write reads too.
func checkPartial(t *testing.T, in Input) {
	t.Helper()
	opt := Options{KeepPartial: true}
	shape, err := Scan(t.Context(), in, opt)
	if err != nil {
		return
	}
	plan, err := Choose(t.Context(), shape, opt)
	if err != nil {
		t.Fatal(err)
	}
	written, err := plan.Write(t.Context(), in, newTables(plan, CSVOptions{}))
	if err != nil || written.Partial == nil {
		t.Fatalf("partial %v: %v", written.Partial, err)
	}
}
