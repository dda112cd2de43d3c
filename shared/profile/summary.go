package profile

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"

	"ret/shared/decimal"
)

// lengths are those of values that are not empty, in characters.
type lengths struct{ shortest, longest int }

func (l *lengths) take(value []byte) {
	if len(value) == 0 || l.shortest > 0 && len(value) <= l.longest && len(value) >= l.shortest*utf8.UTFMax {
		return // not shorter even if every character took four bytes
	}
	n := utf8.RuneCount(value)
	if l.shortest == 0 || n < l.shortest {
		l.shortest = n
	}
	l.longest = max(l.longest, n)
}

// summary is what is known of values without keeping them.
type summary struct {
	empty     int64
	kinds     kinds // that all values so far are of
	text      bounds
	number    numberBounds
	histogram histogram
}

func newSummary() summary { return summary{kinds: allKinds} }

// take takes a value that is there so many times, as far as it is given.
func (s *summary) take(beginning []byte, length int, count int64) {
	if length == 0 {
		s.empty += count
		return
	}
	s.text.take(beginning)
	if s.kinds == 0 {
		return
	}
	v := measured{}
	if length <= mostMeasured {
		v = measure(beginning, s.kinds)
	}
	if s.kinds &= v.kinds; s.kinds == 0 {
		return
	}
	if s.kinds&numbers != 0 {
		s.number.take(beginning, v.amount)
	}
	if s.kinds != boolean {
		s.histogram.add(v.amount, count)
	}
}

// describe says it of a column.
func (s *summary) describe(p *Column) {
	p.Empty, p.Kind, p.Histogram = s.empty, Text, []Bin{}
	if !s.text.any {
		return
	}
	p.Kind = s.kinds.kind()
	least, greatest := s.text.least, s.text.greatest
	if s.kinds&numbers != 0 {
		least, greatest = s.number.least, s.number.greatest
	}
	p.Min, p.Max = whole(least), whole(greatest)
	if p.Kind != Text && p.Kind != Boolean {
		p.Histogram = s.histogram.bins(p.Kind)
	}
}

// whole is a value as it is given.
func whole(beginning []byte) *string {
	length := len(beginning)
	if length == givenBytes {
		length++ // there may be more
	}
	text, _ := given(beginning, length)
	return &text
}

// bounds are the least and the greatest value by their bytes. Those that begin alike, as
// far as they are given, are not told apart.
type bounds struct {
	any             bool
	least, greatest []byte
	low, high       uint64 // how these begin
}

func (b *bounds) take(value []byte) {
	head := headOf(value)
	if !b.any {
		b.any = true
		b.low, b.high = head, head
		b.least, b.greatest = bytes.Clone(value), bytes.Clone(value)
		return
	}
	if head <= b.low && (head < b.low || bytes.Compare(value, b.least) < 0) {
		b.low, b.least = head, append(b.least[:0], value...)
	}
	if head >= b.high && (head > b.high || bytes.Compare(value, b.greatest) > 0) {
		b.high, b.greatest = head, append(b.greatest[:0], value...)
	}
}

// headOf orders as the first eight bytes do.
func headOf(value []byte) uint64 {
	switch {
	case len(value) >= 8:
		return binary.BigEndian.Uint64(value)
	case cap(value) >= 8:
		return binary.BigEndian.Uint64(value[:8]) &^ (^uint64(0) >> (8 * len(value)))
	}
	var head [8]byte
	copy(head[:], value)
	return binary.BigEndian.Uint64(head[:])
}

// numberBounds are the least and the greatest number.
type numberBounds struct {
	least, greatest []byte
	low, high       float64
}

func (b *numberBounds) take(text []byte, amount float64) {
	if b.least == nil {
		b.low, b.high = amount, amount
		b.least, b.greatest = bytes.Clone(text), bytes.Clone(text)
		return
	}
	if amount <= b.low && (amount < b.low || lessNumber(text, b.least)) {
		b.low, b.least = amount, append(b.least[:0], text...)
	}
	if amount >= b.high && (amount > b.high || lessNumber(b.greatest, text)) {
		b.high, b.greatest = amount, append(b.greatest[:0], text...)
	}
}

// lessNumber orders numbers that share their nearest float, and equal ones by their
// bytes, so that it does not matter which came first.
func lessNumber(a, b []byte) bool {
	if c := decimal.Compare(a, b); c != 0 {
		return c < 0
	}
	return bytes.Compare(a, b) < 0
}
