package opfs

import (
	"bytes"
	"encoding/binary"

	"lukechampine.com/adiantum"
	"lukechampine.com/adiantum/hbsh"
)

// blockBytes is what is encrypted together. SQLite is told that so much is written
// together, and fills its log up to such a place with each commit: so a power cut in
// the middle of a block takes along nothing that was promised to be on disk.
const blockBytes = sectorBytes

// Seal encrypts what handles hold, headers and all, by Adiantum with a key of 32
// bytes: the cipher of the server's databases, which keeps lengths. A block of each
// place of each file is encrypted differently, and one of zeros alone is left as it is:
// room in which nothing is. What another key has written reads as noise.
//
// The handles stay usable by one goroutine at a time.
func Seal(handles []Handle, key []byte) []Handle {
	cipher := adiantum.New(key)
	list := make([]Handle, len(handles))
	for i, h := range handles {
		list[i] = &sealed{Handle: h, cipher: cipher, number: uint32(i), lastAt: -1}
	}
	return list
}

// sealed is a handle of a file of whole blocks.
type sealed struct {
	Handle
	cipher *hbsh.HBSH
	number uint32 // of the file
	buffer []byte

	// The last block that was written and is not empty, in clear: where a log goes on.
	last   [blockBytes]byte
	lastAt int64 // -1: not known
}

// ReadAt implements Handle. A block that was cut off counts as not there.
func (s *sealed) ReadAt(p []byte, off int64) (int, error) {
	from, to := around(p, off)
	blocks := s.room(to - from)
	n, err := s.readBlocks(blocks, from)
	if skip := int(off - from); n > skip {
		return copy(p, blocks[skip:n]), err
	}
	return 0, err
}

// WriteAt implements Handle. Of the first and the last block what p leaves is kept.
func (s *sealed) WriteAt(p []byte, off int64) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	from, to := around(p, off)
	blocks := s.room(to - from)
	if err := s.keepEdges(blocks, p, off, from); err != nil {
		return 0, err
	}
	copy(blocks[off-from:], p)
	s.lastAt = -1
	for at := 0; at < len(blocks); at += blockBytes {
		block := blocks[at : at+blockBytes]
		if isEmpty(block) {
			continue
		}
		copy(s.last[:], block)
		s.lastAt = from + int64(at)
		s.cipher.Encrypt(block, s.tweak(s.lastAt))
	}
	n, err := s.Handle.WriteAt(blocks, from)
	if err != nil || n < len(blocks) {
		s.lastAt = -1
	}
	return min(max(0, n-int(off-from)), len(p)), err
}

// keepEdges reads the first and the last of the blocks that p is written into, where p
// does not fill them.
func (s *sealed) keepEdges(blocks, p []byte, off, from int64) error {
	clear(blocks[:blockBytes])
	last := len(blocks) - blockBytes
	clear(blocks[last:])
	end := off + int64(len(p))
	if off > from || last == 0 && end < from+blockBytes {
		if _, err := s.readBlocks(blocks[:blockBytes], from); err != nil {
			return err
		}
	}
	if last > 0 && end < from+int64(len(blocks)) {
		if _, err := s.readBlocks(blocks[last:], from+int64(last)); err != nil {
			return err
		}
	}
	return nil
}

// readBlocks decrypts the whole blocks that are there.
func (s *sealed) readBlocks(blocks []byte, from int64) (int, error) {
	if from == s.lastAt && len(blocks) == blockBytes {
		return copy(blocks, s.last[:]), nil
	}
	n, err := s.Handle.ReadAt(blocks, from)
	whole := n - n%blockBytes
	clear(blocks[whole:n])
	for at := 0; at < whole; at += blockBytes {
		if block := blocks[at : at+blockBytes]; !isEmpty(block) {
			s.cipher.Decrypt(block, s.tweak(from+int64(at)))
		}
	}
	return whole, err
}

// Truncate implements Handle, at the end of a block.
func (s *sealed) Truncate(size int64) error {
	s.lastAt = -1
	return s.Handle.Truncate(roundUp(size))
}

// Size implements Handle: that of the whole blocks.
func (s *sealed) Size() (int64, error) {
	size, err := s.Handle.Size()
	return size - size%blockBytes, err
}

// tweak makes a block's encryption that of its place.
func (s *sealed) tweak(at int64) []byte {
	var t [12]byte
	binary.LittleEndian.PutUint64(t[:], uint64(at))
	binary.LittleEndian.PutUint32(t[8:], s.number)
	return t[:]
}

var empty [blockBytes]byte

func isEmpty(block []byte) bool { return bytes.Equal(block, empty[:]) }

// room is memory for so many bytes, until it is asked for again.
func (s *sealed) room(n int64) []byte {
	if int64(cap(s.buffer)) < n {
		s.buffer = make([]byte, n)
	}
	return s.buffer[:n]
}

// around is where the blocks begin and end that p lies in.
func around(p []byte, off int64) (from, to int64) {
	return off - off%blockBytes, roundUp(off + int64(len(p)))
}

func roundUp(n int64) int64 { return (n + blockBytes - 1) / blockBytes * blockBytes }
