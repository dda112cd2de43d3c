//go:build !js

package archive

import (
	"bufio"
	"compress/bzip2"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/flate"

	"ret/shared/fault"
)

// sevenZipMembers unpacks a 7z archive: its files stand one behind another in few
// streams, so that they can only be had in their order. All of them go into one
// room. With an error it returns the members before it too.
func (l *lister) sevenZipMembers(content io.ReaderAt, size int64, inside layer) ([]member, error) {
	directory, err := read7z(content, size, 2*l.limits.Files+10_000)
	if err != nil {
		return nil, explain7z(err)
	}
	u := unpacker7z{lister: l, content: content, room: l.room(), layer: inside}
	defer u.room.settled()
	for _, f := range directory.files {
		if err := u.add(directory, f); err != nil {
			return u.members, err
		}
	}
	return u.members, nil
}

func explain7z(err error) error {
	switch {
	case fault.KindOf(err) != fault.Internal:
		return err
	case errors.Is(err, errEncrypted7z):
		return fault.Wrap(fault.Invalid, err, "The archive is encrypted, even its table of contents. RET knows no passwords: unpack it yourself and hand over what is in it.")
	}
	return fault.Wrap(fault.Invalid, err, "The archive is damaged or cut off: its table of contents cannot be read. Copy or download it again.")
}

// unpacker7z goes through the files of an archive in their order.
type unpacker7z struct {
	*lister
	layer
	content io.ReaderAt
	room    *room
	members []member

	folder *folder7z
	stream *bufio.Reader // what is left of folder
	broken error         // why nothing more comes from folder
}

// add unpacks one file. The error is one that ends the listing.
func (u *unpacker7z) add(d *directory7z, f file7z) error {
	if err := u.ctx.Err(); err != nil {
		return err
	}
	m := member{name: f.name, isFolder: f.isFolder, spent: true}
	if f.isLink {
		m.skip = notAFile
	}
	if f.folder != nil {
		u.enter(f.folder)
		m.packed = f.folder.share(f.size)
	}
	begin := u.room.n
	err := u.unpack(f)
	if cause, ok := u.ends(err); ok {
		return cause
	}
	if err != nil {
		m.err = explain(err)
	} else {
		m.data = section{u.room, begin, f.size}
	}
	u.members = append(u.members, m)
	return nil
}

// enter begins a stream.
func (u *unpacker7z) enter(f *folder7z) {
	if u.folder == f {
		return
	}
	u.folder, u.broken = f, nil
	r, err := f.open(u.content)
	if err != nil {
		u.broken = err
		return
	}
	u.stream = bufio.NewReaderSize(r, 32<<10)
}

// unpack takes a file from its stream. What has failed once fails for all that
// comes behind in the same stream.
func (u *unpacker7z) unpack(f file7z) error {
	switch {
	case f.folder == nil:
		return nil
	case u.broken != nil:
		return u.broken
	}
	packed := f.folder.share(f.size)
	if err := u.spend(packed, f.size); err != nil {
		u.broken = err
		return err
	}
	sum := crc32.NewIEEE()
	n, err := u.room.fill(io.TeeReader(io.LimitReader(u.stream, f.size), sum))
	switch {
	case err != nil:
		u.broken = err
	case n < f.size:
		u.broken = io.ErrUnexpectedEOF
	case f.hasSum && sum.Sum32() != f.sum:
		return fault.New(fault.Invalid, "The archive is damaged: this file does not match its checksum.")
	}
	return u.broken
}

// open unpacks a stream: its coders feed one another.
func (f *folder7z) open(content io.ReaderAt) (io.Reader, error) {
	var r io.Reader = io.NewSectionReader(content, f.off, f.packed)
	for i, c := range f.coders {
		var err error
		if r, err = c.open(r, f.sizes[i]); err != nil {
			return nil, err
		}
	}
	return io.LimitReader(r, f.size()), nil
}

// The methods of compression in a 7z that text is packed by.
const (
	copy7z     = "\x00"
	lzma7z     = "\x03\x01\x01"
	lzma27z    = "\x21"
	deflate7z  = "\x04\x01\x08"
	deflate647 = "\x04\x01\x09"
	bzip27z    = "\x04\x02\x02"
	zstd7z     = "\x04\xF7\x11\x01"
	aes7z      = "\x06\xF1\x07\x01"
)

func (c coder7z) open(r io.Reader, size int64) (io.Reader, error) {
	switch c.method {
	case copy7z:
		return r, nil
	case lzma7z:
		return newLZMA(c.properties, size, bufio.NewReader(r))
	case lzma27z:
		if len(c.properties) != 1 {
			return nil, err7z
		}
		return newLZMA2(c.properties[0], size, bufio.NewReader(r))
	case deflate7z:
		return flate.NewReader(r), nil
	case deflate647:
		return newInflater64(r), nil
	case bzip27z:
		return bzip2.NewReader(r), nil
	case zstd7z:
		return newZstd(r)
	case aes7z:
		return nil, errEncrypted
	}
	return nil, fault.Wrap(fault.Invalid, fmt.Errorf("method %x", c.method), "This file is compressed in a way that RET cannot read. Pack the archive again with the usual method.")
}
