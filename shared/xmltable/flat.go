package xmltable

import (
	"context"
	"errors"

	"ret/shared/fault"
)

// flatPlan says what --flat adds to the rows of the main table: the fields of the
// elements above a record, gathered in groups by local name.
type flatPlan struct {
	plan    *Plan // the groups as tables that are not listed
	groups  map[string]*table
	records map[*path]bool
	above   map[*path]bool // those that records lie in
	looks   bool           // some fields may come after a record that needs them
}

// flatColumn is a column of the main table that repeats one of a group.
type flatColumn struct {
	group  int // the table's number in flatPlan.plan
	column int
}

// of is where the elements of k go, which are outside the fields of those around
// them: a group of their own, if records lie in them.
func (f *flatPlan) of(k *kin) *table {
	if !k.records {
		return nil
	}
	return f.groups[k.paths[0].local]
}

// addFlat adds the fields of the elements above the records to the main table.
func (p *Plan) addFlat(l *layout, c *chosen) error {
	f := &flatPlan{groups: map[string]*table{}, records: map[*path]bool{}}
	lines, above := c.lines()
	f.above = above
	if len(lines) == 0 {
		return nil
	}
	for _, path := range c.kin.paths {
		f.records[path] = true
	}
	f.plan = &Plan{shape: p.shape, opt: p.opt}
	f.plan.slots = make([]int, p.shape.paths)
	f.plan.attributeSlots = make([]int, p.shape.attributes)
	f.plan.apart = make([]bool, p.shape.paths)
	tree := p.tree(f.records, false)
	tree.above = above
	for _, paths := range lines {
		k := tree.build(nil, paths)
		k.holds = true
		t := &table{number: len(f.plan.tables), index: -1, name: paths[0].local, kin: k, maxRepeat: p.opt.MaxRepeat}
		f.plan.tables = append(f.plan.tables, t)
		f.groups[t.name] = t
	}
	inside := &layout{ctx: l.ctx, plan: p, flat: f, slots: f.plan.slots, attributeSlots: f.plan.attributeSlots, apart: f.plan.apart}
	for _, t := range f.plan.tables {
		if err := inside.fill(t); err != nil {
			return err
		}
		for i, column := range t.columns {
			p.main.groups = f.plan
			p.main.flat = append(p.main.flat, &flatColumn{t.number, i})
			f.looks = f.looks || column.kind != Attribute || column.steps != nil
		}
	}
	f.plan.document = f.groups[p.shape.root().local]
	p.flat = f
	return nil
}

// lines are the paths above the records by local name, in the order in which the
// records' lines, each from the root down, first show their names.
func (c *chosen) lines() (lines [][]*path, above map[*path]bool) {
	above = map[*path]bool{}
	index := map[string]int{}
	for _, record := range c.paths() {
		var line []*path
		for p := record.parent; p.parent != nil && !above[p]; p = p.parent {
			above[p] = true
			line = append(line, p)
		}
		for n := len(line) - 1; n >= 0; n-- {
			p := line[n]
			i, found := index[p.local]
			if !found {
				i = len(lines)
				index[p.local] = i
				lines = append(lines, nil)
			}
			lines[i] = append(lines[i], p)
		}
	}
	return lines, above
}

// flatColumns describes the columns that repeat the fields of the elements above.
func (t *table) flatColumns() []Column {
	var columns []Column
	for _, f := range t.flat {
		if f.column > 0 {
			continue
		}
		group := t.groups.tables[f.group]
		for _, c := range group.namedColumns() {
			c.Name = group.name + "/" + c.Name
			columns = append(columns, c)
		}
	}
	return columns
}

// lastCells is how many cells come after what the record brings.
func (t *table) lastCells() int {
	n := len(t.flat)
	if t.withXML {
		n++
	}
	return n
}

// aboves follows the document beside the flattener and keeps the rows of the
// elements that are open above the records.
type aboves struct {
	flattener *flattener
	records   map[*path]bool
	open      []*row   // all, from the root down
	groups    [][]*row // the same of each group
	late      []map[int64][][]byte
	lateBytes int
	looks     bool // this is the pass that looks ahead
}

func newAboves(p *Plan, s *scanner) *aboves {
	groups := p.flat.plan
	for _, t := range groups.tables {
		t.lastID = 0
	}
	return &aboves{
		flattener: &flattener{plan: groups, scanner: s, within: -1, free: make([][]*row, len(groups.tables))},
		records:   p.flat.records,
		groups:    make([][]*row, len(groups.tables)),
		late:      make([]map[int64][][]byte, len(groups.tables)),
	}
}

// lookAhead finds the fields above records that stand after them in the document:
// a pass of its own, which keeps nothing else.
func (f *flattener) lookAhead(ctx context.Context, in Input) error {
	if f.above == nil || !f.plan.flat.looks {
		return nil
	}
	s := newScanner(f.plan.shape, f.plan.opt)
	s.trusted = f.scanner.trusted
	closeInput, err := s.open(ctx, in)
	if err != nil {
		return err
	}
	a := newAboves(f.plan, s)
	a.looks = true
	err = a.run()
	if _, ok := errors.AsType[*SyntaxError](err); ok && f.plan.opt.KeepPartial {
		err = nil
	}
	if closed := closeInput(); err == nil {
		err = closed
	}
	f.above = newAboves(f.plan, f.scanner)
	f.above.late = a.late
	return err
}

func (a *aboves) run() error {
	s := a.flattener.scanner
	for {
		t := s.next()
		switch t {
		case tokenDone:
			return nil
		case tokenError:
			return s.err
		case tokenText:
			if err := s.noteText(); err != nil {
				return err
			}
		}
		if err := a.follow(t); err != nil {
			return err
		}
	}
}

// follow takes the token that the scanner has found.
func (a *aboves) follow(t token) error {
	f := a.flattener
	switch t {
	case tokenStart:
		a.note()
		if err := f.start(); err != nil {
			return err
		}
		a.start()
	case tokenLeaf:
		a.note()
		return f.leaf()
	case tokenText:
		return f.text()
	case tokenEnd:
		e := f.open[len(f.open)-1]
		if err := f.end(); err != nil {
			return err
		}
		if e.first {
			return a.end(e.row)
		}
	}
	return nil
}

// note notes that a record begins, if one does.
func (a *aboves) note() {
	if !a.looks || !a.records[a.flattener.scanner.tag.path] {
		return
	}
	for i := len(a.open) - 1; i >= 0 && !a.open[i].above; i-- {
		a.open[i].above, a.open[i].settled = true, a.open[i].present()
	}
}

func (r *row) present() int {
	n := 0
	for _, c := range r.cells {
		if c.end != 0 {
			n++
		}
	}
	return n
}

// start notes the row that has begun, and gives it what comes late.
func (a *aboves) start() {
	f := a.flattener
	e := &f.open[len(f.open)-1]
	if !e.first {
		return
	}
	g := e.row.table.number
	a.open = append(a.open, e.row)
	a.groups[g] = append(a.groups[g], e.row)
	for i, cell := range a.late[g][e.row.id] {
		if cell != nil {
			e.row.set(i, cell)
		}
	}
	e.begin = len(e.row.bytes)
}

// end takes the row that has ended off the stacks, and keeps it if it was not
// settled when a record began.
func (a *aboves) end(r *row) error {
	g := r.table.number
	a.open = a.open[:len(a.open)-1]
	a.groups[g] = a.groups[g][:len(a.groups[g])-1]
	if !a.looks || !r.above || r.present() == r.settled {
		return nil
	}
	cells := make([][]byte, len(r.cells))
	for i := range cells {
		cells[i] = append(cells[i], r.cell(i)...)
		if r.cells[i].end != 0 && cells[i] == nil {
			cells[i] = []byte{}
		}
		a.lateBytes += len(cells[i]) + bytesOfCell
	}
	if limit := a.flattener.scanner.limits.withDefaults().rowBytes(); a.lateBytes > limit {
		return fault.New(fault.TooLarge,
			"The fields above the records stand behind them, and are together over %d bytes. Convert without the fields of the elements above.", limit)
	}
	if a.late[g] == nil {
		a.late[g] = map[int64][][]byte{}
	}
	a.late[g][r.id] = cells
	return nil
}

// nearest appends the innermost open row of each group, nil where there is none.
func (a *aboves) nearest(rows []*row) []*row {
	for _, stack := range a.groups {
		var r *row
		if n := len(stack); n > 0 {
			r = stack[n-1]
		}
		rows = append(rows, r)
	}
	return rows
}
