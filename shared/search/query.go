package search

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"ret/shared/fault"
	"ret/shared/fold"
)

const (
	// MaxBytes is how long a question may be.
	MaxBytes = 1000

	// maxTerms bounds what a question may ask for.
	maxTerms = 32
)

// Query is a question as it was understood. The zero value asks for nothing.
type Query struct {
	text   string // as it was asked
	typing bool   // it is still being typed

	ways []way // a row must fit one of them
}

// way is a list of terms that a row must fit together.
type way []term

// term is one thing that a row must have, or must not.
type term struct {
	not    bool
	column string // folded; "": any

	words  []string // folded, of one cell, with nothing but what is no word between them
	prefix bool     // the last word is the beginning of one
	part   string   // folded, anywhere in a cell; only if there are no words

	// typed is the term as words of a text, where a table has no such column: "12:30".
	typed *term
}

// Parse reads a question:
//
//	word       a word of a cell, whatever its case and accents
//	wor*       a word that begins so
//	"a phrase" words that follow each other in one cell
//	*part*     a part of a cell, also within words and across them: *"a part"*
//	column:x   any of these in a column of that name: "unit price":10
//	-x         rows without it
//	a b or c   rows with a and b, or with c
//
// What joins words in a cell does not matter: o'neill is the phrase "o neill". In a table
// that has no such column, column:x is text like any other. While a person is typing,
// the last word is taken for the beginning of one. It fails with fault.Invalid on what is
// too long.
func Parse(text string, typing bool) (Query, error) {
	if len(text) > MaxBytes {
		return Query{}, fault.New(fault.Invalid, "A question to search for may have %d characters.", MaxBytes)
	}
	p := parser{rest: strings.ToValidUTF8(text, "\uFFFD")}
	q, terms := Query{text: p.rest, typing: typing}, way(nil)
	n := 0
	for {
		p.rest = strings.TrimLeftFunc(p.rest, unicode.IsSpace)
		if p.rest == "" {
			break
		}
		if p.or() && len(terms) > 0 {
			q.ways, terms = append(q.ways, terms), nil
			continue
		}
		if t, ok := p.term(); ok {
			terms = append(terms, t)
			n++
		}
	}
	if n > maxTerms {
		return Query{}, fault.New(fault.Invalid, "A question may have %d words to search for.", maxTerms)
	}
	if len(terms) > 0 {
		q.ways = append(q.ways, terms)
	}
	if typing && len(terms) > 0 && p.open {
		terms[len(terms)-1].begin()
	}
	return q, nil
}

// Empty reports whether nothing is asked for.
func (q Query) Empty() bool { return len(q.ways) == 0 }

// Typing reports whether a question is still being typed.
func (q Query) Typing() bool { return q.typing }

// Plain is what a question says, and whether it does so in plain words: without quotes,
// stars, columns, "or" and what rows must not have, which ask for exactly that.
func (q Query) Plain() (text string, ok bool) {
	if len(q.ways) != 1 || strings.ContainsAny(q.text, "\"*") {
		return q.text, false
	}
	for _, t := range q.ways[0] {
		if t.not || t.column != "" || t.typed != nil {
			return q.text, false
		}
	}
	return q.text, true
}

// parser reads terms from the front of rest.
type parser struct {
	rest string
	open bool // the last term ended where the text does, so that there may be more of it
}

// or takes the word that stands between two ways.
func (p *parser) or() bool {
	if len(p.rest) < 3 || !strings.EqualFold(p.rest[:2], "or") {
		return false
	}
	if r, _ := utf8.DecodeRuneInString(p.rest[2:]); !unicode.IsSpace(r) || strings.TrimSpace(p.rest[2:]) == "" {
		return false
	}
	p.rest = p.rest[2:]
	return true
}

// term takes one; ok is false where it asks for nothing.
func (p *parser) term() (t term, ok bool) {
	if after, found := strings.CutPrefix(p.rest, "-"); found {
		t.not, p.rest = true, after
		if after == "" || startsWithSpace(after) {
			return t, false // a dash between words
		}
	}
	if column, after := columnOf(p.rest); column != "" {
		p.rest = after
		t.column = folded(column)
		written, ok := p.value(&t)
		if ok && len(t.words) > 0 {
			typed := term{not: t.not, words: wordsOf(folded(column + " " + written)), prefix: t.prefix}
			t.typed = &typed
		}
		return t, ok
	}
	_, ok = p.value(&t)
	return t, ok
}

// columnOf splits what names a column from the value that follows it; "" if none does.
func columnOf(text string) (column, after string) {
	if strings.HasPrefix(text, `"`) {
		if name, rest, closed := strings.Cut(text[1:], `"`); closed && strings.HasPrefix(rest, ":") {
			column, after = name, rest[1:]
		}
	} else if end := strings.IndexFunc(text, func(r rune) bool { return r == ':' || r == '"' || unicode.IsSpace(r) }); end > 0 && text[end] == ':' {
		column, after = text[:end], text[end+1:]
	}
	if after == "" || startsWithSpace(after) {
		return "", text
	}
	return column, after
}

// value takes what is looked for, and gives it as it was written.
func (p *parser) value(t *term) (written string, ok bool) {
	part := strings.HasPrefix(p.rest, "*")
	text := strings.TrimLeft(p.rest, "*")
	quoted := false
	if after, found := strings.CutPrefix(text, `"`); found {
		var closed bool
		written, p.rest, closed = strings.Cut(after, `"`)
		stars := strings.TrimLeft(p.rest, "*")
		t.prefix = !part && len(stars) < len(p.rest)
		quoted, p.open, p.rest = closed, !closed, stars
	} else {
		end := strings.IndexFunc(text, unicode.IsSpace)
		p.open = end < 0
		if end < 0 {
			end = len(text)
		}
		written, p.rest = text[:end], text[end:]
		bare := strings.TrimRight(written, "*")
		t.prefix = !part && len(bare) < len(written)
		written = bare
	}
	text = folded(written)
	if !part {
		t.words = wordsOf(text)
	}
	if len(t.words) > 0 {
		return written, true
	}
	t.prefix = false
	if !quoted && !part {
		text = strings.TrimSpace(text)
	}
	t.part = text
	return written, t.part != ""
}

// begin makes the last word the beginning of one, if the term has words.
func (t *term) begin() {
	t.prefix = len(t.words) > 0
	if t.typed != nil {
		t.typed.prefix = true
	}
}

func startsWithSpace(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsSpace(r)
}

func folded(text string) string { return string(fold.Plain(nil, []byte(text))) }

// wordsOf splits folded text.
func wordsOf(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !fold.Letter(r) })
}

// find is where in a folded cell the term stands first, from a place on; start is
// negative where it does not.
func (t *term) find(cell []byte, from int) (start, end int) {
	if len(t.words) == 0 {
		at := bytes.Index(cell[from:], []byte(t.part))
		if at < 0 {
			return -1, -1
		}
		return from + at, from + at + len(t.part)
	}
	first := []byte(t.words[0])
	for {
		at := bytes.Index(cell[from:], first)
		if at < 0 {
			return -1, -1
		}
		start = from + at
		if beginsWord(cell, start) {
			if end = t.endOfWords(cell, start); end >= 0 {
				return start, end
			}
		}
		from = start + 1
	}
}

// endOfWords is where the words end that begin at a place, or negative.
func (t *term) endOfWords(cell []byte, at int) int {
	at += len(t.words[0])
	for _, word := range t.words[1:] {
		next := at + gap(cell[at:])
		if next == at || !bytes.HasPrefix(cell[next:], []byte(word)) {
			return -1
		}
		at = next + len(word)
	}
	if !t.prefix && !endsWord(cell, at) {
		return -1
	}
	return at
}

// gap is how many bytes at the front are of no word.
func gap(text []byte) (n int) {
	for n < len(text) {
		r, size := utf8.DecodeRune(text[n:])
		if fold.Letter(r) {
			break
		}
		n += size
	}
	return n
}

func beginsWord(cell []byte, at int) bool {
	r, size := utf8.DecodeLastRune(cell[:at])
	return size == 0 || !fold.Letter(r)
}

func endsWord(cell []byte, at int) bool {
	r, size := utf8.DecodeRune(cell[at:])
	return size == 0 || !fold.Letter(r)
}
