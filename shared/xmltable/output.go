package xmltable

import (
	"bytes"

	"ret/shared/fault"
)

// output gives finished rows to the sink, in the order in which they began, counts
// them, and keeps a small document from becoming a huge table.
type output struct {
	sink    Sink
	tables  []*table
	written *Written
	auditor *auditor

	bytes, limitBytes int64

	holding bool      // the record may not be whole: its rows wait for its end
	held    []heldRow // of the record
	ids     []int64   // of the tables when the record began

	given  []int64             // the last row of each table that the sink has
	waits  []map[int64]heldRow // rows that wait for those around them, of each table
	size   int                 // bytes of all that is held or waits
	limits Limits

	plant func(table int, cells [][]byte) // makes a fault for a test to find
}

type heldRow struct {
	table   *table
	id      int64
	cells   [][]byte
	account Account
}

const bytesOfCell = 24 // a slice

func newOutput(p *Plan, in Input, sink Sink, written *Written) output {
	l := p.opt.Limits
	o := output{
		sink: sink, tables: p.tables, written: written, limits: l,
		limitBytes: max(l.OutputFloorBytes, int64(l.OutputRatio)*in.Size),
		holding:    p.shape.partial && p.document != nil,
		given:      make([]int64, len(p.tables)),
		waits:      make([]map[int64]heldRow, len(p.tables)),
	}
	for i, t := range p.tables {
		o.given[i] = t.lastID
	}
	return o
}

// beginAgain makes o, from which everything was given, the output of another
// document.
func (o *output) beginAgain(in Input, sink Sink) {
	o.sink, o.bytes = sink, 0
	o.limitBytes = max(o.limits.OutputFloorBytes, int64(o.limits.OutputRatio)*in.Size)
	for i, t := range o.tables {
		o.given[i] = t.lastID
	}
}

// write gives r to the sink, or holds it back if it is of a record that may not be
// whole, or lies within a row that is still open.
func (o *output) write(r *row, ofRecord bool) error {
	cells := r.finish()
	if o.plant != nil {
		o.plant(r.table.index, cells)
	}
	account := r.account(o.auditor, cells)
	cells = r.arranged(cells)
	if err := o.measure(r); err != nil {
		return err
	}
	switch {
	case o.holding && ofRecord:
		h, err := o.hold(r, cells, account)
		o.held = append(o.held, h)
		return err
	case r.id != o.given[r.table.number]+1:
		h, err := o.hold(r, cells, account)
		o.wait(h)
		return err
	}
	return o.give(heldRow{r.table, r.id, cells, account})
}

// measure adds up what the tables hold.
func (o *output) measure(r *row) error {
	o.bytes += int64(len(r.bytes) + len(r.xml) + len(r.out))
	for i := range r.table.flat {
		o.bytes += int64(len(r.out[r.own+len(r.cells)+i]))
	}
	if o.bytes > o.limitBytes {
		return o.tooLarge()
	}
	return nil
}

func (o *output) tooLarge() error {
	return fault.New(fault.TooLarge,
		"The tables would be over %d bytes, far more than the document. Choose another record.", o.limitBytes)
}

func (o *output) hold(r *row, cells [][]byte, account Account) (heldRow, error) {
	h := heldRow{r.table, r.id, cloneCells(cells), account}
	if o.size += h.bytes(); o.size > o.limits.gatheredBytes() {
		return h, fault.New(fault.TooLarge,
			"A record's rows are together over %d bytes, too much to keep until its end is seen. Choose another record.", o.limits.gatheredBytes())
	}
	return h, nil
}

func (h heldRow) bytes() int {
	n := bytesOfCell * len(h.cells)
	for _, c := range h.cells {
		n += len(c)
	}
	return n
}

func (o *output) wait(h heldRow) {
	at := h.table.number
	if o.waits[at] == nil {
		o.waits[at] = map[int64]heldRow{}
	}
	o.waits[at][h.id] = h
}

// give gives a row to the sink, and those that have waited for it.
func (o *output) give(h heldRow) error {
	at := h.table.number
	for {
		o.given[at] = h.id
		o.written.Rows[h.table.index]++
		o.written.Account.add(h.account)
		if err := o.sink.Row(h.table.index, h.cells); err != nil {
			return err
		}
		if len(o.waits[at]) == 0 {
			return nil
		}
		next, waits := o.waits[at][h.id+1]
		if !waits {
			return nil
		}
		delete(o.waits[at], next.id)
		o.size -= next.bytes()
		h = next
	}
}

// beginRecord remembers what dropRecord has to restore.
func (o *output) beginRecord(tables []*table) {
	if !o.holding {
		return
	}
	o.ids = o.ids[:0]
	for _, t := range tables {
		o.ids = append(o.ids, t.lastID)
	}
}

// endRecord gives on what was held: the record is whole.
func (o *output) endRecord() error {
	for _, h := range o.held {
		o.size -= h.bytes()
		if h.id != o.given[h.table.number]+1 {
			o.size += h.bytes()
			o.wait(h)
			continue
		}
		if err := o.give(h); err != nil {
			return err
		}
	}
	o.held = o.held[:0]
	return nil
}

// dropRecord forgets a record that is not whole.
func (o *output) dropRecord(tables []*table) {
	o.held = nil
	for i, id := range o.ids {
		tables[i].lastID = id
	}
}

func cloneCells(cells [][]byte) [][]byte {
	clone := make([][]byte, len(cells))
	for i, c := range cells {
		clone[i] = bytes.Clone(c)
	}
	return clone
}
