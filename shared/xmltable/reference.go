package xmltable

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// A reference is what stands between "&" and ";".
type reference struct {
	name []byte
	char rune // of a character reference or a predefined entity
}

var predefined = map[string]rune{"lt": '<', "gt": '>', "amp": '&', "apos": '\'', "quot": '"'}

// parseReference reads the reference at the start of b and returns its length.
// If there is a problem, it stands at b[n], or b ends too early if n is len(b).
func parseReference(b []byte) (ref reference, n int, problem string) {
	if len(b) > 1 && b[1] == '#' {
		return parseCharacter(b)
	}
	n = 1 + nameLength(b[1:])
	switch {
	case n == 1:
		return ref, n, "expected the name of an entity after &; write & itself as &amp;"
	case n == len(b) || b[n] != ';':
		return ref, n, fmt.Sprintf("expected ; after &%.100s", b[1:n])
	}
	ref.name = b[1:n]
	ref.char = predefined[string(ref.name)]
	return ref, n + 1, ""
}

// shortReference reads the reference at b[i:] if it is one of those that most are: to a
// predefined entity other than the quotes, or by a decimal number of up to five digits. Of
// any other n is 0, and of one that may be wrong.
func shortReference(b []byte, i int) (char rune, n int) {
	if i+8 > len(b) {
		return 0, 0
	}
	w := load(b, i)
	switch {
	case w&(1<<40-1) == '&'|'a'<<8|'m'<<16|'p'<<24|';'<<32:
		return '&', len("&amp;")
	case w&(1<<32-1) == '&'|'l'<<8|'t'<<16|';'<<24:
		return '<', len("&lt;")
	case w&(1<<32-1) == '&'|'g'<<8|'t'<<16|';'<<24:
		return '>', len("&gt;")
	case w&(1<<16-1) != '&'|'#'<<8:
		return 0, 0
	}
	n = len("&#")
	for w >>= 16; w != 0; w >>= 8 {
		n++
		c := byte(w)
		if c == ';' {
			break
		}
		if c-'0' > 9 {
			return 0, 0
		}
		char = char*10 + rune(c-'0')
	}
	if w == 0 || char < ' ' || char >= 0xD800 {
		return 0, 0
	}
	return char, n
}

func parseCharacter(b []byte) (ref reference, n int, problem string) {
	n, base := len("&#"), 10
	if len(b) > n && b[n] == 'x' {
		n, base = n+1, 16
	}
	first := n
	for n < len(b) {
		d := digit(b[n])
		if d >= base {
			break
		}
		ref.char = min(ref.char*rune(base)+rune(d), utf8.MaxRune+1)
		n++
	}
	switch {
	case n == len(b) || n == first:
		return ref, n, "expected digits and ; after &#"
	case b[n] != ';':
		return ref, n, "expected ; after the digits of a character reference"
	case !validRune(ref.char) || ref.char == 0:
		return ref, first, "expected the number of a character that XML allows"
	}
	return ref, n + 1, ""
}

func digit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return 16
}

// reference takes the reference at pos in content.
func (s *scanner) reference() (t token, ok bool) {
	for {
		ref, n, problem := parseReference(s.buf[s.pos:s.end])
		switch {
		case problem == "":
			return s.refer(ref, n)
		case s.pos+n < s.end || n > s.limits.NameBytes:
			return s.fail(s.pos, "%s", problem+s.allowedBy11(ref)), true
		case !s.more():
			if s.broken() {
				return s.unexpectedEnd(), true
			}
			return s.fail(s.pos, "%s", problem), true
		}
	}
}

// refer takes n bytes of reference.
func (s *scanner) refer(ref reference, n int) (t token, ok bool) {
	written := s.buf[s.pos : s.pos+n]
	if ref.char != 0 {
		s.pos += n
		text := s.rune[:utf8.EncodeRune(s.rune[:], ref.char)]
		return s.piece(text, blank(text)), true
	}
	e, problem := s.entity(ref.name)
	switch {
	case problem != "":
		return s.fail(s.pos, "%s", problem), true
	case e == nil || e.external:
		s.pos += n
		s.warnLeftAsWritten(written)
		return s.piece(written, false), true
	}
	return s.enterEntity(e, n)
}

// entity finds the general entity of that name; nil if it may be declared where
// RET does not look.
func (s *scanner) entity(name []byte) (e *entity, problem string) {
	if s.dtd != nil {
		e = s.dtd.entities[string(name)]
	}
	switch {
	case e == nil && (s.dtd == nil || !s.dtd.incomplete || s.standalone):
		return nil, fmt.Sprintf("expected an entity that is declared, found &%.100s;", name)
	case e != nil && e.unparsed:
		return nil, fmt.Sprintf("expected an entity of text, found &%.100s;, which is not parsed", name)
	}
	return e, ""
}

// toldLeft is how many references that stay as written are told of.
const toldLeft = 20

func (s *scanner) warnLeftAsWritten(written []byte) {
	if !s.learns || s.left[string(written)] || len(s.left) > toldLeft {
		return
	}
	if s.left == nil {
		s.left = map[string]bool{}
	}
	s.left[string(written)] = true
	if len(s.left) > toldLeft {
		s.shape.warn("Further references stay as they are written too.")
		return
	}
	s.shape.warn(fmt.Sprintf("The reference %.100s stays as it is written: what it stands for is not in the document.", written))
}

// by11 explains an error that XML 1.1 would allow.
const by11 = "; XML 1.1, which the document says it is, allows this, but RET reads it by the rules of XML 1.0"

// allowedBy11 is by11 where that would allow what is wrong with the reference: it
// is to a control character.
func (s *scanner) allowedBy11(ref reference) string {
	if s.xml11 && 0 < ref.char && ref.char < 0x20 {
		return by11
	}
	return ""
}

// enterEntity goes on in the replacement text of e, n bytes being its reference.
func (s *scanner) enterEntity(e *entity, n int) (t token, ok bool) {
	if problem := s.expand(e, len(s.outer)); problem != "" {
		return s.fail(s.pos, "%s", problem), true
	}
	at := s.pos
	s.pos += n
	s.outer = append(s.outer, source{buf: s.buf, pos: s.pos, end: s.end, at: at, floor: s.floor, entity: e})
	e.open = true
	s.buf, s.pos, s.end = e.text, 0, len(e.text)-slackBytes
	s.floor = len(s.frames)
	return 0, false
}

// leaveEntity goes on behind the reference.
func (s *scanner) leaveEntity() (t token, ok bool) {
	if len(s.frames) != s.floor {
		return s.unexpectedEnd(), true
	}
	o := s.outer[len(s.outer)-1]
	s.outer = s.outer[:len(s.outer)-1]
	o.entity.open = false
	s.buf, s.pos, s.end, s.floor = o.buf, o.pos, o.end, o.floor
	return 0, false
}

// expand accounts for one more expansion of e, in so many others.
func (s *scanner) expand(e *entity, depth int) (problem string) {
	s.expanded += int64(len(e.text) - slackBytes)
	switch {
	case e.open:
		return fmt.Sprintf("expected entities that do not contain themselves, found %.100s in itself", e.name)
	case depth >= s.limits.EntityDepth:
		return fmt.Sprintf("entities are nested deeper than the limit of %d", s.limits.EntityDepth)
	case s.expanded > s.most:
		return fmt.Sprintf("entities expand to more than the limit of %d bytes", s.most)
	}
	return ""
}

// normalize appends the attribute value that is written as src, as section 3.3.3
// of XML 1.0 says for CDATA. depth counts the entities around it. If there is a
// problem, it stands at src[at].
func (s *scanner) normalize(dst, src []byte, depth int) (value []byte, at int, problem string) {
	for i := 0; i < len(src); {
		switch c := src[i]; {
		case c == '<':
			return dst, i, "expected no < in what an entity brings into an attribute value"
		case space(c):
			dst, i = append(dst, ' '), i+1
		case c == '&':
			ref, n, problem := parseReference(src[i:])
			if problem == "" {
				dst, problem = s.referInValue(dst, ref, src[i:i+n], depth)
			} else {
				problem += s.allowedBy11(ref)
			}
			if problem != "" {
				return dst, i, problem
			}
			i += n
		default:
			n := bytes.IndexAny(src[i:], "<& \t\r\n")
			if n < 0 {
				n = len(src) - i
			}
			dst, i = append(dst, src[i:i+n]...), i+n
		}
	}
	return dst, 0, ""
}

// referInValue appends what a reference in an attribute value stands for.
func (s *scanner) referInValue(dst []byte, ref reference, written []byte, depth int) (value []byte, problem string) {
	if ref.char != 0 {
		return utf8.AppendRune(dst, ref.char), ""
	}
	e, problem := s.entity(ref.name)
	switch {
	case problem != "":
		return dst, problem
	case e == nil:
		s.warnLeftAsWritten(written)
		return append(dst, written...), ""
	case e.external:
		return dst, fmt.Sprintf("expected no reference to an external entity in an attribute value, found %.100s", written)
	}
	if problem := s.expand(e, depth); problem != "" {
		return dst, problem
	}
	e.open = true
	dst, _, problem = s.normalize(dst, e.text[:len(e.text)-slackBytes], depth+1)
	e.open = false
	return dst, problem
}

// collapseSpaces trims spaces at both ends and makes one of several, as section
// 3.3.3 says for all types but CDATA.
func collapseSpaces(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for _, word := range bytes.Split(b, []byte{' '}) {
		if len(word) == 0 {
			continue
		}
		if len(out) > 0 {
			out = append(out, ' ')
		}
		out = append(out, word...)
	}
	return out
}
