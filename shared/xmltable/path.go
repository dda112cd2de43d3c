package xmltable

// A path stands for all the elements whose names, from the root down, are the
// same. Paths form a tree, which both passes walk along with the document; what
// the first pass learns is kept in it.
type path struct {
	id             int // dense within a Shape
	rank           int // order in which the class of documents first shows it
	parent         *path
	space, local   string
	prefix         string // the first it was written with
	children       []*path
	attributes     []*attribute
	tags           tagSet // the start tags that its children were written with
	childIndex     map[expandedName]*path
	attributeIndex map[string]*attribute

	learnt

	run   int64  // instances so far within the parent element that is open
	runIn uint64 // the number of that parent element
}

// learnt is what the first pass counts at a path.
type learnt struct {
	count  int64 // elements
	most   int64 // … within one parent element
	texts  int64 // elements with own text
	values int64 // attributes
	mixed  bool  // some element has own text and child elements
}

type expandedName struct{ space, local string }

// An attribute stands for the attributes of one written name at one path.
type attribute struct {
	id           int // dense within a Shape
	rank         int
	name         string // as written
	space, local string
	preserves    bool // it is xml:space

	seenIn uint64 // the number of the last element that had it
}

// tagSet finds tags by name and scope: the first few by looking, then by map.
type tagSet struct {
	list  []*tag
	index map[tagKey]*tag
}

type tagKey struct {
	name  string
	scope *scope
}

const lookedThrough = 12 // so many entries are faster looked through than hashed

func (s *tagSet) find(name []byte, in *scope) *tag {
	if s.index != nil {
		return s.index[tagKey{string(name), in}]
	}
	for _, t := range s.list {
		if t.scope == in && t.name == string(name) {
			return t
		}
	}
	return nil
}

func (s *tagSet) add(t *tag) {
	s.list = append(s.list, t)
	if s.index == nil && len(s.list) <= lookedThrough {
		return
	}
	if s.index == nil {
		s.index = make(map[tagKey]*tag)
		for _, t := range s.list {
			s.index[tagKey{t.name, t.scope}] = t
		}
	}
	s.index[tagKey{t.name, t.scope}] = t
}

// child returns p's child of that name, or nil.
func (p *path) child(name expandedName) *path {
	if p.childIndex != nil {
		return p.childIndex[name]
	}
	for _, c := range p.children {
		if c.local == name.local && c.space == name.space {
			return c
		}
	}
	return nil
}

func (p *path) addChild(c *path) {
	c.parent = p
	p.children = append(p.children, c)
	if p.childIndex == nil && len(p.children) <= lookedThrough {
		return
	}
	if p.childIndex == nil {
		p.childIndex = make(map[expandedName]*path)
		for _, c := range p.children {
			p.childIndex[expandedName{c.space, c.local}] = c
		}
	}
	p.childIndex[expandedName{c.space, c.local}] = c
}

// attribute returns p's attribute that is written so, or nil.
func (p *path) attribute(name []byte) *attribute {
	if p.attributeIndex != nil {
		return p.attributeIndex[string(name)]
	}
	for _, a := range p.attributes {
		if a.name == string(name) {
			return a
		}
	}
	return nil
}

func (p *path) addAttribute(a *attribute) {
	p.attributes = append(p.attributes, a)
	if p.attributeIndex == nil && len(p.attributes) <= lookedThrough {
		return
	}
	if p.attributeIndex == nil {
		p.attributeIndex = make(map[string]*attribute)
		for _, a := range p.attributes {
			p.attributeIndex[a.name] = a
		}
	}
	p.attributeIndex[a.name] = a
}
