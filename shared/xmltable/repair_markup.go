package xmltable

import (
	"bytes"
	"html"
	"strconv"
	"strings"
)

// longestMark is as much as has to be there to know what begins with "<".
const longestMark = 16

// markup takes what begins with "<".
func (r *repairer) markup() {
	for r.end-r.pos < longestMark && r.fill() {
	}
	b := r.in[r.pos:r.end]
	has := func(mark string) bool { return bytes.HasPrefix(b, []byte(mark)) }
	switch {
	case has("<!--"):
		r.hold("<!--", "-->")
	case has("<![CDATA["):
		r.cdata()
	case has("<!DOCTYPE"):
		r.doctype()
	case has("<?xml") && len(b) > 5 && (space(b[5]) || b[5] == '?'):
		r.declaration()
	case has("<?"):
		r.hold("<?", "?>")
	case has("</"):
		r.endTag()
	case len(b) > 1 && startsName(b[1:]):
		r.startTag()
	case r.ended && (bytes.HasPrefix([]byte("<![CDATA["), b) || bytes.HasPrefix([]byte("<!DOCTYPE"), b) || bytes.HasPrefix([]byte("<!--"), b)):
		r.unfinished()
	default:
		r.mode = repairNothing
	}
}

// whole reads on until literal stands behind the first so many bytes, and returns
// the length up to its end; 0 if the document ends before, or it is over the limit.
func (r *repairer) whole(literal string, from, limit int) int {
	for looked := from; ; {
		if n := bytes.Index(r.in[r.pos+looked:r.end], []byte(literal)); n >= 0 {
			return looked + n + len(literal)
		}
		looked = max(from, r.end-r.pos-len(literal)+1)
		if r.end-r.pos > limit || !r.fill() {
			return 0
		}
	}
}

// hold passes on a comment or an instruction, if it ends. One that is very long is
// passed on before that is known.
func (r *repairer) hold(begin, end string) {
	n := r.whole(end, len(begin), heldComment)
	switch {
	case n > 0:
		r.pass(n)
	case r.ended:
		r.unfinished()
	default:
		r.pass(len(begin))
		r.mode, r.until = repairPass, end
	}
}

func (r *repairer) cdata() {
	r.until = "]]>"
	if len(r.open) > 0 {
		r.pass(len("<![CDATA["))
		r.mode = repairPass
		return
	}
	r.note(repairedOutside, r.pos, 1)
	r.drop(len("<![CDATA["))
	r.mode = repairDrop
}

// declaration drops an XML declaration after the first element.
func (r *repairer) declaration() {
	if r.started {
		r.note(repairedOutside, r.pos, 1)
		r.mode, r.until = repairDrop, "?>"
		return
	}
	n := r.whole("?>", len("<?xml"), heldComment)
	if n == 0 {
		r.mode = repairNothing
		return
	}
	r.standsOne = saysStandalone(r.in[r.pos : r.pos+n])
	r.pass(n)
}

// doctype reads a document type declaration itself, so that the scanner meets
// none; one after the first element means nothing.
func (r *repairer) doctype() {
	if r.sawDTD && !r.started {
		r.mode = repairNothing
		return
	}
	for {
		helper := &scanner{shape: newShape(), limits: r.limits, most: r.most, standalone: r.standsOne, dtd: newDTD()}
		p := subset{scanner: helper, cursor: cursor{b: r.in[r.pos:r.end]}}
		isWhole := p.documentType()
		if !isWhole && p.atEnd() && r.end-r.pos < heldDoctype && r.fill() {
			continue
		}
		r.takeDoctype(&p, isWhole)
		return
	}
}

func (r *repairer) takeDoctype(p *subset, isWhole bool) {
	switch {
	case r.started:
		r.note(repairedOutside, r.pos, 1)
	case !isWhole:
		r.note(repairedDoctype, r.pos, 1)
	}
	if !r.started {
		r.dtd, r.expanded, r.sawDTD = p.scanner.dtd, p.scanner.expanded, true
	}
	switch {
	case isWhole:
		r.drop(p.i)
	case p.inside:
		r.drop(p.whole)
		r.mode = repairSkipIn
	default:
		r.drop(p.whole)
		r.mode = repairSkip
	}
}

// skipDoctype skips one that cannot be read: up to its "]" and ">", or to its
// first ">" where no "[" came.
func (r *repairer) skipDoctype() {
	if r.mode == repairSkip {
		n := bytes.IndexAny(r.in[r.pos:r.end], "[>")
		if n < 0 {
			r.drop(r.end - r.pos)
			return
		}
		r.mode = repairContent
		if r.in[r.pos+n] == '[' {
			r.mode = repairSkipIn
		}
		r.drop(n + 1)
		return
	}
	n := bytes.IndexByte(r.in[r.pos:r.end], ']')
	if n < 0 {
		r.drop(r.end - r.pos)
		return
	}
	r.drop(n)
	i := r.pos + 1
	for space(r.in[i]) {
		i++
	}
	switch {
	case i >= r.end && r.end-r.pos < heldComment && r.fill():
	case i < r.end && r.in[i] == '>':
		r.drop(i + 1 - r.pos)
		r.mode = repairContent
	default:
		r.drop(1)
	}
}

// endTag closes the innermost element. Any other end tag is left to the scanner.
func (r *repairer) endTag() {
	n := r.whole(">", len("</"), r.limits.NameBytes+repairBytes)
	if n == 0 {
		if r.ended {
			r.unfinished()
		} else {
			r.mode = repairNothing
		}
		return
	}
	name := bytes.TrimRight(r.in[r.pos+2:r.pos+n-1], " \t\n")
	if len(r.open) == 0 || r.open[len(r.open)-1] != string(name) {
		r.mode = repairNothing
		return
	}
	r.open = r.open[:len(r.open)-1]
	r.pass(n)
}

// startTag opens an element.
func (r *repairer) startTag() {
	n, isTag := r.tagLength()
	switch {
	case !isTag:
		r.mode = repairNothing
		return
	case n == 0:
		r.unfinished()
		return
	}
	name := string(r.in[r.pos+1 : r.pos+1+nameLength(r.in[r.pos+1:r.end])])
	if len(r.open) == 0 && !r.root() {
		return
	}
	r.started = true
	if r.in[r.pos+n-2] != '/' {
		r.open = append(r.open, name)
	}
	if len(r.open) > r.limits.Depth+1 {
		r.mode = repairNothing // the scanner fails at its depth
	}
	r.tag(n)
}

// root begins a root. It is false where that ends this reading.
func (r *repairer) root() bool {
	r.roots++
	switch {
	case r.roots == 1 && r.wrapped:
		r.insert("<" + documentsTag + ">")
	case r.roots > 1 && r.wrapped:
		r.note(repairedRoots, r.pos, 1)
	case r.roots > 1:
		r.done, r.err = true, errSecondRoot
		return false
	}
	return true
}

// tagLength finds the end of a start tag; 0 if the document ends before. It is no
// tag that the scanner could read if a "<" stands in it.
func (r *repairer) tagLength() (n int, isTag bool) {
	var quote byte
	for i := 1; ; i++ {
		if r.pos+i >= r.end {
			if r.end-r.pos > 2*r.limits.ValueBytes {
				return 0, false
			}
			if !r.fill() {
				return 0, true
			}
		}
		switch c := r.in[r.pos+i]; {
		case c == '<':
			return 0, false
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i + 1, true
		}
	}
}

// tag passes a start tag on, with its references mended.
func (r *repairer) tag(n int) {
	for end := r.pos + n; r.pos < end; {
		i := bytes.IndexByte(r.in[r.pos:end], '&')
		if i < 0 {
			r.pass(end - r.pos)
			return
		}
		r.pass(i)
		r.mend(r.in[r.pos:end])
	}
}

// reference takes the "&" at pos in a text.
func (r *repairer) reference() {
	most := r.limits.NameBytes + longestMark
	for {
		b := r.in[r.pos:min(r.end, r.pos+most)]
		n := referenceLength(b)
		if n < len(b) || len(b) == most {
			r.mend(b)
			return
		}
		if !r.fill() {
			if r.srcErr == nil {
				r.unfinished()
			} else {
				r.pass(len(b))
			}
			return
		}
	}
}

// referenceLength is how far b looks like a reference, without its ";".
func referenceLength(b []byte) int {
	n := 1
	if n < len(b) && b[n] == '#' {
		n++
		hex := n < len(b) && b[n] == 'x'
		if hex {
			n++
		}
		for n < len(b) && (digit(b[n]) < 10 || hex && digit(b[n]) < 16) {
			n++
		}
		return n
	}
	return n + nameLength(b[n:])
}

// mend gives the reference at the start of b, or what is meant.
func (r *repairer) mend(b []byte) {
	n := referenceLength(b)
	if n == len(b) || b[n] != ';' {
		r.ampersand()
		return
	}
	if n > 1 && b[1] == '#' {
		r.mendCharacter(b[:n+1])
		return
	}
	name := string(b[1:n])
	if r.knows(name) {
		r.pass(n + 1)
		return
	}
	switch characters := htmlCharacters(name); {
	case n == 1 || characters == "":
		r.ampersand()
	default:
		r.note(repairedAmpersand, r.pos, 1)
		r.replace(n+1, characters)
	}
}

func (r *repairer) ampersand() {
	r.note(repairedAmpersand, r.pos, 1)
	r.replace(1, "&amp;")
}

// mendCharacter drops a reference to a character that XML forbids.
func (r *repairer) mendCharacter(written []byte) {
	_, _, problem := parseCharacter(written)
	digits := bytes.TrimLeft(written, "&#x")
	switch {
	case problem == "":
		r.pass(len(written))
	case len(digits) < 2: // nothing but ";"
		r.ampersand()
	default:
		r.note(repairedCharacters, r.pos, 1)
		r.drop(len(written))
	}
}

// knows reports whether the scanner can go on with a reference to that name.
func (r *repairer) knows(name string) bool {
	if predefined[name] != 0 {
		return true
	}
	return r.dtd != nil && (r.dtd.entities[name] != nil || r.dtd.incomplete && !r.standsOne)
}

// htmlCharacters are what HTML means by a name, written so that nothing else is
// meant by them in XML; "" if it knows none.
func htmlCharacters(name string) string {
	text := html.UnescapeString("&" + name + ";")
	if strings.HasPrefix(text, "&") && text != "&" || strings.HasSuffix(text, ";") && name != "semi" {
		return ""
	}
	var b strings.Builder
	for _, c := range text {
		if c < 0x80 {
			b.WriteString("&#" + strconv.Itoa(int(c)) + ";")
			continue
		}
		b.WriteRune(c)
	}
	return b.String()
}
