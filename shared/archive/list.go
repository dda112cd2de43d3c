package archive

import (
	"context"
	"errors"
	"io"
	"slices"

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
// or an entry becomes a Failed entry; an error means that ctx ended, that the
// Scratch failed, or that an archive cannot be opened on this platform. The caller
// closes the Listing.
func List(ctx context.Context, sources []Source, opts Options) (*Listing, error) {
	l := &lister{
		ctx:     ctx,
		limits:  opts.Limits.withDefaults(),
		filter:  opts.Filter,
		rooms:   rooms{scratch: opts.Scratch, memoryLeft: memoryBytes},
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
	filter  Filter
	rooms   rooms
	names   Names // of the sources
	listing *Listing
	leftOut int // by the filter
}

// container is an archive whose entries are listed.
type container struct {
	prefix string // of its entries' paths
	group  string // of its entries
	names  Names
}

// found is an entry whose bytes are to be looked at.
type found struct {
	Entry
	layer
	packed     int64 // bytes in the archive around it
	isUnpacked bool  // its name has the suffix of a packing that is undone
	isCut      bool  // … and the rest could not be unpacked, which was told
}

// ownSuffix is the suffix of what is looked at, not of its packing.
func (f found) ownSuffix() string {
	suffix := lower(suffixOf(f.name))
	if f.isUnpacked && packings[suffix] {
		return lower(suffixOf(f.name[:len(f.name)-len(suffix)]))
	}
	if f.isUnpacked && suffixes[suffix] != plain {
		return ""
	}
	return suffix
}

// add lists an entry, unless the filter leaves it out.
func (l *lister) add(e Entry) {
	if !l.filter.keeps(e.Path()) {
		l.leftOut++
		return
	}
	l.listing.Entries = append(l.listing.Entries, e)
}

// addArchive lists an archive that could not be opened.
func (l *lister) addArchive(e Entry, err error) {
	if l.filter.keepsArchive(e.Path()) {
		l.listing.Entries = append(l.listing.Entries, failed(e, err))
	}
}

func failed(e Entry, err error) Entry {
	e.State, e.Reason, e.data = Failed, fault.Message(err), nil
	return e
}

func skipped(e Entry, reason string) Entry {
	e.State, e.Reason, e.data = Skipped, reason, nil
	return e
}

const notXML = "not XML"

// addSource lists a source and what is nested in it. An archive without any
// document is a failure: whoever handed it over expected some.
func (l *lister) addSource(s *Source) error {
	if isJunk(s.Path) {
		return nil
	}
	e := Entry{Group: folderGroup(s.Path), data: sourceData{s}, name: l.names.Unique(s.Path)}
	before, leftOut := len(l.listing.Entries), l.leftOut
	outermost := layer{budget: newBudget(l.limits), share: 1}
	isArchive, err := l.examine(found{Entry: e, layer: outermost, packed: s.Size})
	if err != nil || !isArchive || l.leftOut > leftOut {
		return err
	}
	useful := func(e Entry) bool { return e.State != Skipped }
	if !slices.ContainsFunc(l.listing.Entries[before:], useful) {
		l.addArchive(e, fault.New(fault.Invalid, "The archive holds no XML document."))
	}
	return nil
}

// examine lists an entry by its first bytes, with all that is nested in it.
func (l *lister) examine(f found) (isArchive bool, err error) {
	head, err := l.head(f.data)
	if err != nil {
		l.addArchive(f.Entry, err)
		return false, l.ctx.Err()
	}
	kind, suffix := formatOf(head), f.ownSuffix()
	if kind == plain && !looksLikeXML(head) {
		kind = suffixes[suffix]
		if kind != plain && kind != zipFormat { // a ZIP may begin with a program that unpacks it
			l.addArchive(f.Entry, fault.New(fault.Invalid, "This is not a %s file, though its name says so.", formatNames[kind]))
			return false, nil
		}
	}
	switch {
	case kind.holdsOne():
		return l.addPacked(f, kind)
	case kind != plain:
		return true, l.addContainer(f, kind)
	case looksLikeXML(head), suffix == ".xml":
		l.add(f.Entry)
	default:
		l.add(skipped(f.Entry, notXML))
	}
	return false, nil
}

func (l *lister) head(d data) ([]byte, error) {
	r, err := d.open(l.ctx)
	if err != nil {
		return nil, err
	}
	head, err := readHead(r)
	return head, errors.Join(err, r.Close())
}

func readHead(r io.Reader) ([]byte, error) {
	head := make([]byte, SniffBytes)
	n, err := io.ReadFull(r, head)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return head[:n], err
}

// addContainer lists what is in an archive of many files.
func (l *lister) addContainer(f found, kind format) error {
	inside, err := f.deeper()
	if err != nil {
		l.addArchive(f.Entry, err)
		return nil
	}
	content, err := l.readable(f)
	if err != nil {
		return l.unusable(f, err)
	}
	c := &container{prefix: f.Path() + "!/", group: archiveGroup(f.name, f.Group), names: Names{}}
	members, damage := l.members(kind, content, f.data.size(), inside)
	if cause, ok := l.ends(damage); ok {
		return cause
	}
	if err := l.addMembers(c, members, f, inside); err != nil {
		return err
	}
	if damage != nil && !f.isCut {
		l.addArchive(f.Entry, damage)
	}
	return nil
}

func (l *lister) members(kind format, content io.ReaderAt, size int64, inside layer) ([]member, error) {
	switch kind {
	case zipFormat:
		return l.zipMembers(content, size, inside)
	case tarFormat:
		return l.tarMembers(content, size)
	default:
		return l.sevenZipMembers(content, size, inside)
	}
}

// unusable lists an archive that cannot be read, or returns what ends the listing.
func (l *lister) unusable(f found, err error) error {
	if cause, ok := l.ends(err); ok {
		return cause
	}
	l.addArchive(f.Entry, err)
	return nil
}

// ends tells what ends the listing from what is wrong with one archive.
func (l *lister) ends(err error) (cause error, ok bool) {
	if err == nil {
		return nil, false
	}
	if cause, ok := isRoomError(err); ok {
		return cause, true
	}
	if l.ctx.Err() != nil {
		return l.ctx.Err(), true
	}
	return err, fault.Is(err, fault.Unavailable)
}

// readable makes an entry readable at an offset: where it stands, or unpacked.
func (l *lister) readable(f found) (io.ReaderAt, error) {
	switch d := f.data.(type) {
	case sourceData:
		content, err := d.Open(l.ctx)
		if err == nil {
			l.listing.closers = append(l.listing.closers, content)
		}
		return content, err
	case section:
		return d.reader(), nil
	case *zipData:
		if stored, ok := d.stored(); ok {
			return stored, nil
		}
	}
	r, err := f.data.open(l.ctx)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	room := l.room()
	_, err = room.fill(r)
	room.settled()
	return room, err
}

// room is given back when the listing is closed.
func (l *lister) room() *room {
	r := l.rooms.make(l.ctx)
	l.listing.closers = append(l.listing.closers, r)
	return r
}
