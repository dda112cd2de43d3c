package files

import (
	"bufio"
	"io"
	"sync"

	"ret/shared/seal"
)

// sealedWriter encrypts what is written to a file. Several chunks go to the file at a
// time: written chunk by chunk, a file takes more than twice the time, and it is slower to
// read, since it lies in the system's memory as it was written. It is used by one goroutine.
type sealedWriter struct {
	*seal.Writer
	gathered gathered
}

// newSealedWriter writes to a file what begins a part of the session's, as seal.Key.NewWriter does.
func newSealedWriter(key *seal.Key, file io.Writer, bound []byte) (*sealedWriter, error) {
	w := &sealedWriter{gathered: gathered{file: file}}
	var err error
	w.Writer, err = key.NewWriter(&w.gathered, bound)
	return w, err
}

// Close writes the part's end. It does not close the file.
func (w *sealedWriter) Close() error {
	if err := w.Writer.Close(); err != nil {
		return err
	}
	return w.gathered.flush()
}

// gathered is what is encrypted and not in the file yet. It takes memory from the first
// chunk until the flush.
type gathered struct {
	file   io.Writer
	buffer *bufio.Writer
}

const gatheredBytes = 64 << 10

var gatheredBuffers = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, gatheredBytes) }}

func (g *gathered) Write(p []byte) (int, error) {
	if g.buffer == nil {
		g.buffer = gatheredBuffers.Get().(*bufio.Writer)
		g.buffer.Reset(g.file)
	}
	return g.buffer.Write(p)
}

func (g *gathered) flush() error {
	if g.buffer == nil {
		return nil
	}
	err := g.buffer.Flush()
	g.buffer.Reset(nil)
	gatheredBuffers.Put(g.buffer)
	g.buffer = nil
	return err
}
