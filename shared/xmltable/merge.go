package xmltable

import "maps"

// Merge adds what o has learnt, so that sh is the shape of a class of documents.
// All of them have the same RootName, and are merged in order of their paths. It
// leaves o of no use.
func (sh *Shape) Merge(o *Shape) {
	m := merging{shape: sh, later: sh.ranks}
	m.path(sh.document.path, o.document.path)
	sh.checkpoints = nil
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

// merging is one shape being added to another.
type merging struct {
	shape *Shape
	later int  // what is new comes after all that shape knows: its rank grows by that
	piece bool // it is a piece of the same document
}

// path adds the path o to p.
func (m *merging) path(p, o *path) {
	sh := m.shape
	holders := p.holders + o.holders
	p.learnt.add(&o.learnt)
	if m.piece {
		p.holders = holders
	}
	for _, a := range o.attributes {
		if p.attribute(expandedName{a.space, a.local}) != nil {
			continue
		}
		a.id, a.rank = sh.attributes, a.rank+m.later
		sh.attributes++
		p.addAttribute(a)
		m.name(a.name)
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
			mine = &path{id: sh.paths, rank: c.rank + m.later, space: c.space, local: c.local, prefix: c.prefix, known: c.known, named: c.named}
			sh.paths++
			p.addChild(mine)
			mine.spread = c.spread
			m.name(c.local)
		}
		m.keyed(mine, c)
		m.path(mine, c)
	}
}

// keyed merges what a pivot has learnt key by key.
func (m *merging) keyed(p, o *path) {
	for _, c := range o.keyed {
		mine := p.keyedAs(c.key)
		if mine == nil {
			mine = m.shape.newKeyed(p, c.key)
			m.shape.ranks--
			mine.rank = c.rank + m.later
		}
		m.path(mine, c)
	}
}

// name counts what is new in a document that is learnt in pieces.
func (m *merging) name(local string) {
	if m.piece {
		m.shape.names += 2
		m.shape.nameBytes += 2 * len(local)
	}
}
