package xmltable

// resolve finds what the element called name, with s.raw, is in parent, and
// makes s.attributes of s.raw. Its content begins at buf[content]. It returns nil
// if s.err is set or s.wantsMore.
func (s *scanner) resolve(parent *frame, name []byte, content int, empty bool) *tag {
	if !s.attributesOnce() {
		return nil
	}
	declared := s.dtd.attributesOf(name)
	if !s.applyDeclarations(declared) {
		return nil
	}
	scope, ok := s.bindNamespaces(parent.tag.scope)
	if !ok {
		return nil
	}
	t := parent.tag.path.tags.find(name, scope)
	if t == nil {
		if t = s.newTag(parent.tag.path, string(name), scope); t == nil {
			return nil
		}
		t.slow = declared != nil
	}
	if t.path.spread != nil {
		t.slow = true
		if t = s.keyedTag(t, content, empty); t == nil {
			return nil
		}
	}
	s.shape.number++
	if !s.resolveAttributes(t) {
		return nil
	}
	return t
}

// attributesOnce checks that no name is written twice.
func (s *scanner) attributesOnce() bool {
	if len(s.raw) > lookedThrough {
		return s.manyAttributesOnce()
	}
	for i := range s.raw {
		for j := range i {
			if string(s.rawName(&s.raw[i])) == string(s.rawName(&s.raw[j])) {
				return s.twice(&s.raw[i])
			}
		}
	}
	return true
}

func (s *scanner) manyAttributesOnce() bool {
	seen := make(map[string]bool, len(s.raw))
	for i := range s.raw {
		name := string(s.rawName(&s.raw[i]))
		if seen[name] {
			return s.twice(&s.raw[i])
		}
		seen[name] = true
	}
	return true
}

func (s *scanner) twice(a *rawAttribute) bool {
	s.fail(a.name, "expected each attribute once, found %.100s again", s.rawName(a))
	return false
}

// applyDeclarations adds the declared defaults behind what is written, and
// normalizes further where a declared type asks for it. Defaults count among what
// entities may expand to, for they make much of little in the same way.
func (s *scanner) applyDeclarations(declared *elementDeclaration) bool {
	if declared == nil {
		return true
	}
	s.shape.number++
	for i := range s.raw {
		a := declared.byName[string(s.rawName(&s.raw[i]))]
		if a == nil {
			continue
		}
		a.writtenIn = s.shape.number
		if a.tokens {
			s.collapse(&s.raw[i])
		}
	}
	for _, a := range declared.defaults {
		if a.writtenIn == s.shape.number {
			continue
		}
		s.raw = append(s.raw, rawAttribute{fallback: a})
		if s.expanded += int64(len(a.name) + len(a.value)); s.expanded > s.most {
			s.fail(s.pos, "declared attributes expand to more than the limit of %d bytes", s.most)
			return false
		}
	}
	return true
}

// collapse makes a's value a list of tokens, single spaces between them.
func (s *scanner) collapse(a *rawAttribute) {
	begin := len(s.scratch)
	s.scratch = append(s.scratch, collapseSpaces(s.rawValueOf(a))...)
	a.value, a.valueEnd, a.scratched = begin, len(s.scratch), true
}

// bindNamespaces takes the namespace declarations among s.raw into account.
func (s *scanner) bindNamespaces(outer *scope) (*scope, bool) {
	var bindings []binding
	for i := range s.raw {
		a := &s.raw[i]
		prefix, ok := declares(string(s.rawName(a)))
		if !ok {
			continue
		}
		b := binding{prefix, string(s.rawValueOf(a))}
		if problem := checkBinding(b); problem != "" {
			if s.xml11 && b.uri == "" {
				problem += by11
			}
			s.fail(max(a.name, s.pos), "%s", problem)
			return nil, false
		}
		bindings = append(bindings, b)
	}
	if bindings == nil {
		return outer, true
	}
	if s.recalled != nil && outer.inner[scopeKey(bindings)] == nil {
		s.err = errUnlike
		return nil, false
	}
	inner, isNew := outer.bind(bindings)
	if !isNew {
		return inner, true
	}
	size := 0
	for _, b := range bindings {
		size += len(b.prefix) + len(b.uri)
	}
	return inner, s.learnsName(size)
}

// learnsName makes sure that what is learnt of a document stays small, however
// many names the document has.
func (s *scanner) learnsName(size int) bool {
	if !s.learns {
		return true
	}
	s.shape.names++
	s.shape.nameBytes += size
	if limit := namesForEachColumn * s.limits.Columns; s.shape.names > limit {
		s.fail(s.pos, "the document has over %d different paths", limit)
		return false
	}
	if limit := s.limits.ValueBytes; s.shape.nameBytes > limit {
		s.fail(s.pos, "the names in the document are together over %d bytes", limit)
		return false
	}
	return true
}

// newTag learns how a child of p is written.
func (s *scanner) newTag(p *path, name string, in *scope) *tag {
	if s.recalled != nil {
		s.err = errUnlike
		return nil
	}
	prefix, local := splitName(name)
	if prefix == "xmlns" {
		s.fail(s.pos, "expected an element with another prefix than xmlns, found %.100s", name)
		return nil
	}
	uri, ok := s.namespace(in, prefix)
	if !ok {
		return nil
	}
	known := expandedName{uri, local}
	if s.byLocalName {
		known.space = ""
	}
	child := p.child(known)
	if child == nil {
		if !s.learns {
			s.err = errChanged
			return nil
		}
		if !s.learnsName(len(name)) {
			return nil
		}
		child = s.shape.newPath(p, known, uri, prefix)
	}
	if !s.learnsName(len(name)) {
		return nil
	}
	t := newTag(name, in, child)
	p.tags.add(t)
	return t
}

// namespace looks a prefix up, and fails if it is not bound.
func (s *scanner) namespace(in *scope, prefix string) (uri string, ok bool) {
	uri, ok = in.lookup(prefix)
	if !ok {
		s.fail(s.pos, "expected a declaration xmlns:%.100s of the prefix, found none", prefix)
	}
	return uri, ok
}

// resolveAttributes makes s.attributes of s.raw, less namespace declarations. No
// two of them may have the same namespace and name.
func (s *scanner) resolveAttributes(t *tag) bool {
	for i := range s.raw {
		raw := &s.raw[i]
		name := s.rawName(raw)
		if _, ok := declares(string(name)); ok {
			continue
		}
		a := t.attribute(name)
		if a == nil {
			if a = s.newAttribute(t, string(name)); a == nil {
				return false
			}
		}
		if a.seenIn == s.shape.number {
			s.fail(s.pos, "expected each attribute once, found %.100s again by its namespace", name)
			return false
		}
		a.seenIn = s.shape.number
		s.attributes = append(s.attributes, attributeValue{a, s.rawValueOf(raw)})
	}
	return !s.byLocalName || !s.learns || !t.slow || s.learnBeside()
}

// newAttribute learns that an attribute is written so in t.
func (s *scanner) newAttribute(t *tag, name string) *attribute {
	if s.recalled != nil {
		s.err = errUnlike
		return nil
	}
	prefix, local := splitName(name)
	uri := ""
	if prefix != "" {
		var ok bool
		if uri, ok = s.namespace(t.scope, prefix); !ok {
			return nil
		}
	}
	a := t.path.attribute(expandedName{uri, local})
	if a == nil {
		if !s.learns {
			s.err = errChanged
			return nil
		}
		if !s.learnsName(len(name)) {
			return nil
		}
		a = s.shape.newAttribute(t.path, name, expandedName{uri, local})
	}
	t.learn(name, a)
	t.slow = t.slow || s.byLocalName && uri != "" && t.aliased(local)
	return a
}

// learnBeside learns which attributes of one local name stand together.
func (s *scanner) learnBeside() bool {
	seen := make(map[string][]*attribute)
	for _, v := range s.attributes {
		a := v.attribute
		if a.space == "" {
			continue
		}
		for _, b := range seen[a.local] {
			if !a.beside[b] && !(a.standBeside(b) && b.standBeside(a) && s.learnsName(len(a.local))) {
				return false
			}
		}
		seen[a.local] = append(seen[a.local], a)
	}
	return true
}

func (a *attribute) standBeside(b *attribute) bool {
	if a.beside == nil {
		a.beside = make(map[*attribute]bool)
	}
	a.beside[b] = true
	return true
}
