package index

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"

	"ret/shared/fault"
)

// A chunk says of up to chunkRows rows in which of them each gram stands, and where each
// begins in its table. Its grams are in buckets, which are read one at a time: a head with
// the grams of the bucket and how long the list of each is, then the lists. The places
// of the rows follow the buckets.
const (
	chunkRows  = 1 << 15
	bucketSize = 64 // grams
	buckets    = (grams + bucketSize - 1) / bucketSize

	// chunkPairs ends a chunk of long rows early: it bounds what making one takes.
	chunkPairs = 4 << 20
	// So do rows so far from the first of their table: then their places fit into placeBytes.
	chunkReach = 1 << 30
	placeBytes = 4

	// A list of so many rows is a bitmap, which is shorter then.
	bitmapFrom  = chunkRows / 8
	bitmapBytes = chunkRows / 8
)

// rowSet are rows of a chunk.
type rowSet [chunkRows / 64]uint64

func (s *rowSet) add(row uint32) { s[row/64] |= 1 << (row % 64) }

func (s *rowSet) intersect(other *rowSet) (any bool) {
	var all uint64
	for i := range s {
		s[i] &= other[i]
		all |= s[i]
	}
	return all != 0
}

func (s *rowSet) unite(other *rowSet) {
	for i := range s {
		s[i] |= other[i]
	}
}

func (s *rowSet) fill() {
	for i := range s {
		s[i] = ^uint64(0)
	}
}

// next is the first row of the set from one on; chunkRows if there is none.
func (s *rowSet) next(row int) int {
	if row >= chunkRows {
		return chunkRows
	}
	i := row / 64
	word := s[i] >> (row % 64)
	if word != 0 {
		return row + bits.TrailingZeros64(word)
	}
	for i++; i < len(s); i++ {
		if s[i] != 0 {
			return i*64 + bits.TrailingZeros64(s[i])
		}
	}
	return chunkRows
}

// builder collects the rows of one chunk, then of the next.
type builder struct {
	rows   uint32
	reach  uint32   // the greatest place
	places []byte   // of the rows
	last   []uint32 // by gram: the row in which it stood last, from 1; 0: none
	counts []uint32 // by gram: rows
	pairs  []uint32 // gram and row

	sorted []uint16 // rows, by gram
	out    []byte
	heads  []byte
}

func newBuilder() *builder {
	return &builder{last: make([]uint32, grams), counts: make([]uint32, grams)}
}

const rowBits = 15

// add takes the text of the next row, and where that begins, seen from the first of its
// table in this chunk.
func (b *builder) add(text []byte, place uint32) {
	row := b.rows
	b.rows++
	b.reach = max(b.reach, place)
	b.places = binary.LittleEndian.AppendUint32(b.places, place)
	if len(text) < 3 {
		return
	}
	last, mark := b.last, row+1
	first, second := code[text[0]], code[text[1]]
	for _, c := range text[2:] {
		third := code[c]
		gram := (first*codes+second)*codes + third
		first, second = second, third
		if last[gram] != mark {
			last[gram] = mark
			b.counts[gram]++
			b.pairs = append(b.pairs, gram<<rowBits|row)
		}
	}
}

func (b *builder) full() bool {
	return b.rows == chunkRows || len(b.pairs) >= chunkPairs || b.reach >= chunkReach
}

// write writes the chunk and begins the next. It returns where each bucket begins in it,
// and the places.
func (b *builder) write(w io.Writer) (begins []uint32, err error) {
	b.sort()
	b.out = b.out[:0]
	begins = make([]uint32, 0, buckets+1)
	at := uint32(0)
	for from := uint32(0); from < grams; from += bucketSize {
		begins = append(begins, uint32(len(b.out)))
		at = b.bucket(from, at)
	}
	begins = append(begins, uint32(len(b.out)))
	b.out = append(b.out, b.places...)
	b.rows, b.reach, b.places, b.pairs = 0, 0, b.places[:0], b.pairs[:0]
	clear(b.last)
	clear(b.counts)
	_, err = w.Write(b.out)
	return begins, err
}

// sort sorts the pairs by gram; the rows of one are in order already.
func (b *builder) sort() {
	if cap(b.sorted) < len(b.pairs) {
		b.sorted = make([]uint16, len(b.pairs)+len(b.pairs)/4)
	}
	b.sorted = b.sorted[:len(b.pairs)]
	next := b.last // not needed any more
	at := uint32(0)
	for gram, n := range b.counts {
		next[gram] = at
		at += n
	}
	for _, pair := range b.pairs {
		gram := pair >> rowBits
		b.sorted[next[gram]] = uint16(pair & (chunkRows - 1))
		next[gram]++
	}
}

// bucket appends the bucket that begins with a gram, whose rows begin at a place; it
// returns where those of the next one do.
func (b *builder) bucket(from, at uint32) uint32 {
	head := b.heads[:0]
	end := min(from+bucketSize, grams)
	lists := at
	previous := from
	for gram := from; gram < end; gram++ {
		n := b.counts[gram]
		if n == 0 {
			continue
		}
		head = binary.AppendUvarint(head, uint64(gram-previous))
		head = binary.AppendUvarint(head, uint64(n))
		head = binary.AppendUvarint(head, uint64(listBytes(b.sorted[at:at+n])))
		previous = gram
		at += n
	}
	b.heads = head
	if len(head) == 0 {
		return at
	}
	b.out = binary.AppendUvarint(b.out, uint64(len(head)))
	b.out = append(b.out, head...)
	for gram := from; gram < end; gram++ {
		n := b.counts[gram]
		b.out = appendList(b.out, b.sorted[lists:lists+n])
		lists += n
	}
	return at
}

// listBytes is how long a list is that is written.
func listBytes(rows []uint16) (n int) {
	if len(rows) >= bitmapFrom {
		return bitmapBytes
	}
	previous := -1
	for _, row := range rows {
		if n++; int(row)-previous > 0x7f {
			n++
			if int(row)-previous > 0x3fff {
				n++
			}
		}
		previous = int(row)
	}
	return n
}

// appendList writes rows as the gaps between them, or as a bitmap.
func appendList(out []byte, rows []uint16) []byte {
	if len(rows) >= bitmapFrom {
		n := len(out)
		out = append(out, make([]byte, bitmapBytes)...)
		for _, row := range rows {
			out[n+int(row)/8] |= 1 << (row % 8)
		}
		return out
	}
	previous := -1
	for _, row := range rows {
		out = binary.AppendUvarint(out, uint64(int(row)-previous))
		previous = int(row)
	}
	return out
}

var errBroken = fault.New(fault.Damaged, "The index of this session cannot be read. It is made anew.")

// findList finds a gram's rows in its bucket, and adds them to a set, which is empty.
func findList(bucket []byte, gram uint32, set *rowSet) error {
	if len(bucket) == 0 {
		return nil
	}
	size, n := binary.Uvarint(bucket)
	if n <= 0 || size > uint64(len(bucket)-n) {
		return fmt.Errorf("head of a bucket: %w", errBroken)
	}
	head, lists := bucket[n:n+int(size)], bucket[n+int(size):]
	for at := uint64(gram / bucketSize * bucketSize); len(head) > 0; {
		var entry [3]uint64 // gap to the gram, rows, bytes
		for i := range entry {
			value, n := binary.Uvarint(head)
			if n <= 0 {
				return fmt.Errorf("head of a bucket: %w", errBroken)
			}
			entry[i], head = value, head[n:]
		}
		at += entry[0]
		if entry[2] > uint64(len(lists)) {
			return fmt.Errorf("list of a bucket: %w", errBroken)
		}
		if at == uint64(gram) {
			return readList(lists[:entry[2]], int(entry[1]), set)
		}
		lists = lists[entry[2]:]
	}
	return nil
}

func readList(list []byte, n int, set *rowSet) error {
	if n >= bitmapFrom {
		if len(list) != bitmapBytes {
			return fmt.Errorf("bitmap: %w", errBroken)
		}
		for i := range set {
			set[i] = binary.LittleEndian.Uint64(list[i*8:])
		}
		return nil
	}
	row := -1
	for len(list) > 0 {
		gap := int(list[0])
		if gap < 0x80 {
			list = list[1:]
		} else {
			wide, n := binary.Uvarint(list)
			if n <= 0 || wide > chunkRows {
				return fmt.Errorf("list: %w", errBroken)
			}
			gap, list = int(wide), list[n:]
		}
		if row += gap; row >= chunkRows {
			return fmt.Errorf("list: %w", errBroken)
		}
		set.add(uint32(row))
	}
	return nil
}
