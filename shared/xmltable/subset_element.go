package xmltable

// elementDeclaration is production [45] after "<!ELEMENT".
func (p *subset) elementDeclaration() bool {
	var name string
	if !p.expectSpaces() || !p.name(&name) || !p.expectSpaces() || !p.contentModel() {
		return false
	}
	p.spaces()
	return p.expect(">")
}

// contentModel is production [46].
func (p *subset) contentModel() bool {
	if p.takes("EMPTY") || p.takes("ANY") {
		return true
	}
	if !p.expect("(") {
		return false
	}
	p.spaces()
	if p.takes("#PCDATA") {
		return p.mixedModel()
	}
	return p.group(1)
}

// mixedModel is production [51] after "#PCDATA".
func (p *subset) mixedModel() bool {
	p.spaces()
	if p.takes(")") {
		p.takes("*")
		return true
	}
	for {
		var name string
		if !p.expect("|") {
			return false
		}
		p.spaces()
		if !p.name(&name) {
			return false
		}
		p.spaces()
		if p.takes(")") {
			return p.expect("*")
		}
	}
}

// group is productions [49] and [50] after "(", with what may follow the ")".
func (p *subset) group(depth int) bool {
	if depth > p.scanner.limits.Depth {
		return p.fail("a content model is nested deeper than the limit of %d", p.scanner.limits.Depth)
	}
	var separator byte
	for {
		p.spaces()
		if !p.particle(depth) {
			return false
		}
		p.spaces()
		c := p.peek()
		switch {
		case c == ')':
			p.i++
			p.occurrence()
			return true
		case c != ',' && c != '|', separator != 0 && c != separator:
			return p.fail("expected ), or the same separator throughout, in a content model")
		}
		separator = c
		p.i++
	}
}

// particle is production [48].
func (p *subset) particle(depth int) bool {
	if p.takes("(") {
		return p.group(depth + 1)
	}
	var name string
	if !p.name(&name) {
		return false
	}
	p.occurrence()
	return true
}

func (p *subset) occurrence() {
	if c := p.peek(); c == '?' || c == '*' || c == '+' {
		p.i++
	}
}
