package xmltable

import (
	"bytes"
	"fmt"
	"math/bits"
	"runtime"
	"unicode/utf8"
)

const (
	everyByte = 0x0101010101010101
	highBits  = everyByte * 0x80
)

// checker finds the first character that XML 1.0 does not allow.
type checker struct {
	encoding string // what the document is written in
	replaces bool   // its decoder writes U+FFFD for what the encoding forbids
	lines    int    // line ends in what was checked
	ascii    bool   // what was checked so far was ASCII
}

// check returns how many bytes of b are good characters. If it is not all of
// them, problem says why, or is empty where b ends within a character.
func (c *checker) check(b []byte) (good int, problem string) {
	good, problem = c.checkCharacters(b)
	c.lines += lineEnds(b[:good])
	return good, problem
}

func (c *checker) checkCharacters(b []byte) (good int, problem string) {
	i := 0
	for i+8 <= len(b) {
		i += plain(b[i:])
		for end := min(i+otherBytes, len(b)-7); i < end; {
			w := load(b, i)
			if w&highBits == 0 {
				control := controls(w)
				if control == 0 {
					i += 8
					continue
				}
				if control&^equal(w, '\n')&^equal(w, '\t') == 0 {
					i += 8
					continue
				}
			}
			n, problem := c.checkSlowly(b[i:], 8)
			i += n
			if problem != "" || n < 8 {
				return i, problem
			}
		}
	}
	n, problem := c.checkSlowly(b[i:], len(b)-i)
	return i + n, problem
}

const (
	plainBytes = 32  // are looked at as one
	otherBytes = 128 // are looked at word by word where those are not plain: text in another script goes on
)

// plain returns how many bytes at the start of b are ASCII without control
// characters other than line ends, as far as whole plainBytes are.
func plain(b []byte) int {
	i := 0
	for ; i+plainBytes <= len(b); i += plainBytes {
		v, w, x, y := loadWithin(b, i), loadWithin(b, i+8), loadWithin(b, i+16), loadWithin(b, i+24)
		odd := below(v)&otherThan(v) | below(w)&otherThan(w) | below(x)&otherThan(x) | below(y)&otherThan(y)
		if (v|w|x|y|odd)&highBits != 0 {
			break
		}
	}
	return i
}

// lineEnds counts those in b.
func lineEnds(b []byte) int {
	if runtime.GOARCH != "wasm" {
		return bytes.Count(b, []byte{'\n'}) // which looks at many bytes at once, but there at each
	}
	n, i := 0, 0
	for ; i+8 <= len(b); i += 8 {
		n += bits.OnesCount64(equal(loadWithin(b, i), '\n'))
	}
	return n + bytes.Count(b[i:], []byte{'\n'})
}

// indexReturn finds the first carriage return of b.
func indexReturn(b []byte) int {
	if runtime.GOARCH != "wasm" {
		return bytes.IndexByte(b, '\r') // as in lineEnds
	}
	i := 0
	for ; i+16 <= len(b); i += 16 {
		if (equal(loadWithin(b, i), '\r') | equal(loadWithin(b, i+8), '\r')) != 0 {
			break
		}
	}
	n := bytes.IndexByte(b[i:], '\r')
	if n >= 0 {
		n += i
	}
	return n
}

// equal has the high bit of each byte of w that is c.
func equal(w uint64, c byte) uint64 {
	x := w ^ everyByte*uint64(c)
	return ^(x&^highBits + everyByte*0x7F | x) & highBits
}

// otherThan has the high bit of each byte of w, all ASCII, that is no line end.
func otherThan(w uint64) uint64 { return w ^ everyByte*'\n' + everyByte*0x7F }

// below has the high bit of each byte of w, all ASCII, that is below the space.
func below(w uint64) uint64 { return ^(w + everyByte*(0x80-' ')) }

// controls has the high bit of each byte of w that is below 0x20. All bytes of w
// are ASCII, so that nothing is borrowed from one byte to the next.
func controls(w uint64) uint64 { return ^((w | highBits) - everyByte*0x20) & highBits }

// checkSlowly checks characters until it has seen atLeast bytes of b.
func (c *checker) checkSlowly(b []byte, atLeast int) (good int, problem string) {
	i := 0
	for i < atLeast {
		if x := b[i]; x < utf8.RuneSelf {
			if x < 0x20 && classes[x]&isSpace == 0 {
				return i, fmt.Sprintf("expected a character that XML allows, found the control character U+%04X", x)
			}
			i++
			continue
		}
		c.ascii = false
		r, size := utf8.DecodeRune(b[i:])
		if problem := c.checkRune(r, size, b[i:]); problem != "" {
			return i, problem
		}
		if size == 1 {
			return i, "" // cut by the end of b
		}
		i += size
	}
	return i, ""
}

func (c *checker) checkRune(r rune, size int, b []byte) string {
	switch {
	case r == utf8.RuneError && size == 1 && !utf8.FullRune(b):
		return ""
	case r == utf8.RuneError && (size == 1 || c.replaces):
		return fmt.Sprintf("expected %s, found bytes that it forbids", c.encoding)
	case r == 0xFFFE || r == 0xFFFF:
		return fmt.Sprintf("expected a character that XML allows, found U+%04X", r)
	}
	return ""
}

// characters counts those of b, which was checked.
func (c *checker) characters(b []byte) int {
	if c.ascii {
		return len(b)
	}
	return utf8.RuneCount(b)
}

// normalizeLineEnds makes CR LF and CR into LF, in place.
func normalizeLineEnds(b []byte) []byte {
	r := indexReturn(b)
	if r < 0 {
		return b
	}
	w := r
	for r < len(b) {
		b[w] = '\n'
		w, r = w+1, r+1
		if r < len(b) && b[r] == '\n' {
			r++
		}
		n := indexReturn(b[r:])
		if n < 0 {
			n = len(b) - r
		}
		w += copy(b[w:], b[r:r+n])
		r += n
	}
	return b[:w]
}

// incompleteTail returns how many bytes at the end of b begin a character that
// does not end in b.
func incompleteTail(b []byte) int {
	for n := 1; n <= 3 && n <= len(b); n++ {
		if c := b[len(b)-n]; utf8.RuneStart(c) {
			if !utf8.FullRune(b[len(b)-n:]) {
				return n
			}
			return 0
		}
	}
	return 0
}
