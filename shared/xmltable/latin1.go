package xmltable

import (
	"unicode/utf8"

	"golang.org/x/text/transform"
)

// latin1Decoder reads ISO-8859-1, in which every byte is the character of its
// number. It notes whether there are control characters from 0x80 on, which
// nobody writes: the document is then rather windows-1252.
type latin1Decoder struct{ controls bool }

// Reset forgets what was noted.
func (d *latin1Decoder) Reset() { d.controls = false }

// Transform implements transform.Transformer.
func (d *latin1Decoder) Transform(dst, src []byte, _ bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		c := src[nSrc]
		if nDst+2 > len(dst) && (c >= utf8.RuneSelf || nDst == len(dst)) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nSrc++
		if c < utf8.RuneSelf {
			dst[nDst] = c
			nDst++
			continue
		}
		d.controls = d.controls || c < 0xA0
		dst[nDst], dst[nDst+1] = 0xC0|c>>6, 0x80|c&0x3F
		nDst += 2
	}
	return nDst, nSrc, nil
}

const rather1252 = "The document says that its encoding is ISO-8859-1, in which some of its characters (U+0080 to U+009F) are control characters. It is rather windows-1252: correct its declaration if characters look wrong."
