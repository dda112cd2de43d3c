package opfs

// mostBehind is how much a file keeps before it hands it over.
const mostBehind = 256 << 10

// behind is a stretch of content that SQLite has written and the handle has not
// got yet. SQLite writes each page of its log in two parts, and a commit pads the
// log; each call of a handle costs some 40 µs whatever it writes, so all of a
// commit goes over in one, when it is synced. Until then nobody was promised that
// it is on disk.
type behind struct {
	at    int64
	bytes []byte
}

func (b *behind) end() int64 { return b.at + int64(len(b.bytes)) }

// add takes p if it continues the stretch, or writes into it, and says whether.
func (b *behind) add(p []byte, off int64) bool {
	if len(b.bytes) == 0 {
		b.at = off
	}
	if off < b.at || off > b.end() || off+int64(len(p))-b.at > mostBehind {
		return false
	}
	n := copy(b.bytes[off-b.at:], p)
	b.bytes = append(b.bytes, p[n:]...)
	return true
}

// read fills p from the stretch if all of it is there, and says whether.
func (b *behind) read(p []byte, off int64) bool {
	if len(b.bytes) == 0 || off < b.at || off+int64(len(p)) > b.end() {
		return false
	}
	copy(p, b.bytes[off-b.at:])
	return true
}

// logStep is by how much a log grows at once.
const logStep = 256 << 10

// padded is the stretch with zeros up to the next step. SQLite reads its log as
// far as the checksums in it go; and to flush what a file had room for already
// takes two thirds of the time, as the file system need not write down a new
// length.
func (b *behind) padded() []byte {
	return append(b.bytes, make([]byte, logStep-b.end()%logStep)...)
}

func (b *behind) drop() { b.bytes = b.bytes[:0] }
