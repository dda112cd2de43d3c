package xmltable

import (
	"bytes"
	"context"
	"fmt"
	"io"
)

// token is what scanner.next has found.
type token uint8

const (
	tokenError   token = iota // scanner.err says why
	tokenStart                // a start tag: scanner.tag, scanner.attributes
	tokenEnd                  // its end
	tokenLeaf                 // an element with nothing but scanner.text, or not even that
	tokenText                 // a piece of own text: scanner.text
	tokenDone                 // the end of the document
	tokenBarrier              // the reader's barrier; it stands between elements
)

// mode is what scanner.next has to go on with.
type mode uint8

const (
	inContent mode = iota
	inProlog
	inEpilog
	inCDATA
	afterEmptyTag
)

// A scanner reads one document, token by token, and checks all that XML 1.0 and
// Namespaces in XML ask of a processor that does not validate. Slices it hands
// out are valid until the next call.
type scanner struct {
	window
	mode      mode
	shape     *Shape
	limits    Limits
	repairs   bool      // the document is to be mended
	repairer  *repairer // mends it
	size      int       // of the window; 0 for the usual
	wantsMore bool      // the window has to hold more of an element to know its key
	fragment  bool      // it reads the content of one element
	isPiece   bool      // it reads a piece of a document
	foreman   foreman   // of those who read other pieces
	learns    bool      // may add to shape; else what is unknown is errChanged
	recalled  *recalled // the document may bring nothing that shape does not know, in the same order

	frames      []frame // the open elements; frames[0] stands for the document
	rule        layoutRule
	byLocalName bool
	floor       int // frames at the start of the entity that is read; 1 outside

	tag        *tag
	attributes []attributeValue
	text       []byte
	blank      bool // text is nothing but white space

	raw     []rawAttribute // of the start tag that is read slowly
	scratch []byte         // their normalized values
	rune    [4]byte        // the text of a reference

	head       []byte // of the document, as it is written
	begun      bool   // something else than white space was seen
	xml11      bool   // the document says that it is XML 1.1
	dtd        *dtd
	standalone bool
	left       map[string]bool // references that were told to stay as written
	latin1     *latin1Decoder  // if that decodes the document
	plain      bool            // nothing decodes the document

	windows1252 bool // for what says ISO-8859-1
	noting      bool // where in the document its text comes from
	noted       origin

	outer      []source // what waits for entities to end
	contentEnd int      // where the content of the element that ended stops in buf
	expanded   int64    // bytes that entities have expanded to
	most       int64    // … and may
	startTagAt int64    // where the last start tag begins: an index into buf, plus offset
	err        error
}

// A frame is an open element.
type frame struct {
	tag      *tag
	last     *tag   // of its latest child
	number   uint64 // counts all elements
	start    int64  // where its content begins: an index into buf, plus the window's offset
	preserve bool   // xml:space
	blanks   bool   // blank pieces of text matter: by xml:space, or to who reads
	children bool
	awaits   bool // nothing but white space has come since its latest child
	own      ownText
}

type attributeValue struct {
	attribute *attribute
	value     []byte
}

// source is a text that is suspended while an entity in it is read.
type source struct {
	buf      []byte
	pos, end int
	at       int // where the reference begins
	floor    int
	entity   *entity // the one that is now read
}

func newScanner(shape *Shape, opt Options) *scanner {
	return &scanner{shape: shape, limits: opt.Limits.withDefaults(), rule: layoutRule(opt.Trim), byLocalName: opt.ByLocalName, size: opt.windowBytes, repairs: opt.Repair, windows1252: opt.Windows1252}
}

// open begins a document. If it succeeds, closeInput has to be called.
func (s *scanner) open(ctx context.Context, in Input) (closeInput func() error, err error) {
	r, err := in.Open(ctx)
	if err != nil {
		return nil, fmt.Errorf("open document: %w", err)
	}
	text, err := decode(r, s.windows1252)
	if err != nil {
		r.Close()
		return nil, err
	}
	s.head = append(s.head[:0], text.head...)
	s.window.check = checker{encoding: text.encoding, replaces: text.replaces, ascii: true}
	s.window.limitBytes = s.limits.rowBytes() // for a tag, which may have several values
	s.most = max(s.limits.EntityBytes, entityRatio*in.Size)
	s.repairer, s.window.places = nil, nil
	var src io.Reader = text
	if s.repairs {
		s.repairer = newRepairer(text, s.limits, s.most, s.shape.wrapped[in.Path], !s.trusted)
		src, s.window.places = s.repairer, s.repairer.places
	}
	s.window.open(ctx, src, s.size)
	s.foreman, s.plain = nil, text.transformer == nil
	if s.noting {
		s.window.origin = s.noted.beginAt(s.markBytes())
	}
	s.mode, s.err, s.expanded, s.outer = inProlog, nil, 0, s.outer[:0]
	s.begun, s.xml11 = false, false
	s.dtd, s.standalone, s.left, s.latin1 = nil, false, nil, text.latin1
	if s.learns && text.warning != "" {
		s.shape.warn(text.warning)
	}
	s.shape.number++
	s.frames = append(s.frames[:0], frame{tag: s.shape.document, number: s.shape.number})
	s.floor = 1
	return func() error { s.release(); text.release(); return r.Close() }, nil
}

// next returns the next token.
func (s *scanner) next() token {
	if s.mode == inContent && s.buf[s.pos] <= ' ' {
		if t := s.nextAsBefore(); t != tokenError {
			return t
		}
	}
	for {
		if s.mode != inContent {
			if t, ok := s.nextElsewhere(); ok {
				return t
			}
			continue
		}
		from := s.pos
		if i := from; s.buf[i] <= ' ' && !s.top().blanks {
			if i = afterBlanks(s.buf, i, s.end); s.buf[i] == '<' {
				s.top().own.addBlank(s.buf[s.pos:i])
				s.pos = i
			}
		}
		if s.buf[s.pos] != '<' {
			if t, ok := s.content(); ok {
				return t
			}
			continue
		}
		switch s.buf[s.pos+1] {
		case '/':
			return s.endTag(from)
		case '!', '?', 0:
			if t, ok := s.otherMarkup(); ok {
				return t
			}
		default:
			return s.startTag(from, nil)
		}
	}
}

// nextElsewhere is next outside of plain content. It is not ok where there is no
// token to tell of.
func (s *scanner) nextElsewhere() (t token, ok bool) {
	switch s.mode {
	case afterEmptyTag:
		s.mode = inContent
		return s.closeElement(), true
	case inCDATA:
		return s.cdata()
	default:
		return s.outsideRoot()
	}
}

// otherMarkup takes what begins with "<!" or "<?" in content.
func (s *scanner) otherMarkup() (t token, ok bool) {
	if !s.want(2) {
		return s.unexpectedEnd(), true
	}
	switch {
	case s.buf[s.pos+1] == '?':
		return s.skip(s.processingInstruction())
	case s.buf[s.pos+1] != '!' && s.buf[s.pos+1] != 0:
		return 0, false // a tag, at the edge of the window until now
	case s.sees("<!--"):
		return s.skip(s.comment())
	case s.sees("<![CDATA["):
		s.pos += len("<![CDATA[")
		s.mode = inCDATA
		return 0, false
	}
	return s.fail(s.pos, "expected a tag, a comment or a CDATA section, found %s", s.found(s.pos)), true
}

// skip turns success into "no token", failure into tokenError.
func (s *scanner) skip(ok bool) (token, bool) {
	return tokenError, !ok
}

// want reports whether n more bytes are there, reading on for them.
func (s *scanner) want(n int) bool {
	for s.end-s.pos < n {
		if !s.more() {
			return false
		}
	}
	return true
}

// sees reports whether literal comes next.
func (s *scanner) sees(literal string) bool {
	s.want(len(literal))
	return bytes.HasPrefix(s.buf[s.pos:s.end], []byte(literal))
}

// more reads on. Inside an entity there is no more.
func (s *scanner) more() bool {
	if len(s.outer) > 0 {
		return false
	}
	if s.barrier {
		s.barrier = false
		s.foreman.passed(s)
	}
	return s.window.more()
}

func (s *scanner) top() *frame { return &s.frames[len(s.frames)-1] }
