// Package workload is the work that the engine is measured by: documents that are
// converted, by the engine or by the standard library. Benchmarks,
// natively and under js/wasm, and profiles all start here, so that they speak of
// the same work. Its functions may be called concurrently.
package workload

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"
)

// Kind is a sort of document: many records of one form.
type Kind struct {
	Name   string
	record func(b *bytes.Buffer, i int)

	// tables is what is known beforehand to who converts it by hand: the elements
	// that are rows and their columns. None means that it is not done by hand.
	tables []handTable
}

// The kinds.
var (
	Flat = Kind{"flat", flatRecord, []handTable{
		{"row", []string{"id", "name", "city", "date", "amount", "state"}},
	}}
	Attributes = Kind{"attributes", attributesRecord, []handTable{
		{"row", []string{"@id", "@name", "@city", "@date", "@amount", "@state", "@note"}},
	}}
	Nested = Kind{"nested", nestedRecord, []handTable{
		{"order", []string{"@id", "name", "city", "zip"}},
		{"line", []string{"sku", "count"}},
	}}
	Deep  = Kind{"deep", deepRecord, []handTable{{"level0", []string{"level39"}}}}
	Prose = Kind{"prose", proseRecord, nil}
)

// Kinds are all of them.
var Kinds = []Kind{Flat, Attributes, Nested, Deep, Prose}

// Document returns a document of at least so many bytes.
func (k Kind) Document(size int) []byte { return k.from(0, size) }

// SmallDocuments returns so many documents of one record each.
func (k Kind) SmallDocuments(n int) [][]byte {
	documents := make([][]byte, n)
	for i := range documents {
		documents[i] = k.from(i, 1)
	}
	return documents
}

// from begins with the record of a number.
func (k Kind) from(first, size int) []byte {
	var b bytes.Buffer
	b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rows>\n")
	for i := first; i == first || b.Len() < size; i++ {
		k.record(&b, i)
	}
	b.WriteString("</rows>\n")
	return b.Bytes()
}

// UTF16 is a document in another encoding, little endian with its mark.
func UTF16(document []byte) []byte {
	out := []byte{0xFF, 0xFE}
	for _, u := range utf16.Encode([]rune(string(document))) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
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
