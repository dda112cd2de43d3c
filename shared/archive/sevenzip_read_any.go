//go:build !js

package archive

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"unicode/utf16"
)

// directory7z is what a 7z archive says of its files (7zFormat.txt of the LZMA
// SDK). Every count in it is held against the bytes that are there before room is
// made for so many.
type directory7z struct{ files []file7z }

// file7z is a file in a 7z; folder is nil where it is empty.
type file7z struct {
	name     string
	isFolder bool
	isLink   bool
	folder   *folder7z
	size     int64
	sum      uint32
	hasSum   bool
}

// folder7z is a stream in which files stand one behind another.
type folder7z struct {
	off, packed int64
	coders      []coder7z
	sizes       []int64 // what each coder gives
	sum         uint32
	hasSum      bool
	files       int
	places      []int // of the coders, in the order in which they were written
}

type coder7z struct {
	method     string
	properties []byte
}

func (f *folder7z) size() int64 { return f.sizes[len(f.sizes)-1] }

// share is how many of the stream's packed bytes a file of this size takes.
func (f *folder7z) share(size int64) int64 {
	return int64(float64(f.packed) * float64(size) / float64(max(f.size(), 1)))
}

var (
	err7z          = errors.New("7z: damaged table of contents")
	errEncrypted7z = errors.New("7z: encrypted table of contents")
)

const (
	signature7zBytes = 32
	bytesOfFile7z    = 256 // of a directory, for each file
)

// read7z reads the directory, if it tells of at most so many files.
func read7z(content io.ReaderAt, size int64, mostFiles int) (*directory7z, error) {
	most := int64(mostFiles)*bytesOfFile7z + 1<<20

	start := make([]byte, signature7zBytes)
	if _, err := content.ReadAt(start, 0); err != nil {
		return nil, cutOff(err)
	}
	if crc32.ChecksumIEEE(start[12:]) != binary.LittleEndian.Uint32(start[8:]) {
		return nil, err7z
	}
	off, n := binary.LittleEndian.Uint64(start[12:]), binary.LittleEndian.Uint64(start[20:])
	if n == 0 {
		return &directory7z{}, nil
	}
	if off > uint64(size) || n > uint64(most) || off+n > uint64(size)-signature7zBytes {
		return nil, io.ErrUnexpectedEOF
	}
	header := make([]byte, n)
	if _, err := content.ReadAt(header, signature7zBytes+int64(off)); err != nil && err != io.EOF {
		return nil, err
	}
	if crc32.ChecksumIEEE(header) != binary.LittleEndian.Uint32(start[28:]) {
		return nil, err7z
	}
	for range 4 { // a directory that is packed, seldom more than once
		p := &parser7z{b: header, archiveBytes: size, most: mostFiles}
		switch p.byte() {
		case idHeader7z:
			return p.directory()
		case idEncoded7z:
			var err error
			if header, err = p.unpackHeader(content, most); err != nil {
				return nil, err
			}
		default:
			return nil, err7z
		}
	}
	return nil, err7z
}

const (
	idEnd7z         = 0x00
	idHeader7z      = 0x01
	idProperties7z  = 0x02
	idMore7z        = 0x03
	idStreams7z     = 0x04
	idFiles7z       = 0x05
	idPack7z        = 0x06
	idUnpack7z      = 0x07
	idSubstreams7z  = 0x08
	idSize7z        = 0x09
	idSum7z         = 0x0A
	idFolder7z      = 0x0B
	idUnpackSize7z  = 0x0C
	idCount7z       = 0x0D
	idEmpty7z       = 0x0E
	idEmptyFile7z   = 0x0F
	idNames7z       = 0x11
	idAttributes7z  = 0x15
	idEncoded7z     = 0x17
	folderBit7z     = 0x10
	unixBit7z       = 0x8000
	unixKind7z      = 0o170000
	unixRegular7z   = 0o100000
	unixDirectory7z = 0o040000
)

// parser7z reads a directory; after the first thing that is wrong it gives zeros
// and err says so.
type parser7z struct {
	b            []byte
	archiveBytes int64
	most         int // of anything
	err          error

	folders []*folder7z
	sizes   []int64 // of all files that are not empty
	sums    []sum7z
}

type sum7z struct {
	value uint32
	is    bool
}

func (p *parser7z) fail() {
	if p.err == nil {
		p.err = err7z
	}
	p.b = nil
}

func (p *parser7z) byte() byte {
	if len(p.b) == 0 {
		p.fail()
		return 0
	}
	c := p.b[0]
	p.b = p.b[1:]
	return c
}

func (p *parser7z) bytes(n int64) []byte {
	if n < 0 || n > int64(len(p.b)) {
		p.fail()
		return nil
	}
	b := p.b[:n]
	p.b = p.b[n:]
	return b
}

// number reads a number, whose first byte says by its leading ones how many more
// bytes it has.
func (p *parser7z) number() int64 {
	first, value := p.byte(), uint64(0)
	for i, mask := 0, byte(0x80); i < 8; i, mask = i+1, mask>>1 {
		if first&mask == 0 {
			value |= uint64(first&(mask-1)) << (8 * i)
			break
		}
		value |= uint64(p.byte()) << (8 * i)
	}
	if value > 1<<62 {
		p.fail()
		return 0
	}
	return int64(value)
}

// count reads how many things follow, of which each takes at least one bit.
func (p *parser7z) count() int {
	n := p.number()
	if n > 8*int64(len(p.b)) || n > int64(p.most) {
		p.fail()
		return 0
	}
	return int(n)
}

func (p *parser7z) bits(n int) []bool {
	b := p.bytes(int64(n+7) / 8)
	list := make([]bool, n)
	for i := range list {
		list[i] = b != nil && b[i/8]&(0x80>>(i%8)) != 0
	}
	return list
}

// optionalBits is bits, of which all may be said to be set.
func (p *parser7z) optionalBits(n int) []bool {
	if p.byte() == 0 {
		return p.bits(n)
	}
	list := make([]bool, n)
	for i := range list {
		list[i] = true
	}
	return list
}

func (p *parser7z) sumsOf(n int) []sum7z {
	list := make([]sum7z, n)
	for i, is := range p.optionalBits(n) {
		if b := []byte(nil); is {
			if b = p.bytes(4); b != nil {
				list[i] = sum7z{binary.LittleEndian.Uint32(b), true}
			}
		}
	}
	return list
}

// unpackHeader gives the directory that is packed itself.
func (p *parser7z) unpackHeader(content io.ReaderAt, most int64) ([]byte, error) {
	p.streams()
	switch {
	case p.err != nil:
		return nil, p.err
	case len(p.folders) != 1 || p.folders[0].size() > most:
		return nil, err7z
	}
	f := p.folders[0]
	for _, c := range f.coders {
		if c.method == aes7z {
			return nil, errEncrypted7z
		}
	}
	r, err := f.open(content)
	if err != nil {
		return nil, err
	}
	header, err := io.ReadAll(r)
	switch {
	case err != nil:
		return nil, err
	case int64(len(header)) != f.size():
		return nil, io.ErrUnexpectedEOF
	case f.hasSum && crc32.ChecksumIEEE(header) != f.sum:
		return nil, err7z
	}
	return header, nil
}

// directory reads what follows the mark of a header.
func (p *parser7z) directory() (*directory7z, error) {
	d := &directory7z{}
	for p.err == nil {
		switch p.byte() {
		case idEnd7z:
			return d, p.err
		case idProperties7z:
			for p.err == nil && p.byte() != idEnd7z {
				p.bytes(p.number())
			}
		case idStreams7z:
			p.streams()
		case idFiles7z:
			d.files = p.files()
		default: // idMore7z, which nobody writes
			p.fail()
		}
	}
	return nil, p.err
}

// streams reads where the packed bytes are and how they unpack.
func (p *parser7z) streams() {
	var off int64
	var packed []int64
	p.folders, p.sizes, p.sums = nil, nil, nil
	told := false
	for p.err == nil {
		switch p.byte() {
		case idEnd7z:
			p.place(off, packed)
			if !told {
				p.whole()
			}
			return
		case idPack7z:
			off, packed = p.pack()
		case idUnpack7z:
			p.unpack()
		case idSubstreams7z:
			p.substreams()
			told = true
		default:
			p.fail()
		}
	}
}

func (p *parser7z) pack() (off int64, sizes []int64) {
	off = p.number()
	n := p.count()
	for p.err == nil {
		switch p.byte() {
		case idEnd7z:
			return off, sizes
		case idSize7z:
			for range n {
				sizes = append(sizes, p.number())
			}
		case idSum7z:
			p.sumsOf(n)
		default:
			p.fail()
		}
	}
	return 0, nil
}

func (p *parser7z) unpack() {
	if p.byte() != idFolder7z {
		p.fail()
		return
	}
	n := p.count()
	if p.byte() != 0 { // stands elsewhere, which nobody writes
		p.fail()
	}
	for i := 0; i < n && p.err == nil; i++ {
		p.folders = append(p.folders, p.folder())
	}
	if p.byte() != idUnpackSize7z {
		p.fail()
	}
	for _, f := range p.folders {
		for range f.coders {
			f.sizes = append(f.sizes, p.number())
		}
	}
	for p.err == nil {
		switch p.byte() {
		case idEnd7z:
			return
		case idSum7z:
			for i, sum := range p.sumsOf(len(p.folders)) {
				p.folders[i].sum, p.folders[i].hasSum = sum.value, sum.is
			}
		default:
			p.fail()
		}
	}
}

const mostCoders7z = 8

// folder reads the coders of a stream. Those that are a chain, in which each has
// one input and one output, are what text is packed by; others become a method
// that nobody knows.
func (p *parser7z) folder() *folder7z {
	n := p.count()
	if n < 1 || n > mostCoders7z {
		p.fail()
		return &folder7z{}
	}
	f, chain, streams := &folder7z{coders: make([]coder7z, n)}, true, 0
	for i := range n {
		kind := p.byte()
		f.coders[i].method = string(p.bytes(int64(kind & 0xF)))
		if kind&0x10 != 0 {
			in, out := p.count(), p.count()
			chain = chain && in == 1 && out == 1
			streams += in - 1
		}
		if kind&0x20 != 0 {
			f.coders[i].properties = bytes.Clone(p.bytes(p.number()))
		}
	}
	p.bind(f, n, streams, chain)
	return f
}

// bind reads which coder feeds which.
func (p *parser7z) bind(f *folder7z, n, more int, chain bool) {
	from := make([]int, n) // the coder that gives what this one takes; -1: the packed bytes
	for i := range from {
		from[i] = -1
	}
	for range n - 1 {
		in, out := p.count(), p.count()
		if in < n && out < n {
			from[in] = out
		}
	}
	for range more + 1 {
		if more > 0 {
			p.number()
		}
	}
	if !chain || more != 0 {
		f.coders = make([]coder7z, n) // no method: unknown
		return
	}
	p.order(f, from)
}

// order puts the coders into the order in which the bytes pass through them.
func (p *parser7z) order(f *folder7z, from []int) {
	var ordered []coder7z
	for feeds := -1; len(ordered) < len(from); {
		next := -1
		for i, by := range from {
			if by == feeds {
				next = i
			}
		}
		if next < 0 {
			p.fail()
			return
		}
		ordered = append(ordered, f.coders[next])
		f.places = append(f.places, next)
		from[next] = len(from)
		feeds = next
	}
	f.coders = ordered
}

// place gives each stream its packed bytes and checks them.
func (p *parser7z) place(off int64, packed []int64) {
	off += signature7zBytes
	if len(packed) < len(p.folders) {
		p.fail()
		return
	}
	for i, f := range p.folders {
		if len(f.places) > 0 {
			sizes := make([]int64, len(f.places))
			for k, at := range f.places {
				sizes[k] = f.sizes[at]
			}
			f.sizes = sizes
		}
		f.off, f.packed = off, packed[i]
		if off += packed[i]; off < 0 || off > p.archiveBytes {
			p.fail()
			return
		}
	}
}

// whole says that each stream is one file.
func (p *parser7z) whole() {
	for _, f := range p.folders {
		f.files = 1
		p.sizes = append(p.sizes, f.size())
		p.sums = append(p.sums, sum7z{f.sum, f.hasSum})
	}
}

// substreams reads which part of a stream is which file.
func (p *parser7z) substreams() {
	for _, f := range p.folders {
		f.files = 1
	}
	id := p.byte()
	if id == idCount7z {
		for _, f := range p.folders {
			f.files = p.count()
		}
		id = p.byte()
	}
	p.fileSizes(id == idSize7z)
	if id == idSize7z {
		id = p.byte()
	}
	p.sums = p.fileSums(id == idSum7z)
	if id == idSum7z {
		id = p.byte()
	}
	if id != idEnd7z {
		p.fail()
	}
}

// fileSizes reads all sizes but the last of each stream, which is what is left.
func (p *parser7z) fileSizes(written bool) {
	for _, f := range p.folders {
		left := f.lastSize()
		for i := range f.files {
			size := left
			if i < f.files-1 {
				if !written {
					p.fail()
					return
				}
				size = p.number()
			}
			if left -= size; left < 0 || p.err != nil {
				p.fail()
				return
			}
			p.sizes = append(p.sizes, size)
		}
	}
}

// lastSize is what comes out of a stream, before its coders have their order.
func (f *folder7z) lastSize() int64 {
	if len(f.places) == 0 {
		return f.sizes[len(f.sizes)-1]
	}
	return f.sizes[f.places[len(f.places)-1]]
}

// fileSums reads the checksums of files that the streams' do not tell.
func (p *parser7z) fileSums(written bool) []sum7z {
	if p.err != nil {
		return nil
	}
	list := make([]sum7z, len(p.sizes))
	var unknown []int
	at := 0
	for _, f := range p.folders {
		for range f.files {
			if f.files == 1 && f.hasSum {
				list[at] = sum7z{f.sum, true}
			} else {
				unknown = append(unknown, at)
			}
			at++
		}
	}
	if !written {
		return list
	}
	for i, sum := range p.sumsOf(len(unknown)) {
		list[unknown[i]] = sum
	}
	return list
}

// files reads the names, and which of them are no files.
func (p *parser7z) files() []file7z {
	n := p.count()
	names, attributes := []string(nil), make([]uint32, n)
	empty, emptyFile := make([]bool, n), []bool(nil)
	for p.err == nil {
		id := p.byte()
		if id == idEnd7z {
			break
		}
		inside := &parser7z{b: p.bytes(p.number())}
		switch id {
		case idNames7z:
			names = inside.names(n)
		case idEmpty7z:
			empty = inside.bits(n)
		case idEmptyFile7z:
			emptyFile = inside.bits(countTrue(empty))
		case idAttributes7z:
			inside.attributes(attributes)
		}
		if inside.err != nil {
			p.fail()
		}
	}
	if p.err != nil || len(names) != n {
		p.fail()
		return nil
	}
	return p.assign(names, attributes, empty, emptyFile)
}

func countTrue(list []bool) (n int) {
	for _, is := range list {
		if is {
			n++
		}
	}
	return n
}

func (p *parser7z) names(n int) []string {
	if p.byte() != 0 {
		p.fail()
	}
	names := make([]string, 0, min(n, len(p.b)/2))
	var units []uint16
	for len(p.b) >= 2 {
		u := binary.LittleEndian.Uint16(p.bytes(2))
		if u != 0 {
			units = append(units, u)
			continue
		}
		names = append(names, string(utf16.Decode(units)))
		units = units[:0]
	}
	return names
}

func (p *parser7z) attributes(list []uint32) {
	defined := p.optionalBits(len(list))
	if p.byte() != 0 {
		p.fail()
	}
	for i, is := range defined {
		if b := []byte(nil); is {
			if b = p.bytes(4); b != nil {
				list[i] = binary.LittleEndian.Uint32(b)
			}
		}
	}
}

// assign gives each file that is not empty its part of a stream.
func (p *parser7z) assign(names []string, attributes []uint32, empty, emptyFile []bool) []file7z {
	files := make([]file7z, len(names))
	folder, inFolder, at, atEmpty := 0, 0, 0, 0
	for i, name := range names {
		f := &files[i]
		f.name = name
		f.isFolder, f.isLink = kind7z(attributes[i])
		if empty[i] {
			isFile := atEmpty < len(emptyFile) && emptyFile[atEmpty]
			f.isFolder = f.isFolder || !isFile
			atEmpty++
			continue
		}
		for folder < len(p.folders) && inFolder == p.folders[folder].files {
			folder, inFolder = folder+1, 0
		}
		if folder == len(p.folders) || at >= len(p.sizes) || at >= len(p.sums) {
			p.fail()
			return nil
		}
		f.folder, f.size = p.folders[folder], p.sizes[at]
		f.sum, f.hasSum = p.sums[at].value, p.sums[at].is
		inFolder, at = inFolder+1, at+1
	}
	return files
}

func kind7z(attributes uint32) (isFolder, isLink bool) {
	if attributes&unixBit7z == 0 {
		return attributes&folderBit7z != 0, false
	}
	mode := attributes >> 16 & unixKind7z
	return mode == unixDirectory7z, mode != unixRegular7z && mode != unixDirectory7z && mode != 0
}
