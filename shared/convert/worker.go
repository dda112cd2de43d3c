package convert

import (
	"bytes"
	"context"
	"io"

	"ret/shared/archive"
	"ret/shared/xmltable"
)

// smallBytes is the size up to which a document is unpacked once and kept for the
// second pass.
const smallBytes = 1 << 20

// worker is what one goroutine reuses from document to document.
type worker struct {
	progress *progress
	buf      bytes.Buffer
	learner  *xmltable.Learner // where each document has tables of its own
}

// input makes e readable for both passes. It holds until the worker's next one.
func (w *worker) input(e *archive.Entry) xmltable.Input {
	open := e.Open
	if e.Size() <= smallBytes {
		open = w.keep(e)
	}
	in := xmltable.Input{Path: e.Path(), Size: e.Size(), Open: func(ctx context.Context) (io.ReadCloser, error) {
		r, err := open(ctx)
		if err != nil {
			return nil, err
		}
		return &countingReader{r, w.progress}, nil
	}}
	if at := e.At(); at != nil && e.Size() > smallBytes {
		in.At = func(ctx context.Context) (xmltable.Content, error) {
			content, err := at(ctx)
			if err != nil {
				return nil, err
			}
			return &countingContent{content, w.progress}, nil
		}
	}
	return in
}

// keep unpacks e into the worker's buffer when it is first opened.
func (w *worker) keep(e *archive.Entry) func(context.Context) (io.ReadCloser, error) {
	kept := false
	return func(ctx context.Context) (io.ReadCloser, error) {
		if !kept {
			if err := w.unpack(ctx, e); err != nil {
				return nil, err
			}
			kept = true
		}
		return io.NopCloser(bytes.NewReader(w.buf.Bytes())), nil
	}
}

func (w *worker) unpack(ctx context.Context, e *archive.Entry) error {
	r, err := e.Open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	w.buf.Reset()
	_, err = w.buf.ReadFrom(r)
	return err
}

// countingReader tells the progress what is read.
type countingReader struct {
	io.ReadCloser
	progress *progress
}

func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	r.progress.bytes.Add(int64(n))
	return n, err
}

// countingContent tells the progress what is read, by whomever.
type countingContent struct {
	xmltable.Content
	progress *progress
}

func (c *countingContent) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.Content.ReadAt(p, off)
	c.progress.bytes.Add(int64(n))
	return n, err
}
