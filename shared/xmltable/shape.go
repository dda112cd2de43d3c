package xmltable

import (
	"context"
	"errors"
	"slices"
	"strings"
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

	pivots       []pivot
	byLocalName  bool
	layout       *Layout // of the recipe that it began with
	record       string  // the local name that Options.Record has chosen, else ""
	namedHolders int64   // elements that have children of that name, in the document that has most

	values      int64 // attributes and own texts that are not empty
	bytes       int64 // … in UTF-8
	layoutBytes int64 // all other bytes of character data
	warnings    []string
	declares    bool            // a document has a DOCTYPE
	checkpoints []checkpoint    // of the one document, if it is large
	wrapped     map[string]bool // documents, by Input.Path, that have several roots
	partial     bool            // a document ends in a SyntaxError, and its rows were asked for
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
	sh, err := scan(ctx, in, opt, false)
	if errors.Is(err, errAlone) {
		opt.Helper = nil
		sh, err = scan(ctx, in, opt, false)
	}
	if errors.Is(err, errSecondRoot) {
		return scan(ctx, in, opt, true)
	}
	return sh, err
}

// scan is Scan for a document of one root, or of several that stand in one.
func scan(ctx context.Context, in Input, opt Options, wrapped bool) (*Shape, error) {
	sh := newShape()
	sh.prepare(opt)
	s := newScanner(sh, opt)
	s.learns = true
	if wrapped {
		sh.wrapped = map[string]bool{in.Path: true}
	}
	if err := sh.scan(ctx, s, in, opt); err != nil {
		return nil, err
	}
	return sh, nil
}

// scan learns a whole document with a scanner of sh.
func (sh *Shape) scan(ctx context.Context, s *scanner, in Input, opt Options) error {
	closeInput, err := s.open(ctx, in)
	if err != nil {
		return err
	}
	split, err := sh.split(ctx, s, in, opt)
	if err == nil {
		err = s.explain(sh.learn(s))
	}
	if split != nil {
		err = split.end(err)
	}
	if s.latin1 != nil && s.latin1.controls {
		sh.warn(rather1252)
	}
	if s.repairer != nil {
		for _, w := range s.repairer.warnings() {
			sh.warn(w)
		}
	}
	if _, ok := errors.AsType[*SyntaxError](err); ok && opt.KeepPartial && sh.root() != nil {
		sh.learnOpen(s)
		err = nil
	}
	if closed := closeInput(); err == nil {
		err = closed
	}
	return err
}

// prepare notes what has to be learnt for the options.
func (sh *Shape) prepare(opt Options) {
	sh.record, _ = strings.CutPrefix(opt.Record, "//")
	sh.byLocalName = opt.ByLocalName
	for _, written := range opt.Pivots {
		if p, err := parsePivot(written); err == nil {
			sh.pivots = append(sh.pivots, p)
		}
	}
}

func (sh *Shape) learn(s *scanner) error {
	for {
		switch s.next() {
		case tokenStart:
			sh.learnAttributes(s.tag.path, s.attributes)
			if s.recalled != nil && !s.recalled.meet(s.tag.path, s.attributes) {
				return errUnlike
			}
		case tokenLeaf:
			sh.learnAttributes(s.tag.path, s.attributes)
			if s.recalled != nil && !s.recalled.meet(s.tag.path, s.attributes) {
				return errUnlike
			}
			sh.learnLeaf(s.tag.path, s.text, s.rule, s.top().preserve)
			if s.recalled == nil && s.tag.joint.to != nil {
				sh.learnLeaves(s)
			}
		case tokenText:
			if err := s.noteText(); err != nil {
				return err
			}
		case tokenEnd:
			sh.learnElement(s.closed(), s.rule)
		case tokenBarrier:
			if err := s.foreman.(*splitScan).arrive(); err != nil {
				return err
			}
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
		sh.learnElement(s.top(), s.rule)
		s.frames = s.frames[:len(s.frames)-1]
	}
}

func (sh *Shape) learnAttributes(p *path, attributes []attributeValue) {
	p.values += int64(len(attributes))
	for i := range attributes {
		if n := len(attributes[i].value); n > 0 {
			sh.values++
			sh.bytes += int64(n)
		}
	}
}

func (sh *Shape) learnElement(f *frame, rule layoutRule) {
	p := f.tag.path
	p.count++
	p.most = max(p.most, p.run)
	kept := f.own.kept(rule, f.preserve, f.children)
	sh.learnText(p, kept, f.own.bytes)
	if f.children {
		p.bearing++
		if kept > 0 {
			p.mixed++
		}
	}
}

// learnLeaf is learnElement for an element without children.
func (sh *Shape) learnLeaf(p *path, text []byte, rule layoutRule, preserve bool) {
	p.count++
	p.most = max(p.most, p.run)
	kept := len(text)
	if !preserve {
		kept = len(rule.strip(text))
	}
	sh.learnText(p, kept, len(text))
}

// learnText learns that an element at p has so many bytes of character data, of
// which some are kept as its own text.
func (sh *Shape) learnText(p *path, kept, all int) {
	if kept > 0 {
		p.texts++
		sh.values++
		sh.bytes += int64(kept)
	}
	sh.layoutBytes += int64(all - kept)
}

// learnHolder learns that an element, which has that number, has children at p.
func (sh *Shape) learnHolder(p *path, number uint64) {
	p.holders++
	if p.named && p.parent.parent != nil && p.parent.namedIn != number {
		p.parent.namedIn = number
		sh.namedHolders++
	}
}

// noteText notes a piece of text in the frame of its element.
func (s *scanner) noteText() error {
	f := s.top()
	f.own.add(s.text, s.blank)
	if f.own.bytes > s.limits.ValueBytes && f.own.kept(s.rule, f.preserve, f.children) > s.limits.ValueBytes {
		return s.tooLong()
	}
	if f.awaits && !s.blank && s.learns {
		f.awaits = false
		f.tag.path.followed++
	}
	return nil
}

func (s *scanner) tooLong() error {
	s.fail(s.pos, "a text is over the limit of %d bytes", s.limits.ValueBytes)
	return s.err
}

func (sh *Shape) newPath(parent *path, known expandedName, space, prefix string) *path {
	c := &path{id: sh.paths, rank: sh.ranks, space: space, local: known.local, prefix: prefix, known: known}
	c.named = c.local == sh.record
	sh.paths++
	sh.ranks++
	parent.addChild(c)
	if len(sh.pivots) > 0 {
		c.spread = sh.spreadBy(c)
	}
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

// holdersOf is how many elements hold those at paths, which are all of one local
// name, in the document that has most of them.
func (sh *Shape) holdersOf(name string, paths []*path) int64 {
	if name == sh.record {
		return sh.namedHolders
	}
	var n int64
	for _, p := range paths {
		if p.parent.parent != nil {
			n += p.holders
		}
	}
	return n
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

// Account returns what the document holds, by the first pass's count of it.
func (sh *Shape) Account() Account { return Account{sh.values, sh.bytes} }

// LayoutBytes returns how many bytes of character data are layout.
func (sh *Shape) LayoutBytes() int64 { return sh.layoutBytes }

// Warnings returns sentences for a person, such as references left as written.
func (sh *Shape) Warnings() []string { return sh.warnings }

// RatherWindows1252 reports whether the document says that it is ISO-8859-1 and has
// characters that nobody writes in it, but in windows-1252.
func (sh *Shape) RatherWindows1252() bool { return slices.Contains(sh.warnings, rather1252) }

// qualified writes an expanded name as XPath 3 does.
func qualified(space, local string) string {
	if space == "" {
		return local
	}
	return "Q{" + space + "}" + local
}

// clone copies what the first pass has learnt, but for how names are written.
func (sh *Shape) clone() *Shape {
	c := *sh
	c.checkpoints = nil
	var attributes map[*attribute]*attribute
	if sh.byLocalName {
		attributes = map[*attribute]*attribute{}
	}
	c.document = newTag("", newScope(), sh.document.path.clone(nil, attributes))
	for old, a := range attributes {
		for b := range old.beside {
			a.standBeside(attributes[b])
		}
	}
	return &c
}

// clone copies p and all below it. It notes what becomes of the attributes, if that
// is asked for.
func (p *path) clone(parent *path, noted map[*attribute]*attribute) *path {
	c := *p
	c.parent, c.tags = parent, tagSet{}
	c.run, c.runIn, c.namedIn = 0, 0, 0
	c.children, c.childIndex, c.attributes, c.attributeIndex = nil, nil, nil, nil
	c.keyed, c.keyIndex = nil, nil
	for _, a := range p.attributes {
		copied := *a
		copied.seenIn, copied.beside = 0, nil
		if noted != nil {
			noted[a] = &copied
		}
		c.addAttribute(&copied)
	}
	for _, child := range p.children {
		c.addChild(child.clone(&c, noted))
	}
	for _, k := range p.keyed {
		keyed := k.clone(parent, noted)
		keyed.base = &c
		c.addKeyed(keyed)
	}
	return &c
}
