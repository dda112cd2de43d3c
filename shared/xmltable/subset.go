package xmltable

import (
	"bytes"
	"strings"
)

// subset reads a document type declaration with its internal subset into
// scanner.dtd, or the replacement text of a parameter entity within it.
type subset struct {
	cursor
	scanner *scanner
	depth   int // parameter entities around

	inside bool // between "[" and "]"
	whole  int  // where what could be read ends: the last whole declaration, or "]"
}

// documentType is production [28].
func (p *subset) documentType() bool {
	var name string
	if !p.expect("<!DOCTYPE") || !p.expectSpaces() || !p.name(&name) {
		return false
	}
	if p.spaces() && p.peek() != '[' && p.peek() != '>' {
		if !p.externalID(false) {
			return false
		}
		p.scanner.dtd.incomplete = true
		p.spaces()
	}
	if p.takes("[") {
		p.inside = true
		if !p.declarations() || !p.expect("]") {
			return false
		}
		p.inside, p.whole = false, p.i
	}
	p.spaces()
	return p.expect(">")
}

// declarations reads markup declarations up to "]" or the end of the text.
func (p *subset) declarations() bool {
	for {
		p.spaces()
		p.whole = p.i
		switch c := p.peek(); {
		case p.atEnd():
			return p.depth > 0
		case c == ']':
			return p.depth == 0 || p.fail("expected a declaration in the parameter entity")
		case c == '%':
			if !p.parameterReference() {
				return false
			}
		case !p.declaration():
			return false
		}
	}
}

func (p *subset) declaration() bool {
	switch {
	case p.takes("<!--"):
		return p.comment()
	case p.takes("<?"):
		return p.instruction()
	case p.takes("<!ELEMENT"):
		return p.elementDeclaration()
	case p.takes("<!ATTLIST"):
		return p.attributeList()
	case p.takes("<!ENTITY"):
		return p.entityDeclaration()
	case p.takes("<!NOTATION"):
		return p.notation()
	}
	return p.fail("expected a declaration, a comment, a processing instruction or ] in the internal subset")
}

func (p *subset) comment() bool {
	if _, ok := p.until("--"); !ok {
		return false
	}
	return p.takes(">") || p.fail("expected no -- within a comment")
}

func (p *subset) instruction() bool {
	var target string
	if !p.name(&target) {
		return false
	}
	if strings.EqualFold(target, "xml") {
		return p.fail("expected a processing instruction, found an XML declaration")
	}
	if !space(p.peek()) && !p.sees("?>") {
		return p.fail("expected white space or ?> after the target of a processing instruction")
	}
	_, ok := p.until("?>")
	return ok
}

// parameterReference reads what a parameter entity stands for, if it is here.
func (p *subset) parameterReference() bool {
	var name string
	at := p.i
	p.i++
	if !p.name(&name) || !p.expect(";") {
		return false
	}
	d := p.scanner.dtd
	d.incomplete = true
	e := d.parameters[name]
	switch {
	case e == nil && p.scanner.standalone:
		p.i = at
		return p.fail("expected a parameter entity that is declared, found %%%.100s;", name)
	case e == nil || e.external:
		d.deaf = d.deaf || !p.scanner.standalone
		return true
	}
	if problem := p.scanner.expand(e, p.depth); problem != "" {
		p.i = at
		return p.fail("%s", problem)
	}
	e.open = true
	inside := subset{scanner: p.scanner, depth: p.depth + 1, cursor: cursor{b: e.text[:len(e.text)-slackBytes]}}
	ok := inside.declarations()
	e.open = false
	if ok {
		return true
	}
	p.i = at
	if inside.problem == "" {
		inside.problem = "expected whole declarations"
	}
	return p.fail("in the parameter entity %.100s: %s", name, inside.problem)
}

// externalID is production [75]; a notation may leave out the system literal.
func (p *subset) externalID(notation bool) bool {
	var literal []byte
	if p.takes("SYSTEM") {
		return p.expectSpaces() && p.quoted(&literal)
	}
	if !p.takes("PUBLIC") {
		return p.fail("expected SYSTEM or PUBLIC in the document type declaration")
	}
	if !p.expectSpaces() || !p.quoted(&literal) {
		return false
	}
	if i := bytes.IndexFunc(literal, notInPublicID); i >= 0 {
		return p.fail("expected a public identifier, found %q in it", rune(literal[i]))
	}
	spaced := p.spaces()
	if c := p.peek(); notation && c != '"' && c != '\'' {
		return true
	}
	return (spaced || p.expectSpaces()) && p.quoted(&literal)
}

// notInPublicID is what production [13] leaves out.
func notInPublicID(r rune) bool {
	return !('a' <= r|0x20 && r|0x20 <= 'z' || '0' <= r && r <= '9' || strings.ContainsRune(" \r\n-'()+,./:=?;!*#@$_%", r))
}

func (p *subset) notation() bool {
	var name string
	if !p.expectSpaces() || !p.name(&name) || !p.expectSpaces() || !p.externalID(true) {
		return false
	}
	p.spaces()
	return p.expect(">")
}
