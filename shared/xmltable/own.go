package xmltable

import "bytes"

// ownText is what is known of the character data directly inside an element: how
// much there is, and how much white space stands at its ends, which may be layout
// (docs/flattening.md, section 4).
type ownText struct {
	bytes       int
	lead, trail int  // bytes of white space before and after all else
	leadBreaks  bool // … which hold a line end
	trailBreaks bool
	solid       bool // there is more than white space
}

// add notes the next piece. It is all white space if isBlank says so.
func (o *ownText) add(b []byte, isBlank bool) {
	if isBlank {
		o.addBlank(b)
		return
	}
	first, last := 0, len(b)
	for space(b[first]) {
		first++
	}
	for space(b[last-1]) {
		last--
	}
	if !o.solid && first > 0 {
		o.lead += first
		o.leadBreaks = o.leadBreaks || breaks(b[:first])
	}
	o.bytes += len(b)
	o.solid = true
	o.trail, o.trailBreaks = len(b)-last, breaks(b[last:])
}

func (o *ownText) addBlank(b []byte) { o.addBlanks(len(b), breaks(b)) }

// addBlanks notes n bytes of white space.
func (o *ownText) addBlanks(n int, breaks bool) {
	o.bytes += n
	if o.solid {
		o.trail += n
		o.trailBreaks = o.trailBreaks || breaks
		return
	}
	o.lead += n
	o.leadBreaks = o.leadBreaks || breaks
}

// kept is how many bytes are left without the layout.
func (o *ownText) kept(l layoutRule, preserve, children bool) int {
	switch {
	case preserve:
		return o.bytes
	case !o.solid && (children || l.is(o.leadBreaks)):
		return 0
	case !o.solid:
		return o.bytes
	}
	n := o.bytes
	if l.is(o.leadBreaks) {
		n -= o.lead
	}
	if l.is(o.trailBreaks) {
		n -= o.trail
	}
	return n
}

// A layoutRule says which white space at the ends of a text is layout: all with
// Options.Trim, else what holds a line end.
type layoutRule bool

func (l layoutRule) is(breaks bool) bool { return bool(l) || breaks }

// strip takes the layout from both ends of a text, of which most have none.
func (l layoutRule) strip(b []byte) []byte {
	if len(b) == 0 || b[0] > ' ' && b[len(b)-1] > ' ' {
		return b
	}
	return l.stripSlowly(b)
}

func (l layoutRule) stripSlowly(b []byte) []byte {
	first, last := 0, len(b)
	for first < last && space(b[first]) {
		first++
	}
	if l.is(breaks(b[:first])) {
		b = b[first:]
		last -= first
		first = 0
	}
	for last > first && space(b[last-1]) {
		last--
	}
	if l.is(breaks(b[last:])) {
		b = b[:last]
	}
	return b
}

// breaks reports whether b, which is white space, holds a line end.
func breaks(b []byte) bool {
	return len(b) > 0 && (b[0] == '\n' || bytes.IndexByte(b, '\n') >= 0)
}
