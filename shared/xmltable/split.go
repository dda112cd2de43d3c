package xmltable

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
)

// A large document is learnt and written by pieces, on several processors. Where a
// piece may begin is guessed: at a start tag of the name that has repeated most,
// in the elements that were open around it. A worker reads the piece from there.
// The foreman, who goes through the document from its start, comes to that place
// and knows whether the guess was right: then it takes over what the worker has
// made and jumps to the end of the piece, else it reads the piece itself. A piece
// is of use only if all that is open at its beginning is open at its end, too. So
// what comes out is what one goroutine alone would have made; and whatever is
// unusual, an error first of all, is left to one goroutine alone.

var (
	errBarrier = errors.New("the reader stops at a barrier")
	errAlone   = errors.New("the document has to be read by one goroutine alone")
)

// foreman is who is told that the scanner has read past a barrier, and did not
// stand between elements there.
type foreman interface{ passed(s *scanner) }

// openTag is an element that is open around a piece.
type openTag struct {
	tag      *tag // the foreman's
	name     string
	bindings []binding // what its scope adds to that of its parent; nil if nothing
	preserve bool
	run      int64 // its number among those of its name
}

// openTags returns the elements that are open down to depth. It is not ok where
// one is spread by a pivot.
func (s *scanner) openTags(depth int) (open []openTag, ok bool) {
	for i := 1; i <= depth; i++ {
		f := &s.frames[i]
		o := openTag{tag: f.tag, name: f.tag.name, preserve: f.preserve, run: f.tag.path.run}
		if f.tag.path.base != nil {
			return nil, false
		}
		if scope := f.tag.scope; scope != s.frames[i-1].tag.scope {
			if scope.outer != s.frames[i-1].tag.scope {
				return nil, false
			}
			o.bindings = scope.bindings
		}
		open = append(open, o)
	}
	return open, true
}

// standsIn reports whether just these elements are open.
func (s *scanner) standsIn(open []openTag) bool {
	if len(s.frames) != len(open)+1 || s.mode != inContent || len(s.outer) > 0 {
		return false
	}
	for i, o := range open {
		if f := &s.frames[i+1]; f.tag != o.tag || f.preserve != o.preserve {
			return false
		}
	}
	return true
}

// openPiece begins a piece of a document within elements that are open. The
// scanner then ends where the piece does.
func (s *scanner) openPiece(ctx context.Context, in io.ReaderAt, p *piece) bool {
	s.limits.ValueBytes = min(s.limits.ValueBytes, int(4*(p.end-p.begin))+2*keptBytes)
	s.window.check = checker{encoding: "UTF-8", ascii: true}
	s.window.limitBytes = s.limits.rowBytes()
	s.window.open(ctx, io.NewSectionReader(in, p.begin, p.end-p.begin), s.size)
	if s.plain = true; s.noting {
		s.window.origin = s.noted.beginAt(p.begin)
	}
	s.mode, s.isPiece, s.begun = inContent, true, true
	s.dtd, s.standalone, s.xml11 = p.of.dtd, p.of.standalone, p.of.xml11
	s.shape.number++
	s.frames = append(s.frames[:0], frame{tag: s.shape.document, number: s.shape.number})
	for _, o := range p.open {
		parent := s.top()
		scope := parent.tag.scope
		if o.bindings != nil {
			scope, _ = scope.bind(o.bindings)
		}
		t := parent.tag.path.tags.find([]byte(o.name), scope)
		if t == nil {
			if t = s.newTag(parent.tag.path, o.name, scope); t == nil {
				return false
			}
		}
		t.path.run, t.path.runIn = o.run, parent.number
		parent.children, parent.awaits = true, true
		s.shape.number++
		s.pushFrame(t, o.preserve)
	}
	s.floor = len(s.frames)
	return true
}

// scanned is what a document has said before its root element.
type scanned struct {
	dtd               *dtd
	standalone, xml11 bool
}

// scanned is not ok where the document declares something.
func (s *scanner) scanned() (of *scanned, ok bool) {
	if d := s.dtd; d != nil && len(d.entities)+len(d.parameters)+len(d.attributes) > 0 {
		return nil, false
	}
	return &scanned{s.dtd, s.standalone, s.xml11}, true
}

// jump goes on at another place of the document, between elements as here.
func (s *scanner) jump(at int64) {
	if s.window.origin != nil {
		s.window.origin.jump(&s.window, at)
	}
	s.window.jump()
	s.pieces.at = at
}

// splits reports whether a document may be worked on in pieces.
func (o *Options) splits(in Input) bool {
	return o.Helper != nil && in.At != nil && !o.Repair && len(o.Pivots) == 0 && in.Size >= int64(fewPieces*o.piece())
}

func (o *Options) piece() int {
	if o.pieceBytes > 0 {
		return o.pieceBytes
	}
	return pieceBytes
}

// A guess is where pieces may begin.
type guess struct {
	open []openTag
	mark []byte // "<name"
}

const leastRepeats = 4 // of a name in one element, to be guessed

// guess takes the name that has repeated most in an open element.
func (s *scanner) guess() *guess {
	best, depth, name := int64(leastRepeats), 0, ""
	for i := 1; i < len(s.frames); i++ {
		f := &s.frames[i]
		tags := f.tag.path.tags.list
		for _, t := range tags[:min(len(tags), lookedThrough)] {
			if t.path.runIn == f.number && t.path.run > best {
				best, depth, name = t.path.run, i, t.name
			}
		}
	}
	open, ok := s.openTags(depth)
	if depth == 0 || !ok {
		return nil
	}
	return &guess{open, []byte("<" + name)}
}

func (g *guess) same(o *guess) bool {
	if g == nil || o == nil {
		return g == o
	}
	return bytes.Equal(g.mark, o.mark) && slices.EqualFunc(g.open, o.open, func(a, b openTag) bool {
		return a.tag == b.tag && a.preserve == b.preserve
	})
}

// find returns the first place of the mark from begin on, before end; -1 if there is
// none.
func (g *guess) find(in io.ReaderAt, begin, end int64) int64 {
	block := make([]byte, 16<<10+len(g.mark)+1)
	for begin < end {
		n, _ := in.ReadAt(block, begin)
		b := block[:n]
		for i := 0; ; i++ {
			at := bytes.Index(b[i:], g.mark)
			if at < 0 || i+at+len(g.mark) >= n {
				break
			}
			if i += at; begin+int64(i) >= end {
				return -1
			}
			if classes[b[i+len(g.mark)]]&isNameEnd != 0 {
				return begin + int64(i)
			}
		}
		if n < len(block) {
			return -1
		}
		begin += int64(n - len(g.mark))
	}
	return -1
}

// markBytes is how long the byte order mark is.
func (s *scanner) markBytes() int64 {
	if bytes.HasPrefix(s.head, []byte("\xEF\xBB\xBF")) {
		return 3
	}
	return 0
}

// readPieces makes r what the document is read from, which has just been opened.
func (s *scanner) readPieces(r *pieceReader, f foreman) {
	s.window.src, s.window.pieces, s.foreman = r, r, f
}

// joins counts the pieces that were joined in each pass; tests look at it.
type joins [2]int

func (j *joins) note(pass int) {
	if j != nil {
		j[pass]++
	}
}
