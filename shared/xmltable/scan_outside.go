package xmltable

// outsideRoot takes what may stand before and after the root element.
func (s *scanner) outsideRoot() (t token, ok bool) {
	for space(s.buf[s.pos]) {
		s.pos++
	}
	begun := s.begun
	s.begun = begun || s.pos < s.end
	switch {
	case s.buf[s.pos] == 0 && s.pos >= s.end:
		return s.endOfText()
	case s.buf[s.pos] != '<':
		return s.unexpectedOutside(), true
	case !s.want(2):
		return s.unexpectedEnd(), true
	case s.buf[s.pos+1] == '?':
		return s.skip(s.outsideInstruction(begun))
	case s.sees("<!--"):
		return s.skip(s.comment())
	case s.recalled != nil && s.sees("<!DOCTYPE"):
		s.err = errUnlike
		return tokenError, true
	case s.sees("<!DOCTYPE") && s.mode == inProlog && s.dtd == nil && s.repairer == nil:
		return s.skip(s.documentType())
	case s.mode == inProlog && s.buf[s.pos+1] != '!' && s.buf[s.pos+1] != '/':
		s.mode = inContent
		if s.repairer != nil {
			s.dtd = s.repairer.dtd // it has read the DOCTYPE
			s.expanded += s.repairer.expanded
		}
		return s.startTag(s.pos, nil), true
	}
	return s.unexpectedOutside(), true
}

// unexpectedOutside fails at what may not stand outside of the root.
func (s *scanner) unexpectedOutside() token {
	switch {
	case s.mode == inProlog:
		return s.fail(s.pos, "expected the root element, found %s", s.found(s.pos))
	case s.buf[s.pos] == '<' && (startsName(s.buf[s.pos+1:s.end]) || s.sees("<?xml") || s.sees("<!DOCTYPE")):
		return s.fail(s.pos, "expected nothing more after the root element; a second document begins here, which --repair reads too")
	}
	return s.fail(s.pos, "expected nothing more after the root element, found %s", s.found(s.pos))
}

// endOfText reads on outside the root, or ends the document.
func (s *scanner) endOfText() (t token, ok bool) {
	switch {
	case s.more():
		return 0, false
	case s.failure != nil || s.mode == inProlog:
		return s.unexpectedEnd(), true
	}
	return tokenDone, true
}
