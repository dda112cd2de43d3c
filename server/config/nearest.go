package config

import (
	"fmt"
	"strings"
)

// unknownName says that a name is not in the table, and which one was probably
// meant.
func unknownName(name string, from Origin) error {
	if near, ok := nearest(name); ok {
		return fmt.Errorf("%s (from the %s) is no setting of RET; did you mean %s?", name, from, near)
	}
	return fmt.Errorf("%s (from the %s) is no setting of RET; `ret serve --print-config` lists them", name, from)
}

// nearest returns the setting with the fewest edits from name, if they are few;
// a unit that was left out or added counts as one.
func nearest(name string) (string, bool) {
	best, edits := "", len(name)/3+1
	for _, s := range settings {
		d := distance(name, s.Name)
		if strings.HasPrefix(s.Name, name+"_") || strings.HasPrefix(name, s.Name+"_") {
			d = 1
		}
		if d < edits {
			best, edits = s.Name, d
		}
	}
	return best, best != ""
}

// distance is Levenshtein's: the least number of letters to add, drop or change.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
