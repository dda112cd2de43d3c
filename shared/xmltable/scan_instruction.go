package xmltable

import (
	"bytes"
	"strings"
)

// processingInstruction skips the processing instruction at pos, or reads the
// XML declaration. It is not ok if s.err is set.
func (s *scanner) processingInstruction() bool {
	n := s.targetLength()
	if n == 0 {
		return false
	}
	target := string(s.buf[s.pos+2 : s.pos+2+n])
	if strings.EqualFold(target, "xml") {
		return s.declaration(target)
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

// declaration reads the XML declaration, which stands at the very start or
// nowhere.
func (s *scanner) declaration(target string) bool {
	if s.offset+int64(s.pos) != 0 || len(s.outer) > 0 || target != "xml" {
		s.fail(s.pos, "expected <?xml in small letters, at the very start of the document or not at all")
		return false
	}
	end := bytes.Index(s.buf[:s.end], []byte("?>"))
	for end < 0 {
		if s.end > s.limits.NameBytes || !s.more() {
			s.fail(s.pos, "expected ?> to end the XML declaration")
			return false
		}
		end = bytes.Index(s.buf[:s.end], []byte("?>"))
	}
	rest, problem := checkDeclaration(s.buf[len("<?xml"):end])
	if problem != "" {
		s.fail(end-len(rest), "%s", problem)
		return false
	}
	s.standalone = bytes.Contains(s.buf[:end], []byte("standalone")) && bytes.Contains(s.buf[:end], []byte("yes"))
	s.pos = end + len("?>")
	return true
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
