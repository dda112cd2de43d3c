package archive

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"sync"

	"github.com/klauspost/compress/flate"

	"ret/shared/fault"
)

const flagEncrypted = 1

// openZip reads an archive's directory. It fails with a sentence for a person
// where r is no ZIP, or holds so many more than maxFiles that even listing the
// surplus as failed would cost too much.
func openZip(r io.ReaderAt, size int64, maxFiles int) (*zip.Reader, error) {
	guard := &directoryGuard{r: r, left: 2*maxFiles + 10_000}
	zr, err := zip.NewReader(guard, size)
	guard.r, guard.left = r, -1
	switch {
	case err == nil, errors.Is(err, zip.ErrInsecurePath):
	case errors.Is(err, errTooManyEntries):
		return nil, fault.Wrap(fault.TooLarge, err, "The archive holds far more than %d files. Split it.", maxFiles)
	default:
		return nil, notZip(r, size, err)
	}
	zr.RegisterDecompressor(zip.Deflate, newInflater)
	return zr, nil
}

// notZip finds out why an archive has no readable directory, which stands at its
// end.
func notZip(r io.ReaderAt, size int64, err error) error {
	head := make([]byte, SniffBytes)
	n, readErr := r.ReadAt(head, 0)
	switch {
	case readErr != nil && readErr != io.EOF:
		return readErr
	case size == 0:
		return fault.Wrap(fault.Invalid, err, "The archive is empty: it has no bytes at all.")
	case looksLikeZip(head[:n]):
		return fault.Wrap(fault.Invalid, err, "The archive is damaged or cut off: its table of contents, which stands at its end, cannot be read. Copy or download it again.")
	}
	return fault.Wrap(fault.Invalid, err, "This is not a ZIP archive, though its name says so.")
}

var errTooManyEntries = errors.New("too many entries")

// directoryGuard keeps zip.NewReader, which holds a whole directory in memory,
// from reading a hostile one to its end: it counts the records that pass by.
type directoryGuard struct {
	r    io.ReaderAt
	left int // records; negative once the directory is read
}

func (g *directoryGuard) ReadAt(p []byte, off int64) (int, error) {
	n, err := g.r.ReadAt(p, off)
	if g.left < 0 {
		return n, err
	}
	if g.left -= bytes.Count(p[:n], []byte("PK\x01\x02")); g.left < 0 {
		return 0, errTooManyEntries
	}
	return n, err
}

// inflaters are reused, because one costs more memory than a small file.
var inflaters sync.Pool

type inflater struct {
	r      io.ReadCloser
	closed bool
}

func newInflater(r io.Reader) io.ReadCloser {
	if f, ok := inflaters.Get().(io.ReadCloser); ok {
		if err := f.(flate.Resetter).Reset(r, nil); err == nil {
			return &inflater{r: f}
		}
	}
	return &inflater{r: flate.NewReader(r)}
}

func (f *inflater) Read(p []byte) (int, error) {
	if f.closed {
		return 0, errors.New("read of a closed file")
	}
	return f.r.Read(p)
}

func (f *inflater) Close() error {
	if f.closed {
		return nil
	}
	f.closed = true
	err := f.r.Close()
	inflaters.Put(f.r)
	return err
}

// openFile gives the bytes of an archive's entry.
func openFile(ctx context.Context, f *zip.File) (io.ReadCloser, error) {
	r, err := f.Open()
	if err != nil {
		return nil, explain(err)
	}
	return &fileReader{ctx: ctx, r: r}, nil
}

// fileReader stops with its context and puts errors into sentences.
type fileReader struct {
	ctx context.Context
	r   io.ReadCloser
}

func (r *fileReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := r.r.Read(p)
	if err != nil && err != io.EOF {
		err = explain(err)
	}
	return n, err
}

func (r *fileReader) Close() error { return r.r.Close() }

func explain(err error) error {
	switch {
	case errors.Is(err, zip.ErrChecksum):
		return fault.Wrap(fault.Invalid, err, "The archive is damaged: this file does not match its checksum.")
	case errors.Is(err, zip.ErrAlgorithm):
		return fault.Wrap(fault.Invalid, err, "This file is compressed in a way that RET cannot read. Pack the archive again with the usual method, deflate.")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fault.Wrap(fault.Invalid, err, "The archive is damaged: this file is cut off.")
	}
	return fault.Wrap(fault.Invalid, err, "The archive is damaged: this file cannot be unpacked.")
}
