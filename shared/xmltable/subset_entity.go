package xmltable

import (
	"bytes"
	"unicode/utf8"
)

// entityDeclaration is production [70] after "<!ENTITY".
func (p *subset) entityDeclaration() bool {
	e := &entity{}
	if !p.expectSpaces() {
		return false
	}
	table := p.scanner.dtd.entities
	parameter := p.takes("%")
	if parameter {
		table = p.scanner.dtd.parameters
		if !p.expectSpaces() {
			return false
		}
	}
	if !p.name(&e.name) || !p.expectSpaces() || !p.entityDefinition(e, parameter) {
		return false
	}
	p.spaces()
	if !p.expect(">") {
		return false
	}
	p.scanner.dtd.declareEntity(table, e)
	return true
}

func (p *subset) entityDefinition(e *entity, parameter bool) bool {
	if c := p.peek(); c == '"' || c == '\'' {
		return p.entityValue(e)
	}
	e.external = true
	if !p.externalID(false) {
		return false
	}
	if !p.spaces() || parameter || p.peek() != 'N' {
		return true
	}
	e.unparsed = true
	var notation string
	return p.expect("NDATA") && p.expectSpaces() && p.name(&notation)
}

// entityValue makes the replacement text: character references are resolved,
// references to entities stay (XML 1.0, section 4.5).
func (p *subset) entityValue(e *entity) bool {
	at := p.i
	var literal []byte
	if !p.quoted(&literal) {
		return false
	}
	whole := len(literal)
	for len(literal) > 0 {
		n := bytes.IndexAny(literal, "&%")
		if n < 0 {
			n = len(literal)
		}
		e.text = append(e.text, literal[:n]...)
		if literal = literal[n:]; len(literal) == 0 {
			break
		}
		if literal[0] == '%' {
			p.i = at + 1 + whole - len(literal)
			return p.fail("expected no %% in the value of an entity; write it as &#37;")
		}
		ref, n, problem := parseReference(literal)
		if problem != "" {
			p.i = at + 1 + whole - len(literal)
			return p.fail("%s", problem+p.scanner.allowedBy11(ref))
		}
		if ref.name == nil {
			e.text = utf8.AppendRune(e.text, ref.char)
		} else {
			e.text = append(e.text, literal[:n]...)
		}
		literal = literal[n:]
	}
	if !redeclaresRightly(e) {
		p.i = at
		return p.fail("expected the entity %s to be declared as XML itself does", e.name)
	}
	e.text = append(e.text, make([]byte, slackBytes)...)
	return true
}

// redeclaresRightly checks the declaration of a predefined entity against
// section 4.6: it has to stand for its character, escaped where that is needed.
func redeclaresRightly(e *entity) bool {
	char, ok := predefined[e.name]
	if !ok {
		return true
	}
	if string(e.text) == string(char) {
		return char != '<' && char != '&'
	}
	if len(e.text) == 0 || e.text[0] != '&' {
		return false
	}
	ref, n, problem := parseReference(e.text)
	return problem == "" && n == len(e.text) && ref.char == char && ref.name == nil
}
