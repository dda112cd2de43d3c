package xmltable

import (
	"context"
	"errors"
	"slices"
)

// A Learner scans one document after another, each with tables of its own, and
// chooses. For a small document whose elements and attributes first come in the
// same order as those of an earlier one, it uses what it has made for that: such
// a document costs little more than its bytes. What it gives is what Scan and
// Choose give.
//
// A Shape and a Plan that it returns are of use until it learns the next document.
// A Learner may be used by one goroutine at a time.
type Learner struct {
	opt    Options
	known  []*known // the latest first
	misses int      // documents in a row that were like none of them
}

const (
	learnerBytes  = 64 << 10 // for longer documents, what is made for one counts little
	learnerShapes = 4        // that are kept …
	learnerPaths  = 512      // … if they have so few paths and attributes
	learnerPlans  = 16       // that are kept of each …
	learnerNames  = 64 << 10 // … if the descriptions of their columns are so long together
	learnerTries  = 8        // in vain, after which few documents are tried at all
)

// errUnlike: the document is not like the one that is recalled.
var errUnlike = errors.New("the document is unlike the earlier one")

// NewLearner makes a Learner for documents with the same options.
func NewLearner(opt Options) *Learner { return &Learner{opt: opt} }

// known is the shape of an earlier document, with the plans that were made for it.
type known struct {
	shape    *Shape
	scanner  *scanner
	recalled recalled
	paths    []*path
	plans    []knownPlan
}

// knownPlan is the plan for documents of a shape of which just that was learnt.
type knownPlan struct {
	learnt       []learnt // at known.paths
	namedHolders int64
	plan         *Plan
}

// recalled holds a document against a shape, whose paths and attributes have to
// come in the order of their ranks.
type recalled struct {
	paths, attributes []bool // that have come, by id
	next              int    // rank
}

// meet reports whether an element may come next.
func (r *recalled) meet(p *path, attributes []attributeValue) bool {
	if !r.paths[p.id] {
		if p.rank != r.next {
			return false
		}
		r.paths[p.id] = true
		r.next++
	}
	for i := range attributes {
		a := attributes[i].attribute
		if r.attributes[a.id] {
			continue
		}
		if a.rank != r.next {
			return false
		}
		r.attributes[a.id] = true
		r.next++
	}
	return true
}

// Learn is Scan and then Choose.
func (l *Learner) Learn(ctx context.Context, in Input) (*Shape, *Plan, error) {
	if k := l.recall(ctx, in); k != nil {
		plan, err := k.choose(ctx, l.opt)
		return k.shape, plan, err
	}
	sh, err := Scan(ctx, in, l.opt)
	if err != nil {
		return nil, nil, err
	}
	if k := l.keep(sh, in); k != nil {
		plan, err := k.choose(ctx, l.opt)
		return sh, plan, err
	}
	plan, err := Choose(ctx, sh, l.opt)
	return sh, plan, err
}

// keeps reports whether documents can be told to be alike: no option lets their
// shape depend on more than the order of names.
func (l *Learner) keeps(in Input) bool {
	o := &l.opt
	return in.Size >= 0 && in.Size <= learnerBytes &&
		!o.Repair && !o.KeepPartial && !o.ByLocalName && !o.Merged && len(o.Pivots) == 0
}

// recall scans a document that is like an earlier one. Where it is not, or has an
// error, it returns nil.
func (l *Learner) recall(ctx context.Context, in Input) *known {
	if !l.keeps(in) || l.misses > learnerTries && l.misses%learnerTries > 0 {
		return nil
	}
	for i, k := range l.known {
		if k.scan(ctx, in, l.opt) {
			copy(l.known[1:i+1], l.known[:i])
			l.known[0], l.misses = k, 0
			return k
		}
		if k.recalled.next > 1 {
			break // it has the same root, and another has not
		}
	}
	return nil
}

// scan reports whether the document is like k's, and is then learnt.
func (k *known) scan(ctx context.Context, in Input, opt Options) bool {
	sh := k.shape
	for _, p := range k.paths {
		p.learnt = learnt{}
	}
	sh.values, sh.bytes, sh.layoutBytes, sh.namedHolders, sh.warnings = 0, 0, 0, 0, nil
	clear(k.recalled.paths)
	clear(k.recalled.attributes)
	k.recalled.next = 0
	return sh.scan(ctx, k.scanner, in, opt) == nil && k.recalled.next == sh.ranks
}

// keep keeps the shape of a document, if another can be told to be like it.
func (l *Learner) keep(sh *Shape, in Input) *known {
	if !l.keeps(in) {
		return nil
	}
	l.misses++
	if sh.ranks > learnerPaths || sh.declares {
		return nil
	}
	k := &known{shape: sh}
	if !k.gather(sh.document.path) {
		return nil
	}
	k.recalled = recalled{paths: make([]bool, sh.paths), attributes: make([]bool, sh.attributes)}
	k.scanner = newScanner(sh, l.opt)
	k.scanner.learns, k.scanner.recalled = true, &k.recalled
	if len(l.known) == learnerShapes {
		l.known = l.known[:learnerShapes-1]
	}
	l.known = slices.Insert(l.known, 0, k)
	return k
}

// gather gathers the paths below p. It is false if elements or attributes of one
// name were written in more ways than one.
func (k *known) gather(p *path) bool {
	if len(p.tags.list) != len(p.children) {
		return false
	}
	for _, t := range p.tags.list {
		if len(t.attributes) != len(t.path.attributes) {
			return false
		}
	}
	for _, c := range p.children {
		k.paths = append(k.paths, c)
		if !k.gather(c) {
			return false
		}
	}
	return true
}

// choose is Choose for the document that was scanned last.
func (k *known) choose(ctx context.Context, opt Options) (*Plan, error) {
	for i := range k.plans {
		if k.plans[i].fits(k) {
			plan := k.plans[i].plan
			plan.beginAgain()
			return plan, nil
		}
	}
	plan, err := Choose(ctx, k.shape, opt)
	if err != nil {
		return nil, err
	}
	if plan.describedBytes() > learnerNames {
		return plan, nil
	}
	if len(k.plans) == learnerPlans {
		k.plans = slices.Delete(k.plans, 0, 1)
	}
	made := knownPlan{plan: plan, namedHolders: k.shape.namedHolders}
	for _, p := range k.paths {
		made.learnt = append(made.learnt, p.learnt)
	}
	k.plans = append(k.plans, made)
	return plan, nil
}

// describedBytes is about how much memory the columns take.
func (p *Plan) describedBytes() int {
	n := 0
	for _, t := range p.Tables {
		for _, c := range t.Columns {
			n += len(c.Name) + len(c.Path) + bytesOfColumn
		}
	}
	return n
}

const bytesOfColumn = 48 // a Column without its strings

func (p *knownPlan) fits(k *known) bool {
	if p.namedHolders != k.shape.namedHolders {
		return false
	}
	for i, path := range k.paths {
		if p.learnt[i] != path.learnt {
			return false
		}
	}
	return true
}

// beginAgain makes p a plan that has written nothing.
func (p *Plan) beginAgain() {
	for _, t := range p.tables {
		t.lastID = 0
	}
}
