package ask

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"ret/shared/workspace"
)

// citing takes one answer apart.
type citing struct {
	answer   *workspace.AskAnswer
	question string
	seen     *shown
	numbers  map[int]int // of sources: their citations
}

// cite takes an answer apart into statements and looks up what they cite. Citations are
// numbered anew, in the order in which they come; what was never shown is no citation.
func cite(text, question string, seen *shown) *workspace.AskAnswer {
	c := citing{
		answer:   &workspace.AskAnswer{Statements: []workspace.Statement{}, Citations: []workspace.Citation{}},
		question: question, seen: seen, numbers: map[int]int{},
	}
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		for i, piece := range sentences(line) {
			c.add(piece, i == 0)
		}
	}
	c.answer.Text = plain(c.answer.Statements)
	return c.answer
}

// marker is where the model cites: [1], [1, 2], 【1】.
var marker = regexp.MustCompile(`\s*[\[【](\d{1,4}(?:\s*,\s*\d{1,4})*)[\]】]`)

// add adds a piece of text with its markers as a statement.
func (c *citing) add(piece string, line bool) {
	var cited []int
	for _, m := range marker.FindAllStringSubmatch(piece, -1) {
		for digits := range strings.SplitSeq(m[1], ",") {
			source, _ := strconv.Atoi(strings.TrimSpace(digits)) // digits, and few
			if source >= 1 && source <= len(c.seen.sources) && !slices.Contains(cited, source) {
				cited = append(cited, source)
			}
		}
	}
	text := strings.TrimSpace(marker.ReplaceAllString(piece, ""))
	if !strings.ContainsFunc(text, isWordPart) { // nothing but markers: they belong to what stands before
		c.citeLast(cited)
		return
	}
	s := workspace.Statement{Text: text, Line: line, Claim: isClaim(text), Citations: []int{}}
	for _, source := range cited {
		s.Citations = append(s.Citations, c.number(source))
	}
	if s.Claim {
		s.Unproved = unproved(text, c.proofs(cited))
	}
	c.answer.Statements = append(c.answer.Statements, s)
}

func (c *citing) citeLast(cited []int) {
	if len(c.answer.Statements) == 0 {
		return
	}
	last := &c.answer.Statements[len(c.answer.Statements)-1]
	for _, source := range cited {
		if n := c.number(source); !slices.Contains(last.Citations, n) {
			last.Citations = append(last.Citations, n)
		}
	}
	var sources []int
	for source, n := range c.numbers {
		if slices.Contains(last.Citations, n) {
			sources = append(sources, source)
		}
	}
	if last.Claim {
		last.Unproved = unproved(last.Text, c.proofs(sources))
	}
}

// number is the citation of a source, which is made when it is cited first.
func (c *citing) number(source int) int {
	if n, ok := c.numbers[source]; ok {
		return n
	}
	c.answer.Citations = append(c.answer.Citations, c.seen.sources[source-1].citation)
	c.numbers[source] = len(c.answer.Citations)
	return len(c.answer.Citations)
}

// proofs are the numbers that a statement may state: those of its sources, how many rows
// these have, and what the person said.
func (c *citing) proofs(cited []int) proofs {
	p := newProofs(c.question)
	for _, source := range cited {
		s := c.seen.sources[source-1]
		for _, text := range s.texts {
			p.add(text)
		}
		if s.rows >= 0 {
			p.add(strconv.Itoa(s.rows))
		}
	}
	return p
}

// plain is the text of statements with their markers.
func plain(statements []workspace.Statement) string {
	var b strings.Builder
	for i, s := range statements {
		if i > 0 && s.Line {
			b.WriteByte('\n')
		} else if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(s.Text)
		for j, n := range s.Citations {
			if j == 0 {
				b.WriteByte(' ')
			}
			b.WriteString("[" + strconv.Itoa(n) + "]")
		}
	}
	return b.String()
}

func isWordPart(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// isClaim reports whether a statement says something about the tables: what leads to a
// list, or asks, does not, unless it has numbers.
func isClaim(text string) bool {
	if strings.ContainsFunc(listMark.ReplaceAllString(text, ""), unicode.IsDigit) {
		return true
	}
	return !strings.HasSuffix(text, ":") && !strings.HasSuffix(text, "?")
}

// ending is where a sentence may end: its stop, what closes after it, its markers.
var ending = regexp.MustCompile(`[.!?…]["'”’)]*(?:\s*[\[【]\d{1,4}(?:\s*,\s*\d{1,4})*[\]】])*(?:\s+|$)`)

// sentences cuts a line into its sentences, each with the markers that follow it. Where
// that is in doubt, after an initial or an abbreviation, it does not cut.
func sentences(line string) (pieces []string) {
	begin := 0
	for _, at := range ending.FindAllStringIndex(line, -1) {
		if at[1] < len(line) && !endsSentence(line[begin:at[0]], line[at[1]:]) {
			continue
		}
		pieces = append(pieces, line[begin:at[1]])
		begin = at[1]
	}
	if begin < len(line) {
		pieces = append(pieces, line[begin:])
	}
	return pieces
}

// abbreviations after which a sentence goes on.
var abbreviations = []string{"no", "nr", "vs", "ca", "approx", "incl", "resp", "bzw", "dr", "mr", "mrs", "prof", "st"}

func endsSentence(before, after string) bool {
	word := before[strings.LastIndexAny(before, " (")+1:]
	dotted := strings.Contains(word, ".") && !strings.ContainsFunc(word, unicode.IsDigit)
	if len([]rune(word)) <= 1 || dotted || slices.Contains(abbreviations, strings.ToLower(word)) {
		return false
	}
	next, _ := utf8.DecodeRuneInString(after)
	return !unicode.IsLower(next)
}
