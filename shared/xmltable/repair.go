package xmltable

import (
	"bytes"
	"errors"
	"io"
)

// A repairer stands between the decoder and the scanner of a document that is to be
// read although it is not well-formed. It gives the text that the document should
// have been, by the rules of docs/flattening.md, section 6, so that both passes
// read the same; what it cannot mend it leaves for the scanner to fail at. What it
// holds is one tag, reference or document type declaration at a time, and the
// names of the open elements.
type repairer struct {
	src    io.Reader
	limits Limits
	most   int64 // what entities may expand to

	in       []byte // in[pos:end] is to be looked at; zeros behind, as in a window
	pos, end int
	held     []byte // read, but cut within a character or between CR and LF
	ended    bool   // src has no more
	srcErr   error

	out     []byte
	outPos  int
	outBase int64 // of out[0] in all that is given

	mode      repairMode
	until     string   // what ends a comment, an instruction, a CDATA section or a drop
	open      []string // names of the elements that are open
	roots     int
	started   bool // an element has begun
	outside   bool // within a text outside of elements that is dropped
	mended    bool // what was given differs from the document in more than line ends
	wrapped   bool // there are several roots, which stand in one that is made for them
	standsOne bool // the XML declaration says standalone

	dtd      *dtd
	sawDTD   bool
	expanded int64

	*places
	done bool
	err  error // at the end; io.EOF if all went well
}

type repairMode uint8

const (
	repairContent repairMode = iota
	repairPass               // up to until, passing on
	repairDrop               // up to until, dropping
	repairSkip               // a DOCTYPE up to "[" or ">"
	repairSkipIn             // … and from "[" up to "]" and ">"
	repairNothing            // all that comes is passed on: it cannot be mended
)

const (
	repairBytes  = 64 << 10 // given at once, about
	heldComment  = 1 << 20  // a longer comment is passed on before its end is known
	heldDoctype  = 16 << 20
	documentsTag = "documents"
)

// errSecondRoot: the document has several roots, which has to be known from its
// beginning on.
var errSecondRoot = errors.New("a second root element")

func newRepairer(src io.Reader, limits Limits, most int64, wrapped, told bool) *repairer {
	return &repairer{
		src: src, limits: limits, most: most, wrapped: wrapped,
		in: make([]byte, 2*repairBytes), places: newPlaces(told),
	}
}

// Read implements io.Reader.
func (r *repairer) Read(p []byte) (int, error) {
	for r.outPos == len(r.out) {
		if r.done {
			return 0, r.err
		}
		r.outBase += int64(len(r.out))
		r.out, r.outPos = r.out[:0], 0
		for len(r.out) < repairBytes && !r.done {
			r.step()
		}
	}
	n := copy(p, r.out[r.outPos:])
	r.outPos += n
	return n, nil
}

// step takes the next piece of the text.
func (r *repairer) step() {
	if r.pos == r.end && !r.fill() {
		r.finish()
		return
	}
	switch {
	case r.mode == repairNothing:
		r.pass(r.end - r.pos)
	case r.mode == repairPass || r.mode == repairDrop:
		r.toUntil()
	case r.mode == repairSkip || r.mode == repairSkipIn:
		r.skipDoctype()
	case r.in[r.pos] == '<':
		r.outside = false
		r.markup()
	case len(r.open) == 0:
		r.textOutside()
	case r.in[r.pos] == '&':
		r.reference()
	default:
		r.text()
	}
}

// finish ends the document: inside elements, they are closed.
func (r *repairer) finish() {
	r.done, r.err = true, io.EOF
	if r.told {
		r.advance(r.pos, r.in)
	}
	if r.srcErr != nil {
		r.err = r.srcErr
		return
	}
	if r.mode == repairPass {
		r.insert(r.until)
	}
	if r.mode == repairNothing {
		return
	}
	if len(r.open) > 0 {
		r.note(repairedEnd, r.pos, 1)
	}
	for i := len(r.open) - 1; i >= 0; i-- {
		r.insert("</" + r.open[i] + ">")
	}
	if r.wrapped && r.roots > 0 {
		r.insert("</" + documentsTag + ">")
	}
}

// unfinished drops what the end has cut, or leaves it if there is no element yet.
func (r *repairer) unfinished() {
	if r.srcErr != nil || !r.started {
		r.mode = repairNothing
		return
	}
	if len(r.open) == 0 {
		r.note(repairedEnd, r.pos, 1)
	}
	r.drop(r.end - r.pos)
}

// pass gives n bytes as they are.
func (r *repairer) pass(n int) {
	r.passPlaces(r.pos, r.pos+n, r.in, r.outBase+int64(len(r.out)))
	r.out = append(r.out, r.in[r.pos:r.pos+n]...)
	r.pos += n
}

// drop leaves n bytes out.
func (r *repairer) drop(n int) { r.replace(n, "") }

// replace gives something else for n bytes.
func (r *repairer) replace(n int, by string) {
	r.out = append(r.out, by...)
	r.pos += n
	r.mended = r.mended || n > 0 || by != ""
	r.edited(r.pos, r.in, r.outBase+int64(len(r.out)))
}

// insert gives something that is not there.
func (r *repairer) insert(s string) { r.replace(0, s) }

func (r *repairer) note(kind repaired, at, count int) { r.places.noteAt(kind, at, count, r.in) }

// text passes on what stands before the next "<" or "&".
func (r *repairer) text() {
	i := r.pos
	for i < r.end && r.in[i] != '<' && r.in[i] != '&' {
		i = textStop(r.in, i+1, r.end)
	}
	r.pass(i - r.pos)
}

// textOutside drops text outside of elements. White space stays.
func (r *repairer) textOutside() {
	n := bytes.IndexByte(r.in[r.pos:r.end], '<')
	if n < 0 {
		n = r.end - r.pos
	}
	if !r.outside {
		blanks := 0
		for blanks < n && space(r.in[r.pos+blanks]) {
			blanks++
		}
		r.pass(blanks)
		if n -= blanks; n == 0 {
			return
		}
		r.note(repairedOutside, r.pos, 1)
		r.outside = true
	}
	r.drop(n)
}

// toUntil goes up to what ends a comment and its like.
func (r *repairer) toUntil() {
	n := bytes.Index(r.in[r.pos:r.end], []byte(r.until))
	take, found := n+len(r.until), n >= 0
	if !found {
		take = max(0, r.end-r.pos-len(r.until)+1)
		if r.ended {
			take = r.end - r.pos
		} else if take == 0 {
			r.fill()
			return
		}
	}
	if r.mode == repairPass {
		r.pass(take)
	} else {
		r.drop(take)
	}
	if found {
		r.mode = repairContent
	}
}

// fill reads on. It returns false where there is no more.
func (r *repairer) fill() bool {
	if r.ended {
		return false
	}
	r.placesForget(r.pos, r.in)
	copy(r.in, r.in[r.pos:r.end])
	r.end -= r.pos
	r.pos = 0
	if r.end > len(r.in)/2 {
		r.in = append(r.in, make([]byte, len(r.in))...)
	}
	before := r.end
	for r.end == before && !r.ended {
		r.read()
	}
	clear(r.in[r.end : r.end+slackBytes])
	return r.end > before
}

// read appends a piece, less what XML forbids.
func (r *repairer) read() {
	n := r.end + copy(r.in[r.end:], r.held)
	r.held = r.held[:0]
	got, err := io.ReadFull(r.src, r.in[n:len(r.in)-slackBytes])
	n += got
	if err != nil {
		r.ended = true
		if err != io.EOF && err != io.ErrUnexpectedEOF {
			r.srcErr = err
		}
	}
	b := r.in[r.end:n]
	if len(b) > 0 && b[len(b)-1] == '\r' && !r.ended {
		r.held = append(r.held, '\r')
		b = b[:len(b)-1]
	}
	b = normalizeLineEnds(b)
	if cut := incompleteTail(b); cut > 0 && !r.ended {
		r.held = append(append([]byte(nil), b[len(b)-cut:]...), r.held...)
		b = b[:len(b)-cut]
	}
	r.end += r.strip(b)
}

// strip takes the characters out of b that XML 1.0 forbids, in place.
func (r *repairer) strip(b []byte) int {
	w := 0
	for i := 0; i < len(b); {
		n := 0
		switch c := b[i]; {
		case c < 0x20 && classes[c]&isSpace == 0:
			n = 1
		case c == 0xEF && i+2 < len(b) && b[i+1] == 0xBF && b[i+2] >= 0xBE:
			n = 3
		}
		if n > 0 {
			r.stripped(r.end + w)
			i += n
			continue
		}
		b[w] = b[i]
		w, i = w+1, i+1
	}
	return w
}
