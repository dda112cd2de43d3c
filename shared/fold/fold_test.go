package fold_test

import (
	"strings"
	"testing"
	"unicode"

	"ret/shared/fold"
)

// Every letter folds to what strings.EqualFold takes for its equal, and no two
// others to the same.
func TestFoldsAsEqualFold(t *testing.T) {
	byFold := map[string]rune{}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !unicode.IsGraphic(r) {
			continue
		}
		s := string(r)
		folded := fold.String(s)
		if !strings.EqualFold(folded, s) {
			t.Fatalf("%q folds to %q, which is another letter", s, folded)
		}
		if other, known := byFold[folded]; known && !strings.EqualFold(string(other), s) {
			t.Fatalf("%q and %q fold to the same", other, r)
		}
		byFold[folded] = r
		if next := unicode.SimpleFold(r); fold.String(string(next)) != folded {
			t.Fatalf("%q and %q differ in case alone, but fold to %q and %q", r, next, folded, fold.String(string(next)))
		}
	}
}

func TestFoldedOnceStaysFolded(t *testing.T) {
	for _, s := range []string{"", "abc", "ABC", "Ärzte", "ΣΊΣΥΦΟΣ", "Kelvin \u212a", "long \u017f", "İ", "a\xffB"} {
		once := fold.String(s)
		if again := fold.String(once); again != once {
			t.Errorf("%q folds to %q and that to %q", s, once, again)
		}
	}
	if !fold.Equal("ÄRZTE", "ärzte") || fold.Equal("Ärzte", "Arzte") {
		t.Error("equal is not equal")
	}
}
