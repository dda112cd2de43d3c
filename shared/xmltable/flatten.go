package xmltable

import (
	"context"
	"errors"
	"fmt"
)

// Written is what Plan.Write has written of one document.
type Written struct {
	Rows    []int64 // for each table
	Values  int64   // values that stand in cells, told by looking at the cells
	Partial *SyntaxError
}

// Write is the second pass over a document: it gives the rows to sink.
//
// The plan of a class of documents (Options.Merged) is written by calling Write
// for each Input in order of path; _id counts on from one call to the next. A
// Plan, and the Shape it is made of, may be used by one goroutine at a time.
//
// A document that ends in a *SyntaxError fails with it. With Options.KeepPartial
// it does not: the records that were whole are written, and Written.Partial has
// the error. An error of the sink is returned as it is.
func (p *Plan) Write(ctx context.Context, in Input, sink Sink) (Written, error) {
	f := newFlattener(p, in, sink)
	f.scanner.trusted = !p.shape.partial
	closeInput, err := f.scanner.open(ctx, in)
	if err != nil {
		return Written{}, err
	}
	err = f.scanner.explain(f.run())
	if syntax, ok := errors.AsType[*SyntaxError](err); ok && p.opt.KeepPartial {
		f.written.Partial = syntax
		err = f.keepPartial()
	}
	if closed := closeInput(); err == nil && closed != nil {
		err = fmt.Errorf("close document: %w", closed)
	}
	return f.written, err
}

// A flattener follows the document with a stack of places.
type flattener struct {
	plan    *Plan
	scanner *scanner
	out     output
	written Written

	rows     []*row
	open     []openElement // open[i] belongs to scanner.frames[i+1]
	wholes   []int         // indexes into open of those that gather a whole text
	gathered int           // bytes of whole texts and markup in the record
	pending  int           // bytes of openElement.text in all of open
	within   int           // index into open of the record that is open, or -1
}

// openElement is the flattener's side of a frame.
type openElement struct {
	place *place
	row   *row   // the row it stands in, or is
	first bool   // it is the row's element
	begin int    // a leaf's text, in the row's bytes
	text  []byte // of an element with children
	whole []byte // with the text of what is below
}

func newFlattener(p *Plan, in Input, sink Sink) *flattener {
	f := &flattener{plan: p, within: -1}
	f.scanner = newScanner(p.shape, p.opt)
	f.written.Rows = make([]int64, len(p.Tables))
	f.out = newOutput(p, in, sink, &f.written)
	for i, t := range p.tables {
		f.rows = append(f.rows, newRow(t, p.Tables[i], in.Path))
	}
	if p.document != nil && !p.document.listed {
		f.rows = append(f.rows, newRow(p.document, Table{}, ""))
	}
	return f
}

func (f *flattener) run() error {
	for {
		var err error
		switch f.scanner.next() {
		case tokenStart:
			err = f.start()
		case tokenLeaf:
			err = f.leaf()
		case tokenText:
			err = f.text()
		case tokenEnd:
			err = f.end()
		case tokenDone:
			return nil
		case tokenError:
			return f.scanner.err
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
	if depth == 0 {
		f.startRow(e, f.plan.rootTable(), p)
	} else {
		parent := &f.open[depth-1]
		children := &parent.place.children[f.plan.slots[p.id]]
		switch {
		case children.table != nil:
			f.startRow(e, children.table, p)
		case p.run > int64(len(children.inPlace)):
			return nil, errChanged
		default:
			e.place, e.row, e.first = children.inPlace[p.run-1], parent.row, false
		}
	}
	f.fillAttributes(e.place, e.row)
	return e, f.checkRow(e.row)
}

// leaf is start, text and end of an element without children.
func (f *flattener) leaf() error {
	p := f.scanner.tag.path
	parent := &f.open[len(f.open)-1]
	children := &parent.place.children[f.plan.slots[p.id]]
	if children.table != nil {
		return f.leafRow()
	}
	if p.run > int64(len(children.inPlace)) {
		return errChanged
	}
	at := children.inPlace[p.run-1]
	if len(f.scanner.attributes) > 0 {
		f.fillAttributes(at, parent.row)
	}
	if len(f.wholes) == 0 && at.text >= 0 && !f.scanner.top().preserve {
		parent.row.set(at.text, trim(f.scanner.text))
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
	return f.endRow(e, len(f.open))
}

func (f *flattener) fillLeaf(at *place, r *row) error {
	text := f.scanner.text
	if at.text >= 0 {
		own := text
		if !f.scanner.top().preserve {
			own = trim(own)
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
		r.set(at.attributes[f.plan.attributeSlots[a.attribute.id]], a.value)
	}
}

func (f *flattener) push() *openElement {
	if len(f.open) < cap(f.open) {
		f.open = f.open[:len(f.open)+1]
	} else {
		f.open = append(f.open, openElement{})
	}
	e := &f.open[len(f.open)-1]
	e.text, e.whole = reused(e.text), reused(e.whole)
	return e
}

// startRow makes e the element that starts a row of t.
func (f *flattener) startRow(e *openElement, t *table, p *path) {
	if t == f.plan.tables[0] {
		f.within = len(f.open) - 1
		f.out.beginRecord(f.plan.tables)
	}
	e.place, e.row, e.first = t.row, f.rows[t.index], true
	var parent, around *row
	if len(f.open) > 1 {
		around = f.open[len(f.open)-2].row
	}
	if t.parent != nil {
		parent = around
	}
	e.row.begin(parent, around, p)
	if len(f.wholes) == 0 {
		f.gathered = 0
	}
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
	f.pending -= len(e.text)
	f.open = f.open[:depth]
	if !e.first {
		return nil
	}
	return f.endRow(e, depth)
}

func (f *flattener) endRow(e *openElement, depth int) error {
	if !e.place.table.listed {
		return nil
	}
	if err := f.out.write(e.row, f.within >= 0); err != nil || depth != f.within {
		return err
	}
	f.within = -1
	return f.out.endRecord()
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
	if len(f.open) == 0 || !f.open[0].place.table.listed {
		return nil
	}
	return f.out.write(f.open[0].row, false)
}
