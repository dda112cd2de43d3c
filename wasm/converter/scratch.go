package converter

import (
	"context"
	"io"

	"ret/shared/archive"
	"ret/shared/fault"
)

// scratchBytes bounds what large archives within archives may take of a worker's
// memory, all together.
const scratchBytes = 256 << 20

// scratch lends memory: a worker has no files of its own.
type scratch struct{ left int64 }

// Create implements archive.Scratch.
func (s *scratch) Create(context.Context) (archive.ScratchFile, error) {
	return &scratchFile{scratch: s}, nil
}

type scratchFile struct {
	scratch *scratch
	content []byte
}

func (f *scratchFile) Write(p []byte) (int, error) {
	if int64(len(p)) > f.scratch.left {
		return 0, fault.New(fault.NoSpace, "The archives within this archive are too large to be opened in this browser. The server converts the file when it can be reached.")
	}
	f.scratch.left -= int64(len(p))
	f.content = append(f.content, p...)
	return len(p), nil
}

func (f *scratchFile) ReadAt(p []byte, off int64) (int, error) {
	if off >= int64(len(f.content)) {
		return 0, io.EOF
	}
	n := copy(p, f.content[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *scratchFile) Close() error {
	f.scratch.left += int64(len(f.content))
	f.content = nil
	return nil
}
