package archive

import (
	"archive/zip"
	"bytes"
	"context"
	"io"

	"ret/shared/fault"
)

const (
	nestedMemoryBytes     = 32 << 20 // for all nested archives of a listing together
	nestedMemoryFileBytes = 4 << 20  // for one of them
)

// nestedRoom makes nested archives readable at an offset.
type nestedRoom struct {
	scratch    Scratch
	memoryLeft int64
}

// roomError is a failure of the Scratch, not of the archive.
type roomError struct{ err error }

func (e *roomError) Error() string { return e.err.Error() }
func (e *roomError) Unwrap() error { return e.err }

// open gives the bytes of an archive inside another: where they stand, if they
// are only stored, else unpacked into memory or the Scratch.
func (n *nestedRoom) open(ctx context.Context, e Entry) (io.ReaderAt, error) {
	f := e.file
	size := e.Size()
	if f.Method == zip.Store && f.CompressedSize64 == f.UncompressedSize64 {
		off, err := f.DataOffset()
		if err != nil {
			return nil, explain(err)
		}
		return io.NewSectionReader(e.in.content, off, size), nil
	}
	r, err := openFile(ctx, f)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if size <= nestedMemoryFileBytes && size <= n.memoryLeft {
		n.memoryLeft -= size
		return readAll(r, size)
	}
	if n.scratch == nil {
		return nil, fault.New(fault.TooLarge, "This nested archive is too large to open in memory. Unpack the outer archive and hand it over alone.")
	}
	return n.toScratch(ctx, r)
}

func readAll(r io.Reader, size int64) (io.ReaderAt, error) {
	buf := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
	if _, err := buf.ReadFrom(r); err != nil {
		return nil, err
	}
	return bytes.NewReader(buf.Bytes()), nil
}

func (n *nestedRoom) toScratch(ctx context.Context, r io.Reader) (io.ReaderAt, error) {
	file, err := n.scratch.Create(ctx)
	if err != nil {
		return nil, &roomError{err}
	}
	if _, err := io.Copy(roomWriter{file}, r); err != nil {
		_ = file.Close() // the copy's error says more
		return nil, err
	}
	return file, nil
}

// roomWriter marks the errors that are the Scratch's.
type roomWriter struct{ w io.Writer }

func (w roomWriter) Write(p []byte) (int, error) {
	n, err := w.w.Write(p)
	if err != nil {
		err = &roomError{err}
	}
	return n, err
}
