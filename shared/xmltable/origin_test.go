package xmltable

import (
	"bytes"
	"encoding/xml"
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"ret/shared/fault"
)

// xmlRows keeps the last cell of the main table's rows: with Options.RecordXML, the
// record as it is written.
type xmlRows struct {
	tables
	main []string
}

func (x *xmlRows) Row(table int, cells [][]byte) error {
	if table == 0 && x.plan.main != nil {
		x.main = append(x.main, string(cells[len(cells)-1]))
	}
	return x.tables.Row(table, cells)
}

// withOrigins converts a document, and returns what its records are and where.
func withOrigins(t *testing.T, in Input, opt Options) (records []string, o Origins, err error) {
	t.Helper()
	shape, err := Scan(t.Context(), in, opt)
	if err != nil {
		return nil, nil, err
	}
	plan, err := Choose(t.Context(), shape, opt)
	if err != nil {
		return nil, nil, err
	}
	sink := newTables(plan, CSVOptions{})
	if opt.Helper == nil {
		rows := &xmlRows{tables: *sink}
		written, err := plan.Write(t.Context(), in, rows)
		return rows.main, written.Origins, err
	}
	written, err := plan.Write(t.Context(), in, sink)
	return nil, written.Origins, err
}

// spans are the elements of a document, up to an error if it has one, as encoding/xml
// finds them: by where they begin, where they end.
func spans(document string) map[int64]int64 {
	d := xml.NewDecoder(strings.NewReader(document))
	d.Entity = map[string]string{"e": "x", "amper": "&"}
	found := map[int64]int64{}
	var open []int64
	for {
		begin := d.InputOffset()
		token, err := d.Token()
		if err != nil {
			return found
		}
		switch token.(type) {
		case xml.StartElement:
			open = append(open, begin)
		case xml.EndElement:
			last := len(open) - 1
			found[open[last]] = d.InputOffset()
			open = open[:last]
		}
	}
}

func lineAt(document string, at int64) int64 {
	return 1 + int64(bytes.Count(normalizeLineEnds([]byte(document[:at])), []byte{'\n'}))
}

// checkOrigins holds every row's place against the row itself and against where
// encoding/xml finds elements.
func checkOrigins(t *testing.T, document string, in Input, records []string, o Origins, opt Options) {
	t.Helper()
	elements := spans(document)
	for i, want := range records {
		got, err := o.Excerpt(t.Context(), in, int64(i+1), opt)
		if err != nil {
			t.Fatalf("row %d of %q: %v", i+1, document, err)
		}
		if written := string(normalizeLineEnds([]byte(got.XML))); written != want {
			t.Fatalf("row %d of %q is %q, want %q", i+1, document, written, want)
		}
		if end := got.Offset + got.Length; elements[got.Offset] != end || document[got.Offset:end] != got.XML {
			t.Fatalf("row %d of %q at %d to %d, where encoding/xml finds an element to %d", i+1, document, got.Offset, end, elements[got.Offset])
		}
		if line := lineAt(document, got.Offset); got.Line != line {
			t.Fatalf("row %d of %q in line %d, want %d", i+1, document, got.Line, line)
		}
	}
	if strings.Contains(document, "</oops>") {
		return // its root has no end
	}
	root, err := o.Excerpt(t.Context(), in, 0, opt)
	if err != nil || elements[root.Offset] != root.Offset+root.Length || !strings.HasPrefix(document[root.Offset:], root.XML) {
		t.Fatalf("root of %q: %+v, %v", document, root, err)
	}
}

// Every row's record is found at its place, whatever the options and however large the
// window.
func TestRecordsAreFoundInTheirDocument(t *testing.T) {
	t.Parallel()
	rows := map[string]int{}
	for seed := range uint64(45) {
		document := wideDocument(seed)
		if seed%3 == 0 {
			document = strings.ReplaceAll(document, "\n", "\r")
		}
		for name, opt := range splitOptions {
			if opt.RecordXML = true; len(opt.Pivots) > 0 {
				continue // its markup is what is written, as elsewhere, and its sink the same
			}
			opt.windowBytes = 64 << (seed % 5)
			records, o, err := withOrigins(t, text("x.xml", document), opt)
			if err != nil || opt.Repair && o == nil {
				continue
			}
			for _, in := range []Input{text("x.xml", document), placed("x.xml", document)} {
				checkOrigins(t, document, in, records, o, opt)
			}
			rows[name] += len(records)
		}
	}
	for _, name := range []string{"plain", "by name", "by path", "document", "flat", "repair", "class"} {
		if rows[name] < 25 {
			t.Errorf("%s: only %d rows were looked for", name, rows[name])
		}
	}
}

// Pieces keep the same places as the whole.
func TestPiecesKnowWhereRecordsAre(t *testing.T) {
	t.Parallel()
	joined := 0
	for seed := range uint64(30) {
		document := wideDocument(seed)
		for _, name := range []string{"plain", "by name", "by path"} {
			opt := splitOptions[name]
			opt.windowBytes, opt.RecordXML = 64<<(seed%4), true
			records, _, err := withOrigins(t, text("x.xml", document), opt)
			if err != nil {
				continue
			}
			opt = helped(opt, max(64, len(document)/9))
			_, o, err := withOrigins(t, placed("x.xml", document), opt)
			if err != nil {
				t.Fatal(err)
			}
			checkOrigins(t, document, placed("x.xml", document), records, o, opt)
			joined += opt.joined[1]
		}
	}
	if joined < 25 && runtime.GOMAXPROCS(0) > 1 && runtime.GOARCH != "wasm" {
		t.Errorf("only %d pieces were joined", joined)
	}
}

// In any encoding offset and length count the bytes of the document.
func TestRecordsAreFoundInAnyEncoding(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]encoding.Encoding{
		"utf-8": encoding.Nop, "utf-16": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "utf-16be": unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
		"iso-8859-1": charmap.ISO8859_1, "windows-1251": charmap.Windows1251, "shift_jis": japanese.ShiftJIS, "iso-2022-jp": japanese.ISO2022JP, "utf-7-like": encoding.Nop,
	} {
		words := map[string][]string{
			"iso-8859-1": {"ä", "ßß", "plain"}, "windows-1251": {"слово", "x"}, "shift_jis": {"日本", "カナ", "x"}, "iso-2022-jp": {"日本", "x"},
		}[name]
		if words == nil {
			words = []string{"ä€", "𝄞", "x"}
		}
		r := rand.New(rand.NewPCG(7, uint64(len(name))))
		var b strings.Builder
		declared := name
		if name == "utf-7-like" {
			declared = "utf-8"
		}
		b.WriteString(`<?xml version="1.0" encoding="` + declared + `"?>` + "\r\n<r>\n<head>" + words[0] + "</head>")
		for range 700 {
			b.WriteString("<row k='" + words[r.IntN(len(words))] + "'><v>" + strings.Repeat(words[r.IntN(len(words))], r.IntN(40)) + "</v>\r\n</row>" + []string{"\n", "\r\n", "\r", "<!-- <row> -->"}[r.IntN(4)])
		}
		document, err := e.NewEncoder().String(b.String() + "</r>")
		if err != nil {
			t.Fatal(name, err)
		}
		records, o, err := withOrigins(t, text("x.xml", document), Options{RecordXML: true})
		if err != nil {
			t.Fatal(name, err)
		}
		for i, want := range records {
			got, err := o.Excerpt(t.Context(), text("x.xml", document), int64(i+1), Options{})
			if err != nil || string(normalizeLineEnds([]byte(got.XML))) != want {
				t.Fatalf("%s, row %d: %q, %v, want %q", name, i+1, got.XML, err, want)
			}
			there := document[got.Offset : got.Offset+got.Length]
			if name == "utf-16be" || name == "utf-16" {
				there = string(utf16Of(t, name, there))
			} else if there, err = e.NewDecoder().String(there); err != nil {
				t.Fatal(name, err)
			}
			if there != got.XML && name != "iso-2022-jp" { // whose bytes depend on those before
				t.Fatalf("%s, row %d: at its place is %q, not %q", name, i+1, there, got.XML)
			}
		}
		if len(records) != 700 {
			t.Errorf("%s: %d records", name, len(records))
		}
	}
}

func utf16Of(t *testing.T, name, s string) []byte {
	order := unicode.LittleEndian
	if name == "utf-16be" {
		order = unicode.BigEndian
	}
	b, err := unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// What an entity or a repair has made stands in no place, and that is said.
func TestRecordsWithoutAPlace(t *testing.T) {
	t.Parallel()
	entity := `<!DOCTYPE r [<!ENTITY two "<i>2</i><i>3</i>">]><r><i>1</i>&two;<i>4</i><i>5</i></r>`
	_, o, err := withOrigins(t, text("x.xml", entity), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"<i>1</i>", "", "", "<i>4</i>", "<i>5</i>"}
	for i := range want {
		got, err := o.Excerpt(t.Context(), text("x.xml", entity), int64(i+1), Options{})
		if got.XML != want[i] || (want[i] == "") != fault.Is(err, fault.Conflict) {
			t.Errorf("row %d: %q, %v", i+1, got.XML, err)
		}
	}
	_, o, err = withOrigins(t, text("x.xml", `<r><i>a & b</i><i/></r>`), Options{Repair: true})
	if err != nil || o != nil {
		t.Errorf("a mended document has places: %v, %v", o, err)
	}
}

// What is too large is not given, and neither is what lies behind the end of another
// document.
func TestRecordsThatAreNotGiven(t *testing.T) {
	t.Parallel()
	large := "<r><i>" + strings.Repeat("x", recordBytes) + "</i><i>2</i></r>"
	_, o, err := withOrigins(t, text("x.xml", large), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Excerpt(t.Context(), text("x.xml", large), 1, Options{}); !errors.Is(err, errRecordTooLarge) {
		t.Errorf("a large record: %v", err)
	}
	if got, err := o.Excerpt(t.Context(), text("x.xml", large), 2, Options{}); err != nil || got.XML != "<i>2</i>" {
		t.Errorf("the one after it: %q, %v", got.XML, err)
	}
	if _, err := o.Excerpt(t.Context(), text("x.xml", "<r/>"), 2, Options{}); err == nil {
		t.Error("found in a document that is another")
	}
}

// Marks are few where records follow one another, and bounded where they do not.
func TestMarksAreFew(t *testing.T) {
	t.Parallel()
	in := text("x.xml", "<r>"+strings.Repeat("<i><a>1</a><b>2</b></i>\n", 100_000)+"</r>")
	_, o, err := withOrigins(t, in, Options{})
	if err != nil || len(o) > 8*100_000/recordsOfMark+100 {
		t.Errorf("%d bytes for 100,000 records, %v", len(o), err)
	}
	notes := originNotes{encoded: Origins{originOfBytes}}
	for i := range int64(3 * originBytes) {
		notes.add(mark{row: i, known: true, at: i * 300, line: i})
	}
	if len(notes.encoded) > originBytes+20 {
		t.Errorf("%d bytes are kept", len(notes.encoded))
	}
	if _, _, ok := notes.encoded.find(3*originBytes - 1); ok {
		t.Error("a record without a mark is found")
	}
	if m, _, ok := notes.encoded.find(1000); !ok || m.at != 300_000 {
		t.Errorf("record 1000 is found at %+v", m)
	}
}

// The places of random documents with namespaces, prose and declarations.
func TestOriginsOfRandomDocuments(t *testing.T) {
	t.Parallel()
	looked := 0
	for seed := range uint64(400) {
		document, _ := randomDocument(seed)
		opt := Options{RecordXML: true, windowBytes: 64 << (seed % 5), Record: []string{"", "//a", "//b", "//c"}[seed%4]}
		records, o, err := withOrigins(t, text("x.xml", document), opt)
		if err != nil || slices.Contains(records, "") {
			continue
		}
		checkOrigins(t, document, text("x.xml", document), records, o, opt)
		looked += len(records)
	}
	if looked < 500 {
		t.Errorf("only %d rows were looked for", looked)
	}
}
