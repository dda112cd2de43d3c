package xmltable

import (
	"fmt"
	"strings"
	"testing"
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
	plan, err := Choose(shape, opt)
	if err != nil {
		t.Fatal(err)
	}
	_, err = plan.Write(t.Context(), in, newTables(plan, CSVOptions{}))
	if err == nil || !strings.Contains(err.Error(), "nested mixed contents") {
		t.Errorf("got %v", err)
	}
}
