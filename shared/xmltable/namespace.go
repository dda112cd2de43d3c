package xmltable

import "strings"

const (
	xmlNamespace   = "http://www.w3.org/XML/1998/namespace"
	xmlnsNamespace = "http://www.w3.org/2000/xmlns/"
)

// A scope is the set of namespace bindings that some elements share. Scopes are
// interned: the same declarations under the same scope give the same pointer, so
// that comparing scopes is comparing pointers.
type scope struct {
	outer    *scope
	bindings []binding
	index    map[string]string // the same, if they are many
	inner    map[string]*scope // by what scopeKey makes of their bindings
}

type binding struct{ prefix, uri string }

func newScope() *scope {
	return &scope{bindings: []binding{{"xml", xmlNamespace}, {"xmlns", xmlnsNamespace}}}
}

// bind returns the scope within s that has the given bindings, in their order,
// and whether it is new.
func (s *scope) bind(bindings []binding) (inner *scope, isNew bool) {
	key := scopeKey(bindings)
	if c := s.inner[key]; c != nil {
		return c, false
	}
	if s.inner == nil {
		s.inner = make(map[string]*scope)
	}
	c := &scope{outer: s, bindings: append([]binding(nil), bindings...)}
	if len(bindings) > lookedThrough {
		c.index = make(map[string]string, len(bindings))
		for _, b := range bindings {
			c.index[b.prefix] = b.uri
		}
	}
	s.inner[key] = c
	return c, true
}

// scopeKey joins bindings by a character that no document can hold.
func scopeKey(bindings []binding) string {
	var b strings.Builder
	for _, x := range bindings {
		b.WriteString(x.prefix + "\x00" + x.uri + "\x00")
	}
	return b.String()
}

// lookup returns what prefix is bound to; "" is the default namespace.
func (s *scope) lookup(prefix string) (uri string, bound bool) {
	for ; s != nil; s = s.outer {
		if s.index != nil {
			if uri, bound = s.index[prefix]; bound {
				return uri, true
			}
			continue
		}
		for _, b := range s.bindings {
			if b.prefix == prefix {
				return b.uri, true
			}
		}
	}
	return "", prefix == ""
}

// splitName splits a qualified name. A name that only Namespaces in XML forbids,
// such as ":" or "a:" or "a:b:c", has no prefix and is its own local name.
func splitName(qualified string) (prefix, local string) {
	prefix, local, found := strings.Cut(qualified, ":")
	if !found || prefix == "" || local == "" || strings.Contains(local, ":") || !startsName([]byte(local)) {
		return "", qualified
	}
	return prefix, local
}

// declares returns the prefix that an attribute of this name declares.
func declares(qualified string) (prefix string, ok bool) {
	if qualified == "xmlns" {
		return "", true
	}
	prefix, ok = strings.CutPrefix(qualified, "xmlns:")
	return prefix, ok && prefix != ""
}

// checkBinding returns what Namespaces in XML 1.0, section 3, has against it.
func checkBinding(b binding) string {
	switch {
	case b.prefix == "xmlns":
		return "the prefix xmlns cannot be declared"
	case b.prefix == "xml" && b.uri != xmlNamespace:
		return "the prefix xml cannot be bound to another namespace"
	case b.prefix != "xml" && b.uri == xmlNamespace:
		return "the namespace of the prefix xml cannot be bound to another prefix"
	case b.uri == xmlnsNamespace:
		return "the namespace of the prefix xmlns cannot be bound"
	case b.prefix != "" && b.uri == "":
		return "expected a namespace for the prefix " + b.prefix + ", found an empty value"
	}
	return ""
}
