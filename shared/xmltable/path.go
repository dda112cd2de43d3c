package xmltable

// A path stands for all the elements whose names, from the root down, are the
// same. Paths form a tree, which both passes walk along with the document; what
// the first pass learns is kept in it.
type path struct {
	// What each element of the document asks for stands first, close together.
	id     int    // dense within a Shape
	base   *path  // of which this is one of keyed
	run    int64  // instances so far within the parent element that is open
	runIn  uint64 // the number of that parent element
	parent *path
	spread *pivot // it may be meant; then elements are learnt at keyed, by their key
	named  bool   // it has the local name that the person has chosen as the record

	learnt

	rank           int // order in which the class of documents first shows it
	space, local   string
	prefix         string       // the first it was written with
	known          expandedName // by which its parent knows it: with Options.ByLocalName without namespace
	children       []*path
	attributes     []*attribute
	tags           tagSet // the start tags that its children were written with
	childIndex     map[expandedName]*path
	attributeIndex map[expandedName]*attribute

	fixed    kept // by a recipe
	laid     kept // by the plan
	keyed    []*path
	keyIndex map[string]*path
	key      string

	label   string // its name as it stands in _in
	namedIn uint64 // the number of the last element with a named child
}

// learnt is what the first pass counts at a path.
type learnt struct {
	count    int64 // elements
	most     int64 // … within one parent element
	holders  int64 // parent elements that have some, in the document that has most of them
	texts    int64 // elements with own text
	values   int64 // attributes
	bearing  int64 // elements with child elements
	mixed    int64 // elements with child elements and own text
	followed int64 // child elements with text behind them that is not white space
}

// add adds what is learnt of another path of the same elements.
func (l *learnt) add(o *learnt) {
	l.count += o.count
	l.most = max(l.most, o.most)
	l.holders = max(l.holders, o.holders)
	l.texts += o.texts
	l.values += o.values
	l.bearing += o.bearing
	l.mixed += o.mixed
	l.followed += o.followed
}

type expandedName struct{ space, local string }

// An attribute stands for the attributes of one name, namespace and local name, at
// one path.
type attribute struct {
	id           int // dense within a Shape
	rank         int
	name         string // as first written
	space, local string
	preserves    bool   // it is xml:space
	fixed, laid  string // its name by a recipe, and by the plan

	seenIn uint64 // the number of the last element that had it

	// beside are attributes of the same local name that stood beside it on one
	// element. It is kept with Options.ByLocalName.
	beside map[*attribute]bool
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
		if c.known == name {
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
			p.childIndex[c.known] = c
		}
	}
	p.childIndex[c.known] = c
}

// attribute returns p's attribute of that name, or nil.
func (p *path) attribute(name expandedName) *attribute {
	if p.attributeIndex != nil {
		return p.attributeIndex[name]
	}
	for _, a := range p.attributes {
		if a.local == name.local && a.space == name.space {
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
		p.attributeIndex = make(map[expandedName]*attribute)
		for _, a := range p.attributes {
			p.attributeIndex[expandedName{a.space, a.local}] = a
		}
	}
	p.attributeIndex[expandedName{a.space, a.local}] = a
}

// exactPath is p's path from the root down, with namespaces.
func (p *path) exactPath() string {
	if p.parent == nil {
		return ""
	}
	return p.parent.exactPath() + "/" + qualified(p.space, p.local)
}
