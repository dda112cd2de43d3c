package ask

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

// numeral is a number as people write it, with points, commas, spaces or apostrophes
// between its digits.
var numeral = regexp.MustCompile(`\d+(?:[.,'’\x{00A0}\x{202F}]\d+)*`)

// listMark is the number of a line in a list.
var listMark = regexp.MustCompile(`^\s*(?:\d{1,3}[.)]|[-*•])\s+`)

// proofs are the numbers that may be stated.
type proofs struct {
	written map[string]bool // their digits as they stand there
	values  []float64
}

func newProofs(texts ...string) proofs {
	p := proofs{written: map[string]bool{}}
	for _, text := range texts {
		p.add(text)
	}
	return p
}

func (p *proofs) add(text string) {
	for _, found := range numeral.FindAllString(text, -1) {
		if !p.written[found] {
			p.written[found] = true
			for _, r := range readings(found) {
				p.values = append(p.values, r.value)
			}
		}
		if parts := digitsOf(found); len(parts) == 3 && (len(parts[0]) == 4 || len(parts[2]) == 4) { // a date
			for _, part := range parts {
				p.written[part] = true
			}
		}
	}
	// A number with an exponent is one value, however it is written.
	if v, err := strconv.ParseFloat(strings.TrimSpace(text), 64); err == nil {
		p.values = append(p.values, v)
	}
}

// unproved are the numbers of a text that proofs have not: neither as they are written,
// nor by their value, nor rounded to the places that they have, nor as a share of a
// hundred.
func unproved(text string, p proofs) (numbers []string) {
	for _, found := range numeral.FindAllString(listMark.ReplaceAllString(text, ""), -1) {
		if !p.proves(found) {
			numbers = append(numbers, found)
		}
	}
	return numbers
}

func (p *proofs) proves(found string) bool {
	if p.written[found] {
		return true
	}
	for _, r := range readings(found) {
		for _, v := range p.values {
			if r.rounds(v) || math.Abs(v) < 10 && r.rounds(v*100) {
				return true
			}
		}
	}
	return false
}

// reading is what a number that is written with marks between its digits can mean.
type reading struct {
	value  float64
	places int
}

// rounds reports whether a value rounds to the reading.
func (r reading) rounds(v float64) bool {
	scale := math.Pow10(r.places)
	return math.Abs(math.Round(math.Abs(v)*scale)-math.Round(r.value*scale)) < 0.5
}

// readings are what a number can mean: the last mark may be a point or stand between
// thousands, and all others stand between thousands.
func readings(written string) (list []reading) {
	digits := digitsOf(written)
	whole := strings.Join(digits, "")
	if v, err := strconv.ParseFloat(whole, 64); err == nil {
		list = append(list, reading{v, 0})
	}
	if n := len(digits); n > 1 {
		last := digits[n-1]
		if v, err := strconv.ParseFloat(strings.Join(digits[:n-1], "")+"."+last, 64); err == nil {
			list = append(list, reading{v, len(last)})
		}
	}
	return list
}

func digitsOf(written string) []string {
	return strings.FieldsFunc(written, func(r rune) bool { return r < '0' || r > '9' })
}
