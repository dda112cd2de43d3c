package search

import (
	"cmp"
	"slices"
)

// fuseK is the constant of reciprocal rank fusion: how much the first ranks count more
// than the later ones.
const fuseK = 60

// Fuse joins rankings of the same rows, each the best first, by reciprocal rank fusion: a
// hit's score is the sum of 1/(60+rank) over the rankings that have it, the first rank
// being 1. Column and snippet are those of the first ranking that has the row.
func Fuse(rankings ...[]Hit) []Hit {
	type row struct {
		table string
		n     int64
	}
	place := make(map[row]int)
	var fused []Hit
	for _, ranking := range rankings {
		for rank, hit := range ranking {
			worth := 1 / float64(fuseK+rank+1)
			key := row{hit.TableID, hit.Row}
			if at, ok := place[key]; ok {
				fused[at].Score += worth
				continue
			}
			place[key] = len(fused)
			hit.Score = worth
			fused = append(fused, hit)
		}
	}
	slices.SortStableFunc(fused, func(a, b Hit) int { return cmp.Compare(b.Score, a.Score) })
	return fused
}
