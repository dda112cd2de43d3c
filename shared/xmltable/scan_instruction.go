package xmltable

import (
	"bytes"
	"strings"
)

// outsideInstruction is processingInstruction outside of the root, where it may be
// the XML declaration unless something has begun before. White space before that
// is wrong but harmless.
func (s *scanner) outsideInstruction(begun bool) bool {
	n := s.targetLength()
	switch {
	case n == 0:
		return false
	case string(s.buf[s.pos+2:s.pos+2+n]) != "xml" || begun:
		return s.processingInstruction()
	case s.offset+int64(s.pos) > 0 && s.learns:
		s.shape.warn("White space stands before the XML declaration, where nothing may stand.")
	}
	return s.declaration()
}

// processingInstruction skips the processing instruction at pos. It is not ok if
// s.err is set.
func (s *scanner) processingInstruction() bool {
	n := s.targetLength()
	if n == 0 {
		return false
	}
	if target := string(s.buf[s.pos+2 : s.pos+2+n]); strings.EqualFold(target, "xml") {
		switch {
		case s.mode == inEpilog && target == "xml":
			s.unexpectedOutside()
		default:
			s.fail(s.pos, "expected <?xml in small letters, at the very start of the document or not at all")
		}
		return false
	}
	s.pos += 2 + n
	if !space(s.buf[s.pos]) && !s.sees("?>") {
		s.fail(s.pos, "expected white space or ?> after the target of a processing instruction, found %s", s.found(s.pos))
		return false
	}
	if !s.skipTo("?>", "expected ?> to end the processing instruction") {
		return false
	}
	s.pos += len("?>")
	return true
}

// targetLength reads the target's name; 0 if s.err is set.
func (s *scanner) targetLength() int {
	for {
		n := nameLength(s.buf[s.pos+2 : s.end])
		switch {
		case n > s.limits.NameBytes:
			s.fail(s.pos+2, "a name is over the limit of %d bytes", s.limits.NameBytes)
			return 0
		case s.pos+2+n < s.end && n > 0:
			return n
		case s.pos+2+n < s.end:
			s.fail(s.pos+2, "expected the target of a processing instruction, found %s", s.found(s.pos+2))
			return 0
		case !s.more():
			s.unexpectedEnd()
			return 0
		}
	}
}

// declaration reads the XML declaration at pos.
func (s *scanner) declaration() bool {
	end := bytes.Index(s.buf[s.pos:s.end], []byte("?>"))
	for end < 0 {
		if s.end-s.pos > s.limits.NameBytes || !s.more() {
			s.fail(s.pos, "expected ?> to end the XML declaration")
			return false
		}
		end = bytes.Index(s.buf[s.pos:s.end], []byte("?>"))
	}
	inside := s.buf[s.pos+len("<?xml") : s.pos+end]
	rest, problem := checkDeclaration(inside)
	if problem != "" {
		s.fail(s.pos+end-len(rest), "%s", problem)
		return false
	}
	version, _, _ := pseudoAttribute(inside, "version")
	s.xml11 = string(version) == "1.1"
	s.standalone = saysStandalone(inside)
	s.pos += end + len("?>")
	return true
}

// saysStandalone reads it out of the inside of an XML declaration that is right.
func saysStandalone(b []byte) bool {
	_, after, _ := bytes.Cut(b, []byte("standalone"))
	return bytes.Contains(after, []byte("yes"))
}

// checkDeclaration checks the inside of an XML declaration. Where there is a
// problem, rest begins with it.
func checkDeclaration(b []byte) (rest []byte, problem string) {
	value, rest, ok := pseudoAttribute(b, "version")
	if !ok || !isVersion(value) {
		return rest, "expected version=\"1.0\" in the XML declaration"
	}
	if value, after, ok := pseudoAttribute(rest, "encoding"); ok {
		if !isEncodingName(value) {
			return rest, "expected the name of an encoding in the XML declaration"
		}
		rest = after
	}
	if value, after, ok := pseudoAttribute(rest, "standalone"); ok {
		if v := string(value); v != "yes" && v != "no" {
			return rest, "expected standalone=\"yes\" or \"no\" in the XML declaration"
		}
		rest = after
	}
	if !blank(rest) {
		return rest, "expected version, then encoding, then standalone, then ?> in the XML declaration"
	}
	return nil, ""
}

// pseudoAttribute takes S name Eq quoted from the start of b. If it is not ok,
// rest is b.
func pseudoAttribute(b []byte, name string) (value, rest []byte, ok bool) {
	c := bytes.TrimLeft(b, " \t\n")
	if len(c) == len(b) || !bytes.HasPrefix(c, []byte(name)) {
		return nil, b, false
	}
	c = bytes.TrimLeft(c[len(name):], " \t\n")
	if len(c) == 0 || c[0] != '=' {
		return nil, b, false
	}
	c = bytes.TrimLeft(c[1:], " \t\n")
	if len(c) == 0 || c[0] != '"' && c[0] != '\'' {
		return nil, b, false
	}
	value, rest, ok = bytes.Cut(c[1:], c[:1])
	if !ok {
		return nil, b, false
	}
	return value, rest, true
}

// isVersion accepts every 1.x, as the 5th edition asks.
func isVersion(b []byte) bool {
	digits, ok := bytes.CutPrefix(b, []byte("1."))
	return ok && len(digits) > 0 && len(bytes.Trim(digits, "0123456789")) == 0
}

func isEncodingName(b []byte) bool {
	for i, c := range b {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || classes[c]&isNameByte == 0 || c == ':') {
			return false
		}
	}
	return len(b) > 0
}
