package xmltable

import (
	"context"
	"errors"
	"fmt"
)

// Written is what Plan.Write has written of one document.
type Written struct {
	Rows    []int64 // for each table
	Account Account // values that stand in cells, told by looking at the cells
	Origins Origins // where in the document its records are; nil where that cannot be told
	Partial *SyntaxError
}

// Write is the second pass over a document: it gives the rows to sink. With
// Options.Flat there may be one more pass before it.
//
// The plan of a class of documents (Options.Merged) is written by calling Write
// for each Input in order of path; _id counts on from one call to the next. A
// Plan, and the Shape it is made of, may be used by one goroutine at a time.
//
// A document that ends in a *SyntaxError fails with it. With Options.KeepPartial
// it does not: the records that were whole are written, and Written.Partial has
// the error. An error of the sink is returned as it is.
func (p *Plan) Write(ctx context.Context, in Input, sink Sink) (Written, error) {
	f := p.spare
	if p.spare = nil; f == nil {
		f = newFlattener(p, in, sink)
	} else {
		f.beginAgain(in, sink)
	}
	if err := f.lookAhead(ctx, in); err != nil {
		return Written{}, err
	}
	written, err := f.write(ctx, in)
	if err == nil {
		f.out.sink = nil
		p.spare = f
	}
	return written, err
}

// beginAgain makes f, which has written a whole document, one that has written
// nothing.
func (f *flattener) beginAgain(in Input, sink Sink) {
	f.file = in.Path
	for _, rows := range f.free {
		for _, r := range rows {
			r.file = append(r.file[:0], in.Path...)
		}
	}
	f.written = Written{Rows: make([]int64, len(f.plan.Tables))}
	f.out.beginAgain(in, sink)
	f.gathered, f.pending = 0, 0
	if f.plan.flat != nil {
		f.above = newAboves(f.plan, f.scanner)
	}
}

func (f *flattener) write(ctx context.Context, in Input) (Written, error) {
	closeInput, err := f.scanner.open(ctx, in)
	if err != nil {
		return Written{}, err
	}
	f.origins.begin(f.plan)
	err = f.splitRun(ctx, in)
	if syntax, ok := errors.AsType[*SyntaxError](err); ok && f.plan.opt.KeepPartial {
		f.written.Partial = syntax
		err = f.keepPartial()
	}
	if r := f.scanner.repairer; r == nil || !r.mended {
		f.written.Origins = f.origins.encoded
	}
	if closed := closeInput(); err == nil && closed != nil {
		err = fmt.Errorf("close document: %w", closed)
	}
	return f.written, err
}

// A flattener follows the document with a stack of places.
type flattener struct {
	plan    *Plan
	file    string
	scanner *scanner
	out     output
	written Written
	above   *aboves // with --flat
	origins originNotes

	free     [][]*row      // rows of each table that are not open
	open     []openElement // open[i] belongs to scanner.frames[i+1]
	records  []*row        // the records that are open
	wholes   []int         // indexes into open of those that gather a whole text
	gathered int           // bytes of whole texts and markup in the record
	pending  int           // bytes of openElement.text in all of open
	within   int           // index into open of the outermost record that is open, or -1
}

// openElement is the flattener's side of a frame.
type openElement struct {
	place *place
	row   *row   // the row it stands in, or is
	first bool   // it is the row's element
	begin int    // a leaf's text, in the row's bytes
	start int64  // of its start tag, as frame.start
	text  []byte // of an element with children
	whole []byte // with the text of what is below
}

func newFlattener(p *Plan, in Input, sink Sink) *flattener {
	f := &flattener{plan: p, file: in.Path, within: -1}
	f.scanner = newScanner(p.shape, p.opt)
	f.scanner.trusted = !p.shape.partial
	f.scanner.noting = true
	f.written.Rows = make([]int64, len(p.Tables))
	f.out = newOutput(p, in, sink, &f.written)
	f.out.auditor = newAuditor(p, f.scanner)
	f.free = make([][]*row, len(p.tables))
	if p.flat != nil {
		f.above = newAboves(p, f.scanner)
	}
	return f
}

func (f *flattener) run() error {
	for {
		var err error
		t := f.scanner.next()
		switch t {
		case tokenStart:
			err = f.start()
		case tokenLeaf:
			if err = f.leaf(); err == nil && f.above == nil && f.scanner.tag.joint.to != nil {
				err = f.fillLeaves()
			}
		case tokenText:
			if err = f.scanner.noteText(); err == nil {
				err = f.text()
			}
		case tokenEnd:
			err = f.end()
		case tokenBarrier:
			err = f.scanner.foreman.(*splitWrite).arrive()
		case tokenDone:
			return nil
		case tokenError:
			return f.scanner.err
		}
		if err == nil && f.above != nil {
			err = f.above.follow(t)
		}
		if err != nil {
			return err
		}
	}
}

// start finds the place of the element that starts.
func (f *flattener) start() error {
	e, err := f.find()
	if err != nil {
		return err
	}
	f.expectText(e)
	return nil
}

// find pushes the element that starts, finds its place, and sets its attributes.
func (f *flattener) find() (*openElement, error) {
	p := f.scanner.tag.path
	e := f.push()
	depth := len(f.open) - 1
	e.first = false
	if depth == 0 {
		f.origins.root(f.scanner)
		f.startRow(e, f.plan.rootTable(), p)
	} else if parent := &f.open[depth-1]; parent.place.words {
		e.place, e.row = parent.place, parent.row
		return e, nil
	} else if parent.place.children == nil {
		e.place, e.row = wordsPlace, parent.row
		return e, nil
	} else {
		children := &parent.place.children[f.plan.slots[p.id]]
		run := f.plan.runOf(p)
		switch {
		case children.words:
			e.place, e.row = wordsPlace, parent.row
			return e, nil
		case children.table == nil && run > int64(len(children.inPlace)):
			return nil, errChanged
		case run > int64(len(children.inPlace)):
			f.startRow(e, children.table, p)
		default:
			e.place, e.row = children.inPlace[run-1], parent.row
		}
	}
	f.fillAttributes(e.place, e.row)
	return e, f.checkRow(e.row)
}

// leaf is start, text and end of an element without children.
func (f *flattener) leaf() error {
	p := f.scanner.tag.path
	parent := &f.open[len(f.open)-1]
	if parent.place.children == nil {
		return f.addToWholes(f.scanner.text)
	}
	children := &parent.place.children[f.plan.slots[p.id]]
	run := f.plan.runOf(p)
	if run > int64(len(children.inPlace)) {
		switch {
		case children.words:
			return f.addToWholes(f.scanner.text)
		case children.table == nil:
			return errChanged
		}
		return f.leafRow()
	}
	at := children.inPlace[run-1]
	if len(f.scanner.attributes) > 0 {
		f.fillAttributes(at, parent.row)
	}
	if at.quick && len(f.wholes) == 0 && !f.scanner.top().preserve {
		parent.row.set(at.text, f.scanner.rule.strip(f.scanner.text))
	} else if err := f.fillLeaf(at, parent.row); err != nil {
		return err
	}
	return f.checkRow(parent.row)
}

// leafRow is leaf where the element is a row of its own.
func (f *flattener) leafRow() error {
	e, err := f.find()
	if err != nil {
		return err
	}
	if err := f.fillLeaf(e.place, e.row); err != nil {
		return err
	}
	f.open = f.open[:len(f.open)-1]
	return f.endRow(e, len(f.open), f.scanner.pos)
}

func (f *flattener) fillLeaf(at *place, r *row) error {
	text := f.scanner.text
	if at.text >= 0 {
		own := text
		if !f.scanner.top().preserve {
			own = f.scanner.rule.strip(own)
		}
		r.set(at.text, own)
	}
	if len(f.wholes) > 0 {
		return f.addToWholes(text)
	}
	return nil
}

func (f *flattener) fillAttributes(at *place, r *row) {
	for i := range f.scanner.attributes {
		a := &f.scanner.attributes[i]
		if column := at.attributes[f.plan.attributeSlots[a.attribute.id]]; column >= 0 {
			r.set(column, a.value)
		}
	}
}

func (f *flattener) push() *openElement {
	if len(f.open) < cap(f.open) {
		f.open = f.open[:len(f.open)+1]
	} else {
		f.open = append(f.open, openElement{})
	}
	e := &f.open[len(f.open)-1]
	if len(e.text) > 0 || len(e.whole) > 0 {
		e.text, e.whole = reused(e.text), reused(e.whole)
	}
	e.start = f.scanner.startTagAt
	return e
}

// startRow makes e the element that starts a row of t.
func (f *flattener) startRow(e *openElement, t *table, p *path) {
	var around *row
	if len(f.open) > 1 {
		around = f.open[len(f.open)-2].row
	}
	e.place, e.row, e.first = t.row, f.rowOf(t), true
	if t == f.plan.main {
		f.startRecord(e.row, p, around)
	} else {
		parent := int64(0)
		if t.parent != nil {
			parent = around.id
		}
		e.row.begin(f.plan.runOf(p), parent, around)
	}
	if len(f.wholes) == 0 {
		f.gathered = 0
	}
}

func (f *flattener) startRecord(r *row, p *path, around *row) {
	if len(f.records) == 0 {
		f.within = len(f.open) - 1
		f.out.beginRecord(f.plan.tables)
	}
	parent := int64(0)
	if n := len(f.records); n > 0 {
		parent = f.records[n-1].id
	}
	r.begin(f.plan.runOf(p), parent, around)
	f.origins.record(f.scanner, len(f.open)-1, r.id)
	f.records = append(f.records, r)
	if r.table.hasIn && p.parent.parent != nil {
		r.place = f.plan.appendIn(r.place[:0], p.parent)
		r.in = r.place
	}
	if f.above != nil {
		r.flat = f.above.nearest(r.flat[:0])
	}
	if s := f.scanner; r.table.withXML && s.keep < 0 && len(s.outer) == 0 {
		s.keep = s.startTagAt
	}
}

// rowOf takes a row of t that is not open.
func (f *flattener) rowOf(t *table) *row {
	if free := f.free[t.number]; len(free) > 0 {
		r := free[len(free)-1]
		f.free[t.number] = free[:len(free)-1]
		return r
	}
	if t.index < 0 {
		return newRow(t, nil, 0, "")
	}
	columns := f.plan.Tables[t.index].Columns
	if t.order != nil {
		columns = t.natural
	}
	return newRow(t, columns, len(columns)-len(t.columns)-t.lastCells(), f.file)
}

// end settles the text and markup of the element that ends, and its row.
func (f *flattener) end() error {
	depth := len(f.open) - 1
	e := &f.open[depth]
	closed := f.scanner.closed()
	if e.place.text >= 0 {
		f.endText(e, closed)
	}
	if e.place.markup >= 0 {
		if err := f.endMarkup(e, closed); err != nil {
			return err
		}
	}
	if value := e.place.value; value >= 0 && e.row.cells[value].end == 0 {
		e.row.set(value, nil)
	}
	f.pending -= len(e.text)
	f.open = f.open[:depth]
	if !e.first {
		return nil
	}
	return f.endRow(e, depth, f.scanner.pos)
}

// endRow gives the row away whose element ends at end in the scanner's text.
func (f *flattener) endRow(e *openElement, depth, end int) error {
	t := e.place.table
	r := e.row
	if t == f.plan.main {
		if err := f.endRecord(e, end); err != nil {
			return err
		}
	}
	f.free[t.number] = append(f.free[t.number], r)
	if t.index < 0 {
		return nil
	}
	if err := f.out.write(r, f.within >= 0); err != nil || depth != f.within {
		return err
	}
	f.within = -1
	return f.out.endRecord()
}

// endRecord takes the record off the stack, and its markup if that has a column.
func (f *flattener) endRecord(e *openElement, end int) error {
	f.records = f.records[:len(f.records)-1]
	f.origins.ended = f.scanner.shape.number
	if !e.row.table.withXML {
		return nil
	}
	s := f.scanner
	written := s.buf[e.start-s.offset : end]
	if len(written) > s.limits.ValueBytes {
		return s.tooLong()
	}
	e.row.xml = append(e.row.xml, written...)
	if s.keep == e.start && len(s.outer) == 0 {
		s.keep = -1
	}
	return nil
}

// keepPartial writes the row of the document as far as it came. The record that
// was open is dropped, and so are rows of child tables.
func (f *flattener) keepPartial() error {
	f.out.dropRecord(f.plan.tables)
	f.within = -1
	for i := len(f.open) - 1; i >= 0; i-- {
		e := &f.open[i]
		if e.row == f.open[0].row && e.place.text >= 0 {
			f.endText(e, &f.scanner.frames[i+1])
		}
	}
	if len(f.open) == 0 || f.open[0].place.table.index < 0 {
		return nil
	}
	return f.out.write(f.open[0].row, false)
}
