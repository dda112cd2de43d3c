package xmltable

import (
	"slices"
	"strings"

	"ret/shared/fault"
)

// A pivot spreads elements by their key (docs/flattening.md, section 3).
type pivot struct {
	written string   // "tag@k=@v"
	path    []string // names from the record down
	key     field
	value   field
}

// A field of an element is an attribute, a child, or its text.
type field struct {
	name        string // "" is the text
	isAttribute bool
}

// CheckPivot fails with fault.Invalid if a pivot is not written as it has to be.
func CheckPivot(written string) error {
	_, err := parsePivot(written)
	return err
}

// parsePivot reads PATH@KEY=VALUE or PATH/KEY=VALUE.
func parsePivot(written string) (pivot, error) {
	p := pivot{written: written}
	left, value, ok := strings.Cut(written, "=")
	at := strings.LastIndexAny(left, "@/")
	if !ok || at < 1 || at+1 == len(left) || value == "" || value == "@" {
		return p, fault.New(fault.Invalid, "A pivot must be a path, a key and a value such as tag@k=@v or property/name=value, not %.100q.", written)
	}
	p.path = splitSteps(left[:at])
	p.key = field{left[at+1:], left[at] == '@'}
	if name, isAttribute := strings.CutPrefix(value, "@"); value != "#text" {
		p.value = field{name, isAttribute}
	}
	return p, nil
}

// splitSteps splits a path as columns have it at its dots, but for those that are
// escaped.
func splitSteps(path string) []string {
	var steps []string
	begin := 0
	for i := 0; i < len(path); i++ {
		switch path[i] {
		case '\\':
			i++
		case '.':
			steps = append(steps, path[begin:i])
			begin = i + 1
		}
	}
	return append(steps, path[begin:])
}

// spreadAll does all pivots below the record k. Those that cannot be done are
// warnings.
func (p *Plan) spreadAll(k *kin, records map[*path]bool) error {
	for _, written := range p.opt.Pivots {
		v, err := parsePivot(written)
		if err != nil {
			return err
		}
		if why := p.spread(k, v, records); why != "" {
			p.warn("The pivot %.200s was not done: %s", written, why)
		}
	}
	return nil
}

// spread replaces the element at v's path by one for each key. It returns why not.
func (p *Plan) spread(record *kin, v pivot, records map[*path]bool) (why string) {
	k := record.below(v.path)
	if k == nil {
		return "there is nothing at its path."
	}
	keys, why := k.keys(v)
	if why != "" {
		return why
	}
	var all []*kin
	tree := p.tree(records, false)
	for _, paths := range keys {
		c := tree.build(k.parent, paths)
		c.spread, c.key = &v, paths[0].key
		c.name = k.name + "[" + keyEscaper.Replace(c.key) + "]"
		c.assign(v)
		all = append(all, c)
	}
	for _, path := range k.paths {
		path.laid.name = k.name
	}
	siblings := k.parent.children
	k.parent.children = slices.Concat(siblings[:k.slot], all, siblings[k.slot+1:])
	for i, c := range k.parent.children {
		c.slot = i
	}
	return ""
}

var keyEscaper = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`)

// below follows names as columns have them from a record down.
func (k *kin) below(names []string) *kin {
	if len(names) == 0 {
		return k
	}
	if k.prose() {
		return nil
	}
	for _, c := range k.children {
		if !c.records && c.spread == nil && c.calls(names[0]) {
			return c.below(names[1:])
		}
	}
	return nil
}

// keys gathers the paths of each key, in the order in which the document first
// shows them, if all elements fit.
func (k *kin) keys(v pivot) (keys [][]*path, why string) {
	index := map[string]int{}
	var all []*path
	for _, p := range k.paths {
		if p.base == nil && (p.spread == nil || p.spread.key != v.key) {
			return nil, "another pivot spreads the same elements."
		}
		if p.base != nil {
			all = append(all, p)
		}
	}
	slices.SortStableFunc(all, func(a, b *path) int { return a.rank - b.rank })
	for _, p := range all {
		switch {
		case p.count == 0:
			continue
		case p.key == withoutKey:
			return nil, "an element has no key."
		case p.key == tooManyKey:
			return nil, "there are more than 1,000 keys."
		}
		if why := p.fits(v); why != "" {
			return nil, why
		}
		i, found := index[p.key]
		if !found {
			i = len(keys)
			index[p.key] = i
			keys = append(keys, nil)
		}
		keys[i] = append(keys[i], p)
	}
	if len(keys) > maxKeys {
		return nil, "there are more than 1,000 keys."
	}
	return keys, ""
}

// fits says what keeps elements at p from being spread.
func (p *path) fits(v pivot) string {
	for _, c := range p.children {
		isKey := !v.key.isAttribute && v.key.calls(written(c.prefix, c.local))
		isValue := !v.value.isAttribute && v.value.name != "" && v.value.calls(written(c.prefix, c.local))
		switch {
		case isKey && (c.most > 1 || c.count != p.count):
			return "an element has its key more than once."
		case isValue && c.most > 1:
			return "an element has its value more than once."
		case (isKey || isValue) && (len(c.attributes) > 0 || len(c.children) > 0):
			return "a key or a value has attributes or child elements."
		case !isKey && !isValue && v.value.name == "":
			return "an element has child elements beside its text."
		}
	}
	if v.value.name != "" && p.texts > 0 {
		return "an element has text beside its value."
	}
	return ""
}

// assign says which of k's attributes and children are its key and its value.
func (k *kin) assign(v pivot) {
	for _, a := range k.attributes {
		switch {
		case v.key.isAttribute && v.key.calls(a.name):
			a.role = roleKey
		case v.value.isAttribute && v.value.calls(a.name):
			a.role = roleValue
		}
	}
	for _, c := range k.children {
		switch {
		case !v.key.isAttribute && v.key.calls(c.name):
			c.role = roleKey
		case !v.value.isAttribute && v.value.name != "" && v.value.calls(c.name):
			c.role = roleValue
		}
	}
}
