package xmltable

import (
	"fmt"
	"testing"
)

// The quick way reads a reference as parseReference does, or leaves it to it.
func TestShortReferenceReadsAsParseReferenceDoes(t *testing.T) {
	list := []string{"&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&amp", "&am;", "&lt ", "&other;", "&;", "&#;", "&#x41;", "&#6a;", "&#12", "&# 65;", "&#000065;"}
	for i := range 100_000 {
		list = append(list, fmt.Sprintf("&#%d;", i))
	}
	quick := 0
	for _, text := range list {
		b := []byte("before" + text + "behind it")
		char, n := shortReference(b, len("before"))
		if n == 0 {
			continue
		}
		quick++
		ref, length, problem := parseReference(b[len("before"):])
		if problem != "" || char != ref.char || n != length {
			t.Errorf("%s: %q of %d bytes, not %q of %d (%s)", text, char, n, ref.char, length, problem)
		}
	}
	if most := 3 + 0xD800 - 0x20; quick != most {
		t.Errorf("%d references are read the quick way, not %d", quick, most)
	}
	if _, n := shortReference([]byte("&#65;"), 0); n != 0 {
		t.Error("what ends with the window is read the quick way")
	}
}
