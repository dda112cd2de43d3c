package profile

import (
	"fmt"
	"math"
	"time"
)

// histogram counts amounts in bins of one width, a power of two that is the least by
// which all fit: so the bins depend on the least and the greatest amount alone, and not
// on the order in which amounts come. When the width grows, bins are joined.
type histogram struct {
	any       bool
	low, high float64
	power     int     // of two: the width
	scale     float64 // two to the power turned round
	first     int64
	counts    [Bins]int64
}

// leastPower keeps the reciprocal of a width finite.
const leastPower = -960

func (h *histogram) add(amount float64, count int64) {
	switch {
	case !h.any:
		h.any, h.low, h.high = true, amount, amount
		h.power = finest(amount)
		h.scale = math.Ldexp(1, -h.power)
		h.first = binOf(amount, h.power)
	case amount < h.low || amount > h.high:
		h.low, h.high = min(h.low, amount), max(h.high, amount)
		h.widen(max(h.power, finest(h.low), finest(h.high)))
	}
	h.counts[int64(math.Floor(amount*h.scale))-h.first] += count
}

// finest is the power of the least width whose bins near an amount have a number.
func finest(amount float64) int {
	if amount == 0 {
		return leastPower
	}
	return max(math.Ilogb(amount)-52, leastPower)
}

func binOf(amount float64, power int) int64 {
	return int64(math.Floor(amount * math.Ldexp(1, -power)))
}

// widen makes bins of at least 2 to the power, and as wide that all fit.
func (h *histogram) widen(power int) {
	for binOf(h.high, power)-binOf(h.low, power) >= Bins {
		power++
	}
	first := binOf(h.low, power)
	var counts [Bins]int64
	for i, n := range h.counts {
		if n > 0 {
			counts[(h.first+int64(i))>>min(power-h.power, 63)-first] += n
		}
	}
	h.power, h.scale, h.first, h.counts = power, math.Ldexp(1, -power), first, counts
}

// bins are those of a kind of values.
func (h *histogram) bins(kind Kind) []Bin {
	if !h.any {
		return []Bin{}
	}
	if kind != Decimal && h.power < 0 {
		h.widen(0)
	}
	bins := make([]Bin, binOf(h.high, h.power)-h.first+1)
	for i := range bins {
		edge := func(n int) any { return edgeOf(math.Ldexp(float64(h.first+int64(i+n)), h.power), kind) }
		bins[i] = Bin{From: edge(0), To: edge(1), Count: h.counts[i]}
	}
	return bins
}

// edgeOf is an amount as a value of its kind.
func edgeOf(amount float64, kind Kind) any {
	switch kind {
	case Date:
		return time.Unix(int64(amount)*daySeconds, 0).UTC().Format(time.DateOnly)
	case DateTime:
		return time.Unix(int64(amount), 0).UTC().Format("2006-01-02T15:04:05")
	case Time:
		seconds := int64(amount)
		return fmt.Sprintf("%02d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
	}
	return amount
}
