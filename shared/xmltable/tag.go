package xmltable

import (
	"slices"
	"strings"
)

// A tag is a start tag's name within a scope of namespaces, and so leads to one
// path. It remembers what usually comes with it and after it.
type tag struct {
	name       string
	scope      *scope // with what the element itself declares
	path       *path
	slow       bool                // the quick way through its start tags is closed
	preserves  bool                // xml:space was written in it
	attributes []*attribute        // those that were written in it, in that order
	known      map[*attribute]bool // the same, if they are many
	next       *tag                // the sibling that followed last time, never nil

	// The name, and the name with ">", as they lie in memory, if they are short
	// enough for one comparison.
	short            bool
	begin, beginMask uint64
	end, endMask     uint64
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

// knows reports whether a was written in t before.
func (t *tag) knows(a *attribute) bool {
	if t.known != nil {
		return t.known[a]
	}
	return slices.Contains(t.attributes, a)
}

// learn notes that a was written in t.
func (t *tag) learn(a *attribute) {
	t.attributes = append(t.attributes, a)
	t.preserves = t.preserves || a.preserves
	if len(t.attributes) == manyAttributes {
		t.known = make(map[*attribute]bool)
		for _, a := range t.attributes {
			t.known[a] = true
		}
	}
	if t.known != nil {
		t.known[a] = true
	}
}

// aliased reports whether two attributes of t may differ in nothing but a prefix.
func (t *tag) aliased(local string) bool {
	n := 0
	for _, a := range t.attributes {
		if strings.HasSuffix(a.name, ":"+local) {
			n++
		}
	}
	return n > 1
}
