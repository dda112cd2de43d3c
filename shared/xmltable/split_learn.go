package xmltable

import (
	"context"
	"io"
)

// splitScan is the foreman of the first pass.
type splitScan struct {
	ctx     context.Context
	opt     Options
	in      io.ReaderAt
	content Content
	size    int64
	length  int64 // of a piece
	crew    crew
	reader  *pieceReader
	scanner *scanner
	next    int // index of the place that the barrier stands at

	// These change only while nobody claims pieces.
	guess *guess
	of    *scanned
	begin map[int]int64 // of pieces, as far as looked for; -1 for none

	checkpoints []checkpoint
	keptBytes   int // of them
	full        bool
}

// learntPiece is what a worker has learnt of a piece.
type learntPiece struct {
	shape *Shape
	top   frame // of the innermost element around it
}

// A checkpoint is a place between elements, from which the second pass can start.
type checkpoint struct {
	at       int64
	open     []openTag
	instance uint64  // the number of the innermost open element
	runs     []idRun // of its children
	counts   []int64 // of elements that have ended, by path
}

type idRun struct {
	id  int
	run int64
}

const (
	checkpointBytes = 8 << 20 // all checkpoints of a document
	namesInPieces   = 20_000  // more than so many names are learnt by one goroutine alone
	nameBytesSplit  = 4 << 20
)

func newSplitScan(ctx context.Context, s *scanner, content io.ReaderAt, in Input, opt Options, begin int64) *splitScan {
	f := &splitScan{
		ctx: ctx, opt: opt, in: content, size: in.Size, length: int64(opt.piece()), scanner: s,
		reader: &pieceReader{in: content, at: begin}, begin: map[int]int64{}, next: 1,
	}
	f.reader.barrier = f.length
	f.crew = crew{helper: opt.Helper, find: f.find, work: f.work, claimed: map[int]*piece{}}
	return f
}

// beginOf is where a piece begins, or -1.
func (f *splitScan) beginOf(index int) int64 {
	if f.guess == nil {
		return -1
	}
	at, known := f.begin[index]
	if !known {
		at = f.guess.find(f.in, int64(index)*f.length, min(f.size, int64(index+1)*f.length))
		f.begin[index] = at
	}
	return at
}

func (f *splitScan) find(index int) *piece {
	begin := f.beginOf(index)
	if begin < 0 {
		return nil
	}
	end := f.beginOf(index + 1)
	if end < 0 {
		return nil
	}
	return &piece{begin: begin, end: end, open: f.guess.open, of: f.of}
}

// work learns a piece.
func (f *splitScan) work(p *piece) {
	defer recoverPiece(p)
	sh := newShape()
	sh.prepare(f.opt)
	s := newScanner(sh, f.opt)
	s.learns = true
	if !s.openPiece(f.ctx, f.in, p) {
		return
	}
	err := sh.learn(s)
	top := *s.top()
	s.release()
	sh.number = s.shape.number
	p.learnt = &learntPiece{sh, top}
	p.good = err == nil && sh.names <= namesInPieces
}

// recoverPiece leaves a piece that makes a worker fail to the foreman.
func recoverPiece(p *piece) {
	if recover() != nil {
		p.good = false
	}
}

// arrive is called where the scanner stands at the barrier, between elements.
func (f *splitScan) arrive() error {
	s := f.scanner
	for {
		s.barrier = false
		f.note()
		if !f.standsAtNext() {
			f.passed(s)
			return nil
		}
		p := f.crew.take(f.next)
		if p == nil || !p.good || !f.join(p) {
			f.goOn(f.next + 1)
			return nil
		}
		if f.tooMuch() {
			return errAlone
		}
		s.jump(p.end)
		f.next++
		f.opt.joined.note(0)
	}
}

// standsAtNext reports whether the scanner stands where the next piece begins.
func (f *splitScan) standsAtNext() bool {
	f.crew.mu.Lock()
	defer f.crew.mu.Unlock()
	return f.beginOf(f.next) == f.reader.at && f.scanner.standsIn(f.guess.open)
}

// passed guesses anew, for what was guessed does not hold here.
func (f *splitScan) passed(s *scanner) {
	of, ok := s.scanned()
	g := s.guess()
	if !ok {
		return
	}
	if !f.guess.same(g) {
		f.crew.reset(func() {
			f.guess, f.of = g, of
			clear(f.begin)
		})
	}
	f.goOn(int(f.reader.at / f.length))
}

// goOn sets the barrier to the next place where a piece may begin.
func (f *splitScan) goOn(index int) {
	f.crew.mu.Lock()
	at := f.beginOf(index)
	if at >= 0 && at <= f.reader.at {
		index++
		at = f.beginOf(index)
	}
	f.crew.mu.Unlock()
	if at < 0 {
		at = max(f.reader.at+1, int64(index+1)*f.length)
	}
	f.next, f.reader.barrier = index, at
	f.crew.staff(index)
}

// tooMuch reports whether the document has so many names that they have to be
// counted one by one.
func (f *splitScan) tooMuch() bool {
	sh := f.scanner.shape
	return sh.names > namesInPieces || sh.nameBytes > nameBytesSplit
}

// join adds what was learnt of a piece that begins where the scanner stands.
func (f *splitScan) join(p *piece) bool {
	s, o := f.scanner, p.learnt.shape
	top, theirs := s.top(), &p.learnt.top
	mine, their := top.tag.path, theirs.tag.path
	if top.own.bytes+theirs.own.bytes > s.limits.ValueBytes/2 {
		return false // its text may be too long
	}
	if their.namedIn == theirs.number && their.namedIn != 0 {
		if mine.namedIn == top.number {
			o.namedHolders--
		}
		mine.namedIn = top.number
	}
	before := map[*path]int64{}
	for _, c := range mine.children {
		if c.runIn == top.number {
			before[c] = c.run
		}
	}
	s.shape.mergePiece(o)
	for _, c := range their.children {
		if c.runIn != theirs.number {
			continue
		}
		to := mine.child(c.known)
		if n := before[to]; n > 0 {
			to.holders--
		}
		to.run, to.runIn = before[to]+c.run, top.number
		to.most = max(to.most, to.run)
	}
	top.own.join(&theirs.own)
	top.children, top.awaits, top.last = true, theirs.awaits, nil
	return true
}

// note notes a checkpoint where the scanner stands.
func (f *splitScan) note() {
	s := f.scanner
	if f.full || len(s.frames) < 2 {
		return
	}
	open, ok := s.openTags(len(s.frames) - 1)
	if !ok || s.mode != inContent || len(s.outer) > 0 {
		return
	}
	sh, top := s.shape, s.top()
	c := checkpoint{at: f.reader.at, open: open, instance: top.number, counts: make([]int64, sh.paths)}
	for _, child := range top.tag.path.children {
		if child.runIn == top.number {
			c.runs = append(c.runs, idRun{child.id, child.run})
		}
	}
	sh.document.path.countInto(c.counts)
	f.keptBytes += 8*len(c.counts) + 16*len(c.runs) + 64*len(open)
	if f.full = f.keptBytes > checkpointBytes; f.full {
		f.checkpoints = nil
		return
	}
	f.checkpoints = append(f.checkpoints, c)
}

// countInto sets the counts of p and all below by id.
func (p *path) countInto(counts []int64) {
	for _, c := range p.children {
		counts[c.id] = c.count
		for _, k := range c.keyed {
			counts[k.id] = k.count
			k.countInto(counts)
		}
		c.countInto(counts)
	}
}

// mergePiece adds what was learnt of a later piece of the same document.
func (sh *Shape) mergePiece(o *Shape) {
	m := merging{shape: sh, later: sh.ranks, piece: true}
	m.path(sh.document.path, o.document.path)
	sh.ranks += o.ranks
	sh.values += o.values
	sh.bytes += o.bytes
	sh.layoutBytes += o.layoutBytes
	sh.namedHolders += o.namedHolders
	for _, w := range o.warnings {
		sh.warn(w)
	}
}

// join adds the text that follows.
func (o *ownText) join(next *ownText) {
	o.bytes += next.bytes
	switch {
	case !next.solid && !o.solid:
		o.lead += next.lead
		o.leadBreaks = o.leadBreaks || next.leadBreaks
	case !next.solid:
		o.trail += next.lead
		o.trailBreaks = o.trailBreaks || next.leadBreaks
	default:
		if !o.solid {
			o.lead += next.lead
			o.leadBreaks = o.leadBreaks || next.leadBreaks
		}
		o.solid, o.trail, o.trailBreaks = true, next.trail, next.trailBreaks
	}
}

// split lets the scanner of a large document share its work. It returns nil where
// that cannot be.
func (sh *Shape) split(ctx context.Context, s *scanner, in Input, opt Options) (*splitScan, error) {
	if !opt.splits(in) || !s.plain {
		return nil, nil
	}
	content, err := in.At(ctx)
	if err != nil {
		return nil, err
	}
	f := newSplitScan(ctx, s, content, in, opt, s.markBytes())
	f.content = content
	s.readPieces(f.reader, f)
	return f, nil
}

// end is called where the scanner has come to the end or to an error. An error is
// only known exactly to one goroutine alone.
func (f *splitScan) end(err error) error {
	f.crew.close()
	if closed := f.content.Close(); err == nil {
		err = closed
	}
	switch {
	case f.ctx.Err() != nil:
		return f.ctx.Err()
	case err != nil:
		return errAlone
	}
	f.scanner.shape.checkpoints = f.checkpoints
	return nil
}
