package xmltable

// A seam is what stood last between two neighbours in the document: tags and the
// white space between them. Documents that programs have written have few of them,
// and one comparison finds out whether the same comes again. Whoever learns one has
// found its tag in the scope of the elements around, which declare no namespaces
// between two tags: it is the same for all who come here.
type seam struct {
	words, masks [seamBytes / 8]uint64
	length       int  // of all; 0 if there is none yet
	blanks       int  // of the white space
	breaks       bool // … which holds a line end
	ends         bool // it ends with to's end tag
	to           *tag // else with its start tag, up to one byte behind the name
	misses       uint8
}

const (
	seamBytes  = 48 // how long a seam can be
	seamMisses = 8  // so often something else may come before a seam is learnt anew
)

// stands reports whether the seam is at b[i:].
func (q *seam) stands(b []byte, i int) bool {
	if i+seamBytes > len(b) || q.length == 0 {
		return false
	}
	b = b[i : i+seamBytes]
	if (load(b, 0)^q.words[0])&q.masks[0]|(load(b, 8)^q.words[1])&q.masks[1] != 0 {
		return false
	}
	if q.length <= 16 {
		return true
	}
	if (load(b, 16)^q.words[2])&q.masks[2]|(load(b, 24)^q.words[3])&q.masks[3] != 0 {
		return false
	}
	return q.length <= 32 || (load(b, 32)^q.words[4])&q.masks[4]|(load(b, 40)^q.words[5])&q.masks[5] == 0
}

// isStale reports whether the seam may be learnt anew, now that something else came.
func (q *seam) isStale() bool {
	q.misses++
	return q.length == 0 || q.misses%seamMisses == 0
}

// learn makes b[from:end], which holds these blanks, the seam.
func (q *seam) learn(b []byte, from, end int, blanks []byte, to *tag, ends bool) {
	n := end - from
	if n > seamBytes || from+seamBytes > len(b) {
		return
	}
	q.length, q.blanks, q.breaks, q.to, q.ends = n, len(blanks), breaks(blanks), to, ends
	for i := range q.words {
		q.masks[i] = firstBytes(n - 8*i)
		q.words[i] = load(b, from+8*i) & q.masks[i]
	}
}

// firstBytes masks the first n bytes of a word.
func firstBytes(n int) uint64 {
	switch {
	case n <= 0:
		return 0
	case n >= 8:
		return ^uint64(0)
	}
	return 1<<(8*n) - 1
}

// seam is what stood last behind f's latest child, or before its first.
func (f *frame) seam() *seam {
	if f.last != nil {
		return &f.last.behind
	}
	return &f.tag.inside
}

// learnStart learns that t's start tag follows at pos, behind the blanks from
// buf[from] on.
func (s *scanner) learnStart(f *frame, from int, t *tag) {
	b, blanks, end := s.buf, s.buf[from:s.pos], s.pos+len("<>")+len(t.name)
	if q := f.seam(); len(blanks) > 0 && q.isStale() {
		q.learn(b, from, end, blanks, t, false)
	}
	last := f.last
	switch {
	case last == nil:
		return
	case !t.maybeLeaf():
		last.joint.length = 0
		return
	case b[end-1] != '>' || !last.joint.isStale():
		return
	}
	if begin := from - len("</>") - len(last.name); begin >= 0 && last.closes(b, begin) {
		last.joint.learn(b, begin, end, blanks, t, false)
	}
}

// learnEnd learns that the end tag of f follows at pos, behind blanks.
func (s *scanner) learnEnd(f *frame, from int) {
	if q := f.seam(); q.isStale() {
		q.learn(s.buf, from, s.pos+len("</>")+len(f.tag.name), s.buf[from:s.pos], f.tag, true)
	}
}

// closes reports whether t's end tag is at b[i:], as it is mostly written.
func (t *tag) closes(b []byte, i int) bool {
	return b[i] == '<' && b[i+1] == '/' && t.endsAt(b, i+2)
}

// nextAsBefore is next where the same white space and tag stand at pos as last time;
// else it changes nothing and returns tokenError.
func (s *scanner) nextAsBefore() token {
	f := s.top()
	q := f.seam()
	if !q.stands(s.buf, s.pos) || f.blanks && q.blanks > 0 {
		return tokenError
	}
	t := q.to
	if q.ends {
		if t != f.tag {
			return tokenError
		}
		f.own.addBlanks(q.blanks, q.breaks)
		s.contentEnd = s.pos + q.blanks
		s.pos += q.length
		return s.closeElement()
	}
	if t.slow {
		return tokenError
	}
	f.own.addBlanks(q.blanks, q.breaks)
	s.pos += q.blanks
	return s.startTag(s.pos, t)
}

// A leafRun is a row of leaves that follow one another as they did last time. They
// are counted as one token: that of the leaf before them.
type leafRun struct {
	frame  *frame
	last   *tag
	at     int // where last's end tag begins in the window
	leaves uint64
	blanks int  // between them
	breaks bool // … with a line end
}

// leafRun begins behind the leaf that was the last token. It is not ok where text
// between leaves matters.
func (s *scanner) leafRun() (r leafRun, ok bool) {
	f, t := s.top(), s.tag
	at := s.pos - len("</>") - len(t.name)
	return leafRun{frame: f, last: t, at: at}, at >= 0 && !f.blanks && !f.preserve && t.scope == f.tag.scope
}

// followingLeaf returns the leaf that follows t's, whose end tag begins at buf[at],
// and where its own end tag begins; nil if something else follows. It changes
// nothing but s.text and s.pos.
func (s *scanner) followingLeaf(t *tag, at int) (u *tag, text []byte, end int) {
	q := &t.joint
	if !q.stands(s.buf, at) {
		return nil, nil, 0
	}
	if u = q.to; u.slow {
		return nil, nil, 0
	}
	b, begin := s.buf, at+q.length
	end = textStop(b, begin, s.end)
	if b[end] == '&' {
		if s.pos = begin; !s.takesLeafWithReferences(u, end) {
			return nil, nil, 0
		}
		return u, s.text, s.pos - len("</>") - len(u.name)
	}
	if !u.closes(b, end) || end-begin > s.limits.ValueBytes {
		return nil, nil, 0
	}
	return u, b[begin:end], end
}

// add makes u, which followed, the last leaf.
func (r *leafRun) add(u *tag, end int) {
	q := &r.last.joint
	r.blanks += q.blanks
	r.breaks = r.breaks || q.breaks
	r.leaves++
	r.last, r.at = u, end
}

// takeLeaves goes on behind the run.
func (s *scanner) takeLeaves(r *leafRun) {
	r.frame.own.addBlanks(r.blanks, r.breaks)
	r.frame.last, s.tag = r.last, r.last
	s.shape.number += r.leaves
	s.pos = r.at + len("</>") + len(r.last.name)
}

// learnLeaves learns the leaves that follow the last token.
func (sh *Shape) learnLeaves(s *scanner) {
	r, ok := s.leafRun()
	if !ok {
		return
	}
	number, own := r.frame.number, Account{}
	for {
		u, text, end := s.followingLeaf(r.last, r.at)
		if u == nil {
			break
		}
		p := u.path
		if p.runIn != number {
			p.runIn, p.run = number, 0
			sh.learnHolder(p, number)
		}
		p.run++
		p.count++
		p.most = max(p.most, p.run)
		kept := len(text)
		if kept > 0 && (text[0] <= ' ' || text[kept-1] <= ' ') {
			kept = len(s.rule.stripSlowly(text))
			sh.layoutBytes += int64(len(text) - kept)
		}
		if kept > 0 {
			p.texts++
			own.value(kept)
		}
		r.add(u, end)
	}
	sh.values += own.Values
	sh.bytes += own.Bytes
	s.takeLeaves(&r)
}

// fillLeaves is leaf for those that follow the last token, as far as each is a cell
// of the row.
func (f *flattener) fillLeaves() error {
	s := f.scanner
	r, ok := s.leafRun()
	if !ok || len(f.wholes) > 0 {
		return nil
	}
	parent := &f.open[len(f.open)-1]
	number, row, families, slots := r.frame.number, parent.row, parent.place.children, f.plan.slots
	if families == nil {
		return nil
	}
	for {
		u, text, end := s.followingLeaf(r.last, r.at)
		if u == nil {
			break
		}
		p, run := u.path, int64(1)
		if p.runIn == number {
			run = p.run + 1
		}
		places := families[slots[p.id]].inPlace
		if run > int64(len(places)) || !places[run-1].quick {
			break
		}
		p.runIn, p.run = number, run
		if n := len(text); n > 0 && (text[0] <= ' ' || text[n-1] <= ' ') {
			text = s.rule.stripSlowly(text)
		}
		row.set(places[run-1].text, text)
		r.add(u, end)
	}
	s.takeLeaves(&r)
	return f.checkRow(row)
}
