package xmltable

import (
	"bytes"

	"ret/shared/fault"
)

// output gives finished rows to the sink, counts them, and keeps a small document
// from becoming a huge table.
type output struct {
	sink    Sink
	written *Written

	bytes, limitBytes int64

	holding                   bool // the record may not be whole: its rows wait for its end
	held                      []heldRow
	heldBytes, limitHeldBytes int
	ids                       []int64 // of the tables when the record began
}

const bytesOfCell = 24 // a slice

type heldRow struct {
	table  int
	cells  [][]byte
	values int64
}

func newOutput(p *Plan, in Input, sink Sink, written *Written) output {
	l := p.opt.Limits
	return output{
		sink: sink, written: written,
		limitBytes:     max(l.OutputFloorBytes, int64(l.OutputRatio)*in.Size),
		holding:        p.shape.partial && p.document != nil,
		limitHeldBytes: p.opt.Limits.gatheredBytes(),
	}
}

// write gives r to the sink, or holds it back if it is of a record.
func (o *output) write(r *row, ofRecord bool) error {
	cells := r.finish()
	o.bytes += int64(len(r.bytes) + len(cells))
	if o.bytes > o.limitBytes {
		return fault.New(fault.TooLarge,
			"The tables would be over %d bytes, far more than the document. Choose another record.", o.limitBytes)
	}
	if o.holding && ofRecord {
		if o.heldBytes += len(r.bytes) + bytesOfCell*len(cells); o.heldBytes > o.limitHeldBytes {
			return fault.New(fault.TooLarge,
				"A record's rows are together over %d bytes, too much to keep until its end is seen. Choose another record.", o.limitHeldBytes)
		}
		o.held = append(o.held, heldRow{r.table.index, cloneCells(cells), r.values(cells)})
		return nil
	}
	return o.give(r.table.index, cells, r.values(cells))
}

func (o *output) give(table int, cells [][]byte, values int64) error {
	o.written.Rows[table]++
	o.written.Values += values
	return o.sink.Row(table, cells)
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
		if err := o.give(h.table, h.cells, h.values); err != nil {
			return err
		}
	}
	o.held, o.heldBytes = o.held[:0], 0
	return nil
}

// dropRecord forgets a record that is not whole.
func (o *output) dropRecord(tables []*table) {
	o.held, o.heldBytes = nil, 0
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
