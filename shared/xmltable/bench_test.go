package xmltable

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf16"
)

// Each workload is about workloadBytes long and is converted as a whole: both
// passes and the CSV.
const workloadBytes = 8 << 20

var workloads = []struct {
	name   string
	record func(b *bytes.Buffer, i int)
}{
	{"flat", flatRecord},
	{"attributes", attributesRecord},
	{"nested", nestedRecord},
	{"prose", proseRecord},
	{"deep", deepRecord},
}

// flatRecord writes about 200 bytes, of which half are values.
func flatRecord(b *bytes.Buffer, i int) {
	fmt.Fprintf(b, "  <row>\n    <id>%d</id>\n    <name>Customer %d of the north</name>\n    <city>Z&#252;rich</city>\n"+
		"    <date>2026-%02d-%02d</date>\n    <amount>%d.%02d</amount>\n    <state>open</state>\n  </row>\n",
		i, i*7919, 1+i%12, 1+i%28, i*31, i%100)
}

func attributesRecord(b *bytes.Buffer, i int) {
	fmt.Fprintf(b, "<row id=\"%d\" name=\"Customer %d of the north\" city=\"Berlin\" date='2026-%02d-%02d' amount=\"%d.%02d\" state=\"open\" note=\"\"/>\n",
		i, i*7919, 1+i%12, 1+i%28, i*31, i%100)
}

func nestedRecord(b *bytes.Buffer, i int) {
	fmt.Fprintf(b, "<order id=\"%d\"><customer><name>Customer %d</name><address><city>Bern</city><zip>%d</zip></address></customer>", i, i*7919, i%10000)
	for line := range i % 12 {
		fmt.Fprintf(b, "<line><sku>A-%d</sku><count>%d</count></line>", line*i, line)
	}
	b.WriteString("</order>\n")
}

func proseRecord(b *bytes.Buffer, i int) {
	fmt.Fprintf(b, "<entry><title>Entry %d, &quot;quoted&quot;</title><body>%s<i>emphasis</i> and more</body></entry>\n",
		i, strings.Repeat("Several words make up a sentence, and naïve ones – a paragraph. ", 12))
}

func deepRecord(b *bytes.Buffer, i int) {
	const depth = 40
	for d := range depth {
		fmt.Fprintf(b, "<level%d>", d)
	}
	fmt.Fprintf(b, "%d", i)
	for d := range depth {
		fmt.Fprintf(b, "</level%d>", depth-1-d)
	}
	b.WriteString("\n")
}

func workload(record func(*bytes.Buffer, int), size int) []byte {
	var b bytes.Buffer
	b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rows>\n")
	for i := 0; b.Len() < size; i++ {
		record(&b, i)
	}
	b.WriteString("</rows>\n")
	return b.Bytes()
}

func memory(document []byte) Input {
	return Input{Path: "bench.xml", Size: int64(len(document)), Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(document)), nil
	}}
}

// csvSink writes all tables as CSV to nowhere.
type csvSink []*CSV

func newCSVSink(p *Plan) csvSink {
	var s csvSink
	for _, t := range p.Tables {
		s = append(s, NewCSV(io.Discard, t.Columns, CSVOptions{}))
	}
	return s
}

func (s csvSink) Row(table int, cells [][]byte) error { return s[table].Row(cells) }

func convertForBench(b *testing.B, in Input) {
	b.Helper()
	shape, err := Scan(b.Context(), in, Options{})
	if err != nil {
		b.Fatal(err)
	}
	plan, err := Choose(shape, Options{})
	if err != nil {
		b.Fatal(err)
	}
	written, err := plan.Write(b.Context(), in, newCSVSink(plan))
	if err != nil || written.Values != shape.Values() {
		b.Fatalf("%d of %d values: %v", written.Values, shape.Values(), err)
	}
}

func BenchmarkConvert(b *testing.B) {
	for _, w := range workloads {
		document := workload(w.record, workloadBytes)
		b.Run(w.name, func(b *testing.B) { benchmarkConvert(b, document) })
		if w.name == "flat" {
			b.Run("flat-utf16", func(b *testing.B) { benchmarkConvert(b, asUTF16(document)) })
		}
	}
}

func benchmarkConvert(b *testing.B, document []byte) {
	b.SetBytes(int64(len(document)))
	b.ReportAllocs()
	for b.Loop() {
		convertForBench(b, memory(document))
	}
}

func asUTF16(document []byte) []byte {
	out := []byte{0xFF, 0xFE}
	for _, u := range utf16.Encode([]rune(string(document))) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

// The first pass alone.
func BenchmarkScan(b *testing.B) {
	for _, w := range workloads {
		in := memory(workload(w.record, workloadBytes))
		b.Run(w.name, func(b *testing.B) {
			b.SetBytes(in.Size)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Scan(b.Context(), in, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Many documents of one record each: what a document costs.
func BenchmarkSmallDocuments(b *testing.B) {
	in := memory(workload(flatRecord, 1))
	b.SetBytes(in.Size)
	b.ReportAllocs()
	for b.Loop() {
		convertForBench(b, in)
	}
}

// The floor: the bytes are read twice and looked at once.
func BenchmarkFloor(b *testing.B) {
	document := workload(flatRecord, workloadBytes)
	buf := make([]byte, windowBytes)
	b.SetBytes(int64(len(document)))
	for b.Loop() {
		for range 2 {
			r := bytes.NewReader(document)
			for {
				n, err := r.Read(buf)
				if err == io.EOF {
					break
				}
				bytes.Count(buf[:n], []byte{'\n'})
			}
		}
	}
}

// The rival: encoding/xml and encoding/csv on flat records, with the columns
// known beforehand.
func BenchmarkRival(b *testing.B) {
	document := workload(flatRecord, workloadBytes)
	b.SetBytes(int64(len(document)))
	b.ReportAllocs()
	for b.Loop() {
		if err := rivalConvert(bytes.NewReader(document), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

func rivalConvert(r io.Reader, w io.Writer) error {
	columns := []string{"id", "name", "city", "date", "amount", "state"}
	at := map[string]int{}
	for i, c := range columns {
		at[c] = i
	}
	d, out := xml.NewDecoder(r), csv.NewWriter(w)
	row := make([]string, len(columns))
	var value strings.Builder
	for {
		token, err := d.RawToken()
		if err == io.EOF {
			out.Flush()
			return out.Error()
		}
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			value.Reset()
		case xml.CharData:
			value.Write(token)
		case xml.EndElement:
			if token.Name.Local == "row" {
				if err := out.Write(row); err != nil {
					return err
				}
			} else if i, ok := at[token.Name.Local]; ok {
				row[i] = strings.TrimSpace(value.String())
			}
		}
	}
}
