// Package decimal knows numbers as people write them: which text is one, and which of two
// is the greater, exactly, however many digits they have.
package decimal

import (
	"bytes"
	"cmp"
	"strconv"
)

// Is reports whether a person would call text a number: digits, perhaps
// with a sign, a point and an exponent of at most six digits, so that it can be
// computed with.
func Is(text []byte) bool {
	text = withoutSign(text)
	whole := leadingDigits(text)
	text = text[whole:]
	fraction := 0
	if len(text) > 0 && text[0] == '.' {
		fraction = leadingDigits(text[1:])
		text = text[1+fraction:]
	}
	if whole+fraction == 0 {
		return false
	}
	if len(text) > 0 && text[0]|0x20 == 'e' {
		text = withoutSign(text[1:])
		digits := leadingDigits(text)
		return 1 <= digits && digits <= 6 && digits == len(text)
	}
	return len(text) == 0
}

func withoutSign(text []byte) []byte {
	if len(text) > 0 && (text[0] == '+' || text[0] == '-') {
		return text[1:]
	}
	return text
}

func leadingDigits(text []byte) int {
	for i, b := range text {
		if b < '0' || b > '9' {
			return i
		}
	}
	return len(text)
}

// Compare orders numbers exactly, so that long identifiers which share
// their nearest float stay apart.
func Compare(a, b []byte) int {
	if bytes.Equal(a, b) {
		return 0
	}
	x, y := Parse(a), Parse(b)
	if c := cmp.Compare(x.Sign, y.Sign); c != 0 {
		return c
	}
	c := cmp.Compare(x.Exponent, y.Exponent)
	if c == 0 {
		c = bytes.Compare(x.Digits, y.Digits)
	}
	return c * x.Sign
}

// Number is Sign × 0.Digits × 10^Exponent, Digits neither beginning nor ending
// with 0. Zero has Sign 0 and no Digits.
type Number struct {
	Sign     int
	Digits   []byte
	Exponent int
}

// Parse reads text that Is accepts.
func Parse(text []byte) Number {
	d := Number{Sign: 1}
	if text[0] == '-' {
		d.Sign = -1
	}
	text = withoutSign(text)
	if i := bytes.IndexAny(text, "eE"); i >= 0 {
		d.Exponent, _ = strconv.Atoi(string(text[i+1:])) // at most six digits
		text = text[:i]
	}
	whole, fraction, _ := bytes.Cut(text, []byte("."))
	d.Exponent += len(whole)
	d.Digits = append(bytes.Clone(whole), fraction...)
	significant := bytes.TrimLeft(d.Digits, "0")
	d.Exponent -= len(d.Digits) - len(significant)
	d.Digits = bytes.TrimRight(significant, "0")
	if len(d.Digits) == 0 {
		return Number{}
	}
	return d
}
