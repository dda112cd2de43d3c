package xmltable

// Merge adds what o has learnt, so that sh is the shape of a class of documents.
// All of them have the same RootName, and are merged in order of their paths. It
// leaves o of no use.
func (sh *Shape) Merge(o *Shape) {
	sh.mergePath(sh.document.path, o.document.path, sh.ranks)
	sh.ranks += o.ranks
	sh.values += o.values
	sh.number += o.number
	sh.partial = sh.partial || o.partial
	for _, w := range o.warnings {
		sh.warn(w)
	}
}

// mergePath adds the path o to p. What is new comes after all that p's shape
// knows: its rank grows by later.
func (sh *Shape) mergePath(p, o *path, later int) {
	p.count += o.count
	p.most = max(p.most, o.most)
	p.texts += o.texts
	p.values += o.values
	p.mixed = p.mixed || o.mixed
	for _, a := range o.attributes {
		if p.attribute([]byte(a.name)) != nil {
			continue
		}
		a.id, a.rank = sh.attributes, a.rank+later
		sh.attributes++
		p.addAttribute(a)
	}
	for _, c := range o.children {
		name := expandedName{c.space, c.local}
		mine := p.child(name)
		if mine == nil {
			mine = &path{id: sh.paths, rank: c.rank + later, space: c.space, local: c.local, prefix: c.prefix}
			sh.paths++
			p.addChild(mine)
		}
		sh.mergePath(mine, c, later)
	}
}
