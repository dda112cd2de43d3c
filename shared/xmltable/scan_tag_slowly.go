package xmltable

// rawAttribute is an attribute as the slow way reads it: indexes into the
// window, and the value in the window or in scanner.scratch.
type rawAttribute struct {
	name, nameEnd   int
	value, valueEnd int
	scratched       bool
	fallback        *attributeDeclaration // it is not written but declared
}

// startTagSlowly reads any start tag. A tag that the window does not hold as a
// whole is read again from its beginning once the window does.
func (s *scanner) startTagSlowly() token {
	for {
		t, whole := s.wholeStartTag()
		if whole {
			return t
		}
		if !s.more() {
			return s.unexpectedEnd()
		}
	}
}

// wholeStartTag is not whole if the window ends first.
func (s *scanner) wholeStartTag() (t token, whole bool) {
	s.raw, s.scratch, s.attributes = s.raw[:0], s.scratch[:0], s.attributes[:0]
	begin := s.pos + 1
	n := nameLength(s.buf[begin:s.end])
	i := begin + n
	switch {
	case i >= s.end && n <= s.limits.NameBytes:
		return 0, false
	case n == 0:
		return s.fail(begin, "expected the name of an element after <, found %s", s.found(begin)), true
	case n > s.limits.NameBytes:
		return s.fail(begin, "a name is over the limit of %d bytes", s.limits.NameBytes), true
	}
	i, end := s.rawAttributes(i)
	switch end {
	case tagCut:
		return 0, false
	case tagWrong:
		return tokenError, true
	}
	parent := s.top()
	s.startTagAt = s.offset + int64(s.pos)
	s.wantsMore = false
	tag := s.resolve(parent, s.buf[begin:begin+n], i, end == tagEmpty)
	switch {
	case s.wantsMore:
		return 0, false
	case tag == nil:
		return tokenError, true
	}
	s.pos = i
	return s.openElement(parent, tag, end == tagEmpty), true
}

// tagEnd is how a start tag ends.
type tagEnd uint8

const (
	tagCut   tagEnd = iota // by the end of the window
	tagWrong               // s.err says why
	tagOpen
	tagEmpty
)

// rawAttributes reads attributes from i on, and returns the index after the tag.
func (s *scanner) rawAttributes(i int) (int, tagEnd) {
	for {
		begin := i
		for space(s.buf[i]) {
			i++
		}
		switch {
		case i >= s.end:
			return i, tagCut
		case s.buf[i] == '>':
			return i + 1, tagOpen
		case s.buf[i] == '/' && s.buf[i+1] == '>':
			return i + 2, tagEmpty
		case s.buf[i] == '/' && i+1 >= s.end:
			return i, tagCut
		case i == begin:
			s.fail(i, "expected white space, > or />, found %s", s.found(i))
			return i, tagWrong
		}
		var ok bool
		if i, ok = s.rawAttribute(i); !ok {
			if s.err != nil {
				return i, tagWrong
			}
			return i, tagCut
		}
	}
}

// rawAttribute reads one attribute, and returns the index after it. It is not ok
// if the window ends first or s.err is set.
func (s *scanner) rawAttribute(i int) (int, bool) {
	n := nameLength(s.buf[i:s.end])
	a := rawAttribute{name: i, nameEnd: i + n}
	i += n
	switch {
	case i >= s.end && n <= s.limits.NameBytes:
		return i, false
	case n == 0:
		s.fail(i, "expected the name of an attribute, > or />, found %s", s.found(i))
		return i, false
	case n > s.limits.NameBytes:
		s.fail(a.name, "a name is over the limit of %d bytes", s.limits.NameBytes)
		return i, false
	}
	i = s.afterSpace(i)
	if i < s.end && s.buf[i] != '=' {
		s.fail(i, "expected = after the attribute's name %.100s, found %s", s.buf[a.name:a.nameEnd], s.found(i))
		return i, false
	}
	i = s.afterSpace(i + 1)
	if i >= s.end {
		return i, false
	}
	quote := s.buf[i]
	if quote != '"' && quote != '\'' {
		s.fail(i, "expected the value of %.100s in quotes, found %s", s.buf[a.name:a.nameEnd], s.found(i))
		return i, false
	}
	i, ok := s.rawValue(&a, i+1, quote)
	if ok && a.valueEnd-a.value > s.limits.ValueBytes {
		s.fail(a.name, "the value of %.100s is over the limit of %d bytes", s.buf[a.name:a.nameEnd], s.limits.ValueBytes)
		return i, false
	}
	if ok {
		s.raw = append(s.raw, a)
	}
	return i + 1, ok
}

func (s *scanner) afterSpace(i int) int {
	for i < s.end && space(s.buf[i]) {
		i++
	}
	return i
}

// rawValue reads an attribute value up to quote, whose index it returns.
func (s *scanner) rawValue(a *rawAttribute, i int, quote byte) (int, bool) {
	a.value = i
	plain := true
	for s.buf[i] != quote {
		switch s.buf[i] {
		case '<':
			s.fail(i, "expected no < in an attribute value; write it as &lt;")
			return i, false
		case '&', '\t', '\n', '\r':
			plain = false
		case 0:
			if i >= s.end {
				return i, false
			}
		}
		i++
	}
	a.valueEnd = i
	if plain {
		return i, true
	}
	a.scratched = true
	begin := len(s.scratch)
	scratch, at, problem := s.normalize(s.scratch, s.buf[a.value:i], 0)
	if problem != "" {
		s.fail(a.value+at, "%s", problem)
		return i, false
	}
	s.scratch = scratch
	a.value, a.valueEnd = begin, len(s.scratch)
	return i, true
}

func (s *scanner) rawName(a *rawAttribute) []byte {
	if a.fallback != nil {
		return []byte(a.fallback.name)
	}
	return s.buf[a.name:a.nameEnd]
}

func (s *scanner) rawValueOf(a *rawAttribute) []byte {
	switch {
	case a.fallback != nil:
		return a.fallback.value
	case a.scratched:
		return s.scratch[a.value:a.valueEnd]
	}
	return s.buf[a.value:a.valueEnd]
}
