package fold

import (
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestPlain(t *testing.T) {
	for text, want := range map[string]string{
		"Müller":        "muller",
		"MU\u0308LLER":  "muller",
		"Ἀθήνα":         "αθηνα",
		"Ёлка":          "елка",
		"Straße, Søren": "straße, søren",
		"İstanbul":      "istanbul",
		"Việt Nam":      "viet nam",
		"a\xffb":        "a\uFFFDb",
		"ΣΑΣ, σας":      "σασ, σασ",
		"东京":            "东京",
	} {
		if got := string(Plain(nil, []byte(text))); got != want {
			t.Errorf("%q folds to %q, not %q", text, got, want)
		}
	}
}

// TestAccented holds the table against Unicode's: whatever is the same letter, with its
// accents within letters or as signs of their own, folds to the same.
func TestAccented(t *testing.T) {
	for r := rune(1); r < 0x3000; r++ {
		text := string(r)
		apart := norm.NFD.String(text)
		accents := utf8.RuneCountInString(apart) > 1 && (unicode.IsLetter(r) || unicode.IsMark(r))
		for _, mark := range apart[utf8.RuneLen([]rune(apart)[0]):] {
			accents = accents && mark >= 0x300 && mark < 0x370
		}
		if !accents {
			continue
		}
		if one, other := string(Plain(nil, []byte(text))), string(Plain(nil, []byte(apart))); one != other {
			t.Errorf("%U folds to %q, and its parts to %q", r, one, other)
		}
	}
}
