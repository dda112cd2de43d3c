package xmltable

// layout makes places and columns, depth first, in the order of
// docs/flattening.md, section 3.
type layout struct {
	plan    *Plan
	records *table // where the records go
}

// fill lays out t, which has nothing but its kin and its name.
func (l *layout) fill(t *table) error {
	if err := l.checkWidth(t); err != nil {
		return err
	}
	var err error
	t.row, err = l.place(t, t.kin, nil, t.kin.exactPath(), 1)
	return err
}

// place lays out one instance of k, which stands at most times times in the row.
func (l *layout) place(t *table, k *kin, words []word, path string, times int64) (*place, error) {
	p := &place{table: t, text: -1, markup: -1, leaf: len(k.children) == 0}
	p.attributes = make([]int, len(k.attributes))
	for i, a := range k.attributes {
		p.attributes[i] = t.add(words, "@"+a.name, Attribute, path+"/@"+qualified(a.space, a.local))
		for _, same := range a.all {
			l.plan.attributeSlots[same.id] = i
		}
	}
	if k.texts > 0 || len(k.children) == 0 && len(k.attributes) == 0 {
		p.text = t.add(words, "", Text, path)
	}
	if k.mixed && !k.holds {
		p.markup = t.add(words, "#xml", Markup, path)
	}
	if err := l.checkWidth(t); err != nil {
		return nil, err
	}
	p.children = make([]family, len(k.children))
	for _, c := range k.children {
		for _, same := range c.paths {
			l.plan.slots[same.id] = c.slot
		}
		f, err := l.family(t, c, words, path, times)
		if err != nil {
			return nil, err
		}
		p.children[c.slot] = f
	}
	return p, nil
}

// family lays out the children c of an element.
func (l *layout) family(t *table, c *kin, words []word, path string, times int64) (family, error) {
	path += "/" + qualified(c.paths[0].space, c.paths[0].local)
	if c.records {
		return family{table: l.records}, nil
	}
	if l.spills(c, times) {
		child := &table{parent: t, kin: c}
		for _, w := range words {
			child.words = append(child.words, w.name)
		}
		child.words = append(child.words, c.name)
		t.children = append(t.children, child)
		return family{table: child}, l.fill(child)
	}
	if limit := l.plan.opt.Limits.Columns; c.most > int64(limit) {
		return family{}, errTooWide(t.kin.name, limit)
	}
	f := family{inPlace: make([]*place, c.most)}
	for i := range f.inPlace {
		w, at := word{name: c.name}, path
		if i > 0 {
			w.index = i + 1
			at += "[" + itoa(w.index) + "]"
		}
		inside := append(words[:len(words):len(words)], w)
		var err error
		if f.inPlace[i], err = l.place(t, c, inside, at, times*c.most); err != nil {
			return f, err
		}
	}
	return f, nil
}

// spills reports whether k, whose parent stands at most times times in the row,
// repeats too often for columns.
func (l *layout) spills(k *kin, times int64) bool {
	if !k.repeats() || k.records {
		return false
	}
	times *= k.most
	return times > int64(l.plan.opt.MaxRepeat) || l.spillsBelow(k, times)
}

func (l *layout) spillsBelow(k *kin, times int64) bool {
	for _, c := range k.children {
		if c.records {
			continue
		}
		if l.spills(c, times) || l.spillsBelow(c, times*c.most) {
			return true
		}
	}
	return false
}

// checkWidth keeps a document from asking for any number of columns.
func (l *layout) checkWidth(t *table) error {
	if limit := l.plan.opt.Limits.Columns; len(t.columns) > limit {
		return errTooWide(t.kin.name, limit)
	}
	return nil
}

// add appends a column and returns its index.
func (t *table) add(words []word, suffix string, kind Kind, path string) int {
	t.columns = append(t.columns, &column{words, suffix, kind, path})
	return len(t.columns) - 1
}
