// Package archive finds the documents in what a person hands over: plain files,
// packed files, and archives nested in one another, within limits.
//
// List walks everything once. Of each entry it says whether it is a document, is
// skipped, or has failed and why. One bad entry never spoils the others. What a
// file is, its first bytes say, whatever its name. Of a ZIP only the directory is
// read; any other archive or packed file is unpacked once, into memory or a
// Scratch. An Entry can be opened any number of times, also by several goroutines
// at once; what it gives is checked against the archive's length and checksum, and
// never more comes out than the limits allow.
//
// The package knows no folder: a Source is anything that can be read at an
// offset. Under js/wasm it opens ZIP, tar, gzip and bzip2; a List that meets
// another archive there ends with fault.Unavailable.
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

// Scratch lends room for what is unpacked and too large for memory.
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

// Options bound a List. The zero value means the default limits, no room for what
// is unpacked but memory, and no choice among the files.
type Options struct {
	Limits  Limits
	Scratch Scratch
	Filter  Filter
}

// Limits guard against archives made to exhaust the machine. Each counts for one
// Source with all that is nested in it; a zero field means the default.
type Limits struct {
	Files int // entries that are files; 200,000
	Depth int // archives and packings inside one another, the outermost included; 16

	// Ratio is how many bytes may come out for each byte of the outermost
	// archive; 200. RatioFloorBytes may come out beyond that; 10 MiB.
	Ratio           int
	RatioFloorBytes int64

	// NameBytes is how long the paths of all entries may be together; 128 MiB.
	NameBytes int64
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
	if l.NameBytes == 0 {
		l.NameBytes = 128 << 20
	}
	return l
}
