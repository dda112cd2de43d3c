package xmltable

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ret/shared/fault"
)

// documentRecord is Plan.Record where the document is its own record.
const documentRecord = "(document)"

func itoa(n int) string { return strconv.Itoa(n) }

// Choose decides what a record is and which tables and columns follow, in time
// that grows with the shape. It fails with fault.Invalid if an option makes no
// sense, with fault.TooLarge if a table would have too many columns, or with ctx's
// error. Options that find nothing in the document are warnings of the Plan.
func Choose(ctx context.Context, s *Shape, opt Options) (*Plan, error) {
	if opt.MaxRepeat < 0 {
		return nil, fault.New(fault.Invalid, "The largest number of repeats in columns has to be at least 1.")
	}
	given := opt
	def(&opt.MaxRepeat, DefaultMaxRepeat)
	opt.Limits = opt.Limits.withDefaults()
	if s.layout != nil {
		opt.Record = s.layout.Record
	}
	p := &Plan{Root: s.Root(), shape: s, opt: opt, chosen: given}
	root := p.tree(nil, true).build(nil, []*path{s.root()})
	root.name = escapeReserved(s.root().local)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	candidates := root.candidates()
	for _, c := range candidates {
		p.Candidates = append(p.Candidates, Candidate{c.recordPath(), c.count, c.weight})
	}
	if err := p.layOut(ctx, root, p.choose(root, candidates)); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *Plan) tree(records map[*path]bool, labels bool) *kinTree {
	return &kinTree{
		byLocalName: p.opt.ByLocalName, records: records, labels: labels,
		schemaRoot: p.shape.root().space == schemaNamespace,
	}
}

// choose finds the record below root, and sets Plan.Record. It is nil where the
// person's choice finds nothing.
func (p *Plan) choose(root *kin, candidates []*kin) *chosen {
	p.Record = p.opt.Record
	switch name, byName := strings.CutPrefix(p.opt.Record, "//"); {
	case p.opt.Record == "":
		k := root.automatic(candidates)
		p.Record = k.recordPath()
		return &chosen{kin: k}
	case p.opt.Record == documentRecord:
		return &chosen{kin: root}
	case byName:
		if c := p.named(root, name); c != nil {
			return c
		}
	default:
		if k := root.at(strings.Split(p.opt.Record, "/")); k != nil {
			return &chosen{kin: k}
		}
	}
	p.warn("The record %.100s is not in this document, which stands in the table _document as a whole; choose one that inspecting it shows.", p.opt.Record)
	return nil
}

func (p *Plan) warn(format string, args ...any) {
	p.Warnings = append(p.Warnings, fmt.Sprintf(format, args...))
}

// chosen is the record.
type chosen struct {
	kin    *kin
	byName map[*path]bool // the paths that a name has chosen; kin is of a tree of its own
	nested bool           // some records lie inside others
	hasIn  bool           // the records of some document have more than one parent element
}

// named finds all elements of a local name.
func (p *Plan) named(root *kin, name string) *chosen {
	c := &chosen{byName: map[*path]bool{}}
	var paths []*path
	var first *kin
	root.walk(func(k *kin) {
		if k.paths[0].local != name {
			return
		}
		if first == nil {
			first = k
		}
		paths = append(paths, k.paths...)
		for _, path := range k.paths {
			c.byName[path] = true
		}
	})
	if first == nil {
		return nil
	}
	slices.SortStableFunc(paths, func(a, b *path) int { return a.rank - b.rank })
	for _, path := range paths {
		c.nested = c.nested || path.within(c.byName)
	}
	c.kin = p.tree(c.byName, false).build(nil, paths)
	c.kin.name = first.name
	c.hasIn = p.shape.holdersOf(name, paths) > 1
	return c
}

func (k *kin) walk(visit func(*kin)) {
	visit(k)
	for _, c := range k.children {
		c.walk(visit)
	}
}

// within reports whether one of paths is above p.
func (p *path) within(paths map[*path]bool) bool {
	for p = p.parent; p != nil; p = p.parent {
		if paths[p] {
			return true
		}
	}
	return false
}

// candidates are the topmost repeated elements, heaviest for each step first.
func (k *kin) candidates() []*kin {
	if k.schema || k.prose() {
		return nil
	}
	found := k.topmostRepeated(nil, 1)
	slices.SortStableFunc(found, func(a, b candidate) int {
		x, y := a.weight*b.steps, b.weight*a.steps
		return int(min(1, max(-1, y-x)))
	})
	kin := make([]*kin, len(found))
	for i, c := range found {
		kin[i] = c.kin
	}
	return kin
}

type candidate struct {
	*kin
	steps int64 // from the root
}

func (k *kin) topmostRepeated(found []candidate, steps int64) []candidate {
	for _, c := range k.children {
		switch {
		case c.schema:
		case c.repeats():
			found = append(found, candidate{c, steps})
		case !c.prose():
			found = c.topmostRepeated(found, steps+1)
		}
	}
	return found
}

// automatic is the choice of docs/flattening.md, section 1.
func (k *kin) automatic(candidates []*kin) *kin {
	if k.prose() {
		return k
	}
	if len(candidates) > 0 && 2*candidates[0].weight >= k.weight {
		return candidates[0]
	}
	for at := k; ; {
		var heaviest, deeper *kin
		withChildren := 0
		for _, c := range at.children {
			if c.schema {
				continue
			}
			if c.repeats() && (heaviest == nil || c.weight > heaviest.weight) {
				heaviest = c
			}
			if len(c.children) > 0 && !c.prose() {
				withChildren++
				deeper = c
			}
		}
		switch {
		case heaviest != nil:
			return heaviest
		case withChildren != 1:
			return k
		}
		at = deeper
	}
}

// at follows names from k's children down.
func (k *kin) at(names []string) *kin {
	if len(names) == 0 {
		return k
	}
	for _, c := range k.children {
		if c.calls(names[0]) {
			return c.at(names[1:])
		}
	}
	return nil
}
