package xmltable

// attributeList is production [52] after "<!ATTLIST".
func (p *subset) attributeList() bool {
	var element string
	if !p.expectSpaces() || !p.name(&element) {
		return false
	}
	for {
		spaced := p.spaces()
		if p.takes(">") {
			return true
		}
		if !spaced {
			return p.fail("expected white space or > in the declaration of attributes")
		}
		a := &attributeDeclaration{}
		if !p.name(&a.name) || !p.expectSpaces() || !p.attributeType(a) ||
			!p.expectSpaces() || !p.attributeDefault(a) {
			return false
		}
		p.scanner.dtd.declareAttribute(element, a)
	}
}

// attributeType is production [54].
func (p *subset) attributeType(a *attributeDeclaration) bool {
	a.tokens = true
	if p.peek() == '(' {
		return p.enumeration(p.nameToken)
	}
	var kind string
	if !p.name(&kind) {
		return false
	}
	switch kind {
	case "CDATA":
		a.tokens = false
		return true
	case "ID", "IDREF", "IDREFS", "ENTITY", "ENTITIES", "NMTOKEN", "NMTOKENS":
		return true
	case "NOTATION":
		var name string
		return p.expectSpaces() && p.enumeration(func() bool { return p.name(&name) })
	}
	p.i -= len(kind)
	return p.fail("expected the type of an attribute, found %.100s", kind)
}

// enumeration takes items in parentheses with "|" between them.
func (p *subset) enumeration(item func() bool) bool {
	if !p.expect("(") {
		return false
	}
	for {
		p.spaces()
		if !item() {
			return false
		}
		p.spaces()
		if p.takes(")") {
			return true
		}
		if !p.expect("|") {
			return false
		}
	}
}

// attributeDefault is production [60].
func (p *subset) attributeDefault(a *attributeDeclaration) bool {
	if p.takes("#REQUIRED") || p.takes("#IMPLIED") {
		return true
	}
	if p.takes("#FIXED") && !p.expectSpaces() {
		return false
	}
	at := p.i
	var literal []byte
	if !p.quoted(&literal) {
		return false
	}
	value, inside, problem := p.scanner.normalize(nil, literal, 0)
	if problem != "" {
		p.i = at + 1 + inside
		return p.fail("%s", problem)
	}
	if a.tokens {
		value = collapseSpaces(value)
	}
	a.value, a.hasValue = value, true
	return true
}
