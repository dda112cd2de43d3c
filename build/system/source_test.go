package system

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"
)

// rowSource is the answer to where a row comes from.
type rowSource struct {
	Path                 string
	Line, Offset, Length int
	XML                  string
}

func zipOf(t testing.TB, files map[string][]byte, method uint16) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, content := range files {
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err == nil {
			_, err = f.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// valuesOf are all texts and attributes of a piece of XML, as encoding/xml reads them.
func valuesOf(t testing.TB, source string) string {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(source))
	all := "\n"
	for {
		token, err := d.Token()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatalf("%q is no XML: %v", source, err)
		}
		switch token := token.(type) {
		case xml.CharData:
			all += string(token) + "\n"
		case xml.StartElement:
			for _, a := range token.Attr {
				all += a.Value + "\n"
			}
		}
	}
}

// Every row of every table knows its XML: its place is the document's, and its values
// stand in it, wherever the document lies and however it was converted.
func TestEveryRowKnowsItsXML(t *testing.T) {
	t.Parallel()
	server := start(t)
	document := func(n int, space string) []byte {
		var b strings.Builder
		fmt.Fprintf(&b, "<?xml version=\"1.0\"?>%s<list><info>of %d</info>%s", space, n, space)
		for i := range 300 {
			fmt.Fprintf(&b, "<row id=\"%d-%d\"><name>N%d &amp; co</name>", n, i, i)
			for j := range i % 12 {
				fmt.Fprintf(&b, "<line><no>%d.%d.%d</no></line>", n, i, j)
			}
			fmt.Fprintf(&b, "<!-- <row> --></row>%s", space)
		}
		return []byte(b.String() + "</list>")
	}
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes(document(3, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	documents := map[string][]byte{"a.xml": document(1, "\n"), "sub/b.xml": document(2, "\r\n"), "c.xml": wide, "one.xml": []byte("<one>\n<a>1</a><b>2</b></one>")}
	var packed bytes.Buffer
	g := gzip.NewWriter(&packed)
	if _, err := g.Write(documents["a.xml"]); err != nil || g.Close() != nil {
		t.Fatal(err)
	}
	inner := zipOf(t, documents, zip.Deflate)
	uploads := map[string][]byte{
		"plain.xml": documents["a.xml"], "deflated.zip": inner, "stored.zip": zipOf(t, documents, zip.Store),
		"nested.zip": zipOf(t, map[string][]byte{"in.zip": inner, "other.zip": inner}, zip.Deflate), "packed.xml.gz": packed.Bytes(),
	}
	for _, options := range []string{`{}`, `{"merge":true}`, `{"record":"//line","flat":true}`, `{"max_repeat":1,"repair":true}`, `{"xml":true,"pivot":["line/no=#text"]}`} {
		t.Run(options, func(t *testing.T) {
			who := admin(t, server)
			var files []file
			for name, content := range uploads {
				files = append(files, file{name, content})
			}
			if j := who.convert(options, files...); j.State != "succeeded" {
				t.Fatalf("%+v", j)
			}
			looked := 0
			for _, table := range who.tables() {
				step := max(1, table.Rows/7)
				for n := 1; n <= table.Rows; n += step {
					var page struct{ Rows [][]*string }
					who.do("GET", fmt.Sprintf("/api/v1/tables/%s/rows?offset=%d&limit=1", table.ID, n-1), nil).want(t, 200).decode(t, &page)
					var got rowSource
					who.do("GET", fmt.Sprintf("/api/v1/tables/%s/rows/%d/source", table.ID, n), nil).want(t, 200).decode(t, &got)
					checkSource(t, got, documents, page.Rows[0], table)
					looked++
				}
			}
			if looked < 50 {
				t.Errorf("only %d rows were looked at", looked)
			}
		})
	}
}

func checkSource(t *testing.T, got rowSource, documents map[string][]byte, cells []*string, of table) {
	t.Helper()
	name := got.Path
	if i := strings.LastIndex(name, "!/"); i >= 0 {
		name = name[i+2:]
	}
	document := documents[name]
	if document == nil {
		document = documents["a.xml"]
	}
	if got.Offset+got.Length > len(document) {
		t.Fatalf("%+v lies beyond its document of %d bytes", got, len(document))
	}
	there := document[got.Offset : got.Offset+got.Length]
	before := document[:got.Offset]
	if name == "c.xml" {
		decoder := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder()
		there, _ = decoder.Bytes(there)
		before, _ = decoder.Bytes(before)
	}
	if string(there) != got.XML {
		t.Fatalf("at %d of %s stands %.100q, not %.100q", got.Offset, got.Path, there, got.XML)
	}
	if line := 1 + bytes.Count(before, []byte("\n")); line != got.Line {
		t.Fatalf("%s, offset %d: line %d, want %d", got.Path, got.Offset, got.Line, line)
	}
	values := valuesOf(t, got.XML)
	for i, cell := range cells {
		if kind := of.Columns[i].Kind; cell == nil || *cell == "" || kind != "text" && kind != "attribute" || strings.Contains(of.Columns[i].Name, "/") {
			continue // or of an element above
		}
		if !strings.Contains(values, "\n"+*cell+"\n") {
			t.Fatalf("%q is not among the values of %.300q", *cell, got.XML)
		}
	}
}

// What has no place is said in a sentence, and strangers' tables are not there.
func TestRowsWithoutXML(t *testing.T) {
	t.Parallel()
	who := admin(t, start(t))
	who.convert(`{"repair":true}`, file{"mended.xml", []byte("<r><i>a & b</i><i>c</i></r>")})
	source := func(table, n string) *answer {
		return who.do("GET", "/api/v1/tables/"+table+"/rows/"+n+"/source", nil)
	}
	mended := who.tables()[0]
	for n, status := range map[string]int{"1": 409, "0": 404, "3": 404, "x": 400} {
		a := source(mended.ID, n).want(t, status)
		a.wantProblem(t)
	}
	source("none", "1").want(t, 404)
}

// A row of a large document is found by a seek, not by reading what is before it.
func TestLargeDocumentsRowIsFoundAtOnce(t *testing.T) {
	t.Parallel()
	who := admin(t, start(t))
	var b bytes.Buffer
	b.WriteString("<list>\n")
	for i := range 200_000 {
		fmt.Fprintf(&b, "<row><id>%d</id><name>%s</name></row>\n", i, strings.Repeat("x", i%200))
	}
	b.WriteString("</list>")
	who.convert("", file{"large.xml", b.Bytes()})
	table := who.tables()[0]
	for _, n := range []int{1, 129, 199_999, 200_000, 100_001} {
		var got rowSource
		if err := json.Unmarshal(who.do("GET", fmt.Sprintf("/api/v1/tables/%s/rows/%d/source", table.ID, n), nil).want(t, 200).content, &got); err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("<row><id>%d</id><name>%s</name></row>", n-1, strings.Repeat("x", (n-1)%200))
		if got.XML != want || got.Line != n+1 || b.String()[got.Offset:got.Offset+got.Length] != want {
			t.Errorf("row %d: %+v, want %s", n, got, want)
		}
	}
}
