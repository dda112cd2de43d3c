package search

import (
	"unicode/utf8"

	"ret/shared/fold"
)

// Narrow says what rows must have in order to fit, for an index of texts in the form of
// AppendPlain: each row that fits has, for one of the ways, all of that way's pieces in its
// cells. A way without pieces says nothing, and neither do rows without one of its
// pieces that fit another way.
func (q Query) Narrow() (ways [][]string) {
	for _, w := range q.ways {
		pieces := []string{}
		for _, t := range w {
			if t.not {
				continue
			}
			if piece := t.piece(); piece != "" {
				pieces = append(pieces, piece)
			}
		}
		ways = append(ways, pieces)
	}
	return ways
}

// piece is what a cell has that the term stands in. Where a table has no column of the
// term's name, its words follow others, so they stand there as well.
func (t term) piece() string {
	if len(t.words) == 0 {
		return string(appendFolded(nil, []byte(t.part)))
	}
	piece := " "
	for i, word := range t.words {
		if i > 0 {
			piece += " "
		}
		piece += word
	}
	if !t.prefix {
		piece += " "
	}
	return piece
}

// AppendPlain appends the text of a cell as an index has it: folded, with one space
// before, between and behind its words, and nothing else.
func AppendPlain(out, cell []byte) []byte {
	if len(out) == 0 || out[len(out)-1] != ' ' {
		out = append(out, ' ')
	}
	out = appendFolded(out, cell)
	if out[len(out)-1] != ' ' {
		out = append(out, ' ')
	}
	return out
}

// appendFolded folds text, and makes a space of what stands between words.
func appendFolded(out, text []byte) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			if c = plainASCII[c]; c != ' ' || len(out) == 0 || out[len(out)-1] != ' ' {
				out = append(out, c)
			}
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		i += size
		switch r = fold.PlainRune(r); {
		case r == 0:
		case fold.Letter(r):
			out = utf8.AppendRune(out, r)
		case len(out) == 0 || out[len(out)-1] != ' ':
			out = append(out, ' ')
		}
	}
	return out
}

// plainASCII is what appendFolded makes of ASCII.
var plainASCII = func() (t [utf8.RuneSelf]byte) {
	for c := range t {
		t[c] = ' '
		if r := fold.PlainRune(rune(c)); fold.Letter(r) {
			t[c] = byte(r)
		}
	}
	return t
}()
