package query

import (
	"math"
	"strconv"

	"github.com/ncruces/go-sqlite3"

	"ret/shared/decimal"
)

// give hands a cell to SQLite as a column's class has it.
func give(ctx sqlite3.Context, as class, cell []byte) {
	if cell == nil {
		ctx.ResultNull()
		return
	}
	switch as {
	case asInteger:
		if n, ok := integerOf(cell); ok {
			ctx.ResultInt64(n)
			return
		}
	case asReal:
		if f, ok := realOf(cell); ok {
			ctx.ResultFloat(f)
			return
		}
	}
	ctx.ResultRawText(cell)
}

// integerOf reads -?(0|[1-9][0-9]*) if it is a number of 64 bits that is written like that.
func integerOf(cell []byte) (n int64, ok bool) {
	digits := cell
	if len(digits) > 0 && digits[0] == '-' {
		digits = digits[1:]
	}
	if len(digits) == 0 || digits[0] == '0' && len(cell) > 1 {
		return 0, false
	}
	if len(digits) > 18 {
		n, err := strconv.ParseInt(string(cell), 10, 64)
		return n, err == nil
	}
	for _, b := range digits {
		if b-'0' > 9 {
			return 0, false
		}
		n = n*10 + int64(b-'0')
	}
	if len(digits) < len(cell) {
		n = -n
	}
	return n, true
}

var powersOfTen = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// realOf reads a number whose nearest double is worth the same, written with the digits
// that tell it from others.
func realOf(cell []byte) (f float64, ok bool) {
	if f, ok := shortReal(cell); ok {
		return f, true
	}
	if !decimal.Is(cell) {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(cell), 64)
	if err != nil || math.IsInf(f, 0) {
		return 0, false
	}
	return f, decimal.Compare(strconv.AppendFloat(nil, f, 'e', -1, 64), cell) == 0
}

// shortReal reads numbers of at most 15 digits without an exponent: digits and power of
// ten are exact as doubles, so their quotient is the nearest one.
func shortReal(cell []byte) (f float64, ok bool) {
	rest := cell
	if len(rest) > 0 && rest[0] == '-' {
		rest = rest[1:]
	}
	if len(rest) == 0 || len(rest) > 16 {
		return 0, false
	}
	mantissa, digits, fraction, point := int64(0), 0, 0, false
	for _, b := range rest {
		if b == '.' && !point && digits > 0 {
			point = true
			continue
		}
		if b-'0' > 9 {
			return 0, false
		}
		mantissa = mantissa*10 + int64(b-'0')
		digits++
		if point {
			fraction++
		}
	}
	if digits == 0 || digits > 15 || point && fraction == 0 {
		return 0, false
	}
	f = float64(mantissa) / powersOfTen[fraction]
	if len(rest) < len(cell) {
		f = -f
	}
	return f, true
}

// looksNumeric reads a text as SQLite does where it compares it with a number: spaces
// around it do not matter.
func looksNumeric(text []byte) (f float64, ok bool) {
	for len(text) > 0 && isSpace(text[0]) {
		text = text[1:]
	}
	for len(text) > 0 && isSpace(text[len(text)-1]) {
		text = text[:len(text)-1]
	}
	if len(text) == 0 || text[0] > '9' || text[0] < '+' {
		return 0, false
	}
	if f, ok := shortReal(text); ok {
		return f, true
	}
	for _, b := range text {
		if (b < '0' || b > '9') && b != '.' && b != '-' && b != '+' && b != 'e' && b != 'E' {
			return 0, false
		}
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0, false
	}
	return f, true
}

func isSpace(b byte) bool { return b == ' ' || b >= '\t' && b <= '\r' }

// near reports whether two numbers may be the same to SQLite, which reads long ones a
// little differently.
func near(a, b float64) bool {
	return a == b || math.Abs(a-b) <= 1e-12*math.Max(math.Abs(a), math.Abs(b))
}

// roundly is the same for numbers that may be the same to SQLite.
func roundly(f float64) float64 {
	switch {
	case f == 0:
		return 0 // not its negative
	case f == math.Trunc(f) && math.Abs(f) <= 1<<53:
		return f
	}
	return math.Float64frombits(math.Float64bits(f) &^ 0xFFF)
}
