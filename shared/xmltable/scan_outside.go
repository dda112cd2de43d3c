package xmltable

// outsideRoot takes what may stand before and after the root element.
func (s *scanner) outsideRoot() (t token, ok bool) {
	for space(s.buf[s.pos]) {
		s.pos++
	}
	switch {
	case s.buf[s.pos] == 0 && s.pos >= s.end:
		return s.endOfText()
	case s.buf[s.pos] != '<':
		return s.fail(s.pos, "%s, found %s", s.expectedOutside(), s.found(s.pos)), true
	case !s.want(2):
		return s.unexpectedEnd(), true
	case s.buf[s.pos+1] == '?':
		return s.skip(s.processingInstruction())
	case s.sees("<!--"):
		return s.skip(s.comment())
	case s.sees("<!DOCTYPE") && s.mode == inProlog && s.dtd == nil:
		return s.skip(s.documentType())
	case s.mode == inProlog && s.buf[s.pos+1] != '!' && s.buf[s.pos+1] != '/':
		s.mode = inContent
		return s.startTag(), true
	}
	return s.fail(s.pos, "%s, found %s", s.expectedOutside(), s.found(s.pos)), true
}

func (s *scanner) expectedOutside() string {
	if s.mode == inProlog {
		return "expected the root element"
	}
	return "expected nothing more after the root element"
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
