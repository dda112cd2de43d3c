package xmltable

import (
	"context"
	"slices"
	"sync"
)

// splitWrite is the foreman of the second pass. Its pieces lie between checkpoints
// of the first.
type splitWrite struct {
	ctx         context.Context
	in          Input
	content     Content
	crew        crew
	reader      *pieceReader
	flattener   *flattener
	sink        Forker
	checkpoints []checkpoint
	next        int // checkpoint at which the barrier stands
	of          *scanned

	base  *Shape // that workers copy
	opt   Options
	mu    sync.Mutex
	spare []bench
}

// A bench is what one worker needs at a time.
type bench struct {
	plan *Plan // a copy
	fork Sink
}

// writtenPiece is what a worker has made of a piece.
type writtenPiece struct {
	firstIDs, lastIDs []int64 // of all tables, before and after
	top               frame   // of the innermost element around it
	bench             bench   // whose fork has the rows
	records           []mark  // as originNotes has them, lines counted from the piece's first
	breaks            int64   // line breaks
	bytes             int64
	written           Written
}

// splitRun is run, with help where that can be had.
func (f *flattener) splitRun(ctx context.Context, in Input) error {
	p := f.plan
	sink, forks := f.out.sink.(Forker)
	if !forks || len(p.shape.checkpoints) < 2 || p.document == nil || p.flat != nil || p.opt.Merged || p.shape.partial || p.shape.layout != nil || !p.opt.splits(in) || !f.scanner.plain {
		return f.scanner.explain(f.run())
	}
	content, err := in.At(ctx)
	if err != nil {
		return err
	}
	w := &splitWrite{
		ctx: ctx, in: in, content: content, flattener: f, sink: sink, checkpoints: p.shape.checkpoints,
		reader: &pieceReader{in: content, at: f.scanner.markBytes(), barrier: p.shape.checkpoints[0].at},
		base:   p.shape.clone(), opt: p.chosen,
	}
	w.crew = crew{helper: p.opt.Helper, find: w.find, work: w.work, claimed: map[int]*piece{}}
	f.scanner.readPieces(w.reader, w)
	err = f.run()
	w.crew.close()
	if closed := content.Close(); err == nil {
		err = closed
	}
	return f.scanner.explain(err)
}

func (w *splitWrite) find(index int) *piece {
	if index+1 >= len(w.checkpoints) || w.of == nil {
		return nil
	}
	begin, end := &w.checkpoints[index], &w.checkpoints[index+1]
	if begin.instance != end.instance || len(begin.open) != len(end.open) {
		return nil
	}
	return &piece{begin: begin.at, end: end.at, open: begin.open, of: w.of}
}

// passed goes on to the next checkpoint.
func (w *splitWrite) passed(*scanner) { w.goOn(w.next + 1) }

func (w *splitWrite) goOn(index int) {
	for index < len(w.checkpoints) && w.checkpoints[index].at <= w.reader.at {
		index++
	}
	w.next = index
	if index < len(w.checkpoints) {
		w.reader.barrier = w.checkpoints[index].at
		w.crew.staff(index)
	}
}

// arrive is called where the scanner stands at a checkpoint.
func (w *splitWrite) arrive() error {
	s := w.flattener.scanner
	for {
		s.barrier = false
		if w.of == nil {
			of, ok := s.scanned()
			if !ok {
				return nil
			}
			w.crew.reset(func() { w.of = of })
		}
		if !w.ready() {
			w.goOn(w.next + 1)
			return nil
		}
		p := w.crew.take(w.next)
		if p == nil || !p.good || !w.fits(p) {
			w.goOn(w.next + 1)
			return nil
		}
		if err := w.join(p); err != nil {
			return err
		}
		s.jump(p.end)
		w.next++
		w.opt.joined.note(1)
	}
}

// ready reports whether what is open is no record and gathers nothing, so that
// the piece that begins here does not depend on it.
func (w *splitWrite) ready() bool {
	f := w.flattener
	s := f.scanner
	if !s.standsIn(w.checkpoints[w.next].open) || f.within >= 0 || len(f.records) > 0 || len(f.wholes) > 0 || s.keep >= 0 || len(f.out.held) > 0 {
		return false
	}
	if slices.ContainsFunc(f.out.waits, func(waits map[int64]heldRow) bool { return len(waits) > 0 }) {
		return false
	}
	top := &f.open[len(f.open)-1]
	return top.row != nil && top.row.size()+f.pending <= keptBytes
}

// fits reports whether p begins with the numbers that have come.
func (w *splitWrite) fits(p *piece) bool {
	for i, t := range w.flattener.plan.tables {
		if p.wrote.firstIDs[i] != t.lastID {
			return false
		}
	}
	return true
}

// join gives on what a worker has made of a piece.
func (w *splitWrite) join(p *piece) error {
	f, o := w.flattener, p.wrote
	if f.out.bytes += o.bytes; f.out.bytes > f.out.limitBytes {
		return f.out.tooLarge()
	}
	if err := w.sink.Join(o.bench.fork); err != nil {
		return err
	}
	w.putBack(o.bench)
	f.origins.join(f.scanner, o)
	f.written.Account.add(o.written.Account)
	for i, n := range o.written.Rows {
		f.written.Rows[i] += n
	}
	for i, t := range f.plan.tables {
		if o.lastIDs[i] > t.lastID {
			t.lastID = o.lastIDs[i]
			f.out.given[i] = t.lastID
		}
	}
	top := f.scanner.top()
	top.own.join(&o.top.own)
	top.children, top.awaits, top.last = true, true, nil
	runs := map[int]int64{}
	for _, r := range w.checkpoints[w.next+1].runs {
		runs[r.id] = r.run
	}
	for _, c := range top.tag.path.children {
		if run := runs[c.id]; run > 0 {
			c.run, c.runIn = run, top.number
		}
	}
	return nil
}

// work writes a piece.
func (w *splitWrite) work(p *piece) {
	defer recoverPiece(p)
	b := w.takeBench()
	if b.plan == nil || b.fork == nil {
		return
	}
	p.wrote = &writtenPiece{bench: b}
	f := newFlattener(b.plan, w.in, b.fork)
	p.good = f.writePiece(w, p)
}

func (w *splitWrite) takeBench() bench {
	w.mu.Lock()
	if n := len(w.spare); n > 0 {
		b := w.spare[n-1]
		w.spare = w.spare[:n-1]
		w.mu.Unlock()
		return b
	}
	w.mu.Unlock()
	plan, err := Choose(w.ctx, w.base.clone(), w.opt)
	if err != nil {
		return bench{}
	}
	return bench{plan, w.sink.Fork()}
}

// putBack takes a bench whose rows were taken.
func (w *splitWrite) putBack(b bench) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.spare = append(w.spare, b)
}

// writePiece writes a piece to a fork of the sink. It is false where the
// piece can only be written by who has come to it.
func (f *flattener) writePiece(w *splitWrite, p *piece) bool {
	s, o := f.scanner, p.wrote
	c := &w.checkpoints[p.index]
	if !s.openPiece(w.ctx, w.content, p) {
		return false
	}
	defer s.release()
	for _, r := range c.runs {
		if child := s.top().tag.path.childOf(r.id); child != nil {
			child.run, child.runIn = r.run, s.top().number
		}
	}
	for _, t := range f.plan.tables {
		t.lastID = t.kin.counted(c.counts)
		f.out.given[t.number] = t.lastID
	}
	if !f.openAround() {
		return false
	}
	for _, t := range f.plan.tables {
		o.firstIDs = append(o.firstIDs, t.lastID)
	}
	f.out.limitBytes = rowsOfPiece*(p.end-p.begin) + keptBytes
	f.origins.gathers = true
	if f.run() != nil || !f.untouched() || len(f.wholes) > 0 || len(f.records) > 0 {
		return false
	}
	for _, t := range f.plan.tables {
		o.lastIDs = append(o.lastIDs, t.lastID)
		if len(f.out.waits[t.number]) > 0 {
			return false
		}
	}
	o.top, o.bytes, o.written = *s.top(), f.out.bytes, f.written
	o.records, o.breaks = f.origins.marks, s.window.origin.breaksBefore(&s.window, s.end)
	return !o.top.own.solid
}

// childOf is p's child with that id.
func (p *path) childOf(id int) *path {
	for _, c := range p.children {
		if c.id == id {
			return c
		}
	}
	return nil
}

// counted is how many of k have ended, by the counts of a checkpoint.
func (k *kin) counted(counts []int64) (n int64) {
	for _, p := range k.paths {
		if p.id < len(counts) {
			n += counts[p.id]
		}
	}
	return n
}

// openAround opens what is open around a piece. It is false where that is a record
// or has a text of its own.
func (f *flattener) openAround() bool {
	s := f.scanner
	for i := 1; i < len(s.frames); i++ {
		path := s.frames[i].tag.path
		e := f.push()
		e.first = false
		if i == 1 {
			if !f.openRow(e, f.plan.rootTable()) {
				return false
			}
			continue
		}
		parent := &f.open[i-2]
		if parent.place.words || parent.place.children == nil {
			return false
		}
		children := &parent.place.children[f.plan.slots[path.id]]
		run := f.plan.runOf(path)
		switch {
		case children.words:
			return false
		case run <= int64(len(children.inPlace)):
			e.place, e.row = children.inPlace[run-1], parent.row
		case children.table == nil || !f.openRow(e, children.table):
			return false
		}
	}
	top := f.open[len(f.open)-1].place
	return top.text < 0 && top.markup < 0 && top.value < 0 && top.children != nil
}

// openRow opens the row that e is in, of which nothing is known but its number.
func (f *flattener) openRow(e *openElement, t *table) bool {
	if t == f.plan.main {
		return false
	}
	e.place, e.row, e.first = t.row, f.rowOf(t), true
	e.row.begin(1, 0, nil)
	e.row.around = keptBytes // as much may stand in it
	return true
}

// untouched reports whether nothing has come into the rows around the piece.
func (f *flattener) untouched() bool {
	for i := range f.open {
		e := &f.open[i]
		if len(e.text) > 0 || e.row.present() > 0 {
			return false
		}
	}
	return len(f.open) == len(f.scanner.frames)-1
}

// rowsOfPiece is how many times its length the rows of a piece may be.
const rowsOfPiece = 4
