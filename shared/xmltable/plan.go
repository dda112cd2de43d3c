package xmltable

import (
	"context"
	"slices"

	"ret/shared/fault"
)

// A Plan says how a document, or each document of a class, becomes tables.
type Plan struct {
	Root       string // the root element's local name
	Record     string // "i", "data/row", "//row" or "(document)"
	Candidates []Candidate
	Tables     []Table  // parents before their children; the main table first, if there is one
	Warnings   []string // sentences for a person, such as a record that is not there

	shape    *Shape
	opt      Options
	tables   []*table // also those that are not listed
	main     *table   // nil where the record is not there
	document *table   // _document, nil where the document is the record
	flat     *flatPlan
	as       []tableKeys // of Tables
	chosen   Options     // as they were given
	spare    *flattener  // that has written a document and may write another

	slots          []int  // of each path among its parent's kin, by id
	attributeSlots []int  // of each attribute in its element's kin, by id
	apart          []bool // paths of elements that a pivot has spread, by id
}

// table is a Table in the making, and its state while rows are written.
type table struct {
	number    int // in Plan.tables
	index     int // in Plan.Tables, or -1
	name      string
	words     []string // element names after the parent table's name
	parent    *table
	children  []*table
	row       *place // the row element
	columns   []*column
	kin       *kin
	maxRepeat int
	hasIn     bool
	nested    bool // rows may lie inside others, as records do
	withXML   bool // it ends with _xml
	flat      []*flatColumn
	groups    *Plan // of flat
	keys      []keyColumn
	nameBytes int // about how long the name is
	lastID    int64
	order     []int    // with a recipe: which of natural stands where
	natural   []Column // in the order in which rows make them
}

// A column before its name is settled.
type column struct {
	steps  *step  // the path inside the row; nil is the row's element
	suffix string // "@id", "#xml"
	kind   Kind
	path   string // the rest of the exact path: an attribute's name
}

// A keyColumn belongs to elements that a pivot has spread: where it is present,
// their key was there.
type keyColumn struct {
	column int
	bytes  int // of the key
}

// A step leads from a row's element, or from the outer step, to one instance of
// a child.
type step struct {
	outer *step
	kin   *kin
	index int // 2 for the second of its name, else 0
	bytes int // about how long the name and the path of a column there are
}

// all are the steps from the row down.
func (s *step) all() []*step {
	var steps []*step
	for ; s != nil; s = s.outer {
		steps = append(steps, s)
	}
	slices.Reverse(steps)
	return steps
}

func (s *step) size() int {
	if s == nil {
		return 0
	}
	return s.bytes
}

// A place is where one instance of an element goes: a row, or some columns of a
// row.
type place struct {
	table      *table
	text       int // column; -1 for none
	markup     int
	value      int // column that is empty where nothing has filled it; -1 for none
	attributes []int
	children   []family
	leaf       bool // never has children
	quick      bool // a leaf is nothing but its text
	words      bool // what is below stands in the text and markup of an element above
}

// wordsPlace is that of everything below prose.
var wordsPlace = &place{text: -1, markup: -1, value: -1, words: true}

// A family is what becomes of the children of one name.
type family struct {
	inPlace []*place // of the first, the second, …
	table   *table   // or, from there on, a table of their own
	words   bool     // or nothing that a place is needed for
}

// layOut makes the tables for the record that was chosen below root.
func (p *Plan) layOut(ctx context.Context, root *kin, c *chosen) error {
	p.slots = make([]int, p.shape.paths)
	p.attributeSlots = make([]int, p.shape.attributes)
	p.apart = make([]bool, p.shape.paths)
	l := &layout{ctx: ctx, plan: p, slots: p.slots, attributeSlots: p.attributeSlots, apart: p.apart}
	if c != nil {
		if err := p.addMain(l, root, c); err != nil {
			return err
		}
		switch {
		case c.kin == root, c.byName[root.paths[0]]:
			return p.finish()
		case c.byName != nil:
			name := root.name
			root = p.tree(c.byName, false).build(nil, root.paths)
			root.name = name
		}
	}
	l.records = p.main
	if err := p.addDocument(l, root); err != nil {
		return err
	}
	return p.finish()
}

// addMain adds the main table and its children.
func (p *Plan) addMain(l *layout, root *kin, c *chosen) error {
	if c.byName == nil && c.kin != root {
		c.hasIn = c.kin.holders > 1
		c.kin.records = true
		for k := c.kin.parent; k != nil; k = k.parent {
			k.holds = true
		}
	}
	p.main = &table{
		name: c.kin.name, kin: c.kin, maxRepeat: p.opt.MaxRepeat,
		hasIn: c.hasIn, nested: c.nested, withXML: p.opt.RecordXML,
	}
	l.records = p.main
	if err := p.spreadAll(c.kin, c.byName); err != nil {
		return err
	}
	if err := l.fill(p.main); err != nil {
		return err
	}
	p.list(p.main)
	if p.opt.Flat && c.kin != root {
		return p.addFlat(l, c)
	}
	return nil
}

// runOf is the number of the open element at a path among those of its name in its
// parent. What a pivot has spread is of one name only with its like.
func (p *Plan) runOf(of *path) int64 {
	if of.base != nil && !p.apart[of.id] {
		return of.base.run
	}
	return of.run
}

// paths are those of the records, in the order in which the document first shows
// them.
func (c *chosen) paths() []*path {
	paths := slices.Clone(c.kin.paths)
	slices.SortStableFunc(paths, func(a, b *path) int { return a.rank - b.rank })
	return paths
}

// addDocument adds the table _document. Even where it has nothing to say, and is
// not written, its places lead to the records.
func (p *Plan) addDocument(l *layout, root *kin) error {
	p.document = &table{name: "_document", kin: root, maxRepeat: 1}
	if err := l.fill(p.document); err != nil {
		return err
	}
	p.list(p.document)
	return nil
}

// rootTable is where the root element's row is.
func (p *Plan) rootTable() *table {
	if p.document != nil {
		return p.document
	}
	return p.main
}

// list gives t and its children their numbers. A table other than the main one
// exists only where it has a column of the document's or a child table.
func (p *Plan) list(t *table) (exists bool) {
	t.number, t.index = len(p.tables), -1
	p.tables = append(p.tables, t)
	children := t.children
	t.children = nil
	for _, c := range children {
		if p.list(c) {
			t.children = append(t.children, c)
		}
	}
	return t == p.main || len(t.columns) > 0 || len(t.children) > 0
}

// listed are the tables that exist, parents before their children.
func (p *Plan) listed() []*table {
	var all []*table
	var add func(t *table)
	add = func(t *table) {
		t.index = len(all)
		all = append(all, t)
		for _, c := range t.children {
			add(c)
		}
	}
	if p.main != nil {
		add(p.main)
	}
	if d := p.document; d != nil && (len(d.columns) > 0 || len(d.children) > 0) {
		add(d)
	}
	return all
}

// errTooWide says which table has too many columns.
func errTooWide(name string, limit int) error {
	return fault.New(fault.TooLarge,
		"The table %.100s would have more than %d columns. Choose another record, or let fewer repeats become columns.", name, limit)
}
