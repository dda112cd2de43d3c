package tablefile

import (
	"runtime"
	"slices"
	"sync"
)

// Lists are sorted in two halves at the same time where they are long enough, and there
// is room for a copy of one half.
const (
	leastAtOnce = 1 << 14
	mostAtOnce  = 3_000_000
)

// sortAtOnce sorts by as many processors as there are, at most two.
func sortAtOnce[T any](keys []T, compare func(a, b T) int) {
	if len(keys) < leastAtOnce || len(keys) > mostAtOnce || runtime.GOMAXPROCS(0) == 1 {
		slices.SortFunc(keys, compare)
		return
	}
	middle := len(keys) / 2
	var other sync.WaitGroup
	other.Go(func() { slices.SortFunc(keys[middle:], compare) })
	slices.SortFunc(keys[:middle], compare)
	other.Wait()
	mergeHalves(keys, middle, compare)
}

// mergeHalves merges two sorted parts in place, by a copy of the first.
func mergeHalves[T any](keys []T, middle int, compare func(a, b T) int) {
	if compare(keys[middle-1], keys[middle]) <= 0 {
		return
	}
	left := slices.Clone(keys[:middle])
	right := keys[middle:]
	for i := 0; len(left) > 0; i++ {
		if len(right) > 0 && compare(right[0], left[0]) < 0 {
			keys[i], right = right[0], right[1:]
		} else {
			keys[i], left = left[0], left[1:]
		}
	}
}
