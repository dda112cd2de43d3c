package xmltable

import (
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/transform"
)

// forbidden is written for what an encoding forbids. It never stands in UTF-8,
// so the check that follows finds the exact place.
const forbidden = 0xFF

// utf16Decoder differs from golang.org/x/text/encoding/unicode in one thing: a
// lone surrogate becomes a byte that UTF-8 forbids, and not U+FFFD, which a
// document may hold rightly.
type utf16Decoder struct{ bigEndian bool }

// Reset does nothing: the decoder has no state.
func (*utf16Decoder) Reset() {}

// Transform implements transform.Transformer.
func (d *utf16Decoder) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc+1 < len(src) {
		r, size := rune(d.unit(src[nSrc:])), 2
		if r < utf8.RuneSelf && nDst < len(dst) {
			dst[nDst] = byte(r)
			nDst, nSrc = nDst+1, nSrc+2
			continue
		}
		if utf16.IsSurrogate(r) {
			if nSrc+3 >= len(src) && !atEOF {
				return nDst, nSrc, transform.ErrShortSrc
			}
			if r = d.pair(src[nSrc:]); r != utf8.RuneError {
				size = 4
			}
		} else if r == utf8.RuneError {
			r = genuineReplacement
		}
		n, ok := writeRune(dst[nDst:], r)
		if !ok {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst, nSrc = nDst+n, nSrc+size
	}
	return d.finish(dst, src, nDst, nSrc, atEOF)
}

// finish deals with a byte that is left over.
func (*utf16Decoder) finish(dst, src []byte, nDst, nSrc int, atEOF bool) (int, int, error) {
	switch {
	case nSrc == len(src):
		return nDst, nSrc, nil
	case !atEOF:
		return nDst, nSrc, transform.ErrShortSrc
	case nDst == len(dst):
		return nDst, nSrc, transform.ErrShortDst
	}
	dst[nDst] = forbidden
	return nDst + 1, nSrc + 1, nil
}

func (d *utf16Decoder) unit(b []byte) uint16 {
	if d.bigEndian {
		return uint16(b[0])<<8 | uint16(b[1])
	}
	return uint16(b[1])<<8 | uint16(b[0])
}

// pair decodes the surrogate pair at the start of b, or gives RuneError.
func (d *utf16Decoder) pair(b []byte) rune {
	if len(b) < 4 {
		return utf8.RuneError
	}
	return utf16.DecodeRune(rune(d.unit(b)), rune(d.unit(b[2:])))
}

// genuineReplacement marks a U+FFFD that the document itself holds.
const genuineReplacement = -1

func writeRune(dst []byte, r rune) (n int, ok bool) {
	switch {
	case r == utf8.RuneError:
		if len(dst) == 0 {
			return 0, false
		}
		dst[0] = forbidden
		return 1, true
	case r == genuineReplacement:
		r = utf8.RuneError
	}
	if utf8.RuneLen(r) > len(dst) {
		return 0, false
	}
	return utf8.EncodeRune(dst, r), true
}

// asciiDecoder passes ASCII on and marks all else.
type asciiDecoder struct{}

// Reset does nothing: the decoder has no state.
func (asciiDecoder) Reset() {}

// Transform implements transform.Transformer.
func (asciiDecoder) Transform(dst, src []byte, _ bool) (nDst, nSrc int, err error) {
	n := copy(dst, src)
	for i, c := range dst[:n] {
		if c >= utf8.RuneSelf {
			dst[i] = forbidden
		}
	}
	if n < len(src) {
		err = transform.ErrShortDst
	}
	return n, n, err
}
