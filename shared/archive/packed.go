package archive

import (
	"compress/bzip2"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"

	"ret/shared/fault"
)

// addPacked unpacks what holds one file, which is then itself under the same
// name, or a tar. What came out before an error is still looked at if it is a tar.
func (l *lister) addPacked(f found, kind format) (isArchive bool, err error) {
	outer, err := f.deeper()
	if err != nil {
		l.addArchive(f.Entry, err)
		return false, nil
	}
	room := l.room()
	n, err := l.unpack(f, outer, kind, room)
	if cause, ok := l.ends(err); ok {
		return false, cause
	}
	whole := section{room, 0, n}
	head, headErr := l.head(whole)
	if headErr != nil {
		return false, headErr
	}
	if err != nil && !looksLikeTar(head) {
		l.addArchive(f.Entry, err)
		return false, nil
	}
	if err != nil {
		l.addArchive(f.Entry, err)
	}
	unpacked := f
	unpacked.layer = outer.within(f.data.size(), n)
	unpacked.data = whole
	unpacked.packed, unpacked.isUnpacked, unpacked.isCut = n, true, err != nil
	return l.examine(unpacked)
}

// unpack fills the room within what the limits allow.
func (l *lister) unpack(f found, outer layer, kind format, room *room) (n int64, err error) {
	packed, err := f.data.open(l.ctx)
	if err != nil {
		return 0, err
	}
	defer packed.Close()
	r, err := unpacker(kind, packed)
	if err != nil {
		return 0, explainPacked(kind, err)
	}
	defer r.Close()
	meter := outer.metered(r, f.data.size())
	n, err = room.fill(meter)
	meter.settle()
	room.settled()
	return n, explainPacked(kind, err)
}

// explainPacked puts errors into sentences that have none.
func explainPacked(kind format, err error) error {
	if err == nil || fault.KindOf(err) != fault.Internal {
		return err
	}
	if _, ok := isRoomError(err); ok {
		return err
	}
	name := formatNames[kind]
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fault.Wrap(fault.Invalid, err, "The %s file is damaged: it is cut off. Copy or download it again.", name)
	}
	if errors.Is(err, errDictionary) {
		return fault.Wrap(fault.TooLarge, err, "Unpacking this %s file takes more memory than RET gives it. Pack it with a dictionary of at most %d MiB.", name, maxDictionaryBytes>>20)
	}
	return fault.Wrap(fault.Invalid, err, "The %s file is damaged and cannot be unpacked. Copy or download it again.", name)
}

// maxDictionaryBytes bounds the memory that unpacking one file may take: as much
// as the strongest usual settings of xz, 7z and zstd ask for.
const maxDictionaryBytes = 128 << 20

var errDictionary = errors.New("dictionary too large")

// unpacker unpacks what holds one file.
func unpacker(kind format, r io.Reader) (io.ReadCloser, error) {
	switch kind {
	case gzipFormat:
		return gzip.NewReader(r)
	case bzip2Format:
		return io.NopCloser(bzip2.NewReader(r)), nil
	default:
		return unpackerElsewhere(kind, r)
	}
}
