package xmltable

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/transform"
)

// declarationBytes is where an encoding declaration is looked for.
const declarationBytes = 1024

// decoded is a document as UTF-8. What its encoding forbids stands in it as
// bytes that no UTF-8 has, or as U+FFFD if the decoder replaces.
type decoded struct {
	io.Reader
	in       *bufio.Reader // behind Reader
	head     []byte        // how the document begins, as it is written, until something is read
	encoding string
	replaces bool
	warning  string // about the encoding, for a person
	mark     int64  // bytes of the byte order mark

	transformer transform.Transformer // what makes UTF-8 of it; nil where it is that
	latin1      *latin1Decoder        // if that decodes it
}

// decode finds the encoding of r by byte order mark, by the first bytes, by
// declaration; else it is UTF-8. With windows1252, what says ISO-8859-1 is that.
func decode(r io.Reader, windows1252 bool) (decoded, error) {
	in := readers.Get().(*bufio.Reader)
	in.Reset(r)
	head, err := in.Peek(declarationBytes)
	if err != nil && err != io.EOF {
		return decoded{}, fmt.Errorf("read document: %w", err)
	}
	text, err := decodeBy(in, head, windows1252)
	text.head, text.in = head, in
	return text, err
}

// readers are for the beginnings of documents.
var readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, declarationBytes) }}

// release gives the reader back; nothing may be read from it afterwards.
func (d *decoded) release() {
	d.in.Reset(nil)
	readers.Put(d.in)
}

func decodeBy(in *bufio.Reader, head []byte, windows1252 bool) (text decoded, err error) {
	has := func(prefix string) bool { return bytes.HasPrefix(head, []byte(prefix)) }
	switch {
	case has("\xEF\xBB\xBF"):
		_, err = in.Discard(3)
		return decoded{Reader: in, encoding: "UTF-8", mark: 3}, err
	case has("\xFF\xFE"), has("\xFE\xFF"):
		_, err = in.Discard(2)
		text = decodeUTF16(in, has("\xFE"))
		text.mark = 2
		return text, err
	case beginsUTF16(head, 0):
		return decodeUTF16(in, false), nil
	case beginsUTF16(head, 1):
		return decodeUTF16(in, true), nil
	case has("\x4C\x6F\xA7\x94"): // "<?xm" in EBCDIC, of which all kinds agree on these letters
		if plain, err := charmap.CodePage037.NewDecoder().Bytes(head); err == nil {
			return decodeDeclared(in, declaredEncoding(plain), windows1252)
		}
	}
	return decodeDeclared(in, declaredEncoding(head), windows1252)
}

// beginsUTF16 reports whether head is white space and "<" in UTF-16 without a
// mark, in which the low bytes stand at low and every second one from there.
func beginsUTF16(head []byte, low int) bool {
	for i := 0; i+1 < len(head); i += 2 {
		if head[i+1-low] != 0 {
			return false
		}
		if c := head[i+low]; !space(c) {
			return c == '<'
		}
	}
	return false
}

func decodeUTF16(in io.Reader, bigEndian bool) decoded {
	return transformed(in, &utf16Decoder{bigEndian: bigEndian}, "UTF-16")
}

func transformed(in io.Reader, t transform.Transformer, encoding string) decoded {
	return decoded{Reader: transform.NewReader(in, t), transformer: t, encoding: encoding}
}

// decodeDeclared decodes by the name that a document declares.
func decodeDeclared(in io.Reader, name string, windows1252 bool) (decoded, error) {
	switch label := strings.ToLower(name); {
	case label == "" || label == "utf-8" || isUTF8[label]:
		return decoded{Reader: in, encoding: "UTF-8"}, nil
	case isASCII[label]:
		return transformed(in, asciiDecoder{}, name), nil
	case isLatin1[label] && windows1252:
		text := transformed(in, charmap.Windows1252.NewDecoder(), "windows-1252")
		text.replaces = true
		return text, nil
	case isLatin1[label]:
		latin1 := &latin1Decoder{}
		text := transformed(in, latin1, name)
		text.latin1 = latin1
		return text, nil
	case isUTF16[label]:
		return decoded{
			Reader: in, encoding: "UTF-8",
			warning: fmt.Sprintf("The document says that its encoding is %s, but it is not: it begins as UTF-8 does, and is read as UTF-8.", name),
		}, nil
	}
	e := encodingOf(name)
	if e == nil || e == encoding.Replacement {
		return decoded{}, &SyntaxError{
			Line: 1, Column: 1,
			Message: fmt.Sprintf("expected an encoding that RET knows, found %q", name),
		}
	}
	text := transformed(in, e.NewDecoder(), name)
	text.replaces = true
	return text, nil
}

// encodingOf finds an encoding by its IANA name, else by its label on the web;
// nil if there is none.
func encodingOf(name string) encoding.Encoding {
	if e, err := ianaindex.IANA.Encoding(name); err == nil && e != nil {
		return e
	}
	if e := webEncodings[name]; e != nil {
		return e
	}
	if e, err := ianaindex.IANA.Encoding(byWebLabel[name]); err == nil && e != nil {
		return e
	}
	return nil
}

// The names that are not looked up, because what lies behind them differs here: a
// decoder of our own finds the exact place of what it forbids. On the web the
// names of ISO-8859-1 mean windows-1252; here they mean what they say.
var (
	isUTF8  = setOf("utf-8", "utf8", "unicode-1-1-utf-8", "unicode11utf8", "unicode20utf8", "x-unicode20utf8", "csutf8")
	isASCII = setOf(
		"us-ascii", "ascii", "ansi_x3.4-1968", "ansi_x3.4-1986", "iso-ir-6", "iso_646.irv:1991", "iso646-us", "us",
		"ibm367", "cp367", "csascii",
	)
	isLatin1 = setOf(
		"iso-8859-1", "iso_8859-1", "iso8859-1", "iso88591", "iso_8859-1:1987", "iso-ir-100", "latin1", "l1",
		"ibm819", "cp819", "csisolatin1",
	)
	isUTF16 = setOf(
		"utf-16", "utf-16le", "utf-16be", "utf16", "csutf16", "csutf16le", "csutf16be", "unicode", "csunicode",
		"unicodefeff", "unicodefffe", "iso-10646-ucs-2", "ucs-2",
	)
)

func setOf(names ...string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[name] = true
	}
	return set
}

// declaredEncoding reads the name out of the XML declaration that head begins
// with, white space aside; "" if there is none. Whether the declaration is
// well-formed is for the scanner to say.
func declaredEncoding(head []byte) string {
	head = bytes.TrimLeft(head, " \t\r\n")
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
