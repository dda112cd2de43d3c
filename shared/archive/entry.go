package archive

import (
	"archive/zip"
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

	in     *container // nil for a file from no archive
	file   *zip.File  // a document from an archive
	source *Source    // a document from no archive
	name   string     // path inside its archive, or the source's path
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
	switch {
	case e.file != nil:
		return int64(e.file.UncompressedSize64)
	case e.source != nil:
		return e.source.Size
	}
	return 0
}

// Open gives a Document's bytes from the start. Reading fails with a fault.Error
// whose sentence says what is wrong with the archive, or with ctx's error.
func (e *Entry) Open(ctx context.Context) (io.ReadCloser, error) {
	if e.source != nil {
		return openSource(ctx, e.source)
	}
	return openFile(ctx, e.file)
}

// comparePaths orders entries by the bytes of Path without building it.
func comparePaths(a, b *Entry) int {
	if a.in == b.in {
		return cmp.Compare(a.name, b.name)
	}
	return cmp.Compare(a.Path(), b.Path())
}

// openSource reads a source that is no archive.
func openSource(ctx context.Context, s *Source) (io.ReadCloser, error) {
	content, err := s.Open(ctx)
	if err != nil {
		return nil, err
	}
	return &sourceReader{ctx, io.NewSectionReader(content, 0, s.Size), content}, nil
}

type sourceReader struct {
	ctx context.Context
	*io.SectionReader
	content Content
}

func (r *sourceReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.SectionReader.Read(p)
}

func (r *sourceReader) Close() error { return r.content.Close() }
