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
	Tables     []Table // parents before their children; the main table first

	shape    *Shape
	opt      Options
	tables   []*table
	document *table // _document, nil where the document is the record

	slots          []int // of each path among its parent's kin, by id
	attributeSlots []int // of each attribute in its element's kin, by id
}

// table is a Table in the making, and its state while rows are written.
type table struct {
	index     int
	name      string
	words     []string // element names after the parent table's name
	parent    *table
	children  []*table
	row       *place // the row element
	columns   []*column
	kin       *kin
	hasIn     bool
	nameBytes int  // about how long the name is
	listed    bool // in Plan.Tables
	lastID    int64
}

// A column before its name is settled.
type column struct {
	steps  *step  // the path inside the row; nil is the row's element
	suffix string // "@id", "#xml"
	kind   Kind
	path   string // the rest of the exact path: an attribute's name
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
	attributes []int
	children   []family
	leaf       bool // never has children
}

// A family is what becomes of the children of one name.
type family struct {
	inPlace []*place // of the first, the second, …
	table   *table   // or a table of their own
}

// layOut makes the tables for the records chosen below root.
func (p *Plan) layOut(ctx context.Context, root *kin, chosen []*kin) error {
	l := &layout{ctx: ctx, plan: p}
	p.slots = make([]int, p.shape.paths)
	p.attributeSlots = make([]int, p.shape.attributes)
	record := chosen[0]
	if len(chosen) > 1 {
		record = mergeKin(chosen)
	}
	main := &table{name: record.name, kin: record, hasIn: belowRepeated(chosen)}
	if err := p.addTable(l, main); err != nil {
		return err
	}
	if record == root {
		return p.finish()
	}
	for _, c := range chosen {
		c.records = true
		for k := c.parent; k != nil; k = k.parent {
			k.holds = true
		}
	}
	l.records = main
	if err := p.addDocument(l, root); err != nil {
		return err
	}
	return p.finish()
}

// mergeKin makes one of several elements that a name has chosen.
func mergeKin(chosen []*kin) *kin {
	var paths []*path
	for _, c := range chosen {
		paths = append(paths, c.paths...)
	}
	merged := newKin(nil, paths)
	merged.name = chosen[0].name
	return merged
}

func belowRepeated(chosen []*kin) bool {
	for _, c := range chosen {
		for k := c.parent; k != nil && k.parent != nil; k = k.parent {
			if k.repeats() {
				return true
			}
		}
	}
	return false
}

// addDocument adds the table _document. Even where it has nothing to say, and is
// not written, its places lead to the records.
func (p *Plan) addDocument(l *layout, root *kin) error {
	document := &table{name: "_document", kin: root}
	if err := l.fill(document); err != nil {
		return err
	}
	p.document = document
	document.index = len(p.tables)
	if len(document.columns) > 0 || len(document.children) > 0 {
		p.list(document)
	}
	return nil
}

// rootTable is where the root element's row is.
func (p *Plan) rootTable() *table {
	if p.document != nil {
		return p.document
	}
	return p.tables[0]
}

// addTable lays t out and lists it with its children.
func (p *Plan) addTable(l *layout, t *table) error {
	if err := l.fill(t); err != nil {
		return err
	}
	p.list(t)
	return nil
}

// list gives t and its children their places in Tables.
func (p *Plan) list(t *table) {
	t.index, t.listed = len(p.tables), true
	p.tables = append(p.tables, t)
	for _, c := range t.children {
		p.list(c)
	}
}

// errTooWide says which table has too many columns.
func errTooWide(name string, limit int) error {
	return fault.New(fault.TooLarge,
		"The table %.100s would have more than %d columns. Choose another record, or let fewer repeats become columns.", name, limit)
}
