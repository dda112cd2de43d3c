package tablefile

import (
	"bytes"
	"encoding/binary"
	"io"

	"ret/shared/fault"
)

// indexEvery is the number of rows from one indexed row to the next: what a jump
// to any row reads in vain.
const indexEvery = 256

// Index says where in a stored table its rows begin, sparsely: a few bytes for
// every 256 rows.
type Index struct {
	Rows  int64 // without the header
	Bytes int64 // of the whole table

	offsets []int64 // of rows 0, 256, 512, …; the first follows the header
}

const indexVersion = 1

// MarshalBinary never fails.
func (x Index) MarshalBinary() ([]byte, error) {
	b := []byte{indexVersion}
	b = binary.AppendUvarint(b, uint64(x.Rows))
	b = binary.AppendUvarint(b, uint64(x.Bytes))
	b = binary.AppendUvarint(b, uint64(len(x.offsets)))
	var last int64
	for _, off := range x.offsets {
		b = binary.AppendUvarint(b, uint64(off-last))
		last = off
	}
	return b, nil
}

// UnmarshalBinary reads what MarshalBinary wrote; anything else is fault.Invalid.
func (x *Index) UnmarshalBinary(data []byte) error {
	d := indexDecoder{rest: data}
	version := d.byte()
	read := Index{Rows: d.number(), Bytes: d.number()}
	count := d.number()
	if count > int64(len(data)) {
		d.bad = true
	}
	var last int64
	for i := int64(0); i < count && !d.bad; i++ {
		last += d.number()
		read.offsets = append(read.offsets, last)
	}
	if d.bad || version != indexVersion || len(d.rest) > 0 || !read.consistent() {
		return fault.New(fault.Invalid, "The index of a stored table is damaged. Convert the file again.")
	}
	*x = read
	return nil
}

// consistent keeps a damaged index from being trusted with offsets.
func (x Index) consistent() bool {
	last := int64(0)
	for _, off := range x.offsets {
		if off < last || off > x.Bytes {
			return false
		}
		last = off
	}
	return int64(len(x.offsets)) == x.Rows/indexEvery+1
}

type indexDecoder struct {
	rest []byte
	bad  bool
}

func (d *indexDecoder) byte() byte {
	if len(d.rest) == 0 {
		d.bad = true
		return 0
	}
	b := d.rest[0]
	d.rest = d.rest[1:]
	return b
}

func (d *indexDecoder) number() int64 {
	v, n := binary.Uvarint(d.rest)
	if n <= 0 || v > 1<<62 {
		d.bad = true
		return 0
	}
	d.rest = d.rest[n:]
	return int64(v)
}

// indexer passes CSV on to w and notes where rows begin: after each line end
// that stands outside quotes.
type indexer struct {
	w      io.Writer
	index  Index // Rows counts the header here
	quoted bool
}

func (x *indexer) Write(p []byte) (int, error) {
	n, err := x.w.Write(p)
	x.note(p[:n])
	return n, err
}

func (x *indexer) note(p []byte) {
	for len(p) > 0 {
		plain := bytes.IndexByte(p, '"')
		if plain < 0 {
			plain = len(p)
		}
		if !x.quoted {
			x.noteLines(p[:plain])
		}
		x.index.Bytes += int64(plain)
		if plain == len(p) {
			return
		}
		x.quoted = !x.quoted
		x.index.Bytes++
		p = p[plain+1:]
	}
}

// noteLines notes the rows that begin in p, none of which is quoted.
func (x *indexer) noteLines(p []byte) {
	at := 0
	for {
		i := bytes.IndexByte(p[at:], '\n')
		if i < 0 {
			return
		}
		at += i + 1
		if x.index.Rows%indexEvery == 0 {
			x.index.offsets = append(x.index.offsets, x.index.Bytes+int64(at))
		}
		x.index.Rows++
	}
}

// finish gives the index of what was written.
func (x *indexer) finish() Index {
	index := x.index
	index.Rows--
	return index
}
