package archive

import (
	"bufio"
	"errors"
	"io"
	"math/bits"
)

// inflater64 reads Deflate64, PKWARE's kin of RFC 1951 with a window of 64 KiB.
// It differs in three places: the last length has 16 extra bits, there are two
// more distances, and the window is twice as large. It takes as much memory as
// the window, whatever it reads.
type inflater64 struct {
	in   *bufio.Reader
	acc  uint64
	have uint

	window [window64Bytes]byte
	at     int // where the next byte goes
	out    int // bytes in the window that were not given out

	last    bool // the block that is read is the last one
	stored  int  // bytes left of a stored block
	coded   bool // within a coded block
	literal *huffman64
	offset  *huffman64
	length  int // left of a copy
	back    int // … and from how far
	written int64
	err     error
}

const window64Bytes = 64 << 10

var errDeflate64 = errors.New("deflate64: damaged data")

func newInflater64(r io.Reader) *inflater64 { return &inflater64{in: bufio.NewReader(r)} }

// Read implements io.Reader.
func (f *inflater64) Read(p []byte) (int, error) {
	for f.out == 0 {
		if f.err != nil {
			return 0, f.err
		}
		f.err = f.step()
	}
	begin := (f.at - f.out) & (window64Bytes - 1)
	n := copy(p, f.window[begin:min(begin+f.out, window64Bytes)])
	f.out -= n
	return n, nil
}

// put takes a byte of what comes out.
func (f *inflater64) put(c byte) {
	f.window[f.at] = c
	f.at = (f.at + 1) & (window64Bytes - 1)
	f.out++
	f.written++
}

// room is how much may come out before some is taken.
func (f *inflater64) room() int { return window64Bytes/2 - f.out }

// step goes on until something came out or the data ends.
func (f *inflater64) step() error {
	switch {
	case f.length > 0:
		f.copyBack()
		return nil
	case f.stored > 0:
		return f.copyStored()
	case f.coded:
		return f.symbols()
	case f.last:
		return io.EOF
	}
	return f.block()
}

func (f *inflater64) copyBack() {
	for f.length > 0 && f.room() > 0 {
		f.put(f.window[(f.at-f.back)&(window64Bytes-1)])
		f.length--
	}
}

func (f *inflater64) copyStored() error {
	for f.stored > 0 && f.room() > 0 {
		c, err := f.bits(8)
		if err != nil {
			return err
		}
		f.put(byte(c))
		f.stored--
	}
	return nil
}

// bits takes n bits, at most 32.
func (f *inflater64) bits(n uint) (uint32, error) {
	for f.have < n {
		c, err := f.in.ReadByte()
		if err != nil {
			return 0, cutOff(err)
		}
		f.acc |= uint64(c) << f.have
		f.have += 8
	}
	v := uint32(f.acc & (1<<n - 1))
	f.acc >>= n
	f.have -= n
	return v, nil
}

func cutOff(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// block reads a block's header.
func (f *inflater64) block() error {
	head, err := f.bits(3)
	if err != nil {
		return err
	}
	f.last = head&1 != 0
	switch head >> 1 {
	case 0:
		return f.storedBlock()
	case 1:
		f.literal, f.offset, f.coded = fixedLiteral64, fixedOffset64, true
		return nil
	case 2:
		f.coded = true
		return f.tables()
	}
	return errDeflate64
}

func (f *inflater64) storedBlock() error {
	if _, err := f.bits(f.have % 8); err != nil {
		return err
	}
	n, err := f.bits(16)
	if err != nil {
		return err
	}
	not, err := f.bits(16)
	if err != nil {
		return err
	}
	if n != not^0xFFFF {
		return errDeflate64
	}
	f.stored = int(n)
	return nil
}

// symbols reads literals, up to a copy, the block's end, or until enough has come.
func (f *inflater64) symbols() error {
	for f.room() > 0 {
		s, err := f.symbol(f.literal)
		switch {
		case err != nil:
			return err
		case s < 256:
			f.put(byte(s))
		case s == 256:
			f.coded = false
			return nil
		default:
			return f.match(s - 257)
		}
	}
	return nil
}

// match reads a copy's length and distance.
func (f *inflater64) match(s int) error {
	if s >= len(lengths64) {
		return errDeflate64
	}
	extra, err := f.bits(uint(lengths64[s].bits))
	if err != nil {
		return err
	}
	d, err := f.symbol(f.offset)
	if err != nil {
		return err
	}
	if d >= 32 {
		return errDeflate64
	}
	base, n := d+1, uint(0)
	if d >= 4 {
		n = uint(d/2 - 1)
		base = (2|d&1)<<n + 1
	}
	more, err := f.bits(n)
	if err != nil {
		return err
	}
	f.length, f.back = lengths64[s].base+int(extra), base+int(more)
	if int64(f.back) > f.written {
		return errDeflate64
	}
	f.copyBack()
	return nil
}

// lengths64 are the lengths of copies by symbol: those of Deflate but for the last.
var lengths64 = func() (list [29]struct{ base, bits int }) {
	base := 3
	for i := range list {
		n := max(0, i/4-1)
		list[i].base, list[i].bits = base, n
		base += 1 << n
	}
	list[28].base, list[28].bits = 3, 16
	return list
}()

// codeOrder64 is the order in which the lengths of the code of lengths come.
var codeOrder64 = [19]int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// tables reads a block's own codes.
func (f *inflater64) tables() error {
	head, err := f.bits(14)
	if err != nil {
		return err
	}
	literals, offsets, codes := int(head&31)+257, int(head>>5&31)+1, int(head>>10)+4
	var order [19]uint8
	for i := range codes {
		n, err := f.bits(3)
		if err != nil {
			return err
		}
		order[codeOrder64[i]] = uint8(n)
	}
	code, err := newHuffman64(order[:])
	if err != nil {
		return err
	}
	lengths, err := f.codeLengths(code, literals+offsets)
	if err != nil {
		return err
	}
	if f.literal, err = newHuffman64(lengths[:literals]); err != nil {
		return err
	}
	f.offset, err = newHuffman64(lengths[literals:])
	return err
}

func (f *inflater64) codeLengths(code *huffman64, n int) ([]uint8, error) {
	lengths := make([]uint8, 0, 320)
	for len(lengths) < n {
		s, err := f.symbol(code)
		if err != nil {
			return nil, err
		}
		if s < 16 {
			lengths = append(lengths, uint8(s))
			continue
		}
		var value uint8
		count, extra := 3, uint(s-14)
		if s == 16 {
			if len(lengths) == 0 {
				return nil, errDeflate64
			}
			value = lengths[len(lengths)-1]
		}
		if s == 17 {
			extra = 3
		}
		if s == 18 {
			count, extra = 11, 7
		}
		more, err := f.bits(extra)
		if err != nil {
			return nil, err
		}
		for range count + int(more) {
			lengths = append(lengths, value)
		}
		if len(lengths) > n {
			return nil, errDeflate64
		}
	}
	return lengths, nil
}

// huffman64 is a canonical code: how many symbols have each length, and the
// symbols in the order of their codes.
type huffman64 struct {
	count   [16]int
	symbols []uint16
	short   [1 << shortBits64]uint16 // symbol<<4 | length, for codes that are short
}

const shortBits64 = 9

func newHuffman64(lengths []uint8) (*huffman64, error) {
	h := &huffman64{symbols: make([]uint16, len(lengths))}
	for _, n := range lengths {
		h.count[n]++
	}
	h.count[0] = 0
	left, first := 1, [17]int{}
	var code, next [17]int
	for n := 1; n < 16; n++ {
		left = left<<1 - h.count[n]
		if left < 0 {
			return nil, errDeflate64
		}
		first[n+1] = first[n] + h.count[n]
		code[n+1] = (code[n] + h.count[n]) << 1
	}
	next = code
	for s, n := range lengths {
		if n == 0 {
			continue
		}
		h.symbols[first[n]] = uint16(s)
		first[n]++
		if n <= shortBits64 {
			reversed := int(bits.Reverse16(uint16(next[n]))) >> (16 - n)
			for i := reversed; i < len(h.short); i += 1 << n {
				h.short[i] = uint16(s)<<4 | uint16(n)
			}
		}
		next[n]++
	}
	return h, nil
}

// symbol reads one symbol.
func (f *inflater64) symbol(h *huffman64) (int, error) {
	for f.have < 15 {
		c, err := f.in.ReadByte()
		if err == io.EOF {
			break
		}
		if err != nil {
			return 0, err
		}
		f.acc |= uint64(c) << f.have
		f.have += 8
	}
	if e := h.short[f.acc&(1<<shortBits64-1)]; e != 0 && uint(e&15) <= f.have {
		f.acc >>= e & 15
		f.have -= uint(e & 15)
		return int(e >> 4), nil
	}
	return f.longSymbol(h)
}

func (f *inflater64) longSymbol(h *huffman64) (int, error) {
	code, first, index := 0, 0, 0
	for n := uint(1); n < 16; n++ {
		if n > f.have {
			return 0, io.ErrUnexpectedEOF
		}
		code |= int(f.acc >> (n - 1) & 1)
		if count := h.count[n]; code-count < first {
			f.acc >>= n
			f.have -= n
			return int(h.symbols[index+code-first]), nil
		} else {
			index += count
			first = (first + count) << 1
			code <<= 1
		}
	}
	return 0, errDeflate64
}

var (
	fixedLiteral64 = mustHuffman64(fixedLengths64())
	fixedOffset64  = mustHuffman64(bytesOf(32, 5))
)

func fixedLengths64() []uint8 {
	return append(append(append(bytesOf(144, 8), bytesOf(112, 9)...), bytesOf(24, 7)...), bytesOf(8, 8)...)
}

func bytesOf(n int, value uint8) []uint8 {
	list := make([]uint8, n)
	for i := range list {
		list[i] = value
	}
	return list
}

func mustHuffman64(lengths []uint8) *huffman64 {
	h, err := newHuffman64(lengths)
	if err != nil {
		panic(err) // the lengths are constant
	}
	return h
}
