package fold

import (
	"sync"
	"unicode"
	"unicode/utf8"
)

// Plain appends text to out as it is searched: without regard to case and to accents.
// Two texts whose letters Unicode takes for the same, one with its accents as signs of their own
// (U+0300 to U+036F), the other with letters that have them, fold to the same. Letters
// that are no others with an accent stay: ß, ø, ł. Bytes that are no UTF-8 become U+FFFD.
func Plain(out, text []byte) []byte {
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			out = append(out, asciiFolded[c])
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		if r = PlainRune(r); r != 0 {
			out = utf8.AppendRune(out, r)
		}
		i += size
	}
	return out
}

// PlainRune is what Plain makes of one rune; 0 for an accent, of which nothing is left.
func PlainRune(r rune) rune {
	switch {
	case r < utf8.RuneSelf:
		return rune(asciiFolded[r])
	case r < plainRunes:
		return rune(plainTable()[r])
	}
	if r = foldRune(r); r < plainRunes { // Å, the unit of length
		return rune(plainTable()[r])
	}
	return r
}

// Letter reports whether a folded rune is part of a word: letters, digits, and the
// signs that scripts write on letters.
func Letter(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || '0' <= r && r <= '9'
	}
	return unicode.In(r, unicode.L, unicode.N, unicode.M)
}

// asciiFolded is what the ASCII letters fold to.
var asciiFolded = func() (t [utf8.RuneSelf]byte) {
	for c := range t {
		t[c] = byte(c)
		if 'A' <= c && c <= 'Z' {
			t[c] += 'a' - 'A'
		}
	}
	return t
}()

// plainRunes bounds the letters that have accents.
const plainRunes = 0x2000

// plainTable is what the runes below plainRunes fold to.
var plainTable = sync.OnceValue(func() *[plainRunes]uint32 {
	var t [plainRunes]uint32
	for r := range t {
		t[r] = uint32(foldRune(rune(r)))
	}
	letter := rune(0)
	for _, r := range accented {
		if letter == 0 {
			letter = r
			continue
		}
		t[letter], letter = uint32(r), 0
	}
	for r := 0x300; r < 0x370; r++ {
		t[r] = 0
	}
	return &t
})
