package page

import (
	"fmt"
	"strings"
)

// topShown is how many of a column's most frequent values are shown.
const topShown = 3

// profileOf is the profile of a shown column.
func (v TableView) profileOf(c shownColumn) ColumnProfile {
	if c.Index < len(v.Profile) {
		return v.Profile[c.Index]
	}
	return ColumnProfile{}
}

// distinctText says how many different values there are.
func (p ColumnProfile) distinctText() string {
	if p.Estimated {
		return "about " + Count(p.Distinct)
	}
	return Count(p.Distinct)
}

// topOf leaves the first of the most frequent values. Where each is there once, none is
// frequent.
func (p ColumnProfile) topOf() []ValueCount {
	if len(p.Top) == 0 || p.Top[0].Count == 1 {
		return nil
	}
	return p.Top[:min(len(p.Top), topShown)]
}

// The spread's own units; the picture scales to its place.
const (
	spreadWidth  = 96
	spreadHeight = 24
)

// spreadPath draws a bar for each part; what is not empty shows at least a line.
func (p ColumnProfile) spreadPath() string {
	most := int64(1)
	for _, n := range p.Spread {
		most = max(most, n)
	}
	width := spreadWidth / float64(max(1, len(p.Spread)))
	var b strings.Builder
	for i, n := range p.Spread {
		if n > 0 {
			height := max(1, float64(n)/float64(most)*spreadHeight)
			fmt.Fprintf(&b, "M%.1f %dv-%.1fh%.1fv%.1fz", float64(i)*width, spreadHeight, height, max(1, width-1), height)
		}
	}
	return b.String()
}
