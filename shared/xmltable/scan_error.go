package xmltable

import (
	"fmt"
	"unicode/utf8"
)

// fail sets the error and gives its place: buf[i], or the outermost reference to
// the entity that is read.
func (s *scanner) fail(i int, format string, args ...any) token {
	if s.err != nil {
		return tokenError
	}
	message := fmt.Sprintf(format, args...)
	if len(s.outer) == 0 {
		s.err = s.errorAt(i, message)
		return tokenError
	}
	base := s.outer[0]
	buf := s.buf
	s.buf = base.buf
	s.err = s.errorAt(base.at, fmt.Sprintf("in the entity %s: %s", s.outer[0].entity.name, message))
	s.buf = buf
	return tokenError
}

// unexpectedEnd fails where the text has ended too early, or could not be read.
func (s *scanner) unexpectedEnd() token {
	switch {
	case s.err != nil:
	case s.broken():
		s.err = s.failure
	case len(s.outer) > 0:
		return s.fail(s.end, "%s, found the end of the entity", s.expectedEnd())
	default:
		return s.fail(s.end, "%s, found the end of the document", s.expectedEnd())
	}
	return tokenError
}

func (s *scanner) expectedEnd() string {
	switch {
	case s.pos < s.end && s.buf[s.pos] == '<':
		return "expected the rest of what begins with <"
	case s.mode == inCDATA:
		return "expected ]]>"
	case len(s.frames) > s.floor:
		return fmt.Sprintf("expected the end tag </%s>", s.top().tag.name)
	}
	return "expected the root element"
}

// found names what stands at buf[i], for a message.
func (s *scanner) found(i int) string {
	if i >= s.end {
		return "the end of the text"
	}
	r, _ := utf8.DecodeRune(s.buf[i:s.end])
	if s.xml11 && (r == 0x85 || r == 0x2028) {
		return fmt.Sprintf("%q%s", r, by11)
	}
	return fmt.Sprintf("%q", r)
}

// broken reports whether the input has failed, and not just the entity ended.
func (s *scanner) broken() bool { return s.failure != nil && len(s.outer) == 0 }
