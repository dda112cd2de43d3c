package xmltable

import (
	"unicode/utf8"
)

// What a byte can be, as bits of classes.
const (
	isSpace     = 1 << iota // space, tab, LF; CR too, though line ends arrive as LF
	isNameByte              // ASCII NameChar
	isNameStart             // ASCII NameStartChar
	isNameEnd               // may follow the name of a start tag
	stopsText               // has to be looked at in content
	stopsValue              // has to be looked at in an attribute value, quotes aside
)

var classes = func() (t [256]uint8) {
	set := func(bits uint8, bytes string) {
		for _, c := range []byte(bytes) {
			t[c] |= bits
		}
	}
	for c := 'a'; c <= 'z'; c++ {
		set(isNameByte|isNameStart, string(c)+string(c-'a'+'A'))
	}
	set(isNameByte|isNameStart, ":_")
	set(isNameByte, "-.0123456789")
	set(isSpace, " \t\r\n")
	set(isNameEnd, " \t\r\n/>")
	set(stopsText, "<>&\x00")
	set(stopsValue, "<&\t\r\n\x00")
	return t
}()

// space reports whether c is white space to XML.
func space(c byte) bool { return classes[c]&isSpace != 0 }

// blank reports whether b is nothing but white space.
func blank(b []byte) bool {
	for _, c := range b {
		if !space(c) {
			return false
		}
	}
	return true
}

// nameLength returns how many bytes at the start of b form a Name of XML 1.0,
// 5th edition; 0 if none does.
func nameLength(b []byte) int {
	n := nameTokenLength(b)
	if n == 0 || !startsName(b) {
		return 0
	}
	return n
}

// nameTokenLength is nameLength for an Nmtoken.
func nameTokenLength(b []byte) int {
	i := 0
	for i < len(b) {
		if c := b[i]; c < utf8.RuneSelf {
			if classes[c]&isNameByte == 0 {
				break
			}
			i++
			continue
		}
		r, size := utf8.DecodeRune(b[i:])
		if !nameRune(r) {
			break
		}
		i += size
	}
	return i
}

func startsName(b []byte) bool {
	if b[0] < utf8.RuneSelf {
		return classes[b[0]]&isNameStart != 0
	}
	r, _ := utf8.DecodeRune(b)
	return nameStartRune(r)
}

type runeRange struct{ first, last rune }

// Beyond ASCII, as productions [4] and [4a] of XML 1.0 list them.
var (
	nameStartRanges = [...]runeRange{
		{0xC0, 0xD6},
		{0xD8, 0xF6},
		{0xF8, 0x2FF},
		{0x370, 0x37D},
		{0x37F, 0x1FFF},
		{0x200C, 0x200D},
		{0x2070, 0x218F},
		{0x2C00, 0x2FEF},
		{0x3001, 0xD7FF},
		{0xF900, 0xFDCF},
		{0xFDF0, 0xFFFD},
		{0x10000, 0xEFFFF},
	}
	nameMoreRanges = [...]runeRange{{0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040}}
)

func nameStartRune(r rune) bool {
	return inRanges(nameStartRanges[:], r)
}

func nameRune(r rune) bool {
	return inRanges(nameStartRanges[:], r) || inRanges(nameMoreRanges[:], r)
}

func inRanges(ranges []runeRange, r rune) bool {
	for _, x := range ranges {
		if r <= x.last {
			return r >= x.first
		}
	}
	return false
}

// validRune reports whether r is a Char of XML 1.0.
func validRune(r rune) bool {
	switch {
	case r < 0x20:
		return r == '\t' || r == '\n' || r == '\r'
	case r <= 0xD7FF:
		return true
	case r < 0xE000:
		return false
	}
	return r <= utf8.MaxRune && r != 0xFFFE && r != 0xFFFF
}
