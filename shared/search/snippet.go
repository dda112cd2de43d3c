package search

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"ret/shared/fold"
)

// Part is a piece of a snippet: text, or text that was looked for.
type Part struct {
	Text  string
	Found bool
}

// snippetRunes is about how long a snippet is at most.
const snippetRunes = 160

// Snippet shows a cell of a row, in a column that the row's Fit names, with what was looked
// for; of a long one the part around the first place.
func (m *Matcher) Snippet(column int, cell []byte) []Part {
	text, at := foldPlaces(cell)
	var found []span
	for _, terms := range m.ways {
		for i := range terms {
			if t := &terms[i]; !t.not && t.looksIn(column) {
				found = append(found, t.spans(text, at)...)
			}
		}
	}
	return cut(cell, joined(found))
}

// span is a piece of a cell, in bytes.
type span struct{ start, end int }

// foldPlaces folds a cell and says where each folded byte, and the end, comes from.
func foldPlaces(cell []byte) (text []byte, at []int) {
	for i := 0; i < len(cell); {
		_, size := utf8.DecodeRune(cell[i:])
		before := len(text)
		text = fold.Plain(text, cell[i:i+size])
		for range len(text) - before {
			at = append(at, i)
		}
		i += size
	}
	return text, append(at, len(cell))
}

// maxSpans is how many places of one term a snippet looks for.
const maxSpans = 100

// spans are the places of a term in a cell.
func (t *term) spans(text []byte, at []int) (found []span) {
	for from := 0; from < len(text) && len(found) < maxSpans; {
		start, end := t.find(text, from)
		if start < 0 {
			break
		}
		found = append(found, span{at[start], at[end]})
		from = max(end, start+1)
	}
	return found
}

// joined sorts spans and makes one of those that touch.
func joined(found []span) (list []span) {
	slices.SortFunc(found, func(a, b span) int { return cmp.Or(a.start-b.start, a.end-b.end) })
	for _, s := range found {
		if n := len(list); n > 0 && s.start <= list[n-1].end {
			list[n-1].end = max(list[n-1].end, s.end)
		} else {
			list = append(list, s)
		}
	}
	return list
}

// cut makes parts of a cell, of a long one those around the first span.
func cut(cell []byte, found []span) (parts []Part) {
	first := 0
	if len(found) > 0 {
		first = found[0].start
	}
	from := back(cell, first, snippetRunes/4)
	to := ahead(cell, max(from, first), snippetRunes*3/4)
	if from == 0 {
		to = max(to, ahead(cell, 0, snippetRunes))
	}
	add := func(text string, found bool) {
		if text != "" {
			parts = append(parts, Part{text, found})
		}
	}
	if from > 0 {
		add("…", false)
	}
	at := from
	for _, s := range found {
		if s.start >= to {
			break
		}
		add(shown(cell[at:s.start]), false)
		at = min(s.end, to)
		add(shown(cell[s.start:at]), true)
	}
	add(shown(cell[at:to]), false)
	if to < len(cell) {
		add("…", false)
	}
	return parts
}

// back is the place some runes before another.
func back(cell []byte, at, runes int) int {
	for ; runes > 0 && at > 0; runes-- {
		_, size := utf8.DecodeLastRune(cell[:at])
		at -= size
	}
	return at
}

// ahead is the place some runes behind another.
func ahead(cell []byte, at, runes int) int {
	for ; runes > 0 && at < len(cell); runes-- {
		_, size := utf8.DecodeRune(cell[at:])
		at += size
	}
	return at
}

// shown is text as a snippet has it: without control characters, which might be marks.
func shown(text []byte) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case r < ' ' || r == 0x7f:
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(string(text), "\uFFFD"))
}

// The marks around what was looked for, in a snippet that is text. They are no characters
// that XML knows, so that no value has them, and mean nothing in HTML.
const (
	MarkBegin = "\u0002"
	MarkEnd   = "\u0003"
)

// Marked writes a snippet as one text, with marks.
func Marked(parts []Part) string {
	var b strings.Builder
	for _, p := range parts {
		if p.Found {
			b.WriteString(MarkBegin + p.Text + MarkEnd)
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

// Unmarked reads what Marked wrote.
func Unmarked(text string) (parts []Part) {
	for text != "" {
		before, after, found := strings.Cut(text, MarkBegin)
		if before != "" {
			parts = append(parts, Part{Text: before})
		}
		if !found {
			break
		}
		inside, rest, _ := strings.Cut(after, MarkEnd)
		parts = append(parts, Part{Text: inside, Found: true})
		text = rest
	}
	return parts
}
