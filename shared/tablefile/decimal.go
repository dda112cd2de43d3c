package tablefile

import (
	"bytes"
	"cmp"
	"strconv"
)

// value is a present cell as it is compared.
type value struct {
	text   []byte
	number bool
	float  float64 // nearest to the number; equal ones may still differ
}

func parseValue(text []byte) value {
	v := value{text: text}
	if !isDecimal(text) {
		return v
	}
	v.number = true
	v.float, _ = strconv.ParseFloat(string(text), 64) // out of range is ±Inf, which orders well
	return v
}

// isDecimal reports whether a person would call text a number: digits, perhaps
// with a sign, a point and an exponent of at most six digits, so that it can be
// computed with.
func isDecimal(text []byte) bool {
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

// compareValues orders by number where both are numbers, else by text.
func compareValues(a, b value) int {
	if !a.number || !b.number {
		return bytes.Compare(a.text, b.text)
	}
	if c := cmp.Compare(a.float, b.float); c != 0 {
		return c
	}
	return compareDecimals(a.text, b.text)
}

// compareDecimals orders numbers exactly, so that long identifiers which share
// their nearest float stay apart.
func compareDecimals(a, b []byte) int {
	if bytes.Equal(a, b) {
		return 0
	}
	x, y := parseDecimal(a), parseDecimal(b)
	if c := cmp.Compare(x.sign, y.sign); c != 0 {
		return c
	}
	c := cmp.Compare(x.exponent, y.exponent)
	if c == 0 {
		c = bytes.Compare(x.digits, y.digits)
	}
	return c * x.sign
}

// decimal is sign × 0.digits × 10^exponent, digits neither beginning nor ending
// with 0. Zero has sign 0 and no digits.
type decimal struct {
	sign     int
	digits   []byte
	exponent int
}

// parseDecimal reads text that isDecimal accepts.
func parseDecimal(text []byte) decimal {
	d := decimal{sign: 1}
	if text[0] == '-' {
		d.sign = -1
	}
	text = withoutSign(text)
	if i := bytes.IndexAny(text, "eE"); i >= 0 {
		d.exponent, _ = strconv.Atoi(string(text[i+1:])) // at most six digits
		text = text[:i]
	}
	whole, fraction, _ := bytes.Cut(text, []byte("."))
	d.exponent += len(whole)
	d.digits = append(bytes.Clone(whole), fraction...)
	significant := bytes.TrimLeft(d.digits, "0")
	d.exponent -= len(d.digits) - len(significant)
	d.digits = bytes.TrimRight(significant, "0")
	if len(d.digits) == 0 {
		return decimal{}
	}
	return d
}
