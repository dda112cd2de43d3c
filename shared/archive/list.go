package archive

import (
	"archive/zip"
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"

	"ret/shared/fault"
)

// Listing is what List found, in the order of paths.
type Listing struct {
	Entries []Entry

	closers []io.Closer
}

// Close gives back what opening entries needs; no entry may be open or opened
// any more.
func (l *Listing) Close() error {
	var errs []error
	for _, c := range slices.Backward(l.closers) {
		errs = append(errs, c.Close())
	}
	l.closers = nil
	return errors.Join(errs...)
}

// List walks the sources with all archives in them. What is wrong with a source
// or an entry becomes a Failed entry; an error means that ctx ended or that the
// Scratch failed. The caller closes the Listing.
func List(ctx context.Context, sources []Source, opts Options) (*Listing, error) {
	l := &lister{
		ctx:     ctx,
		limits:  opts.Limits.withDefaults(),
		nested:  nestedRoom{scratch: opts.Scratch, memoryLeft: nestedMemoryBytes},
		names:   Names{},
		listing: &Listing{},
	}
	for i := range sources {
		if err := l.addSource(&sources[i]); err != nil {
			return nil, errors.Join(err, l.listing.Close())
		}
	}
	slices.SortFunc(l.listing.Entries, func(a, b Entry) int { return comparePaths(&a, &b) })
	return l.listing, nil
}

type lister struct {
	ctx     context.Context
	limits  Limits
	nested  nestedRoom
	names   Names // of the sources
	listing *Listing
}

// container is an archive whose entries are listed.
type container struct {
	prefix string // of its entries' paths
	group  string // of its entries

	content io.ReaderAt
	size    int64
	depth   int
	names   Names
	budget  *budget
	spent   int64 // compressed bytes of the entries listed so far

	// share is how many bytes of the outermost archive each byte of this one
	// stands for: what comes out is measured against the outermost.
	share float64
}

func (l *lister) add(e Entry) { l.listing.Entries = append(l.listing.Entries, e) }

func failed(e Entry, err error) Entry {
	e.State, e.Reason = Failed, fault.Message(err)
	return e
}

func skipped(e Entry, reason string) Entry {
	e.State, e.Reason = Skipped, reason
	return e
}

const notXML = "not XML"

// addSource lists a source and what is nested in it.
func (l *lister) addSource(s *Source) error {
	if isJunk(s.Path) {
		return nil
	}
	name := l.names.Unique(s.Path)
	e := Entry{Group: folderGroup(s.Path), source: s, name: name}
	if hasSuffix(name, ".xml") {
		l.add(e)
		return nil
	}
	content, err := s.Open(l.ctx)
	if err != nil {
		l.add(failed(e, err))
		return l.ctx.Err()
	}
	head, err := readHead(io.NewSectionReader(content, 0, s.Size))
	switch {
	case err != nil:
		l.add(failed(e, err))
	case looksLikeXML(head):
		l.add(e)
	case looksLikeZip(head) || hasSuffix(name, ".zip"):
		l.listing.closers = append(l.listing.closers, content)
		return l.addOutermost(e, s, content)
	default:
		l.add(skipped(e, notXML))
	}
	return content.Close()
}

// addOutermost lists an archive that is a source. One without any document is a
// failure: whoever handed it over expected some.
func (l *lister) addOutermost(e Entry, s *Source, content io.ReaderAt) error {
	before := len(l.listing.Entries)
	c := &container{
		prefix:  e.name + "!/",
		group:   archiveGroup(s.Path, e.Group),
		content: content,
		size:    s.Size,
		depth:   1,
		names:   Names{},
		budget:  newBudget(l.limits),
		share:   1,
	}
	e.source = nil
	if err := l.addContainer(e, c); err != nil {
		return err
	}
	useful := func(e Entry) bool { return e.State != Skipped }
	if !slices.ContainsFunc(l.listing.Entries[before:], useful) {
		l.add(failed(e, fault.New(fault.Invalid, "The archive holds no XML document.")))
	}
	return nil
}

// addContainer lists an archive; e is its own entry, should it be unreadable.
func (l *lister) addContainer(e Entry, c *container) error {
	zr, err := openZip(c.content, c.size, l.limits.Files)
	if err != nil {
		l.add(failed(e, err))
		return l.ctx.Err()
	}
	l.listing.Entries = slices.Grow(l.listing.Entries, len(zr.File))
	for _, f := range zr.File {
		if err := l.ctx.Err(); err != nil {
			return err
		}
		if err := l.addFile(c, f); err != nil {
			return err
		}
		f.Extra, f.Comment = nil, "" // a large archive's are not worth their memory
	}
	c.names = nil
	return nil
}

// addFile lists one record of an archive's directory.
func (l *lister) addFile(c *container, f *zip.File) error {
	name := entryName(f)
	if isFolder(f) || isJunk(name) {
		return nil
	}
	e := Entry{Group: c.group, in: c, file: f, name: c.names.Unique(name)}
	if err := admit(c, f); err != nil {
		l.add(failed(e, err))
		return nil
	}
	switch {
	case f.Mode()&fs.ModeType != 0:
		l.add(skipped(e, "not a file but a link or device"))
	case hasSuffix(name, ".xml"):
		l.add(e)
	default:
		return l.sniff(e, name)
	}
	return nil
}

func isFolder(f *zip.File) bool { return strings.HasSuffix(f.Name, "/") || f.Mode().IsDir() }

// sniff lists an entry that only its bytes tell about. Archives are known by
// their suffix, because many other formats are ZIPs inside.
func (l *lister) sniff(e Entry, name string) error {
	head, err := l.fileHead(e.file)
	switch {
	case l.ctx.Err() != nil:
		return l.ctx.Err()
	case err != nil:
		l.add(failed(e, err))
	case looksLikeXML(head):
		l.add(e)
	case hasSuffix(name, ".zip"):
		return l.addNested(e, name)
	default:
		l.add(skipped(e, notXML))
	}
	return nil
}

func (l *lister) fileHead(f *zip.File) ([]byte, error) {
	r, err := openFile(l.ctx, f)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return readHead(r)
}

func readHead(r io.Reader) ([]byte, error) {
	head := make([]byte, SniffBytes)
	n, err := io.ReadFull(r, head)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return head[:n], err
}

// addNested lists an archive inside another.
func (l *lister) addNested(e Entry, name string) error {
	if e.in.depth >= l.limits.Depth {
		l.add(failed(e, fault.New(fault.TooLarge, "Archives are nested more than %d deep here. Unpack the inner ones.", l.limits.Depth)))
		return nil
	}
	content, err := l.nested.open(l.ctx, e)
	if r, ok := errors.AsType[*roomError](err); ok {
		return r.err
	}
	if err != nil {
		l.add(failed(e, err))
		return l.ctx.Err()
	}
	if closer, ok := content.(io.Closer); ok {
		l.listing.closers = append(l.listing.closers, closer)
	}
	return l.addContainer(e, nest(e, name, content))
}

// nest makes the container for an archive inside another.
func nest(e Entry, name string, content io.ReaderAt) *container {
	outer, size := e.in, e.Size()
	return &container{
		prefix:  e.Path() + "!/",
		group:   archiveGroup(name, outer.group),
		content: content,
		size:    size,
		depth:   outer.depth + 1,
		names:   Names{},
		budget:  outer.budget,
		share:   outer.share * float64(e.file.CompressedSize64) / float64(max(size, 1)),
	}
}
