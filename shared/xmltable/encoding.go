package xmltable

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/transform"
)

// declarationBytes is where an encoding declaration is looked for.
const declarationBytes = 1024

// decoded is a document as UTF-8. What its encoding forbids stands in it as
// bytes that no UTF-8 has, or as U+FFFD if the decoder replaces.
type decoded struct {
	io.Reader
	encoding string
	replaces bool
}

// decode finds the encoding of r by byte order mark, by the first bytes, by
// declaration; else it is UTF-8.
func decode(r io.Reader) (decoded, error) {
	in := bufio.NewReaderSize(r, declarationBytes)
	head, err := in.Peek(declarationBytes)
	if err != nil && err != io.EOF {
		return decoded{}, fmt.Errorf("read document: %w", err)
	}
	has := func(prefix string) bool { return bytes.HasPrefix(head, []byte(prefix)) }
	switch {
	case has("\xEF\xBB\xBF"):
		_, err = in.Discard(3)
		return decoded{Reader: in, encoding: "UTF-8"}, err
	case has("\xFF\xFE"), has("\xFE\xFF"):
		_, err = in.Discard(2)
		return decodeUTF16(in, has("\xFE")), err
	case has("<\x00"), has("\x00<"):
		return decodeUTF16(in, has("\x00")), nil
	}
	return decodeDeclared(in, declaredEncoding(head))
}

func decodeUTF16(in io.Reader, bigEndian bool) decoded {
	return decoded{Reader: transform.NewReader(in, &utf16Decoder{bigEndian: bigEndian}), encoding: "UTF-16"}
}

func decodeDeclared(in io.Reader, name string) (decoded, error) {
	switch upper := strings.ToUpper(name); upper {
	case "", "UTF-8", "UTF8":
		return decoded{Reader: in, encoding: "UTF-8"}, nil
	case "US-ASCII", "ASCII":
		return decoded{Reader: transform.NewReader(in, asciiDecoder{}), encoding: upper}, nil
	case "UTF-16", "UTF-16LE", "UTF-16BE", "ISO-10646-UCS-2":
		return decoded{}, &SyntaxError{
			Line: 1, Column: 1,
			Message: fmt.Sprintf("expected %s, as the document declares, found single bytes; correct the declaration", name),
		}
	}
	e, err := ianaindex.IANA.Encoding(name)
	if err != nil || e == nil || e == encoding.Replacement {
		return decoded{}, &SyntaxError{
			Line: 1, Column: 1,
			Message: fmt.Sprintf("expected an encoding that RET knows, found %q", name),
		}
	}
	return decoded{Reader: transform.NewReader(in, e.NewDecoder()), encoding: name, replaces: true}, nil
}

// declaredEncoding reads the name out of an XML declaration at the start of
// head, "" if there is none. Whether the declaration is well-formed is for the
// scanner to say.
func declaredEncoding(head []byte) string {
	if !bytes.HasPrefix(head, []byte("<?xml")) {
		return ""
	}
	declaration, _, _ := bytes.Cut(head, []byte("?>"))
	_, after, found := bytes.Cut(declaration, []byte("encoding"))
	if !found {
		return ""
	}
	after = bytes.TrimLeft(after, " \t\r\n=")
	if len(after) == 0 || after[0] != '"' && after[0] != '\'' {
		return ""
	}
	name, _, found := bytes.Cut(after[1:], after[:1])
	if !found {
		return ""
	}
	return string(name)
}
