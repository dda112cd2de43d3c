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
	schema     bool   // it and all below it are passed over in the choice of the record
	records    bool   // these are records
	outside    bool   // with --flat: it is not among the fields of the element above
	holds      bool   // records stand below
	reach      int64  // how often the most repeated of it and all below stands in one parent of it
	spread     *pivot // it stands for the elements with one key
	key        string
	role       role
	learnt
}

// A role is what an attribute or a child is to an element that a pivot has spread.
type role uint8

const (
	roleNone role = iota
	roleKey
	roleValue
)

type attributeKin struct {
	role         role
	isFixed      bool   // its name is that of a recipe
	name         string // as part of a column's name
	space, local string
	rank         int
	all          []*attribute
}

// kinTree builds a tree of kin.
type kinTree struct {
	byLocalName bool
	records     map[*path]bool // where the tree ends
	labels      bool           // names are those that stand in _in
	above       map[*path]bool // with --flat: those that records lie in; only what is single is built below
	schemaRoot  bool           // the document is a schema
}

const schemaNamespace = "http://www.w3.org/2001/XMLSchema"

// build builds the tree over paths, which are one element to the reader.
func (b *kinTree) build(parent *kin, paths []*path) *kin {
	k := &kin{paths: paths, parent: parent, rank: paths[0].rank}
	k.schema = parent != nil && parent.schema || !b.schemaRoot && paths[0].space == schemaNamespace
	for _, p := range paths {
		k.rank = min(k.rank, p.rank)
		k.learnt.add(&p.learnt)
	}
	if parent != nil && b.ends(k) {
		return k
	}
	b.addAttributes(k)
	b.addChildren(k)
	k.weigh()
	return k
}

// ends reports whether the tree ends at k, and says why in k.
func (b *kinTree) ends(k *kin) bool {
	k.records = slices.ContainsFunc(k.paths, func(p *path) bool { return b.records[p] || b.above[p] })
	k.outside = b.above != nil && (k.records || k.repeats())
	return k.records || k.outside
}

func (k *kin) weigh() {
	k.weight = k.values + k.texts
	for _, c := range k.children {
		k.weight += c.weight
		k.holds = k.holds || c.records || c.holds
	}
	if k.schema {
		k.weight = 0
	}
}

func (b *kinTree) addAttributes(k *kin) {
	if !slices.ContainsFunc(k.paths, func(p *path) bool { return len(p.attributes) > 0 }) {
		return
	}
	index := map[expandedName]*attributeKin{}
	for _, p := range k.paths {
		for _, a := range p.attributes {
			name := expandedName{a.space, a.local}
			if same := index[name]; same != nil {
				same.all, same.rank = append(same.all, a), min(same.rank, a.rank)
				continue
			}
			index[name] = &attributeKin{name: a.name, space: a.space, local: a.local, rank: a.rank, all: []*attribute{a}}
			k.attributes = append(k.attributes, index[name])
		}
	}
	slices.SortStableFunc(k.attributes, func(a, b *attributeKin) int { return a.rank - b.rank })
	if b.byLocalName {
		k.attributes = joinAttributes(k.attributes)
	}
	k.nameAttributes()
}

// joinAttributes makes one of the attributes of a local name that have a
// namespace, but for those that stand together on one element.
func joinAttributes(attributes []*attributeKin) []*attributeKin {
	var joined []*attributeKin
	groups := map[string][]*attributeKin{}
	group := map[*attribute]*attributeKin{} // that an attribute has joined
	for _, a := range attributes {
		if a.space == "" {
			joined = append(joined, a)
			continue
		}
		into := a
		apart := groupsBeside(a, group)
		if i := slices.IndexFunc(groups[a.local], func(g *attributeKin) bool { return !apart[g] }); i >= 0 {
			into = groups[a.local][i]
			into.all = append(into.all, a.all...)
		} else {
			groups[a.local] = append(groups[a.local], a)
			joined = append(joined, a)
		}
		for _, one := range a.all {
			group[one] = into
		}
	}
	return joined
}

// groupsBeside are the groups that an attribute cannot join. It looks at those that
// stand beside it, which are bounded for a document, and not at all of a group, which
// are not.
func groupsBeside(a *attributeKin, group map[*attribute]*attributeKin) map[*attributeKin]bool {
	var beside map[*attributeKin]bool
	for _, one := range a.all {
		for other := range one.beside {
			if g := group[other]; g != nil {
				if beside == nil {
					beside = map[*attributeKin]bool{}
				}
				beside[g] = true
			}
		}
	}
	return beside
}

func (b *kinTree) addChildren(k *kin) {
	for _, paths := range childrenByName(k.paths) {
		k.children = append(k.children, b.build(k, paths))
	}
	if len(k.children) == 0 {
		return
	}
	slices.SortStableFunc(k.children, func(a, b *kin) int { return a.rank - b.rank })
	k.nameChildren()
	for i, c := range k.children {
		c.slot = i
		for _, p := range c.paths {
			if b.labels {
				p.label = c.name
			}
		}
	}
}

// childrenByName gathers the children of all parents that have one name.
func childrenByName(parents []*path) [][]*path {
	var all [][]*path
	if len(parents) == 1 {
		one := slices.Clone(parents[0].children)
		for i, c := range one {
			all = append(all, append(one[i:i+1:i+1], c.keyed...))
		}
		return all
	}
	index := map[expandedName]int{}
	for _, p := range parents {
		for _, c := range p.children {
			i, found := index[c.known]
			if !found {
				i = len(all)
				index[c.known] = i
				all = append(all, nil)
			}
			all[i] = append(append(all[i], c), c.keyed...)
		}
	}
	return all
}

// nameChildren gives each child its local name. Where several namespaces bring
// the same, the first that stands in a parent of its own namespace keeps it, else
// the first of all.
func (k *kin) nameChildren() {
	keeps := make(map[string]*kin, len(k.children))
	for _, c := range k.children {
		local := c.paths[0].local
		if first := keeps[local]; first == nil || !first.atHome() && c.atHome() {
			keeps[local] = c
		}
	}
	taken := newColumnNames()
	for _, c := range k.children {
		if c.name = c.fixedName(); c.name != "" {
			taken.give(strings.TrimPrefix(c.name, `\`), c.paths[0].local)
		}
	}
	for _, c := range k.children {
		if p := c.paths[0]; c.name == "" && keeps[p.local] == c {
			c.name = escapeReserved(taken.give(p.local, p.local))
		}
	}
	for _, c := range k.children {
		if p := c.paths[0]; c.name == "" {
			c.name = escapeReserved(taken.give(written(p.prefix, p.local), p.local))
		}
	}
}

// fixedName is the name that a recipe has given, or "".
func (k *kin) fixedName() string {
	for _, p := range k.paths {
		if p.base == nil && p.fixed.name != "" {
			return p.fixed.name
		}
	}
	return ""
}

// nameAttributes gives each attribute its name, those of a recipe first.
func (k *kin) nameAttributes() {
	taken := newColumnNames()
	for _, a := range k.attributes {
		if i := slices.IndexFunc(a.all, func(a *attribute) bool { return a.fixed != "" }); i >= 0 {
			a.isFixed, a.name = true, taken.give(a.all[i].fixed, a.local)
		}
	}
	for _, a := range k.attributes {
		if !a.isFixed {
			a.name = taken.give(a.name, a.local)
		}
	}
}

// atHome reports whether k stands in a parent of its own namespace.
func (k *kin) atHome() bool {
	return slices.ContainsFunc(k.paths, func(p *path) bool { return p.parent.space == p.space })
}

func written(prefix, local string) string {
	if prefix == "" {
		return local
	}
	return prefix + ":" + local
}

// columnNames are the names that the children or attributes of one element have
// taken, and for each local name the last n of "nsn" that was tried: names are
// never given back, so all before it are taken.
type columnNames struct {
	taken map[string]bool
	tried map[string]int
}

func newColumnNames() columnNames {
	return columnNames{map[string]bool{}, map[string]int{}}
}

// give returns the wanted name, or, if that is taken, the local name with the
// first free prefix ns2, ns3, ….
func (c columnNames) give(wanted, local string) string {
	name := wanted
	for n := max(1, c.tried[local]); c.taken[name]; c.tried[local] = n {
		n++
		name = "ns" + itoa(n) + ":" + local
	}
	c.taken[name] = true
	return name
}

// escapeReserved keeps the document's names apart from those of docs/flattening.md.
func escapeReserved(name string) string {
	switch name {
	case "_id", "_parent", "_pos", "_in", "_file", "_xml", "_document":
		return `\` + name
	}
	return name
}

// repeats reports whether there is ever more than one within a parent.
func (k *kin) repeats() bool { return k.most > 1 }

// prose reports whether the child elements are words within a text: their place
// is in the markup.
func (k *kin) prose() bool {
	for _, p := range k.paths {
		if p.fixed.seen {
			return p.fixed.prose && !k.holds
		}
	}
	if k.mixed == 0 || k.holds || k.spread != nil || 2*k.mixed < k.bearing {
		return false
	}
	var children int64
	for _, c := range k.children {
		children += c.count
	}
	return 2*k.followed >= children
}

// recordPath is k's path from the root's children down.
func (k *kin) recordPath() string {
	if k.parent == nil {
		return documentRecord
	}
	if k.parent.parent == nil {
		return k.name
	}
	return k.parent.recordPath() + "/" + k.name
}

// calls reports whether name is how a person may call k: as columns do, or without
// what was escaped.
func (k *kin) calls(name string) bool {
	return k.name == name || escapeDots(k.name) == name || strings.TrimPrefix(k.name, `\`) == name
}

// exactPath is k's path from the root down, with namespaces.
func (k *kin) exactPath() string {
	name := k.qualified()
	switch {
	case len(k.paths) > 1 && k.parent == nil:
		return "//" + name
	case k.parent == nil:
		return k.paths[0].exactPath()
	}
	return k.parent.exactPath() + "/" + name
}

func (k *kin) qualified() string { return qualified(k.paths[0].space, k.paths[0].local) }
