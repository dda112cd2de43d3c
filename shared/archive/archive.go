// Package archive finds the documents in what a person hands over: plain files,
// and ZIP archives nested in one another, within limits.
//
// List walks everything once and opens nothing but directories: of each entry it
// says whether it is a document, is skipped, or has failed and why. One bad entry
// never spoils the others. An Entry can be opened any number of times, also by
// several goroutines at once; what it gives is checked against the archive's
// length and checksum, and is never more than the archive announced, so that the
// limits judged while listing hold for what really comes out.
//
// The package knows no folder: a Source is anything that can be read at an
// offset, and room for the larger nested archives comes from a Scratch.
package archive

import (
	"context"
	"io"
)

// Content is an opened Source. ReadAt may be called concurrently.
type Content interface {
	io.ReaderAt
	io.Closer
}

// Source is one file that a person hands over: an archive, a document or
// anything else.
type Source struct {
	Path string // as the manifest shows it: "a.zip", "in/sub/x.xml"
	Size int64  // bytes
	Open func(ctx context.Context) (Content, error)
}

// Scratch lends room for nested archives that are too large for memory.
type Scratch interface {
	Create(ctx context.Context) (ScratchFile, error)
}

// ScratchFile is written once from start to end and then read. Close gives the
// room back.
type ScratchFile interface {
	io.Writer
	io.ReaderAt
	io.Closer
}

// Options bound a List. The zero value means the default limits, and no room for
// nested archives but memory.
type Options struct {
	Limits  Limits
	Scratch Scratch
}

// Limits guard against archives made to exhaust the machine. Each counts for one
// Source with all that is nested in it; a zero field means the default.
type Limits struct {
	Files int // entries that are files; 200,000
	Depth int // archives inside one another, the outermost included; 16

	// Ratio is how many bytes may come out for each byte of the outermost
	// archive; 200. RatioFloorBytes may come out beyond that; 10 MiB.
	Ratio           int
	RatioFloorBytes int64
}

func (l Limits) withDefaults() Limits {
	if l.Files == 0 {
		l.Files = 200_000
	}
	if l.Depth == 0 {
		l.Depth = 16
	}
	if l.Ratio == 0 {
		l.Ratio = 200
	}
	if l.RatioFloorBytes == 0 {
		l.RatioFloorBytes = 10 << 20
	}
	return l
}
