package tablefile

import (
	"bytes"
	"cmp"
	"regexp"
	"strconv"
)

// value is a present cell as it is compared.
type value struct {
	text   []byte
	number bool
	float  float64 // nearest to the number; equal ones may still differ
}

// decimalNumber is what counts as a number: a decimal that a person would call
// one. The exponent is bounded, so that it can be computed with.
var decimalNumber = regexp.MustCompile(`^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,6})?$`)

func parseValue(text []byte) value {
	v := value{text: text}
	if len(text) == 0 || text[0] > '9' || !decimalNumber.Match(text) {
		return v
	}
	v.number = true
	v.float, _ = strconv.ParseFloat(string(text), 64) // out of range is ±Inf, which orders well
	return v
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

// parseDecimal reads text that matches decimalNumber.
func parseDecimal(text []byte) decimal {
	d := decimal{sign: 1}
	if text[0] == '-' {
		d.sign = -1
	}
	text = bytes.TrimLeft(text, "+-")
	if i := bytes.IndexAny(text, "eE"); i >= 0 {
		d.exponent, _ = strconv.Atoi(string(text[i+1:])) // matched: at most six digits
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
