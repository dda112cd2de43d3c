package xmltable

import "maps"

// Merge adds what o has learnt, so that sh is the shape of a class of documents.
// All of them have the same RootName, and are merged in order of their paths. It
// leaves o of no use.
func (sh *Shape) Merge(o *Shape) {
	sh.mergePath(sh.document.path, o.document.path, sh.ranks)
	sh.ranks += o.ranks
	sh.values += o.values
	sh.bytes += o.bytes
	sh.layoutBytes += o.layoutBytes
	sh.namedHolders = max(sh.namedHolders, o.namedHolders)
	sh.number += o.number
	sh.partial = sh.partial || o.partial
	if sh.wrapped == nil {
		sh.wrapped = o.wrapped
	} else {
		maps.Copy(sh.wrapped, o.wrapped)
	}
	for _, w := range o.warnings {
		sh.warn(w)
	}
}

// mergePath adds the path o to p. What is new comes after all that p's shape
// knows: its rank grows by later.
func (sh *Shape) mergePath(p, o *path, later int) {
	p.learnt.add(&o.learnt)
	for _, a := range o.attributes {
		if p.attribute(expandedName{a.space, a.local}) != nil {
			continue
		}
		a.id, a.rank = sh.attributes, a.rank+later
		sh.attributes++
		p.addAttribute(a)
	}
	for _, a := range o.attributes {
		for b := range a.beside {
			mine, other := p.attribute(expandedName{a.space, a.local}), p.attribute(expandedName{b.space, b.local})
			mine.standBeside(other)
		}
	}
	for _, c := range o.children {
		mine := p.child(c.known)
		if mine == nil {
			mine = &path{id: sh.paths, rank: c.rank + later, space: c.space, local: c.local, prefix: c.prefix, known: c.known, named: c.named}
			sh.paths++
			p.addChild(mine)
			mine.spread = c.spread
		}
		sh.mergeKeyed(mine, c, later)
		sh.mergePath(mine, c, later)
	}
}

// mergeKeyed merges what a pivot has learnt key by key.
func (sh *Shape) mergeKeyed(p, o *path, later int) {
	for _, c := range o.keyed {
		mine := p.keyedAs(c.key)
		if mine == nil {
			mine = sh.newKeyed(p, c.key)
			sh.ranks--
			mine.rank = c.rank + later
		}
		sh.mergePath(mine, c, later)
	}
}
