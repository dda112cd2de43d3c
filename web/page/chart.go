package page

import (
	"fmt"
	"strings"
)

// The rate chart's own units; the picture scales to its place.
const (
	chartWidth  = 240
	chartHeight = 40
)

// chartPoints lays samples out over the whole width as an SVG polyline; zero is
// the floor and the largest sample the ceiling. Fewer than two make no line.
func chartPoints(samples []float64) string {
	if len(samples) < 2 {
		return ""
	}
	top := 0.0
	for _, s := range samples {
		top = max(top, s)
	}
	if top == 0 {
		top = 1
	}
	var b strings.Builder
	for i, s := range samples {
		x := float64(i) / float64(len(samples)-1) * chartWidth
		y := chartHeight - 1 - max(0, s)/top*(chartHeight-2)
		fmt.Fprintf(&b, "%.1f,%.1f ", x, y)
	}
	return strings.TrimSuffix(b.String(), " ")
}

// samplesText carries the samples to the script that goes on drawing.
func samplesText(samples []float64) string {
	texts := make([]string, len(samples))
	for i, s := range samples {
		texts[i] = fmt.Sprintf("%.1f", s)
	}
	return strings.Join(texts, " ")
}
