package xmltable

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// maxKeys is how many keys a pivot may have.
const maxKeys = 1000

// No key can be like these: they stand for elements without one, and for all that
// come after too many.
const (
	withoutKey = "\x00"
	tooManyKey = "\x01"
)

// spreadBy returns the pivot that may be meant for elements at p. Which path it is
// counted from is known only when the record is, so the ends of the paths decide;
// where it turns out that p was not meant, its keys are one again.
func (sh *Shape) spreadBy(p *path) *pivot {
	if p.parent.parent == nil {
		return nil // the root lies below no record
	}
	var longest *pivot
	for i := range sh.pivots {
		v := &sh.pivots[i]
		if v.endsLike(p) && (longest == nil || len(v.path) > len(longest.path)) {
			longest = v
		}
	}
	return longest
}

func (v *pivot) endsLike(p *path) bool {
	for i := len(v.path) - 1; i >= 0; i-- {
		if p == nil || p.local != bare(v.path[i]) {
			return false
		}
		p = p.parent
	}
	return true
}

// bare is the local part of a name as columns have it.
func bare(name string) string {
	name = strings.ReplaceAll(strings.TrimPrefix(name, `\`), `\.`, ".")
	if _, local, prefixed := strings.Cut(name, ":"); prefixed {
		return local
	}
	return name
}

// calls reports whether a person who writes f may mean an element or attribute
// that is written so.
func (f field) calls(written string) bool {
	prefix, local := splitName(written)
	return local == bare(f.name) && (prefix != "" || !strings.Contains(f.name, ":")) &&
		(prefix == "" || !f.isAttribute || strings.Contains(f.name, ":"))
}

// keyedTag is t for elements with the key of the one whose tag is read. Its
// content begins at buf[content]. It is nil if s.err is set, or if the window has
// to hold more of the element to tell, which s.wantsMore says.
func (s *scanner) keyedTag(t *tag, content int, empty bool) *tag {
	key, found := s.keyOf(t.path.spread, content, empty)
	switch {
	case s.wantsMore:
		return nil
	case !found:
		key = []byte(withoutKey)
	}
	if known := t.keyed[string(key)]; known != nil {
		return known
	}
	p := s.keyedPath(t.path, string(key))
	if p == nil {
		return nil
	}
	keyed := newTag(t.name, t.scope, p)
	keyed.slow = true
	if t.keyed == nil {
		t.keyed = map[string]*tag{}
	}
	t.keyed[string(key)] = keyed
	return keyed
}

func (s *scanner) keyedPath(base *path, key string) *path {
	if p := base.keyedAs(key); p != nil {
		return p
	}
	if !s.learns {
		s.err = errChanged
		return nil
	}
	if len(base.keyed) >= maxKeys+1 {
		key = tooManyKey
		if p := base.keyedAs(key); p != nil {
			return p
		}
	}
	if !s.learnsName(len(key) + len(base.local)) {
		return nil
	}
	return s.shape.newKeyed(base, key)
}

func (p *path) keyedAs(key string) *path {
	return p.keyIndex[key]
}

func (sh *Shape) newKeyed(base *path, key string) *path {
	p := &path{
		id: sh.paths, rank: sh.ranks, space: base.space, local: base.local, prefix: base.prefix,
		known: base.known, named: base.named, parent: base.parent, base: base, key: key,
	}
	sh.paths++
	sh.ranks++
	base.addKeyed(p)
	return p
}

func (p *path) addKeyed(keyed *path) {
	p.keyed = append(p.keyed, keyed)
	if p.keyIndex == nil {
		p.keyIndex = map[string]*path{}
	}
	p.keyIndex[keyed.key] = keyed
}

// keyOf finds the key of the element whose tag is in s.raw.
func (s *scanner) keyOf(v *pivot, content int, empty bool) (key []byte, found bool) {
	if !v.key.isAttribute {
		if empty {
			return nil, false
		}
		return s.peekChild(content, v.key)
	}
	for i := range s.raw {
		if a := &s.raw[i]; v.key.calls(string(s.rawName(a))) {
			return s.rawValueOf(a), true
		}
	}
	return nil, false
}

// peekChild looks ahead for the text of the child that f calls.
func (s *scanner) peekChild(i int, f field) (text []byte, found bool) {
	p := peeker{scanner: s, b: s.buf[:s.end], i: i}
	text, found = p.child(f)
	if p.cut && len(s.outer) == 0 && !s.ended && s.failure == nil && s.end-i < s.limits.ValueBytes {
		s.wantsMore = true
	}
	if !s.top().preserve {
		text = s.rule.strip(text)
	}
	return text, found && !p.cut
}

// A peeker looks at what the scanner has not come to. It trusts that it is well
// formed: if it is not, the scanner will say so.
type peeker struct {
	scanner *scanner
	b       []byte
	i       int
	cut     bool // by the end of the window
}

// past moves behind the next such literal.
func (p *peeker) past(literal string) []byte {
	n := bytes.Index(p.b[p.i:], []byte(literal))
	if n < 0 {
		p.cut = true
		return nil
	}
	passed := p.b[p.i : p.i+n]
	p.i += n + len(literal)
	return passed
}

func (p *peeker) sees(literal string) bool { return bytes.HasPrefix(p.b[p.i:], []byte(literal)) }

// aside passes what is neither text nor a tag; CDATA is text.
func (p *peeker) aside() bool {
	switch {
	case p.sees("<!--"):
		p.past("-->")
	case p.sees("<?"):
		p.past("?>")
	default:
		return false
	}
	return true
}

func (p *peeker) child(f field) (text []byte, found bool) {
	for depth := 0; !p.cut; {
		n := bytes.IndexByte(p.b[p.i:], '<')
		if n < 0 {
			p.cut = true
			return nil, false
		}
		p.i += n
		switch {
		case p.sees("<![CDATA["):
			p.past("]]>")
		case p.aside():
		case p.sees("</"):
			if depth == 0 {
				return nil, false
			}
			depth--
			p.past(">")
		default:
			name, empty := p.startTag()
			switch {
			case p.cut:
			case depth == 0 && f.calls(string(name)) && empty:
				return nil, true
			case depth == 0 && f.calls(string(name)):
				return p.text(), true
			case !empty:
				depth++
			}
		}
	}
	return nil, false
}

// startTag passes a start tag.
func (p *peeker) startTag() (name []byte, empty bool) {
	p.i++
	name = p.b[p.i : p.i+nameLength(p.b[p.i:])]
	for i := p.i + len(name); i < len(p.b); i++ {
		switch c := p.b[i]; c {
		case '"', '\'':
			n := bytes.IndexByte(p.b[i+1:], c)
			if n < 0 {
				p.cut = true
				return name, false
			}
			i += n + 1
		case '>':
			p.i = i + 1
			return name, p.b[i-1] == '/'
		}
	}
	p.cut = true
	return name, false
}

// text takes the text up to the next tag, which ends the element or is that of a
// child, which no key may have.
func (p *peeker) text() []byte {
	var text []byte
	for {
		n := bytes.IndexAny(p.b[p.i:], "<&")
		if n < 0 {
			p.cut = true
			return text
		}
		text = append(text, p.b[p.i:p.i+n]...)
		p.i += n
		switch {
		case p.b[p.i] == '&':
			ref, n, problem := parseReference(p.b[p.i:])
			if problem != "" {
				p.cut = p.i+n >= len(p.b)
				return text
			}
			text = p.refer(text, ref, p.b[p.i:p.i+n])
			p.i += n
		case p.sees("<![CDATA["):
			p.i += len("<![CDATA[")
			text = append(text, p.past("]]>")...)
		case p.aside():
		default:
			p.cut = p.i+2 > len(p.b)
			return text
		}
		if p.cut {
			return text
		}
	}
}

func (p *peeker) refer(text []byte, ref reference, written []byte) []byte {
	if ref.char != 0 {
		return utf8.AppendRune(text, ref.char)
	}
	e, problem := p.scanner.entity(ref.name)
	if problem != "" {
		return text
	}
	if e == nil || e.external {
		return append(text, written...)
	}
	inner := peeker{scanner: p.scanner, b: append(bytes.Clone(e.text[:len(e.text)-slackBytes]), "</"...)}
	if e.open || len(text) > p.scanner.limits.ValueBytes {
		return text
	}
	e.open = true
	text = append(text, inner.text()...)
	e.open = false
	return text
}
