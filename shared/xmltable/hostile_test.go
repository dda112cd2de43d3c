package xmltable

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// Documents made to cost more than they weigh. Each is a few megabytes, and took
// minutes or gigabytes if anything here grew with the square of it.
func TestHostileDocuments(t *testing.T) {
	repeat := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	for _, c := range []struct{ name, document, message string }{
		{"many attributes in one tag", "<r><i" + repeat(100_000, " a%d='1'") + "/><i/></r>", ""},
		{"many prefixed attributes in one tag", "<r xmlns:p='u'><i" + repeat(100_000, " p:a%d='1'") + "/></r>", ""},
		{"many attributes in other orders", "<r>" + strings.Repeat("<i"+repeat(60, " a%d=''")+"/><i a59=''"+repeat(59, " a%d=''")+"/>", 5_000) + "</r>", ""},
		{"many namespaces", "<r>" + repeat(100_000, "<i xmlns='u:%d'/>") + "</r>", ""},
		{"many names", "<r>" + repeat(100_000, "<i%d/>") + "</r>", ""},
		{"too many names", "<r>" + repeat(600_000, "<i%d/>") + "</r>", "different paths"},
		{"long names", "<r>" + repeat(1200, "<i%d"+strings.Repeat("x", 60_000)+"/>") + "</r>", "together over"},
		{
			"many declared attributes",
			"<!DOCTYPE r [<!ATTLIST i" + repeat(20_000, " a%d NMTOKENS #IMPLIED") + ">]><r>" + strings.Repeat("<i/>", 200_000) + "</r>", "",
		},
		{
			"many defaults",
			"<!DOCTYPE r [<!ATTLIST i" + repeat(20_000, " a%d CDATA 'some value'") + ">]><r>" + strings.Repeat("<i/>", 200_000) + "</r>",
			"declared attributes expand to more than the limit",
		},
		{"open brackets", "<r>" + strings.Repeat("]]", 2_000_000) + "</r>", ""},
		{"comments within a text", "<r>" + strings.Repeat("x<!---->", 500_000) + "</r>", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Scan(t.Context(), text("x.xml", c.document), Options{})
			if c.message == "" && err != nil || c.message != "" && (err == nil || !strings.Contains(err.Error(), c.message)) {
				t.Errorf("got %v, want %q", err, c.message)
			}
		})
	}
}

// Mixed elements within mixed elements hold the same text again and again.
func TestNestedMixedContents(t *testing.T) {
	document := strings.Repeat("<a>x", 900) + strings.Repeat("y", 10<<10) + strings.Repeat("</a>", 900)
	in := text("x.xml", document)
	opt := Options{Limits: Limits{ValueBytes: 1 << 20}}
	shape, err := Scan(t.Context(), in, opt)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := Choose(t.Context(), shape, opt)
	if err != nil {
		t.Fatal(err)
	}
	_, err = plan.Write(t.Context(), in, newTables(plan, CSVOptions{}))
	if err == nil || !strings.Contains(err.Error(), "nested mixed contents") {
		t.Errorf("got %v", err)
	}
}

// What follows from a shape, too, costs no more than the shape weighs.
func TestHostileShapes(t *testing.T) {
	repeat := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	nested := func(n int, name, inside string) string {
		return strings.Repeat("<"+name+">", n) + inside + strings.Repeat("</"+name+">", n)
	}
	byLocalName := Options{ByLocalName: true}
	for _, c := range []struct {
		name, document, message string
		opt                     Options
	}{
		{"one local name in many namespaces", "<r><i>" + repeat(24_000, "<a xmlns='u:%d'/>") + "</i></r>", "more than 16384 columns", Options{}},
		{"the same under numbered prefixes", "<r>" + repeat(24_000, "<ns%[1]d:a xmlns:ns%[1]d='u:%[1]d'/>") + repeat(24_000, "<a xmlns='v:%d'/>") + "</r>", "more than 16384 columns", Options{}},
		{"many prefixes in one scope", "<r" + repeat(50_000, " xmlns:p%d='u'") + ">" + repeat(50_000, "<p%d:a/>") + "</r>", "", Options{}},
		{"repeats within repeats", "<r>" + strings.Repeat(strings.Repeat("<a><b/>", 13)+nested(200, "c", "")+strings.Repeat("</a><a/>", 13), 2) + "</r>", "more than 16384 columns", Options{MaxRepeat: 16384}},
		{"deep places", "<r><i>" + strings.Repeat("<a>"+nested(900, "b", "")+"</a>", 8000) + "</i><i/></r>", "more than 16384 columns", Options{MaxRepeat: 16384}},
		{"columns with long names", "<r><" + strings.Repeat("x", 60_000) + ">" + repeat(16_000, "<a%d/>") + "</" + strings.Repeat("x", 60_000) + "></r>", "names of tables and columns", Options{}},
		{"pairs of attributes in many namespaces", "<r>" + repeat(20_000, "<i xmlns:p='u:%[1]d' xmlns:q='v:%[1]d' p:a='' q:a=''/>") + "</r>", "", byLocalName},
		{"attributes in many namespaces", "<r>" + repeat(40_000, "<i xmlns:p='u:%d' p:a=''/>") + "</r>", "", byLocalName},
	} {
		t.Run(c.name, func(t *testing.T) {
			shape, err := Scan(t.Context(), text("x.xml", c.document), c.opt)
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			_, err = Choose(t.Context(), shape, c.opt)
			if c.message == "" && err != nil || c.message != "" && (err == nil || !strings.Contains(err.Error(), c.message)) {
				t.Errorf("got %v, want %q", err, c.message)
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// Between the passes, too, a person can change their mind.
func TestChooseStops(t *testing.T) {
	shape, err := Scan(t.Context(), text("x.xml", "<r><i/></r>"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Choose(ctx, shape, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// Each value of a row is within its limit, but all of them together are not: as
// children, attributes, own text of what is open, rows within rows, whole texts.
func TestLargeRows(t *testing.T) {
	const value = 1 << 20
	long := strings.Repeat("x", value-10)
	times := func(n int, s string) string { return strings.Repeat(s, n) }
	for _, c := range []struct {
		name, document, message string
		maxRepeat               int
	}{
		{"one value", "<r><i><a>" + long + "</a><b>y</b></i><i/></r>", "", 0},
		{"two values", "<r><i><a>" + long + "</a><b>" + long + "</b></i><i/></r>", "values of a row", 0},
		{"attributes", "<r><i>" + times(2, "<a k='"+long+"'/>") + "</i><i/></r>", "values of a row", 0},
		{"open elements", "<r>" + times(3, "<a>"+long) + "<i/><i/>" + times(3, "</a>") + "</r>", "values of a row", 0},
		{"rows within rows", "<r>" + times(3, "<a><k>"+long+"</k>") + times(3, "<z/><z/></a><a/>") + "</r>", "values of a row", 1},
		{"a mixed element", "<r><i>" + long + "<b/></i><i/></r>", "", 0},
		{"mixed elements", "<r><i>" + times(2, "<p>"+long+"<b/></p>") + "</i><i/></r>", "mixed contents of a row", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			opt := Options{MaxRepeat: c.maxRepeat, Limits: Limits{ValueBytes: value}}
			in := text("x.xml", c.document)
			shape, err := Scan(t.Context(), in, opt)
			if err != nil {
				t.Fatal(err)
			}
			plan, err := Choose(t.Context(), shape, opt)
			if err != nil {
				t.Fatal(err)
			}
			_, err = plan.Write(t.Context(), in, newTables(plan, CSVOptions{}))
			if c.message == "" && err != nil || c.message != "" && (err == nil || !strings.Contains(err.Error(), c.message)) {
				t.Errorf("got %v, want %q", err, c.message)
			}
		})
	}
}
