package xmltable

import (
	"io"
	"runtime"
	"sync"
)

// Content is a document that can be read at any place, by several at a time.
type Content interface {
	io.ReaderAt
	io.Closer
}

const (
	pieceBytes  = 2 << 20 // what is worked on at once of a large document
	fewPieces   = 8       // of less, a document is not large
	mostWorkers = 8       // on one document
)

// A piece is a part of a document that can be worked on without what comes before.
type piece struct {
	index      int
	begin, end int64 // in the document
	open       []openTag
	of         *scanned
	done       chan struct{}

	// These belong to the worker until done is closed.
	good   bool
	learnt *learntPiece
	wrote  *writtenPiece
}

// A crew works on pieces of one document ahead of the one goroutine, the foreman,
// that joins them in order. It has as many workers as Options.Helper gives, and one
// more in place of the foreman, who waits meanwhile; without a helper it has none.
type crew struct {
	helper func() (release func(), ok bool)
	find   func(index int) *piece // nil if there is none; not called concurrently
	work   func(*piece)

	mu      sync.Mutex
	next    int // index from which pieces are wanted
	claimed map[int]*piece
	workers int
	inPlace bool // one works in place of the foreman
	closed  bool
	all     sync.WaitGroup
}

// take returns the piece of that index, worked on, or nil where nobody has.
func (c *crew) take(index int) *piece {
	c.staff(index)
	c.mu.Lock()
	p := c.claimed[index]
	delete(c.claimed, index)
	c.mu.Unlock()
	c.staff(index + 1)
	if p != nil {
		<-p.done
	}
	return p
}

// staff sets workers to the pieces from next on.
func (c *crew) staff(next int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next = next
	for {
		p := c.claim()
		if p == nil {
			return
		}
		release, ok := c.hire()
		if !ok {
			delete(c.claimed, p.index)
			return
		}
		c.workers++
		c.all.Go(func() { c.run(p, release) })
	}
}

func (c *crew) hire() (release func(), ok bool) {
	if c.workers > 0 && !c.inPlace {
		c.inPlace = true
		return func() { c.inPlace = false }, true
	}
	if n := runtime.GOMAXPROCS(0); n == 1 || c.workers >= min(mostWorkers, n) {
		return nil, false
	}
	return c.helper()
}

// claim gives out the next piece that nobody works on, within what may wait to be
// joined.
func (c *crew) claim() *piece {
	if c.closed {
		return nil
	}
	for i := c.next; i <= c.next+c.workers+1; i++ {
		if c.claimed[i] != nil {
			continue
		}
		if p := c.find(i); p != nil {
			p.index, p.done = i, make(chan struct{})
			c.claimed[i] = p
			return p
		}
	}
	return nil
}

// run is one worker.
func (c *crew) run(p *piece, release func()) {
	for p != nil {
		c.work(p)
		close(p.done)
		runtime.Gosched() // the foreman's turn, if it is this piece that it waits for
		c.mu.Lock()
		if p = c.claim(); p == nil {
			c.workers--
			release()
		}
		c.mu.Unlock()
	}
}

// reset forgets all pieces; change is called while nobody claims any.
func (c *crew) reset(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.claimed)
	change()
}

// close returns when nobody works any more.
func (c *crew) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.all.Wait()
}

// pieceReader reads a document on from any place, and stops once at its barrier.
type pieceReader struct {
	in      io.ReaderAt
	at      int64
	barrier int64
}

func (r *pieceReader) Read(p []byte) (int, error) {
	if left := r.barrier - r.at; left > 0 && int64(len(p)) > left {
		p = p[:left]
	}
	n, err := r.in.ReadAt(p, r.at)
	r.at += int64(n)
	if n > 0 && err == io.EOF {
		err = nil
	}
	if err == nil && n > 0 && r.at == r.barrier {
		err = errBarrier
	}
	return n, err
}
