package xmltable

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"golang.org/x/text/transform"

	"ret/shared/fault"
)

// An Excerpt is a record as it stands in its document.
type Excerpt struct {
	Line   int64  // where it begins, from 1
	Offset int64  // where it begins, in bytes of the document as it is stored
	Length int64  // in such bytes
	XML    string // the same in UTF-8; line ends are as they are written
}

// recordBytes is how much of a record is given at most.
const recordBytes = 4 << 20

var (
	errNoOrigin       = fault.New(fault.Conflict, "The place of this record in its document is not known: an entity or the repair of the document has made it, or there are too many records that are too scattered.")
	errRecordTooLarge = fault.New(fault.TooLarge, "The XML of this row is over %d MiB. Download the document to see it.", recordBytes>>20)
)

// Excerpt reads the record of a row of the main table, from 1, or the root element for
// row 0. Of opt it takes what says how the document was read. It reads what lies
// between a mark and the record; where the document cannot be read at any place, or is
// not UTF-8, all before it too. Conflict says that the place is not known, TooLarge that
// the record is over 4 MiB.
func (o Origins) Excerpt(ctx context.Context, in Input, row int64, opt Options) (Excerpt, error) {
	m, ofBytes, ok := o.find(row)
	if !ok {
		return Excerpt{}, errNoOrigin
	}
	if !ofBytes {
		return m.decode(ctx, in, row, opt)
	}
	r, err := openFrom(ctx, in, m.at)
	if err != nil {
		return Excerpt{}, err
	}
	defer r.Close()
	begin, end, found, err := newRecordReader(r).find(m, row)
	if err != nil {
		return Excerpt{}, err
	}
	found.Offset, found.Length = m.at+begin, end-begin
	return found, nil
}

// openFrom opens a document at one of its bytes.
func openFrom(ctx context.Context, in Input, at int64) (io.ReadCloser, error) {
	if in.At != nil {
		content, err := in.At(ctx)
		if err != nil {
			return nil, fmt.Errorf("open document: %w", err)
		}
		return contentFrom{io.NewSectionReader(content, at, max(0, in.Size-at)), content}, nil
	}
	r, err := in.Open(ctx)
	if err != nil {
		return nil, fmt.Errorf("open document: %w", err)
	}
	if _, err := io.CopyN(io.Discard, r, at); err != nil {
		return nil, errors.Join(fmt.Errorf("read document: %w", err), r.Close())
	}
	return r, nil
}

type contentFrom struct {
	io.Reader
	io.Closer
}

// decode finds a record in a document that has to be decoded from its start: once to
// find it in the text, and once more to tell which bytes that text comes from.
func (m mark) decode(ctx context.Context, in Input, row int64, opt Options) (Excerpt, error) {
	r, err := in.Open(ctx)
	if err != nil {
		return Excerpt{}, fmt.Errorf("open document: %w", err)
	}
	defer r.Close()
	text, err := decode(r, opt.Windows1252)
	if err != nil {
		return Excerpt{}, err
	}
	defer text.release()
	begin, end, found, err := newRecordReader(text).find(m, row)
	if err != nil {
		return Excerpt{}, err
	}
	if text.transformer == nil {
		found.Offset, found.Length = text.mark+begin, end-begin
		return found, nil
	}
	text.transformer.Reset()
	again, err := openFrom(ctx, in, text.mark)
	if err != nil {
		return Excerpt{}, err
	}
	defer again.Close()
	c := byteCounter{in: bufio.NewReaderSize(again, decodeBytes), by: text.transformer}
	if err := c.advance(begin); err != nil {
		return Excerpt{}, err
	}
	found.Offset = text.mark + c.taken
	if err := c.advance(end - begin); err != nil {
		return Excerpt{}, err
	}
	found.Length = text.mark + c.taken - found.Offset
	return found, nil
}

const decodeBytes = 4 << 10

// A byteCounter counts the bytes from which text is decoded.
type byteCounter struct {
	in    *bufio.Reader
	by    transform.Transformer
	taken int64
	out   [decodeBytes]byte
}

// advance goes on by so many bytes of text, never by more: no decoder writes half a
// character.
func (c *byteCounter) advance(text int64) error {
	for text > 0 {
		src, readErr := c.in.Peek(decodeBytes)
		if len(src) == 0 {
			return fmt.Errorf("decode document: %w", readErr)
		}
		dst := c.out[:min(text, decodeBytes)]
		n, taken, err := c.by.Transform(dst, src, readErr != nil)
		if n == 0 && taken == 0 {
			return fmt.Errorf("decode document: %w", err)
		}
		if _, err := c.in.Discard(taken); err != nil {
			return fmt.Errorf("decode document: %w", err)
		}
		c.taken += int64(taken)
		text -= int64(n)
	}
	return nil
}

// A recordReader goes through the text of a document that is known to be well-formed,
// and looks at nothing but where elements begin and end.
type recordReader struct {
	in      *bufio.Reader
	at      int64 // bytes of text that were read
	breaks  int64 // line breaks among them
	afterCR bool
	keeps   bool
	kept    []byte
	err     error
}

func newRecordReader(r io.Reader) *recordReader {
	return &recordReader{in: bufio.NewReaderSize(r, 32<<10)}
}

// find reads the record of a row that is found from m, and where it begins and ends in
// the text.
func (r *recordReader) find(m mark, row int64) (begin, end int64, found Excerpt, err error) {
	r.skip(m.skip)
	r.breaks = 0
	for range row - m.row {
		r.toElement()
		r.element()
	}
	r.toElement()
	begin, found.Line = r.at-1, m.line+r.breaks
	r.keeps, r.kept = true, append(r.kept, '<')
	r.element()
	found.XML = string(r.kept)
	if r.err == io.EOF {
		r.err = fault.New(fault.Damaged, "The document is not the one that this table was made of.")
	}
	return begin, r.at, found, r.err
}

// skip goes on by so much text in which line ends are one byte.
func (r *recordReader) skip(n int64) {
	for ; n > 0 && r.err == nil; n-- {
		if r.next() == '\r' {
			if b, err := r.in.Peek(1); err == nil && b[0] == '\n' {
				r.next()
			}
		}
	}
}

// next reads a byte; 0 where there is none.
func (r *recordReader) next() byte {
	if r.err != nil {
		return 0
	}
	b, err := r.in.ReadByte()
	if err != nil {
		r.err = err
		return 0
	}
	r.at++
	if b == '\r' || b == '\n' && !r.afterCR {
		r.breaks++
	}
	r.afterCR = b == '\r'
	if r.keeps {
		if len(r.kept) >= recordBytes {
			r.err = errRecordTooLarge
			return 0
		}
		r.kept = append(r.kept, b)
	}
	return b
}

// through reads up to the end of what is looked for.
func (r *recordReader) through(end string) {
	seen := make([]byte, 0, len(end))
	for r.err == nil && string(seen) != end {
		if len(seen) == len(end) {
			copy(seen, seen[1:])
			seen = seen[:len(end)-1]
		}
		seen = append(seen, r.next())
	}
}

// toElement reads up to the "<" of the next start tag, and that.
func (r *recordReader) toElement() {
	for r.err == nil {
		r.through("<")
		if c := r.peek(); c != '!' && c != '?' {
			return
		}
		r.noElement()
	}
}

func (r *recordReader) peek() byte {
	b, err := r.in.Peek(1)
	if err != nil {
		r.err = err
		return 0
	}
	return b[0]
}

// noElement reads a comment, a CDATA section or an instruction, whose "<" was read.
func (r *recordReader) noElement() {
	if r.next() == '?' {
		r.through("?>")
		return
	}
	if r.next() == '[' {
		r.through("]]>")
		return
	}
	r.next() // the second hyphen
	r.through("-->")
}

// element reads an element, whose first "<" was read.
func (r *recordReader) element() {
	depth := 0
	for r.err == nil {
		switch r.peek() {
		case '/':
			r.through(">")
			depth--
		case '!', '?':
			r.noElement()
		default:
			if !r.startTag() {
				depth++
			}
		}
		if depth == 0 {
			return
		}
		r.through("<")
	}
}

// startTag reads a start tag behind its "<", and reports whether it is its end too.
func (r *recordReader) startTag() (empty bool) {
	var quote byte
	for r.err == nil {
		c := r.next()
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return empty
		}
		empty = c == '/' && quote == 0
	}
	return empty
}
