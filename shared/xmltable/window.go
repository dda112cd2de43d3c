package xmltable

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"sync"
)

const (
	windowBytes = 128 << 10 // fits a core's cache, and makes system calls rare
	slackBytes  = 8         // zero bytes after the text: a sentinel, and room for 8-byte loads
	aheadBytes  = 32        // the least that half a window holds
)

// A window is the part of a document that is in memory: buf[:end] is UTF-8 with
// line ends made LF, checked for forbidden characters, and buf[pos:end] is what
// the scanner has not taken yet. A zero byte, which no document may hold, stands
// at buf[end], so that loops need no second condition to stop.
type window struct {
	buf      []byte
	pos, end int

	ctx     context.Context
	src     io.Reader // what the decoder gives
	check   checker
	trusted bool   // an earlier pass has checked these bytes
	held    []byte // read, but cut within a character or between CR and LF
	ended   bool   // src has no more
	failure error  // what stops the input; told when the text before it is used up

	pieces  *pieceReader // src, if that has a barrier
	barrier bool         // … and has come to it

	places *places // where in the document a repaired text comes from; nil for others
	origin *origin // where in the document any text comes from; nil where nobody asks

	offset       int64 // of buf[0] from the start of the text
	line, column int   // of buf[0], from 1
	keep         int64 // offset from which text must stay; -1 for none
	limitBytes   int   // how much text may have to stay
}

var windows = sync.Pool{New: func() any { b := make([]byte, windowBytes); return &b }}

func (w *window) open(ctx context.Context, src io.Reader, size int) {
	*w = window{
		buf: newBuffer(size), ctx: ctx, src: src, trusted: w.trusted, check: w.check, places: w.places,
		line: 1, column: 1, keep: -1, limitBytes: w.limitBytes,
	}
	clear(w.buf[:slackBytes])
}

func newBuffer(size int) []byte {
	if size == 0 {
		return *windows.Get().(*[]byte)
	}
	return make([]byte, max(size, 2*aheadBytes))
}

// release gives the memory back; the window is of no use afterwards.
func (w *window) release() {
	if len(w.buf) == windowBytes {
		b := w.buf
		windows.Put(&b)
	}
	w.buf = nil
}

// more reads on. Text from pos, or from keep if that is earlier, stays and moves
// to the front. It returns false where the document ends or w.failure says why
// it cannot go on.
func (w *window) more() bool {
	if w.failure != nil || w.ended {
		return false
	}
	w.forget()
	if w.end > w.limitBytes {
		w.failure = w.errorAt(w.pos, fmt.Sprintf("a value or tag is over the limit of %d bytes", w.limitBytes))
		return false
	}
	if w.end > len(w.buf)/2 && len(w.buf) < w.limitBytes+2*windowBytes {
		w.grow()
	}
	before := w.end
	for w.end == before && w.failure == nil && !w.ended {
		w.read()
	}
	clear(w.buf[w.end : w.end+slackBytes])
	return w.end > before
}

func (w *window) forget() {
	n := w.pos
	if w.keep >= 0 && int(w.keep-w.offset) < n {
		n = int(w.keep - w.offset)
	}
	if n == 0 {
		return
	}
	switch {
	case w.trusted:
	case w.places != nil:
		w.places.forgetBefore(w.offset+int64(n), w.offset, w.buf)
	default:
		w.keepPlace(n)
	}
	if w.origin != nil {
		w.origin.forget(w, n)
	}
	copy(w.buf, w.buf[n:w.end])
	w.offset += int64(n)
	w.pos -= n
	w.end -= n
}

// keepPlace makes line and column those of buf[n].
func (w *window) keepPlace(n int) {
	line := 1 + w.check.lines - bytes.Count(w.buf[n:w.end], []byte{'\n'})
	if line == w.line {
		w.column += w.check.characters(w.buf[:n])
		return
	}
	w.line, w.column = line, w.columnAt(n)
}

func (w *window) grow() {
	larger := make([]byte, max(len(w.buf)+aheadBytes, min(2*len(w.buf), w.limitBytes+2*windowBytes)))
	copy(larger, w.buf[:w.end])
	w.release()
	w.buf = larger
}

// read appends one buffer of text. It lets others have a turn: under wasm there is
// one thread and nothing preempts, so that a garbage collection that has begun
// would not end before the document, and its write barriers cost three times the
// scanning.
func (w *window) read() {
	runtime.Gosched()
	if err := w.ctx.Err(); err != nil {
		w.failure = err
		return
	}
	start := w.end
	n := start + copy(w.buf[start:], w.held)
	w.held = w.held[:0]
	got, err := io.ReadFull(w.src, w.buf[n:len(w.buf)-slackBytes])
	n += got
	switch err {
	case nil, errBarrier:
	case io.EOF, io.ErrUnexpectedEOF:
		w.ended = true
	default:
		w.failure = fmt.Errorf("read document: %w", err)
	}
	w.barrier = w.pieces != nil && w.pieces.at == w.pieces.barrier
	w.accept(w.buf[start:n])
	if w.origin != nil {
		w.origin.took(w, start, n-start-len(w.held))
	}
}

// jump leaves out what comes, up to where src will go on.
func (w *window) jump() {
	w.offset += int64(w.end)
	w.pos, w.end, w.barrier, w.ended = 0, 0, false, false
	clear(w.buf[:slackBytes])
}

// accept takes what was read behind end, as far as it is good text.
func (w *window) accept(b []byte) {
	if len(b) > 0 && b[len(b)-1] == '\r' && !w.ended {
		w.held = append(w.held, '\r')
		b = b[:len(b)-1]
	}
	b = normalizeLineEnds(b)
	if w.trusted {
		w.hold(b, len(b)-incompleteTail(b))
		return
	}
	good, problem := w.check.check(b)
	if good < len(b) && problem == "" && w.ended {
		problem = "expected the rest of a character, found the end of the document"
	}
	if problem != "" {
		w.end += good
		w.failure = w.errorAt(w.end, problem)
		return
	}
	w.hold(b, good)
}

// hold takes b[:n] and holds the rest back until more has been read.
func (w *window) hold(b []byte, n int) {
	if rest := b[n:]; len(rest) > 0 {
		w.held = append(append([]byte(nil), rest...), w.held...)
	}
	w.end += n
}

// columnAt gives the column of buf[i].
func (w *window) columnAt(i int) int {
	b := w.buf[:i]
	if last := bytes.LastIndexByte(b, '\n'); last >= 0 {
		return 1 + w.check.characters(b[last+1:])
	}
	return w.column + w.check.characters(b)
}

// errorAt gives the place of buf[i]. A pass over checked text does not keep
// count: nothing in the text can stop it, only a limit on what becomes of it.
func (w *window) errorAt(i int, message string) *SyntaxError {
	if w.trusted {
		return &SyntaxError{Message: message}
	}
	if w.places != nil {
		line, column := w.places.of(w.offset+int64(i), w.offset, w.buf)
		return &SyntaxError{Line: line, Column: column, Message: message}
	}
	return &SyntaxError{
		Line:    w.line + bytes.Count(w.buf[:i], []byte{'\n'}),
		Column:  w.columnAt(i),
		Message: message,
	}
}
