package xmltable

import (
	"slices"
	"strings"
)

// kin are the paths that share a place in the tables: one path, or, where a
// record is chosen by name alone, all the paths that lead to it. Kin form a tree
// as paths do.
type kin struct {
	paths      []*path
	name       string // as part of a column's name
	parent     *kin
	children   []*kin
	attributes []*attributeKin
	slot       int // among parent's children
	rank       int
	weight     int64
	records    bool  // these are the records
	holds      bool  // records stand below
	reach      int64 // how often the most repeated of it and all below stands in one parent of it
	learnt
}

type attributeKin struct {
	name         string // as written
	space, local string
	rank         int
	all          []*attribute
}

// newKin builds the tree over paths, which are one element to the reader.
func newKin(parent *kin, paths []*path) *kin {
	k := &kin{paths: paths, parent: parent, rank: paths[0].rank}
	for _, p := range paths {
		k.rank = min(k.rank, p.rank)
		k.count += p.count
		k.texts += p.texts
		k.values += p.values
		k.most = max(k.most, p.most)
		k.mixed = k.mixed || p.mixed
		k.addAttributes(p)
	}
	k.addChildren()
	k.weight = k.values + k.texts
	for _, c := range k.children {
		k.weight += c.weight
	}
	return k
}

func (k *kin) addAttributes(p *path) {
	if len(k.attributes) == 0 {
		for _, a := range p.attributes {
			k.attributes = append(k.attributes, &attributeKin{a.name, a.space, a.local, a.rank, []*attribute{a}})
		}
		return
	}
	for _, a := range p.attributes {
		i := slices.IndexFunc(k.attributes, func(b *attributeKin) bool { return b.name == a.name })
		if i < 0 {
			k.attributes = append(k.attributes, &attributeKin{a.name, a.space, a.local, a.rank, []*attribute{a}})
			continue
		}
		k.attributes[i].rank = min(k.attributes[i].rank, a.rank)
		k.attributes[i].all = append(k.attributes[i].all, a)
	}
	slices.SortStableFunc(k.attributes, func(a, b *attributeKin) int { return a.rank - b.rank })
}

func (k *kin) addChildren() {
	var names []expandedName
	paths := map[expandedName][]*path{}
	for _, p := range k.paths {
		for _, c := range p.children {
			name := expandedName{c.space, c.local}
			if paths[name] == nil {
				names = append(names, name)
			}
			paths[name] = append(paths[name], c)
		}
	}
	for _, name := range names {
		k.children = append(k.children, newKin(k, paths[name]))
	}
	slices.SortStableFunc(k.children, func(a, b *kin) int { return a.rank - b.rank })
	taken := columnNames{}
	for i, c := range k.children {
		c.slot = i
		c.name = escapeReserved(taken.of(c.paths[0]))
	}
}

// columnNames are the names that the children of one element have taken, and for
// each local name the last n of "nsn" that was tried: names are never given back,
// so all before it are taken.
type columnNames map[string]int

// of is the local name, or, where another namespace has taken that, the name with
// the first free prefix.
func (taken columnNames) of(p *path) string {
	name := p.local
	if taken.has(name) && p.prefix != "" {
		name = p.prefix + ":" + p.local
	}
	n := max(1, taken[p.local])
	for taken.has(name) {
		n++
		name = "ns" + itoa(n) + ":" + p.local
	}
	taken[p.local] = max(n, taken[p.local])
	taken[name] = max(1, taken[name])
	return name
}

func (taken columnNames) has(name string) bool { return taken[name] > 0 }

// escapeReserved keeps the document's names apart from those of docs/flattening.md.
func escapeReserved(name string) string {
	switch name {
	case "_id", "_parent", "_pos", "_in", "_file", "_document":
		return `\` + name
	}
	return name
}

// bare is the name as a person writes it in Options.Record.
func (k *kin) bare() string { return strings.TrimPrefix(k.name, `\`) }

// repeats reports whether there is ever more than one within a parent.
func (k *kin) repeats() bool { return k.most > 1 }

// recordPath is k's path from the root's children down.
func (k *kin) recordPath() string {
	if k.parent == nil {
		return documentRecord
	}
	if k.parent.parent == nil {
		return k.bare()
	}
	return k.parent.recordPath() + "/" + k.bare()
}

// exactPath is k's path from the root down, with namespaces.
func (k *kin) exactPath() string {
	name := qualified(k.paths[0].space, k.paths[0].local)
	switch {
	case len(k.paths) > 1 && k.parent == nil:
		return "//" + name
	case k.parent == nil:
		return "/" + name
	}
	return k.parent.exactPath() + "/" + name
}
