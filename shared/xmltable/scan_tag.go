package xmltable

import (
	"bytes"
	"unicode/utf8"
)

// startTag reads the start tag at pos, behind white space from from on. Nearly all
// start tags of a long document were seen before and hold nothing but plain values:
// those take the quick way here. Whatever is new, wrong or needs work goes to
// startTagSlowly, which can do everything. The caller may know the tag as t, which
// is else nil.
func (s *scanner) startTag(from int, t *tag) token {
	parent := s.top()
	if t == nil {
		t = parent.likely()
		if t == nil || !t.beginsAt(s.buf, s.pos+1) || t.scope != parent.tag.scope || t.slow {
			if t = s.knownTag(parent); t == nil {
				return s.startTagSlowly()
			}
		}
		if from < s.pos || parent.last != nil && parent.last.joint.to != t {
			s.learnStart(parent, from, t)
		}
	}
	b := s.buf
	i := s.pos + 1 + len(t.name)
	s.attributes = s.attributes[:0]
	s.startTagAt = s.offset + int64(s.pos)
	s.shape.number++
	if b[i] != '>' {
		if i = s.quickAttributes(t, i); i == 0 {
			return s.startTagSlowly()
		}
	}
	empty := b[i] == '/'
	if empty {
		i++
	}
	s.pos = i + 1
	if t.maybeLeaf() && len(s.frames) > 1 && len(s.frames) <= s.limits.Depth && s.takesLeaf(t, empty) {
		s.tag = t
		s.count(parent, t)
		return tokenLeaf
	}
	return s.openElement(parent, t, empty)
}

// maybeLeaf reports whether t's element can be expected to hold plain text alone.
func (t *tag) maybeLeaf() bool { return len(t.path.children) == 0 && !t.preserves }

// takesLeaf takes the text and the end tag that come next, if that is what comes
// next, so that a leaf costs one token instead of three.
func (s *scanner) takesLeaf(t *tag, empty bool) bool {
	if empty {
		s.text = s.buf[s.pos:s.pos]
		return true
	}
	b := s.buf
	end := textStop(b, s.pos, s.end)
	if b[end] == '&' {
		return s.takesLeafWithReferences(t, end)
	}
	if b[end] != '<' || b[end+1] != '/' || !t.endsAt(b, end+2) || end-s.pos > s.limits.ValueBytes {
		return false
	}
	s.text = b[s.pos:end]
	s.pos = end + len("</>") + len(t.name)
	return true
}

// takesLeafWithReferences is takesLeaf where the text goes on with the reference
// at end, and all references in it are to single characters.
func (s *scanner) takesLeafWithReferences(t *tag, end int) bool {
	b, begin, scratch := s.buf, s.pos, s.scratch[:0]
	for b[end] == '&' {
		char, n := shortReference(b[:s.end], end)
		if n == 0 {
			ref, length, problem := parseReference(b[end:s.end])
			if problem != "" || ref.char == 0 {
				return false
			}
			char, n = ref.char, length
		}
		scratch = utf8.AppendRune(append(scratch, b[begin:end]...), char)
		begin = end + n
		end = textStop(b, begin, s.end)
	}
	if b[end] != '<' || b[end+1] != '/' || !t.endsAt(b, end+2) || len(scratch)+end-begin > s.limits.ValueBytes {
		return false
	}
	s.scratch = append(scratch, b[begin:end]...)
	s.text = s.scratch
	s.pos = end + len("</>") + len(t.name)
	return true
}

// likely is the child that followed last time, or that was the first.
func (f *frame) likely() *tag {
	if f.last != nil {
		return f.last.next
	}
	if list := f.tag.path.tags.list; len(list) > 0 {
		return list[0]
	}
	return nil
}

// knownTag returns the tag at pos if parent has seen it in the same scope and the
// quick way is open.
func (s *scanner) knownTag(parent *frame) *tag {
	name := s.buf[s.pos+1 : s.end]
	n := 0
	for n < len(name) && classes[name[n]]&isNameEnd == 0 {
		n++
	}
	t := parent.tag.path.tags.find(name[:n], parent.tag.scope)
	if t == nil || t.slow || n == len(name) {
		return nil
	}
	return t
}

// quickAttributes reads plain attributes that t had before, up to the ">" or "/"
// whose index it returns; 0 if that does not work out.
func (s *scanner) quickAttributes(t *tag, i int) int {
	b := s.buf
	for k := 0; ; k++ {
		begin := i
		for space(b[i]) {
			i++
		}
		switch b[i] {
		case '>':
			return i
		case '/':
			if b[i+1] != '>' {
				return 0
			}
			return i
		}
		if i == begin {
			return 0
		}
		a := t.attributeAt(b[i:s.end], k)
		if a == nil || a.seenIn == s.shape.number {
			return 0
		}
		i += len(a.name)
		if b[i] != '=' || b[i+1] != '"' && b[i+1] != '\'' {
			return 0
		}
		quote := b[i+1]
		i += 2
		begin = i
		for b[i] != quote && classes[b[i]]&stopsValue == 0 {
			i++
		}
		if b[i] != quote {
			return 0
		}
		a.seenIn = s.shape.number
		s.attributes = append(s.attributes, attributeValue{a.attribute, b[begin:i]})
		i++
	}
}

// attributeAt returns the attribute of t whose name b begins with, most likely
// the k-th.
func (t *tag) attributeAt(b []byte, k int) *tagAttribute {
	if k < len(t.attributes) {
		if a := &t.attributes[k]; beginsAttribute(b, a.name) {
			return a
		}
	}
	if t.known != nil {
		return nil
	}
	for i := range t.attributes {
		if a := &t.attributes[i]; beginsAttribute(b, a.name) {
			return a
		}
	}
	return nil
}

func beginsAttribute(b []byte, name string) bool {
	return len(b) > len(name)+1 && b[len(name)] == '=' && string(b[:len(name)]) == name
}

// openElement makes t the innermost open element; its start tag has been taken.
func (s *scanner) openElement(parent *frame, t *tag, empty bool) token {
	if len(s.frames) > s.limits.Depth {
		return s.fail(s.pos-1, "elements are nested deeper than the limit of %d", s.limits.Depth)
	}
	s.count(parent, t)
	preserve := parent.preserve
	for i := range s.attributes {
		if a := &s.attributes[i]; a.attribute.preserves {
			preserve = preserved(preserve, a.value)
		}
	}
	s.pushFrame(t, preserve)
	s.tag = t
	if empty {
		s.mode = afterEmptyTag
	}
	return tokenStart
}

// pushFrame opens a frame in place: frames are large, and what is appended is
// made elsewhere first and copied.
func (s *scanner) pushFrame(t *tag, preserve bool) {
	n := len(s.frames)
	if n == cap(s.frames) {
		s.frames = append(s.frames, frame{})
	}
	s.frames = s.frames[:n+1]
	f := &s.frames[n]
	f.tag, f.last = t, nil
	f.number, f.start = s.shape.number, s.offset+int64(s.pos)
	f.preserve, f.blanks, f.children, f.awaits = preserve, preserve, false, false
	f.own = ownText{}
}

// count notes that t's element is one more child of parent.
func (s *scanner) count(parent *frame, t *tag) {
	p := t.path
	if p.runIn != parent.number {
		p.runIn, p.run = parent.number, 0
		if s.learns {
			s.shape.learnHolder(p, parent.number)
		}
	}
	p.run++
	if p.base != nil {
		s.countBase(p.base, parent.number)
	}
	parent.children, parent.awaits = true, true
	if last := parent.last; last != t {
		if last != nil && last.next != t {
			last.next = t
		}
		parent.last = t
	}
}

// countBase is count for the path that stands for all keys.
func (s *scanner) countBase(p *path, number uint64) {
	if p.runIn != number {
		p.runIn, p.run = number, 0
		if s.learns {
			s.shape.learnHolder(p, number)
		}
	}
	p.run++
	p.most = max(p.most, p.run)
}

// preserved returns what an xml:space attribute makes of the inherited setting.
func preserved(inherited bool, value []byte) bool {
	switch string(value) {
	case "preserve":
		return true
	case "default":
		return false
	}
	return inherited
}

// endTag reads the end tag at pos, which has to be that of the innermost element.
func (s *scanner) endTag(from int) token {
	f := s.top()
	t := f.tag
	if !t.endsAt(s.buf, s.pos+2) {
		return s.endTagSlowly()
	}
	if from < s.pos {
		s.learnEnd(f, from)
	}
	s.contentEnd = s.pos
	s.pos += len("</>") + len(t.name)
	return s.closeElement()
}

// endTagSlowly is endTag where white space follows the name, the window ends, or
// the tag is wrong.
func (s *scanner) endTagSlowly() token {
	end := bytes.IndexByte(s.buf[s.pos:s.end], '>')
	for end < 0 {
		if s.end-s.pos > s.limits.NameBytes+windowBytes {
			break
		}
		if !s.more() {
			return s.unexpectedEnd()
		}
		end = bytes.IndexByte(s.buf[s.pos:s.end], '>')
	}
	if len(s.frames) <= s.floor {
		return s.fail(s.pos, "expected no end tag here, because its start tag is not in the same text")
	}
	written := s.buf[s.pos+2 : s.end]
	n := nameLength(written)
	if want := s.top().tag.name; string(written[:n]) != want {
		return s.fail(s.pos, "expected the end tag </%s>, found </%.100s>", want, written[:n])
	}
	i := s.pos + 2 + n
	for space(s.buf[i]) {
		i++
	}
	if s.buf[i] != '>' {
		return s.fail(i, "expected > to close the end tag, found %s", s.found(i))
	}
	s.contentEnd = s.pos
	s.pos = i + 1
	return s.closeElement()
}

// closeElement ends the innermost element. Its frame stays readable as
// s.closed() until the next token.
func (s *scanner) closeElement() token {
	if len(s.frames) <= s.floor {
		return s.fail(s.contentEnd, "expected no end tag here, because its start tag is not in the same text")
	}
	s.tag = s.top().tag
	s.frames = s.frames[:len(s.frames)-1]
	if len(s.frames) == 1 {
		s.mode = inEpilog
	}
	return tokenEnd
}

// closed is the frame of the element that tokenEnd ended.
func (s *scanner) closed() *frame { return &s.frames[:len(s.frames)+1][len(s.frames)] }
