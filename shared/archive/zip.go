package archive

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"
	"math"
	"strings"
	"sync"

	"github.com/klauspost/compress/flate"

	"ret/shared/fault"
)

const (
	flagEncrypted = 1
	flagUTF8      = 0x800
)

// zipMembers reads an archive's directory.
func (l *lister) zipMembers(content io.ReaderAt, size int64, inside layer) ([]member, error) {
	zr, err := openZip(content, size, l.limits.Files)
	if err != nil {
		return nil, err
	}
	members := make([]member, len(zr.File))
	var spent int64 // compressed bytes of the entries so far
	for i, f := range zr.File {
		members[i] = zipMember(f, content)
		if spent += int64(f.CompressedSize64); spent > size || spent < 0 {
			members[i].err = errOverlap
		}
		f.Extra, f.Comment = nil, "" // a large archive's are not worth their memory
	}
	return members, nil
}

var errOverlap = fault.New(fault.TooLarge, "The archive announces more data than it has room for: its files overlap. It is damaged, or made to do harm.")

func zipMember(f *zip.File, content io.ReaderAt) member {
	m := member{name: f.Name, packed: int64(f.CompressedSize64), data: &zipData{f, content}}
	if name, ok := unicodePath(f); ok && f.Flags&flagUTF8 == 0 {
		m.name = name
	}
	switch {
	case strings.HasSuffix(f.Name, "/") || f.Mode().IsDir():
		m.isFolder = true
	case f.Mode()&fs.ModeType != 0:
		m.skip = notAFile
	case f.Flags&flagEncrypted != 0:
		m.err = errEncrypted
	case f.UncompressedSize64 > math.MaxInt64 || f.CompressedSize64 > math.MaxInt64:
		m.err = errOverlap
	}
	return m
}

var errEncrypted = fault.New(fault.Invalid, "This file is encrypted. RET knows no passwords: unpack the archive yourself and hand over what is in it.")

// zipData is a file in a ZIP.
type zipData struct {
	file *zip.File
	in   io.ReaderAt
}

func (d *zipData) size() int64 { return int64(d.file.UncompressedSize64) }

// stored gives the file where it stands, if it is only stored.
func (d *zipData) stored() (io.ReaderAt, bool) {
	if d.file.Method != zip.Store || d.file.CompressedSize64 != d.file.UncompressedSize64 {
		return nil, false
	}
	off, err := d.file.DataOffset()
	if err != nil {
		return nil, false
	}
	return io.NewSectionReader(d.in, off, d.size()), true
}

func (d *zipData) open(ctx context.Context) (io.ReadCloser, error) {
	r, err := openZipFile(d.file)
	if err != nil {
		return nil, explain(err)
	}
	return &fileReader{ctx: ctx, r: r}, nil
}

// openZipFile opens what the standard library can, else by the raw bytes.
func openZipFile(f *zip.File) (io.ReadCloser, error) {
	if f.Method == zip.Store || f.Method == zip.Deflate {
		return f.Open()
	}
	raw, err := f.OpenRaw()
	if err != nil {
		return nil, err
	}
	r, err := zipMethod(f.Method, raw, int64(f.UncompressedSize64), f.Flags)
	if err != nil {
		return nil, err
	}
	return &checkedReader{r: r, left: int64(f.UncompressedSize64), want: f.CRC32, sum: crc32.NewIEEE()}, nil
}

// checkedReader gives exactly as many bytes as were announced, and fails where
// they do not match their checksum.
type checkedReader struct {
	r    io.ReadCloser
	left int64
	want uint32
	sum  hash.Hash32
}

func (c *checkedReader) Read(p []byte) (int, error) {
	if c.left == 0 {
		if c.sum.Sum32() != c.want {
			return 0, zip.ErrChecksum
		}
		return 0, io.EOF
	}
	n, err := c.r.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	_, _ = c.sum.Write(p[:n]) // a hash takes anything
	switch {
	case err == io.EOF && c.left > 0:
		err = io.ErrUnexpectedEOF
	case err == io.EOF:
		err = nil
	}
	return n, err
}

func (c *checkedReader) Close() error { return c.r.Close() }

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

// explain puts errors into sentences that have none.
func explain(err error) error {
	switch {
	case fault.KindOf(err) != fault.Internal:
		return err
	case errors.Is(err, zip.ErrChecksum):
		return fault.Wrap(fault.Invalid, err, "The archive is damaged: this file does not match its checksum.")
	case errors.Is(err, zip.ErrAlgorithm):
		return fault.Wrap(fault.Invalid, err, "This file is compressed in a way that RET cannot read. Pack the archive again with the usual method.")
	case errors.Is(err, errDictionary):
		return fault.Wrap(fault.TooLarge, err, "Unpacking this file takes more memory than RET gives it. Pack it with a dictionary of at most %d MiB.", maxDictionaryBytes>>20)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fault.Wrap(fault.Invalid, err, "The archive is damaged: this file is cut off.")
	}
	return fault.Wrap(fault.Invalid, err, "The archive is damaged: this file cannot be unpacked.")
}
