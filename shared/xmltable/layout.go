package xmltable

import (
	"context"
	"math"
	"slices"

	"ret/shared/fault"
)

// layout makes places and columns, depth first, in the order of
// docs/flattening.md, section 3.
type layout struct {
	ctx            context.Context
	plan           *Plan
	flat           *flatPlan // what is laid out are the elements above the records
	records        *table    // where the records go
	slots          []int     // of the paths, by id
	attributeSlots []int     // of the attributes, by id
	apart          []bool    // paths that are spread by a pivot, by id
	places         int       // made so far
	made           map[*kin]*table
	nameBytes      int // of all columns, with their paths
}

// fill lays out t, which has nothing but its kin and its name.
func (l *layout) fill(t *table) error {
	if err := l.checkWidth(t); err != nil {
		return err
	}
	var err error
	t.kin.measure()
	t.row, err = l.place(t, t.kin, nil, 1)
	return err
}

// place lays out one instance of k, which stands at most times times in the row.
func (l *layout) place(t *table, k *kin, at *step, times int64) (*place, error) {
	if err := l.checkPlaces(t); err != nil {
		return nil, err
	}
	p := &place{table: t, text: -1, markup: -1, value: -1}
	p.attributes = make([]int, len(k.attributes))
	for i, a := range k.attributes {
		p.attributes[i] = -1
		for _, same := range a.all {
			l.attributeSlots[same.id] = i
		}
		if a.role != roleNone {
			continue
		}
		for _, same := range a.all {
			same.laid = a.name
		}
		p.attributes[i] = l.add(t, at, "@"+a.name, Attribute, "/@"+qualified(a.space, a.local))
	}
	if k.spread != nil {
		l.placeValue(t, k, at, p)
	} else if k.texts > 0 || k.hadText() || len(k.children) == 0 && len(k.attributes) == 0 {
		p.text = l.add(t, at, "", Text, "")
	}
	if k.mixed > 0 && !k.holds && k.spread == nil {
		p.markup = l.add(t, at, "#xml", Markup, "")
	}
	p.leaf = len(k.children) == 0
	p.quick = p.leaf && p.text >= 0
	for _, path := range k.paths {
		path.laid = kept{name: k.name, columns: path.laid.columns, text: p.text >= 0, prose: k.prose()}
	}
	if err := l.checkWidth(t); err != nil {
		return nil, err
	}
	if k.prose() {
		return p, nil
	}
	p.children = make([]family, len(k.children)+1)
	p.children[len(k.children)].words = true
	for _, c := range k.children {
		for _, same := range c.paths {
			l.slots[same.id] = c.slot
			if c.outside && !l.flat.above[same] {
				l.slots[same.id] = len(k.children)
			}
			l.apart[same.id] = c.spread != nil
		}
		if c.role != roleNone {
			p.children[c.slot] = l.placeRole(t, c, p)
			continue
		}
		f, err := l.family(t, c, at, times)
		if err != nil {
			return nil, err
		}
		p.children[c.slot] = f
	}
	return p, nil
}

// placeValue makes the column for the value of elements that a pivot has spread.
func (l *layout) placeValue(t *table, k *kin, at *step, p *place) {
	switch v := k.spread.value; {
	case v.name == "":
		p.text = l.add(t, at, "", Text, "")
		p.value = p.text
	case v.isAttribute:
		p.value = l.add(t, at, "", Attribute, "/@"+v.name)
	default:
		p.value = l.add(t, at, "", Text, "/"+v.name)
	}
	for i, a := range k.attributes {
		if a.role == roleValue {
			p.attributes[i] = p.value
			t.columns[p.value].path = "/@" + qualified(a.space, a.local)
		}
	}
	t.keys = append(t.keys, keyColumn{p.value, len(k.key)})
}

// placeRole is where the key or the value goes, if it is a child c of an element
// at p.
func (l *layout) placeRole(t *table, c *kin, p *place) family {
	inside := &place{table: t, text: -1, markup: -1, value: -1, leaf: true, children: []family{}}
	if c.role == roleValue {
		inside.text, inside.quick = p.value, true
		t.columns[p.value].path = "/" + c.qualified()
	}
	return family{inPlace: []*place{inside}}
}

// family lays out the children c of an element.
func (l *layout) family(t *table, c *kin, at *step, times int64) (family, error) {
	switch {
	case c.outside:
		return family{words: l.flat.of(c) == nil, table: l.flat.of(c)}, nil
	case c.records:
		return family{table: l.records}, nil
	}
	columns, spills := c.most, l.spills(t, c, times)
	if spills {
		columns = c.hadColumns()
	}
	if limit := l.plan.opt.Limits.Columns; columns > int64(limit) {
		return family{}, errTooWide(t.kin.name, limit)
	}
	f := family{inPlace: make([]*place, columns)}
	for i := range f.inPlace {
		inside := &step{outer: at, kin: c, bytes: at.size() + 2*len(c.name) + len(c.paths[0].space) + len("./Q{}[2][2]")}
		if i > 0 {
			inside.index = i + 1
		}
		var err error
		if f.inPlace[i], err = l.place(t, c, inside, times*c.most); err != nil {
			return f, err
		}
	}
	for _, same := range c.paths {
		same.laid.columns = max(same.laid.columns, int(columns))
	}
	if !spills {
		return f, nil
	}
	var err error
	f.table, err = l.child(t, c, at)
	return f, err
}

// child is the table for elements c that repeat too often for columns of t.
func (l *layout) child(t *table, c *kin, at *step) (*table, error) {
	if child := l.made[c]; child != nil && child.parent == t {
		return child, nil // for another instance, which a recipe has kept in columns
	}
	child := &table{parent: t, kin: c, maxRepeat: l.plan.opt.MaxRepeat}
	for _, s := range at.all() {
		child.words = append(child.words, s.kin.name)
	}
	child.words = append(child.words, c.name)
	child.nameBytes = t.nameBytes + at.size() + len(c.name)
	l.nameBytes += child.nameBytes
	t.children = append(t.children, child)
	if l.made == nil {
		l.made = map[*kin]*table{}
	}
	l.made[c] = child
	return child, l.fill(child)
}

// hadColumns is how many of k's elements had columns by the recipe.
func (k *kin) hadColumns() int64 {
	n := 0
	for _, p := range k.paths {
		n = max(n, p.fixed.columns)
	}
	return int64(n)
}

// hadText reports whether k had a column for its text by the recipe.
func (k *kin) hadText() bool {
	return slices.ContainsFunc(k.paths, func(p *path) bool { return p.fixed.text })
}

// spills reports whether k, whose parent stands at most times times in the row,
// repeats too often for columns.
func (l *layout) spills(t *table, k *kin, times int64) bool {
	return k.repeats() && times > int64(t.maxRepeat)/k.reach
}

// measure sets reach for k and all below it. Of two elements that repeat, one
// within the other, the inner one spills first; so whether something below k
// spills is told by the largest product alone.
func (k *kin) measure() {
	k.reach = 1
	if !k.prose() {
		for _, c := range k.children {
			if c.measure(); !c.records {
				k.reach = max(k.reach, c.reach)
			}
		}
	}
	k.reach = saturated(k.reach, max(1, k.most))
}

// saturated is a × b, or more than any number of repeats that counts.
func saturated(a, b int64) int64 {
	if a > math.MaxInt32 || b > math.MaxInt32 {
		return math.MaxInt32 + 1
	}
	return a * b
}

// checkPlaces keeps the work and the memory that a layout takes in proportion to
// the columns that are allowed.
func (l *layout) checkPlaces(t *table) error {
	l.places++
	if limit := l.plan.opt.Limits.Columns; l.places > namesForEachColumn*limit {
		return errTooWide(t.kin.name, limit)
	}
	if l.places%1024 == 0 {
		return l.ctx.Err()
	}
	return nil
}

// checkWidth keeps a document from asking for any number of columns.
func (l *layout) checkWidth(t *table) error {
	if limit := l.plan.opt.Limits.Columns; len(t.columns) > limit {
		return errTooWide(t.kin.name, limit)
	}
	if l.nameBytes > columnNamesBytes {
		return fault.New(fault.TooLarge, "The names of tables and columns would together be over %d bytes.", columnNamesBytes)
	}
	return nil
}

// add appends a column and returns its index.
func (l *layout) add(t *table, at *step, suffix string, kind Kind, path string) int {
	l.nameBytes += at.size() + len(suffix) + len(path)
	t.columns = append(t.columns, &column{at, suffix, kind, path})
	return len(t.columns) - 1
}
