package xmltable

// dtd is what the internal subset declares, as far as a processor needs it that
// does not validate.
type dtd struct {
	entities   map[string]*entity
	parameters map[string]*entity
	attributes map[string]*elementDeclaration

	// incomplete: there is an external subset or a parameter entity, so an
	// entity may be declared where nobody looks.
	incomplete bool
	// deaf: an external parameter entity was left out, and what follows may
	// depend on it (XML 1.0, section 5.1).
	deaf bool
}

// An entity has a replacement text or is external. The text has slackBytes zero
// bytes behind it, as a window has.
type entity struct {
	name     string
	text     []byte
	external bool
	unparsed bool
	open     bool // it is being expanded
}

// elementDeclaration is what is declared for the attributes of one element.
type elementDeclaration struct {
	byName   map[string]*attributeDeclaration
	defaults []*attributeDeclaration // those with a value, in their order
}

type attributeDeclaration struct {
	name     string
	tokens   bool // of another type than CDATA
	hasValue bool // #FIXED or a default
	value    []byte

	writtenIn uint64 // the number of the last element that has it written
}

func newDTD() *dtd {
	return &dtd{
		entities: map[string]*entity{}, parameters: map[string]*entity{},
		attributes: map[string]*elementDeclaration{},
	}
}

func (d *dtd) attributesOf(element []byte) *elementDeclaration {
	if d == nil || len(d.attributes) == 0 {
		return nil
	}
	return d.attributes[string(element)]
}

// declareEntity keeps the first declaration of a name, as XML 1.0 asks.
func (d *dtd) declareEntity(table map[string]*entity, e *entity) {
	if d.deaf || table[e.name] != nil {
		return
	}
	table[e.name] = e
}

// declareAttribute keeps the first declaration too.
func (d *dtd) declareAttribute(element string, a *attributeDeclaration) {
	if d.deaf {
		return
	}
	e := d.attributes[element]
	if e == nil {
		e = &elementDeclaration{byName: map[string]*attributeDeclaration{}}
		d.attributes[element] = e
	}
	if e.byName[a.name] != nil {
		return
	}
	e.byName[a.name] = a
	if a.hasValue {
		e.defaults = append(e.defaults, a)
	}
}

// documentType reads the document type declaration at pos. One that the window
// does not hold as a whole is read again from its beginning once the window
// does. It is not ok if s.err is set.
func (s *scanner) documentType() bool {
	for {
		expanded := s.expanded
		s.dtd = newDTD()
		s.shape.declares = true
		p := subset{scanner: s, cursor: cursor{b: s.buf[s.pos:s.end]}}
		if p.documentType() {
			s.pos += p.i
			return true
		}
		if !p.atEnd() {
			s.fail(s.pos+p.i, "%s", p.problem)
			return false
		}
		s.expanded = expanded
		if !s.more() {
			s.unexpectedEnd()
			return false
		}
	}
}
