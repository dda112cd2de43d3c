// Package fold says what is equal without regard to case. It is the one place for
// that: Go, SQL (the function fold of package sqlite) and whatever is stored folded
// agree about every name, so two that one of them takes for the same are the same
// for all.
package fold

import (
	"unicode"
	"unicode/utf8"
)

// String folds s: two strings are equal without regard to case, by Unicode's simple
// case folding as in strings.EqualFold, exactly if they fold to the same. ASCII
// letters become lower case. Bytes that are no UTF-8 become U+FFFD.
func String(s string) string {
	if isFolded(s) {
		return s
	}
	return string(Append(make([]byte, 0, len(s)), []byte(s)))
}

// isFolded reports whether s is ASCII without capitals, which most names are.
func isFolded(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			return false
		}
	}
	return true
}

// Append appends text, folded, to out.
func Append(out, text []byte) []byte {
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			out = append(out, c)
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		out = utf8.AppendRune(out, foldRune(r))
		i += size
	}
	return out
}

// foldRune gives all letters that differ in case alone the same one: the lower
// case of the first of them.
func foldRune(r rune) rune {
	first := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		first = min(first, next)
	}
	if first == r && unicode.SimpleFold(r) == r {
		return r // İ has a lower case, but does not fold
	}
	return unicode.ToLower(first)
}

// Equal reports whether a and b are equal without regard to case.
func Equal(a, b string) bool { return String(a) == String(b) }
