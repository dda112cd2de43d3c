package xmltable

import "bytes"

// An Account is how many values there are, attributes and own texts that are not
// empty, and their bytes in UTF-8. The first pass counts those of the document,
// from tokens. The second pass counts those that stand in cells, from the cells
// that it gives to the sink. They come to the same by different ways, or something
// is lost.
type Account struct {
	Values int64 `json:"values"`
	Bytes  int64 `json:"bytes"`
}

func (a *Account) add(o Account) {
	a.Values += o.Values
	a.Bytes += o.Bytes
}

// value counts one of n bytes.
func (a *Account) value(n int) {
	if n > 0 {
		a.Values++
		a.Bytes += int64(n)
	}
}

// A mixedCell is the text and the markup of one mixed element.
type mixedCell struct {
	text, markup int // columns
	tag          *tag
	preserve     bool
	prose        bool // what is below stands nowhere else
}

// account counts the values in cells, which are all of the row's.
func (r *row) account(a *auditor, cells [][]byte) Account {
	var sum Account
	document := cells[r.own : r.own+len(r.cells)]
	for i, c := range document {
		if len(c) > 0 && r.counts[i] {
			sum.value(len(c))
		}
	}
	for _, m := range r.mixed {
		if whole := document[m.text]; len(whole) > 0 {
			sum.add(Account{-1, -int64(len(whole))})
		}
		sum.add(a.read(m, document[m.text], document[m.markup]))
	}
	for _, k := range r.table.keys {
		if document[k.column] != nil {
			sum.value(k.bytes)
		}
	}
	return sum
}

// An auditor reads markup again as it stands in a cell.
type auditor struct {
	plan    *Plan
	scanner *scanner // nil until there is something to read
	of      *scanner // that of the document
	text    []byte
}

func newAuditor(p *Plan, of *scanner) *auditor {
	return &auditor{plan: p, of: of}
}

// read counts the values that stand in a mixed element's cells and nowhere else.
// Where markup and text do not say the same, none of them counts.
func (a *auditor) read(m mixedCell, whole, markup []byte) Account {
	if a.scanner == nil {
		a.scanner = newScanner(a.plan.shape, a.plan.opt)
		a.scanner.fragment = true
	}
	var sum Account
	s := a.scanner
	s.openFragment(a.of, markup, m)
	a.text = a.text[:0]
	for {
		switch s.next() {
		case tokenStart:
			s.top().blanks = true
			sum.attributes(s.attributes, m.prose)
		case tokenLeaf:
			sum.attributes(s.attributes, m.prose)
			a.text = append(a.text, s.text...)
			own := s.text
			if !s.top().preserve {
				own = s.rule.strip(own)
			}
			if m.prose {
				sum.value(len(own))
			}
		case tokenText:
			a.text = append(a.text, s.text...)
			s.top().own.add(s.text, s.blank)
		case tokenEnd:
			if f := s.closed(); m.prose {
				sum.value(f.own.kept(s.rule, f.preserve, f.children))
			}
		case tokenDone:
			f := s.top()
			sum.value(f.own.kept(s.rule, f.preserve, f.children))
			if !a.says(whole, m.preserve) {
				return Account{}
			}
			return sum
		case tokenError:
			return Account{}
		}
	}
}

func (a *auditor) says(whole []byte, preserve bool) bool {
	if preserve {
		return bytes.Equal(a.text, whole)
	}
	return bytes.Equal(a.scanner.rule.strip(a.text), whole)
}

func (a *Account) attributes(attributes []attributeValue, counts bool) {
	if !counts {
		return
	}
	for i := range attributes {
		a.value(len(attributes[i].value))
	}
}

// openFragment begins the content of an element, as a document that of was
// reading has it.
func (s *scanner) openFragment(of *scanner, content []byte, m mixedCell) {
	buf := append(append(s.buf[:0], content...), make([]byte, slackBytes)...)
	s.window = window{buf: buf, end: len(content), ended: true, trusted: true, ctx: of.ctx, keep: -1}
	s.mode, s.err, s.outer = inContent, nil, s.outer[:0]
	s.dtd, s.standalone = of.dtd, of.standalone
	s.expanded, s.most = 0, of.most
	s.shape.number++
	s.frames = append(s.frames[:0], frame{tag: s.shape.document},
		frame{tag: m.tag, number: s.shape.number, preserve: m.preserve, blanks: true})
	s.floor = len(s.frames)
}
