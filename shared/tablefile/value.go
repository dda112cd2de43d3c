package tablefile

import (
	"bytes"
	"cmp"
	"strconv"

	"ret/shared/decimal"
)

// value is a present cell as it is compared.
type value struct {
	text   []byte
	number bool
	float  float64 // nearest to the number; equal ones may still differ
}

func parseValue(text []byte) value {
	v := value{text: text}
	if !decimal.Is(text) {
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
	return decimal.Compare(a.text, b.text)
}

// compareSorted orders as rows are sorted: numbers before text.
func compareSorted(a, b value) int {
	switch {
	case a.number && !b.number:
		return -1
	case b.number && !a.number:
		return 1
	}
	return compareValues(a, b)
}
