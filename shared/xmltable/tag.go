package xmltable

// A tag is a start tag's name within a scope of namespaces, and so leads to one
// path. It remembers what usually comes with it and after it.
type tag struct {
	name       string
	scope      *scope // with what the element itself declares
	path       *path
	keyed      map[string]*tag       // with a pivot: the tags of elements with each key
	slow       bool                  // the quick way through its start tags is closed
	preserves  bool                  // xml:space was written in it
	attributes []tagAttribute        // those that were written in it, in that order
	known      map[string]*attribute // the same, if they are many
	next       *tag                  // the sibling that followed last time, never nil
	behind     seam                  // what followed its element last time
	inside     seam                  // what followed its start tag last time, without attributes
	joint      seam                  // its end tag and behind

	// The name, and the name with ">", as they lie in memory, if they are short
	// enough for one comparison.
	short            bool
	begin, beginMask uint64
	end, endMask     uint64
}

// A tagAttribute is an attribute as it is written in a tag.
type tagAttribute struct {
	name string
	*attribute
}

// shortName is how long a name can be that fits 8 bytes together with ">".
const shortName = 7

func newTag(name string, in *scope, p *path) *tag {
	t := &tag{name: name, scope: in, path: p}
	t.next = t
	if len(name) > shortName {
		return t
	}
	var b [8]byte
	copy(b[:], name)
	t.short = true
	t.begin = load(b[:], 0)
	b[len(name)] = '>'
	t.end = load(b[:], 0)
	t.beginMask = 1<<(8*len(name)) - 1
	t.endMask = t.beginMask<<8 | 0xFF
	return t
}

// beginsAt reports whether b[i:] begins with t's name and then ends it. b has 8
// bytes to read there.
func (t *tag) beginsAt(b []byte, i int) bool {
	if t.short {
		return load(b, i)&t.beginMask == t.begin && classes[b[i+len(t.name)]]&isNameEnd != 0
	}
	end := i + len(t.name)
	return end < len(b) && classes[b[end]]&isNameEnd != 0 && string(b[i:end]) == t.name
}

// endsAt reports whether b[i:] begins with t's name and ">". b has 8 bytes to
// read there.
func (t *tag) endsAt(b []byte, i int) bool {
	if t.short {
		return load(b, i)&t.endMask == t.end
	}
	end := i + len(t.name)
	return end < len(b) && b[end] == '>' && string(b[i:end]) == t.name
}

// manyAttributes is from where on a tag's attributes are found by map alone.
const manyAttributes = 64

// attribute returns the attribute that is written so in t, or nil if it is new.
func (t *tag) attribute(name []byte) *attribute {
	if t.known != nil {
		return t.known[string(name)]
	}
	for i := range t.attributes {
		if t.attributes[i].name == string(name) {
			return t.attributes[i].attribute
		}
	}
	return nil
}

// learn notes that a was written in t, by that name.
func (t *tag) learn(name string, a *attribute) {
	t.attributes = append(t.attributes, tagAttribute{name, a})
	t.preserves = t.preserves || a.preserves
	if len(t.attributes) == manyAttributes {
		t.known = make(map[string]*attribute)
		for _, a := range t.attributes {
			t.known[a.name] = a.attribute
		}
	}
	if t.known != nil {
		t.known[name] = a
	}
}

// aliased reports whether attributes of t differ in nothing but their namespace.
func (t *tag) aliased(local string) bool {
	n := 0
	for _, a := range t.attributes {
		if a.space != "" && a.local == local {
			n++
		}
	}
	return n > 1
}
