package xmltable

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// repaired is a kind of what was mended.
type repaired uint8

const (
	repairedOutside repaired = iota
	repairedRoots
	repairedCharacters
	repairedAmpersand
	repairedDoctype
	repairedEnd
	repairedKinds
)

// repairSentences tell of each kind.
var repairSentences = [repairedKinds]string{
	repairedOutside:    "Text, declarations or DOCTYPEs outside of the document were dropped",
	repairedRoots:      "Further documents began in the file, and were read with the first as one",
	repairedCharacters: "Characters that XML forbids were dropped",
	repairedAmpersand:  "An & that begins no reference that is known was read as itself, or as the character that HTML knows by its name",
	repairedDoctype:    "A DOCTYPE that cannot be read was skipped",
	repairedEnd:        "The file ends within the document, which was closed there",
}

// RepairedPrefix begins the warnings that tell what was mended.
const RepairedPrefix = "Repaired: "

// toldPlaces is how many places of a kind are told.
const toldPlaces = 5

// places knows where in the document each byte of the repaired text comes from, as
// far as the scanner has not passed it.
type places struct {
	told  bool // somebody wants to know
	notes [repairedKinds]repairNote

	cuts      []placeCut // characters that were stripped and not passed yet
	at        int        // index into the repairer's in
	line, col int        // of in[at]

	marks []placeMark // in the repaired text, in order
}

type repairNote struct {
	count  int
	places []string
}

// placeCut: so many characters stood before in[at].
type placeCut struct{ at, n int }

// placeMark is where in the document off in the repaired text stands.
type placeMark struct {
	off       int64
	line, col int
}

func newPlaces(told bool) *places {
	return &places{told: told, line: 1, col: 1, marks: []placeMark{{0, 1, 1}}}
}

// stripped notes that a character before in[at] is dropped.
func (p *places) stripped(at int) {
	if !p.told {
		return
	}
	if n := len(p.cuts); n > 0 && p.cuts[n-1].at == at {
		p.cuts[n-1].n++
		return
	}
	p.cuts = append(p.cuts, placeCut{at, 1})
}

// advance makes line and col those of in[to], behind what was stripped there.
func (p *places) advance(to int, in []byte) { p.advanceOver(to+1, to, in) }

// advanceOver makes line and col those of in[to], and counts what was stripped
// before in[cuts].
func (p *places) advanceOver(cuts, to int, in []byte) {
	used := 0
	for _, cut := range p.cuts {
		if cut.at >= cuts {
			break
		}
		p.walk(cut.at, in)
		p.noteCut(cut.n)
		p.col += cut.n
		used++
	}
	p.cuts = p.cuts[used:]
	p.walk(to, in)
}

func (p *places) walk(to int, in []byte) {
	b := in[p.at:to]
	if last := bytes.LastIndexByte(b, '\n'); last >= 0 {
		p.line += bytes.Count(b, []byte{'\n'})
		p.col = 1
		b = b[last+1:]
	}
	p.col += utf8.RuneCount(b)
	p.at = to
}

func (p *places) noteCut(n int) {
	note := &p.notes[repairedCharacters]
	note.count += n
	for i := 0; i < n && len(note.places) < toldPlaces; i++ {
		note.places = append(note.places, fmt.Sprintf("%d:%d", p.line, p.col+i))
	}
}

// noteAt notes that something at in[at] is mended.
func (p *places) noteAt(kind repaired, at, count int, in []byte) {
	if !p.told {
		return
	}
	p.advance(at, in)
	note := &p.notes[kind]
	note.count += count
	if len(note.places) < toldPlaces {
		note.places = append(note.places, fmt.Sprintf("%d:%d", p.line, p.col))
	}
}

// passPlaces notes that in[from:to] will stand at off.
func (p *places) passPlaces(from, to int, in []byte, off int64) {
	for p.told && len(p.cuts) > 0 && p.cuts[0].at < to {
		at := p.cuts[0].at
		p.advance(at, in)
		p.mark(off + int64(max(at-from, 0)))
	}
}

// edited notes that in[at] will stand at off, other than what is before it.
func (p *places) edited(at int, in []byte, off int64) {
	if !p.told {
		return
	}
	p.advance(at, in)
	p.mark(off)
}

func (p *places) mark(off int64) {
	if n := len(p.marks); n > 0 && p.marks[n-1].off == off {
		p.marks[n-1] = placeMark{off, p.line, p.col}
		return
	}
	p.marks = append(p.marks, placeMark{off, p.line, p.col})
}

// placesForget moves the indexes into in, of which the first n bytes go.
func (p *places) placesForget(n int, in []byte) {
	if !p.told {
		return
	}
	if p.at < n {
		p.advanceOver(n, n, in) // what was stripped right there stays to be counted
	}
	p.at -= n
	for i := range p.cuts {
		p.cuts[i].at -= n
	}
}

// of gives the place of off, which lies in buf[:] that begins at base.
func (p *places) of(off, base int64, buf []byte) (line, col int) {
	i := len(p.marks) - 1
	for i > 0 && p.marks[i].off > off {
		i--
	}
	m := p.marks[i]
	b := buf[max(m.off-base, 0) : off-base]
	if last := bytes.LastIndexByte(b, '\n'); last >= 0 {
		return m.line + bytes.Count(b, []byte{'\n'}), 1 + utf8.RuneCount(b[last+1:])
	}
	return m.line, m.col + utf8.RuneCount(b)
}

// forgetBefore drops the marks before off, whose place is kept instead.
func (p *places) forgetBefore(off, base int64, buf []byte) {
	line, col := p.of(off, base, buf)
	i := 0
	for i < len(p.marks) && p.marks[i].off <= off {
		i++
	}
	rest := p.marks[i:]
	p.marks = append(append(p.marks[:0:0], placeMark{off, line, col}), rest...)
}

// warnings has a sentence for each kind.
func (p *places) warnings() []string {
	var list []string
	for kind, note := range p.notes {
		if note.count == 0 {
			continue
		}
		more := ""
		if n := note.count - len(note.places); n > 0 {
			more = fmt.Sprintf(" and %d more", n)
		}
		list = append(list, fmt.Sprintf(RepairedPrefix+"%s: %d× (at %s%s).", repairSentences[kind], note.count, strings.Join(note.places, ", "), more))
	}
	return list
}
