package archive

import (
	"bytes"
	"regexp"
)

// SniffBytes is how much of a file tells what it is.
const SniffBytes = 512

// Kind says by its first SniffBytes what a file is: "zip", "xml" or "other".
func Kind(head []byte) string {
	switch {
	case looksLikeZip(head):
		return "zip"
	case looksLikeXML(head):
		return "xml"
	default:
		return "other"
	}
}

// looksLikeZip reports whether a file begins as a ZIP does; an archive without
// entries has only the second mark.
func looksLikeZip(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06"))
}

var (
	ebcdicXML = []byte{0x4c, 0x6f, 0xa7, 0x94}

	declaration = regexp.MustCompile(`^<\?xml[ \t\r\n?-]`)
	markup      = regexp.MustCompile(`^<!(--|DOCTYPE[ \t\r\n])`)
	element     = regexp.MustCompile(`^<[:_\pL\x{80}-\x{10FFFF}][^<>\s"'=]*[\s/>]`)
	html        = regexp.MustCompile(`(?i)^<(!doctype\s+html|html)[\s>]`)
)

// looksLikeXML reports whether a file of unknown suffix begins as an XML document
// does, in any of the encodings that XML is told by. HTML begins almost so, but
// is none.
func looksLikeXML(head []byte) bool {
	if bytes.HasPrefix(head, ebcdicXML) {
		return true
	}
	text := bytes.TrimLeft(narrow(head), " \t\r\n")
	if html.Match(text) {
		return bytes.Contains(bytes.ToLower(text), []byte("xhtml"))
	}
	return declaration.Match(text) || markup.Match(text) || element.Match(text)
}

// narrow drops a byte order mark and reduces UTF-16 and UTF-32 to one byte a
// character, which is enough to recognise markup.
func narrow(head []byte) []byte {
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		return head[3:]
	case bytes.HasPrefix(head, []byte("\xff\xfe\x00\x00")):
		return everyNth(head[4:], 0, 4)
	case bytes.HasPrefix(head, []byte("\x00\x00\xfe\xff")):
		return everyNth(head[4:], 3, 4)
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return everyNth(head[2:], 0, 2)
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return everyNth(head[2:], 1, 2)
	case bytes.HasPrefix(head, []byte("<\x00")):
		return everyNth(head, 0, 2)
	case bytes.HasPrefix(head, []byte("\x00<")):
		return everyNth(head, 1, 2)
	}
	return head
}

func everyNth(b []byte, first, n int) []byte {
	var out []byte
	for i := first; i < len(b); i += n {
		out = append(out, b[i])
	}
	return out
}
