package seal

import (
	"bytes"
	"errors"
	"io"
	"sync"
)

// Known is a chunk of a part that was opened: in clear, and as it was stored.
type Known struct {
	Plain  []byte // nobody changes it
	sealed []byte
}

// Know opens the chunk that begins at a place, a multiple of Chunk below Size. It is read each time; what
// was known before, nil if nothing, is the answer if the same bytes are stored still, which takes
// a tenth of decrypting them. So what has changed is noticed as it is by ReadAt, whose errors
// Know has.
func (p *Part) Know(start int64, before *Known) (*Known, error) {
	buffer := storedChunks.Get().(*storedChunk)
	defer storedChunks.Put(buffer)
	at := start / Chunk * (Chunk + tagSize)
	n, err := p.key.living(func() (int, error) { return p.sealed.ReadAt(buffer[:], at) })
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if before != nil && bytes.Equal(before.sealed, buffer[:n]) {
		return before, nil
	}
	now := &Known{Plain: make([]byte, min(Chunk, p.size-start)), sealed: bytes.Clone(buffer[:n])}
	_, err = p.decrypt(readAlready{now.sealed, at}, now.Plain, start)
	return now, err
}

// storedChunk has room for a chunk and a byte more, by which one that is not the last is
// known.
type storedChunk [Chunk + tagSize + 1]byte

var storedChunks = sync.Pool{New: func() any { return new(storedChunk) }}

// readAlready is what was read of a part from a place on.
type readAlready struct {
	content []byte
	at      int64
}

// ReadAt implements io.ReaderAt.
func (r readAlready) ReadAt(p []byte, at int64) (int, error) {
	n := r.take(p, at)
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// take copies to p what is there of it.
func (r readAlready) take(p []byte, at int64) int {
	if at < r.at || at >= r.at+int64(len(r.content)) {
		return 0
	}
	return copy(p, r.content[at-r.at:])
}
