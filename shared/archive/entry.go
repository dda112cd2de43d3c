package archive

import (
	"cmp"
	"context"
	"io"
)

// State says what List made of an entry.
type State uint8

// The states of an entry.
const (
	Document State = iota // to be converted; Open gives its bytes
	Skipped               // of no interest; Reason says why
	Failed                // of interest but unusable; Reason says why
)

// Entry is one file of a Listing.
type Entry struct {
	State  State
	Reason string // for a person; empty for a Document
	Group  string // see docs/flattening.md, section 5

	in   *container // nil for a file from no archive
	data data       // of a document
	name string     // path inside its archive, or the source's path
}

// data is bytes that can be read from the start, again and again.
type data interface {
	size() int64
	open(ctx context.Context) (io.ReadCloser, error)
}

// Path is the entry's name in the manifest, unique within its Listing:
// "a.zip!/b.zip!/sub/x.xml". Of several entries with one name the second is told
// apart by "~2" before its suffix, the third by "~3".
func (e *Entry) Path() string {
	if e.in == nil {
		return e.name
	}
	return e.in.prefix + e.name
}

// Size is the length in bytes that the archive or source announces; Open never
// gives more.
func (e *Entry) Size() int64 {
	if e.data == nil {
		return 0
	}
	return e.data.size()
}

// Open gives a Document's bytes from the start. Reading fails with a fault.Error
// whose sentence says what is wrong with the archive, or with ctx's error.
func (e *Entry) Open(ctx context.Context) (io.ReadCloser, error) { return e.data.open(ctx) }

// At gives a Document's bytes at any place, for several to read at a time; nil if
// they can only be read from the start.
func (e *Entry) At() func(ctx context.Context) (Content, error) {
	if d, ok := e.data.(placed); ok {
		return d.at
	}
	return nil
}

// placed is data that can be read at any place.
type placed interface {
	at(ctx context.Context) (Content, error)
}

// comparePaths orders entries by the bytes of Path without building it.
func comparePaths(a, b *Entry) int {
	if a.in == b.in {
		return cmp.Compare(a.name, b.name)
	}
	x, y := pathParts{a.prefix(), a.name}, pathParts{b.prefix(), b.name}
	for {
		p, q := x.head(), y.head()
		n := min(len(p), len(q))
		if c := cmp.Compare(p[:n], q[:n]); c != 0 || n == 0 {
			return cmp.Or(c, len(p)-len(q))
		}
		x.take(n)
		y.take(n)
	}
}

func (e *Entry) prefix() string {
	if e.in == nil {
		return ""
	}
	return e.in.prefix
}

// pathParts is what is left of a path in two parts.
type pathParts [2]string

func (p *pathParts) head() string {
	if p[0] == "" {
		return p[1]
	}
	return p[0]
}

func (p *pathParts) take(n int) {
	if p[0] == "" {
		p[1] = p[1][n:]
		return
	}
	p[0] = p[0][n:]
}

// sourceData is a source that is no archive.
type sourceData struct{ *Source }

func (s sourceData) size() int64 { return s.Size }

func (s sourceData) open(ctx context.Context) (io.ReadCloser, error) {
	content, err := s.Open(ctx)
	if err != nil {
		return nil, err
	}
	return &sectionReader{ctx, io.NewSectionReader(content, 0, s.Size), content}, nil
}

func (s sourceData) at(ctx context.Context) (Content, error) {
	content, err := s.Open(ctx)
	if err != nil {
		return nil, err
	}
	return sectionContent{ctx, io.NewSectionReader(content, 0, s.Size), content}, nil
}

// sectionContent stops with its context.
type sectionContent struct {
	ctx    context.Context
	in     *io.SectionReader
	closer io.Closer // nil for a section of what others close
}

// ReadAt implements io.ReaderAt.
func (s sectionContent) ReadAt(p []byte, off int64) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.in.ReadAt(p, off)
}

// Close implements io.Closer.
func (s sectionContent) Close() error {
	if s.closer == nil {
		return nil
	}
	return s.closer.Close()
}

// sectionReader stops with its context.
type sectionReader struct {
	ctx context.Context
	*io.SectionReader
	closer io.Closer
}

func (r *sectionReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.SectionReader.Read(p)
}

func (r *sectionReader) Close() error {
	if r.closer == nil {
		return nil
	}
	return r.closer.Close()
}
