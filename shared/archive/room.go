package archive

import (
	"context"
	"errors"
	"io"

	"ret/shared/fault"
)

const (
	memoryBytes     = 32 << 20 // for all that a listing unpacks together
	memoryFileBytes = 4 << 20  // for one of them
)

// rooms is where what is unpacked can be read at an offset.
type rooms struct {
	scratch    Scratch
	memoryLeft int64
}

// roomError is a failure of the Scratch, not of the archive.
type roomError struct{ err error }

func (e *roomError) Error() string { return e.err.Error() }
func (e *roomError) Unwrap() error { return e.err }

// room takes what is written and then gives it at any offset. It begins in memory
// and moves to the Scratch when it grows.
type room struct {
	rooms  *rooms
	ctx    context.Context
	memory []byte
	file   ScratchFile
	n      int64
}

func (r *rooms) make(ctx context.Context) *room { return &room{rooms: r, ctx: ctx} }

var errNoRoom = fault.New(fault.TooLarge, "This nested archive is too large to open in memory. Unpack the outer archive and hand it over alone.")

// Write implements io.Writer.
func (r *room) Write(p []byte) (int, error) {
	if r.file == nil && r.n+int64(len(p)) > min(memoryFileBytes, r.rooms.memoryLeft) {
		if err := r.move(); err != nil {
			return 0, err
		}
	}
	if r.file == nil {
		r.memory = append(r.memory, p...)
		r.n += int64(len(p))
		return len(p), nil
	}
	n, err := r.file.Write(p)
	r.n += int64(n)
	if err != nil {
		err = &roomError{err}
	}
	return n, err
}

func (r *room) move() error {
	if r.rooms.scratch == nil {
		return errNoRoom
	}
	file, err := r.rooms.scratch.Create(r.ctx)
	if err != nil {
		return &roomError{err}
	}
	r.file = file
	if _, err := file.Write(r.memory); err != nil {
		return &roomError{err}
	}
	r.memory = nil
	return nil
}

// settled says that all has been written: now the room may be read.
func (r *room) settled() {
	if r.file == nil {
		r.rooms.memoryLeft -= r.n
	}
}

// ReadAt implements io.ReaderAt.
func (r *room) ReadAt(p []byte, off int64) (int, error) {
	if r.file != nil {
		return r.file.ReadAt(p, off)
	}
	if off < 0 || off >= int64(len(r.memory)) {
		return 0, io.EOF
	}
	n := copy(p, r.memory[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Close gives the room back.
func (r *room) Close() error {
	r.memory = nil
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}

// fill writes all of src to the room and returns how much it was, also where src
// fails.
func (r *room) fill(src io.Reader) (n int64, err error) {
	return io.Copy(struct{ io.Writer }{r}, struct{ io.Reader }{src})
}

// section is a part of what can be read at an offset.
type section struct {
	in     io.ReaderAt
	off, n int64
}

func (s section) size() int64 { return s.n }

func (s section) open(ctx context.Context) (io.ReadCloser, error) {
	return &sectionReader{ctx, io.NewSectionReader(s.in, s.off, s.n), nil}, nil
}

func (s section) at(ctx context.Context) (Content, error) {
	return sectionContent{ctx, io.NewSectionReader(s.in, s.off, s.n), nil}, nil
}

func (s section) reader() io.ReaderAt { return io.NewSectionReader(s.in, s.off, s.n) }

// isRoomError tells what ends a listing from what is wrong with an archive.
func isRoomError(err error) (cause error, ok bool) {
	if r, ok := errors.AsType[*roomError](err); ok {
		return r.err, true
	}
	return nil, false
}
