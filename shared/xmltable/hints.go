package xmltable

import (
	"context"
	"slices"
	"strings"
)

// Hints are options that were not chosen and that what is known of a document asks
// for. They are told from its shape alone, which knows no value.
type Hints struct {
	// Pivots are rules that repeated elements look made for, as Options.Pivots takes
	// them, the most elements first. Whether they do any good, trying shows: see
	// Plan.Keys.
	Pivots []string

	// Above: elements around the records that repeat have fields, which no row of the
	// main table has.
	Above bool

	// Deeper is the record, as Options.Record takes it, that would give the elements
	// rows which repeat in a record and make up most of it; "" for none.
	Deeper string
}

// Hints says what options would serve the plan's documents.
func (p *Plan) Hints() Hints {
	if p.main == nil {
		return Hints{}
	}
	var h Hints
	if !p.opt.Flat {
		h.Above = p.hasAbove()
	}
	repeated := p.repeatedBelow(p.main.kin, nil)
	slices.SortStableFunc(repeated, func(a, b repeatedKin) int { return int(min(1, max(-1, b.count-a.count))) })
	for _, r := range repeated {
		if rule := r.rule(); rule != "" {
			h.Pivots = append(h.Pivots, rule)
		}
	}
	h.Deeper = p.deeper(repeated)
	return h
}

// repeatedKin is an element that repeats within a record, and how columns name it.
type repeatedKin struct {
	*kin
	names []string
}

// repeatedBelow finds what repeats below k and has nothing that repeats around it.
func (p *Plan) repeatedBelow(k *kin, names []string) (found []repeatedKin) {
	if k.prose() {
		return nil
	}
	for _, c := range k.children {
		if c.records || c.schema || c.spread != nil {
			continue
		}
		path := append(slices.Clone(names), c.name)
		if c.repeats() {
			found = append(found, repeatedKin{c, path})
		} else {
			found = append(found, p.repeatedBelow(c, path)...)
		}
	}
	return found
}

// What people call a key, and what they call its value, the likeliest first.
var (
	keyNames   = []string{"key", "k", "name", "field", "property", "param", "attribute", "tag", "label", "type", "code", "term", "xml:lang", "lang"}
	valueNames = []string{"value", "v", "val", "content", "text", "data"}
)

// rule is the pivot that r looks made for, or "".
func (r repeatedKin) rule() string {
	path := make([]string, len(r.names))
	for i, name := range r.names {
		path[i] = escapeDots(name)
	}
	at := strings.Join(path, ".")
	if len(r.children) == 0 {
		key := likeliest(keyNames, r.attributes)
		switch {
		case key == "":
			return ""
		case r.texts > 0:
			return at + "@" + key + "=#text"
		}
		if value := likeliest(valueNames, r.attributes); value != "" && value != key {
			return at + "@" + key + "=@" + value
		}
		return ""
	}
	if r.texts > 0 || len(r.attributes) > 0 {
		return ""
	}
	key, value := likeliest(keyNames, r.leaves()), likeliest(valueNames, r.leaves())
	if key == "" || value == "" {
		return ""
	}
	return at + "/" + key + "=" + value
}

// leaves are the children that hold nothing but one text.
func (k *kin) leaves() (leaves []*kin) {
	for _, c := range k.children {
		if len(c.children) == 0 && len(c.attributes) == 0 && !c.repeats() {
			leaves = append(leaves, c)
		}
	}
	return leaves
}

func (k *kin) word() string          { return k.name }
func (a *attributeKin) word() string { return a.name }

// likeliest is the name among those of fields that stands first in words, or "".
func likeliest[T interface{ word() string }](words []string, fields []T) string {
	for _, word := range words {
		for _, f := range fields {
			if strings.EqualFold(f.word(), word) {
				return f.word()
			}
		}
	}
	return ""
}

// hasAbove reports whether an element around a record, which is not the only one of
// its kind, has a field of its own.
func (p *Plan) hasAbove() bool {
	for _, record := range p.main.kin.paths {
		for above := record.parent; above != nil && above.parent != nil && above.parent.parent != nil; above = above.parent {
			if above.count > 1 && above.hasFields() {
				return true
			}
		}
	}
	return false
}

func (p *path) hasFields() bool {
	if p.values > 0 || p.texts > 0 {
		return true
	}
	return slices.ContainsFunc(p.children, func(c *path) bool {
		return c.most == 1 && len(c.children) == 0 && (c.values > 0 || c.texts > 0)
	})
}

// deeper is Hints.Deeper.
func (p *Plan) deeper(repeated []repeatedKin) string {
	record := p.main.kin
	for _, r := range repeated {
		fields := len(r.attributes) + len(r.leaves())
		if fields < 2 || r.rule() != "" || r.prose() || 2*r.weight < record.weight || r.count < 2*record.count {
			continue
		}
		switch {
		case strings.HasPrefix(p.Record, "//"):
			return "//" + r.paths[0].local
		case p.Record == documentRecord:
			return strings.Join(r.names, "/")
		}
		return p.Record + "/" + strings.Join(r.names, "/")
	}
	return ""
}

// Keys says what came of a pivot: how many keys it has, how many elements they
// spread, and how many keys are never twice in one parent. It is all 0 where the
// pivot was not done.
func (p *Plan) Keys(pivot string) (keys int, elements int64, single int) {
	if p.main == nil {
		return 0, 0, 0
	}
	p.main.kin.walk(func(k *kin) {
		if k.spread == nil || k.spread.written != pivot {
			return
		}
		keys++
		elements += k.count
		if !k.repeats() {
			single++
		}
	})
	return keys, elements, single
}

// Root reads a document as far as its root element, and returns that element's name
// with its namespace, and its local name.
func Root(ctx context.Context, in Input, opt Options) (name, local string, err error) {
	sh := newShape()
	s := newScanner(sh, opt)
	s.learns = true
	closeInput, err := s.open(ctx, in)
	if err != nil {
		return "", "", err
	}
	for sh.root() == nil {
		if kind := s.next(); kind == tokenDone || kind == tokenError {
			break
		}
	}
	if closed := closeInput(); s.err == nil && closed != nil {
		return "", "", closed
	}
	if sh.root() == nil {
		return "", "", s.explain(s.err)
	}
	return sh.RootName(), sh.Root(), nil
}
