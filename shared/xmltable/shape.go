package xmltable

import (
	"context"
	"errors"
	"slices"
)

// A Shape is what the first pass learns about a document, or about a class of
// documents: which paths there are and how often they repeat. It may be used by
// one goroutine at a time, and that includes the Plans made from it.
type Shape struct {
	document *tag // stands for the document; the root is its path's child

	paths, attributes int    // ids given
	ranks             int    // ranks given
	number            uint64 // of the last element, over all passes

	names     int // paths, attributes, tags and scopes
	nameBytes int

	values   int64
	warnings []string
	partial  bool // a document ends in a SyntaxError, and its rows were asked for
}

func newShape() *Shape {
	sh := &Shape{}
	sh.document = newTag("", newScope(), &path{})
	return sh
}

// Scan is the first pass over one document. It returns a *SyntaxError if the
// document is not well-formed or goes over a limit, unless opt.KeepPartial is set
// and there is a root element: then the shape is that of the document up to
// there.
func Scan(ctx context.Context, in Input, opt Options) (*Shape, error) {
	sh := newShape()
	s := newScanner(sh, opt)
	s.learns = true
	closeInput, err := s.open(ctx, in)
	if err != nil {
		return nil, err
	}
	err = s.explain(sh.learn(s))
	if s.latin1 != nil && s.latin1.controls {
		sh.warn(rather1252)
	}
	if _, ok := errors.AsType[*SyntaxError](err); ok && opt.KeepPartial && sh.root() != nil {
		sh.learnOpen(s)
		err = nil
	}
	if closed := closeInput(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, err
	}
	return sh, nil
}

func (sh *Shape) learn(s *scanner) error {
	for {
		switch s.next() {
		case tokenStart:
			sh.learnAttributes(s.tag.path, s.attributes)
		case tokenLeaf:
			sh.learnAttributes(s.tag.path, s.attributes)
			sh.learnLeaf(s.tag.path, s.text, s.top().preserve)
		case tokenText:
			if err := s.noteText(); err != nil {
				return err
			}
		case tokenEnd:
			sh.learnElement(s.closed())
		case tokenDone:
			return nil
		case tokenError:
			return s.err
		}
	}
}

// learnOpen learns the elements that an error has left open.
func (sh *Shape) learnOpen(s *scanner) {
	sh.partial = true
	for len(s.frames) > 1 {
		sh.learnElement(s.top())
		s.frames = s.frames[:len(s.frames)-1]
	}
}

func (sh *Shape) learnAttributes(p *path, attributes []attributeValue) {
	p.values += int64(len(attributes))
	for i := range attributes {
		if !blank(attributes[i].value) {
			sh.values++
		}
	}
}

func (sh *Shape) learnElement(f *frame) {
	p := f.tag.path
	p.count++
	p.most = max(p.most, p.run)
	if !f.own.some {
		return
	}
	p.texts++
	p.mixed = p.mixed || f.children
	if f.own.solid {
		sh.values++
	}
}

// learnLeaf is learnElement for an element without children.
func (sh *Shape) learnLeaf(p *path, text []byte, preserve bool) {
	p.count++
	p.most = max(p.most, p.run)
	switch {
	case len(text) > 0 && (!space(text[0]) || !blank(text)):
		p.texts++
		sh.values++
	case len(text) > 0 && preserve:
		p.texts++
	}
}

// noteText notes a piece of text in the frame of its element.
func (s *scanner) noteText() error {
	f := s.top()
	f.own.bytes += len(s.text)
	if f.own.bytes > s.limits.ValueBytes {
		return s.tooLong()
	}
	if !s.blank {
		f.own.some, f.own.solid = true, true
	} else if f.preserve {
		f.own.some = true
	}
	return nil
}

func (s *scanner) tooLong() error {
	s.fail(s.pos, "a text is over the limit of %d bytes", s.limits.ValueBytes)
	return s.err
}

func (sh *Shape) newPath(parent *path, name expandedName, prefix string) *path {
	c := &path{id: sh.paths, rank: sh.ranks, space: name.space, local: name.local, prefix: prefix}
	sh.paths++
	sh.ranks++
	parent.addChild(c)
	return c
}

func (sh *Shape) newAttribute(p *path, written string, name expandedName) *attribute {
	a := &attribute{
		id: sh.attributes, rank: sh.ranks, name: written, space: name.space, local: name.local,
		preserves: written == "xml:space",
	}
	sh.attributes++
	sh.ranks++
	p.addAttribute(a)
	return a
}

func (sh *Shape) warn(sentence string) {
	if !slices.Contains(sh.warnings, sentence) {
		sh.warnings = append(sh.warnings, sentence)
	}
}

// root returns the root element's path, nil before there is one.
func (sh *Shape) root() *path {
	if c := sh.document.path.children; len(c) > 0 {
		return c[0]
	}
	return nil
}

// Root returns the root element's local name.
func (sh *Shape) Root() string { return sh.root().local }

// RootName returns the root element's name with its namespace. Documents of one
// class have the same.
func (sh *Shape) RootName() string { return qualified(sh.root().space, sh.root().local) }

// Values returns how many values the document holds: attributes and own texts,
// both without the blank ones.
func (sh *Shape) Values() int64 { return sh.values }

// Warnings returns sentences for a person, such as references left as written.
func (sh *Shape) Warnings() []string { return sh.warnings }

// qualified writes an expanded name as XPath 3 does.
func qualified(space, local string) string {
	if space == "" {
		return local
	}
	return "Q{" + space + "}" + local
}
