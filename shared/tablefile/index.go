package tablefile

import (
	"encoding/binary"

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
