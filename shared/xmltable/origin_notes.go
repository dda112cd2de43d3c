package xmltable

import "encoding/binary"

// Origins say where in its document each record of a main table stands, in a few
// bytes for many records. They are read by Excerpt, and are opaque to all others.
//
// Only some records have a mark: the first, then one for many that follow one another
// as children of one element with no element between them, so that whoever goes on
// from a mark, element by element, comes to each of them.
type Origins []byte

const (
	// recordsOfMark is how many records are found from one mark: few enough to be read
	// through in no time, and many enough that marks cost nothing.
	recordsOfMark = 128

	// originBytes bounds what is kept of one document. Where records are so many and
	// so scattered that their marks do not fit, those after it have none.
	originBytes = 4 << 20
)

// How the places of marks are counted.
const (
	originOfText  = 0 // in the text, from its start: the document has to be decoded
	originOfBytes = 1 // in the document's bytes, and from there on in text
)

// A mark is where a record begins.
type mark struct {
	row   int64 // of the main table, from 1; 0 is the root element
	known bool  // else the record stands in no place of the document's own
	at    int64 // bytes of the document …
	skip  int64 // … and of text after them
	line  int64 // from 1
}

// originNotes is the flattener's side of Origins.
type originNotes struct {
	encoded Origins
	gathers bool // marks are kept as they are, for a foreman
	marks   []mark

	first  int64  // rows of the main table that other documents brought
	last   mark   // the latest
	since  int    // records from it on
	parent uint64 // the element around the latest record; 0 if the next needs a mark
	ended  uint64 // the scanner's count of elements when the latest record ended
	full   bool
}

// begin begins another document.
func (n *originNotes) begin(p *Plan) {
	*n = originNotes{}
	if p.main != nil {
		n.first = p.main.lastID
	}
}

// root notes the root element, whose start tag was just read.
func (n *originNotes) root(s *scanner) {
	if s.origin == nil {
		return
	}
	kind := byte(originOfText)
	if s.countsBytes() {
		kind = originOfBytes
	}
	n.encoded = append(n.encoded[:0], kind)
	n.add(s.markAt(0))
}

// record notes a record in as many open elements, whose start tag was just read.
func (n *originNotes) record(s *scanner, depth int, row int64) {
	if s.origin == nil {
		return
	}
	parent := s.frames[depth].number
	n.since++
	if parent == n.parent && s.shape.number == n.ended+1 && n.since < recordsOfMark && len(s.outer) == 0 {
		return
	}
	n.since = 0
	if n.parent = parent; len(s.outer) == 0 {
		n.add(s.markAt(row - n.first))
		return
	}
	n.parent = 0
	if n.last.known || n.last.row == 0 {
		n.add(mark{row: row - n.first})
	}
}

// countsBytes reports whether places in the text are places in the document.
func (s *scanner) countsBytes() bool { return s.plain && s.repairer == nil }

// markAt is a mark where the last start tag begins.
func (s *scanner) markAt(row int64) mark {
	m := mark{row: row, known: true, skip: s.startTagAt}
	if s.countsBytes() {
		m.at, m.skip = s.origin.of(s.startTagAt)
	}
	m.line = 1 + s.origin.breaksBefore(&s.window, int(s.startTagAt-s.offset))
	return m
}

// add keeps a mark.
func (n *originNotes) add(m mark) {
	switch {
	case n.gathers:
		n.marks = append(n.marks, m)
	case n.full:
	case len(n.encoded) > originBytes:
		n.full = true
		n.encode(mark{row: m.row})
	default:
		n.encode(m)
	}
	n.last.row, n.last.known = m.row, m.known
}

// encode writes what a mark differs by from the last that was known.
func (n *originNotes) encode(m mark) {
	b := binary.AppendUvarint(n.encoded, uint64(m.row-n.last.row))
	if !m.known {
		n.encoded = append(b, 0)
		return
	}
	b = binary.AppendUvarint(b, uint64(m.at-n.last.at)+1)
	b = binary.AppendUvarint(b, uint64(m.skip))
	n.encoded = binary.AppendUvarint(b, uint64(m.line-n.last.line))
	n.last = m
}

// join takes over the marks of a piece that begins where s stands.
func (n *originNotes) join(s *scanner, p *writtenPiece) {
	before := s.origin.breaksBefore(&s.window, s.end)
	held := int64(0)
	if len(s.held) > 0 {
		held = 1 // a line end that is not in the window yet
	}
	for _, m := range p.records {
		m.line += before + held
		n.add(m)
	}
	s.origin.breaks += p.breaks
	n.parent = 0
}

// Root gives what says where the root element is, and nothing of the records.
func (o Origins) Root() Origins {
	if len(o) == 0 {
		return nil
	}
	n := 1
	for range 4 {
		_, size := binary.Uvarint(o[n:])
		n += max(0, size)
	}
	return o[:n]
}

// find returns the mark from which a row's record is found.
func (o Origins) find(row int64) (found mark, ofBytes, ok bool) {
	if len(o) == 0 {
		return found, false, false
	}
	ofBytes = o[0] == originOfBytes
	var last mark
	for b := o[1:]; len(b) > 0; {
		var fields [4]uint64
		count := 2
		for i := 0; i < count; i++ {
			v, n := binary.Uvarint(b)
			if n <= 0 {
				return mark{}, ofBytes, false
			}
			fields[i], b = v, b[n:]
			if i == 1 && v > 0 {
				count = len(fields)
			}
		}
		m := last
		m.row, m.known = last.row+int64(fields[0]), fields[1] > 0
		if m.known {
			m.at, m.skip, m.line = last.at+int64(fields[1])-1, int64(fields[2]), last.line+int64(fields[3])
		}
		if m.row > row {
			break
		}
		found, last = m, m
	}
	if row == 0 && found.row == 0 {
		return found, ofBytes, found.known
	}
	return found, ofBytes, found.known && found.row > 0
}
