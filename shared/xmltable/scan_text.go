package xmltable

import (
	"bytes"
	"math/bits"
	"unicode/utf8"
)

// content takes a piece of text, a reference, or the edge of the window. It is
// not ok where there is no token to tell of.
func (s *scanner) content() (t token, ok bool) {
	b, begin := s.buf, s.pos
	i := afterBlanks(b, begin, s.end)
	first := i
	i = textStop(b, i, s.end)
	for b[i] == '>' {
		if i-begin >= 2 && b[i-1] == ']' && b[i-2] == ']' {
			return s.fail(i-2, "expected no ]]> outside of a CDATA section; write it as ]]&gt;"), true
		}
		i = textStop(b, i+1, s.end)
	}
	if i >= s.end {
		i = s.beforeBrackets(begin)
	}
	isBlank := i <= first
	s.pos = i
	switch {
	case i == begin && b[i] == '&':
		return s.reference()
	case i == begin:
		return s.edge()
	case isBlank && b[i] == '<' && !s.top().blanks:
		s.top().own.addBlank(b[begin:i])
		return 0, false
	}
	return s.piece(b[begin:i], isBlank), true
}

// beforeBrackets returns the end of a text that the window cuts: what may be the
// beginning of "]]>" waits for the rest, unless there is none.
func (s *scanner) beforeBrackets(begin int) int {
	i := s.end
	if s.ended || s.failure != nil || len(s.outer) > 0 {
		return i
	}
	for i > begin && i > s.end-2 && s.buf[i-1] == ']' {
		i--
	}
	return i
}

func (s *scanner) piece(b []byte, isBlank bool) token {
	s.text, s.blank = b, isBlank
	return tokenText
}

// edge reads on where the window ends, or leaves the entity that ends here.
func (s *scanner) edge() (t token, ok bool) {
	switch {
	case s.pos < s.end && s.buf[s.pos] == 0:
		s.err = errChanged // a zero byte: the first pass has seen none
		return tokenError, true
	case len(s.outer) > 0:
		return s.leaveEntity()
	case s.fragment && len(s.frames) == s.floor:
		return tokenDone, true
	case s.barrier && s.pos == s.end && len(s.held) == 0 && s.failure == nil:
		return tokenBarrier, true
	case s.more():
		return 0, false
	case s.isPiece && len(s.frames) == s.floor && s.failure == nil && s.pos == s.end:
		return tokenDone, true
	}
	return s.unexpectedEnd(), true
}

const (
	everyAmpersand = everyByte * '&'
	everyGreater   = everyByte * '>'
	lessToGreater  = everyByte * ('<' ^ '>') // one bit a byte
)

// textStop returns the index of the first "<", ">" or "&" in b from i on, or of
// the zero byte at end. It looks at sixteen bytes at a time, which is as much as
// most values have, so that the loop's end is easy to foresee.
func textStop(b []byte, i, end int) int {
	_ = b[:end]
	for i+16 <= end {
		low, high := textStops(loadWithin(b, i)), textStops(loadWithin(b, i+8))
		if low != 0 {
			return i + bits.TrailingZeros64(low)/8
		}
		if high != 0 {
			return i + 8 + bits.TrailingZeros64(high)/8
		}
		i += 16
	}
	for classes[b[i]]&stopsText == 0 {
		i++
	}
	return i
}

// textStops has the high bit of the first byte of x that is "<", ">" or "&", and
// maybe of later ones: x ^ everyAmpersand has a zero byte where x has "&", and in
// (y-everyByte)&^y&highBits the lowest bit stands for the first zero byte of y.
func textStops(x uint64) uint64 {
	angle, ampersand := (x|lessToGreater)^everyGreater, x^everyAmpersand
	return ((angle-everyByte)&^angle | (ampersand-everyByte)&^ampersand) & highBits
}

// afterBlanks returns the index of the first byte in b from i on that is no white
// space, or end. All below the space counts as white space: text holds no other
// control characters.
func afterBlanks(b []byte, i, end int) int {
	for i < end {
		x := load(b, i)
		if above := (x&^highBits + everyByte*(0x7F-' ') | x) & highBits; above != 0 {
			return i + bits.TrailingZeros64(above)/8
		}
		i += 8
	}
	return end
}

// cdata takes a piece of a CDATA section.
func (s *scanner) cdata() (t token, ok bool) {
	for {
		b := s.buf[s.pos:s.end]
		n := bytes.Index(b, []byte("]]>"))
		switch {
		case n >= 0:
			s.pos += n + len("]]>")
			s.mode = inContent
			if n == 0 {
				return 0, false
			}
			return s.piece(b[:n], blank(b[:n])), true
		case len(b) > windowBytes/2:
			n = characterEnd(b, len("]]"))
			s.pos += n
			return s.piece(b[:n], blank(b[:n])), true
		case !s.more():
			return s.unexpectedEnd(), true
		}
	}
}

// characterEnd returns how much of b can be taken when the last bytes may belong
// to what comes: no character is cut.
func characterEnd(b []byte, last int) int {
	n := max(0, len(b)-last)
	for n < len(b) && !utf8.RuneStart(b[n]) {
		n++
	}
	return n
}

// comment skips the comment at pos. It is not ok if s.err is set.
func (s *scanner) comment() bool {
	s.pos += len("<!--")
	if !s.skipTo("--", "expected --> to end the comment") {
		return false
	}
	if !s.want(3) || s.buf[s.pos+2] != '>' {
		s.fail(s.pos, "expected no -- within a comment")
		return false
	}
	s.pos += len("-->")
	return true
}

// skipTo moves pos to the next such literal.
func (s *scanner) skipTo(literal, expected string) bool {
	for {
		n := bytes.Index(s.buf[s.pos:s.end], []byte(literal))
		if n >= 0 {
			s.pos += n
			return true
		}
		s.pos += characterEnd(s.buf[s.pos:s.end], len(literal)-1)
		if s.more() {
			continue
		}
		if s.broken() {
			s.unexpectedEnd()
			return false
		}
		s.fail(s.end, "%s, found the end of the text", expected)
		return false
	}
}
