package files

import (
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"sort"
	"sync"

	"ret/shared/seal"
)

// Content is what a blob holds, decrypted as it is read. Close it when done. ReadAt
// may be called concurrently, Read and Seek by one goroutine at a time.
type Content struct {
	file   *os.File
	pieces []piece
	size   int64
	end    int64 // of the last piece in the file
	at     int64

	// Of a table chunks are remembered.
	key    *seal.Key
	chunks *chunks

	// Of reads that follow each other the chunk that two have a part of is decrypted once.
	mu    sync.Mutex
	chunk []byte
	start int64 // of chunk in its piece
	of    *seal.Part
}

// piece is a sealed part of a file and where its content begins in the whole.
type piece struct {
	*seal.Part
	at int64
}

// Size is how long the content is.
func (c *Content) Size() int64 { return c.size }

// Close lets go of the blob.
func (c *Content) Close() error { return c.file.Close() }

// Read implements io.Reader.
func (c *Content) Read(b []byte) (int, error) {
	n, err := c.ReadAt(b, c.at)
	c.at += int64(n)
	if n > 0 {
		err = nil
	}
	return n, err
}

// Seek implements io.Seeker.
func (c *Content) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += c.at
	case io.SeekEnd:
		offset += c.size
	}
	if offset < 0 {
		return c.at, fs.ErrInvalid
	}
	c.at = offset
	return offset, nil
}

// ReadAt implements io.ReaderAt. What is not what was stored is seal.ErrDamaged.
func (c *Content) ReadAt(b []byte, at int64) (n int, err error) {
	if at < 0 {
		return 0, fs.ErrInvalid
	}
	for i := c.pieceAt(at); i < len(c.pieces) && n < len(b); i++ {
		p := c.pieces[i]
		within := at + int64(n) - p.at
		want := b[n:][:min(int64(len(b)-n), p.Size()-within)]
		got, err := c.readPiece(p.Part, want, within)
		n += got
		if err != nil {
			return n, classify(err)
		}
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// pieceAt is the piece in which a place lies, or their number.
func (c *Content) pieceAt(at int64) int {
	return sort.Search(len(c.pieces), func(i int) bool { return at < c.pieces[i].at+c.pieces[i].Size() })
}

// readPiece fills b, which lies within the piece: whole chunks at once, and those of which
// it wants a part from the one that is held.
func (c *Content) readPiece(p *seal.Part, b []byte, at int64) (n int, err error) {
	if c.chunks != nil && len(b) < manyChunks {
		return c.readRemembered(p, b, at)
	}
	if !c.mu.TryLock() {
		return p.ReadAt(b, at)
	}
	defer c.mu.Unlock()
	for n < len(b) && err == nil {
		place := at + int64(n)
		start := place / seal.Chunk * seal.Chunk
		got := 0
		if whole := (len(b) - n) / seal.Chunk * seal.Chunk; place == start && whole > 0 {
			got, err = p.ReadAt(b[n:n+whole], place)
		} else if err = c.hold(p, start); err == nil {
			got = copy(b[n:], c.chunk[place-start:])
		}
		n += got
	}
	return n, err
}

// readRemembered fills b, which lies within the piece.
func (c *Content) readRemembered(p *seal.Part, b []byte, at int64) (n int, err error) {
	for n < len(b) {
		within := (at + int64(n)) % seal.Chunk
		chunk, err := c.chunks.read(c.key, p, at+int64(n)-within)
		if err != nil {
			return n, err
		}
		n += copy(b[n:], chunk[within:])
	}
	return n, nil
}

// hold decrypts the chunk of a piece that begins at a place, unless it is held already.
func (c *Content) hold(p *seal.Part, start int64) error {
	if c.of == p && c.start == start {
		return nil
	}
	if c.chunk == nil {
		c.chunk = make([]byte, seal.Chunk)
	}
	c.of = nil
	if _, err := p.ReadAt(c.chunk[:min(seal.Chunk, p.Size()-start)], start); err != nil {
		return err
	}
	c.of, c.start = p, start
	return nil
}

// openContent decrypts a file that holds a single part or pieces. id, if it is not
// "", is what the salts of these must come to: of content under another's name, or
// with a piece missing, that is not so.
func openContent(key *seal.Key, file *os.File, id string) (*Content, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, classify(err)
	}
	var list []pieceHead
	if isPieces(file) {
		list = readPieceHeads(file, info.Size())
	} else {
		list = []pieceHead{{from: 0, sealed: info.Size()}}
	}
	c := &Content{file: file}
	var salts []seal.Salt
	for _, head := range list {
		p, err := key.Open(io.NewSectionReader(file, head.from, head.sealed), head.sealed, bound(head, salts))
		if err != nil {
			return nil, classify(err)
		}
		c.pieces = append(c.pieces, piece{p, c.size})
		c.size += p.Size()
		c.end = head.end()
		salts = append(salts, p.Salt())
	}
	if id != "" && seal.ID(salts...) != id {
		return nil, ErrDamaged
	}
	return c, nil
}

// Open opens a complete blob for reading, or fails with ErrDamaged if it is another
// than its name says.
func (f *Folder) Open(blob string) (*Content, error) {
	file, err := f.root.Open(blob)
	if err != nil {
		return nil, fmt.Errorf("open blob: %w", classify(err))
	}
	c, err := openContent(f.key, file, path.Base(blob))
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("open blob: %w", err)
	}
	if path.Dir(blob) == output {
		c.key, c.chunks = f.key, f.chunks
	}
	return c, nil
}

// OpenWhole opens a complete blob for reading, or fails with ErrDamaged if it has not
// the size that is known of it.
func (f *Folder) OpenWhole(blob string, size int64) (*Content, error) {
	c, err := f.Open(blob)
	if err != nil {
		return nil, err
	}
	if c.size != size {
		_ = c.Close()
		return nil, fmt.Errorf("open blob: %w", ErrDamaged)
	}
	return c, nil
}

// ErrDamaged says that a blob is not what was stored under its name.
var ErrDamaged = seal.ErrDamaged

// Pieces of an upload follow each other in one file, each a part with a head that
// says how long it is. The head of the last one is written when it is whole and
// synced, so that what a crash leaves of a piece is known not to be one.
const pieceHeadSize = 16

var pieceMark = [8]byte{'R', 'E', 'T', 'p', 'i', 'e', 'c', 'e'}

// pieceHead says where a piece's part lies in its file, and where its content does
// in the upload.
type pieceHead struct {
	from, sealed int64
	at           int64
	piece        bool
}

func isPieces(file io.ReaderAt) bool {
	var b [len(pieceMark)]byte
	_, err := file.ReadAt(b[:], 0)
	return err == nil && b == pieceMark
}

// readPieceHeads finds the pieces that are whole.
func readPieceHeads(file io.ReaderAt, size int64) (list []pieceHead) {
	var at, content int64
	for {
		var b [pieceHeadSize]byte
		if _, err := file.ReadAt(b[:], at); err != nil || [8]byte(b[:]) != pieceMark {
			return list
		}
		sealed := int64(binary.LittleEndian.Uint64(b[8:]))
		plain, ok := seal.PlainSize(sealed)
		if !ok || at+pieceHeadSize+sealed > size {
			return list
		}
		list = append(list, pieceHead{from: at + pieceHeadSize, sealed: sealed, at: content, piece: true})
		at += pieceHeadSize + sealed
		content += plain
	}
}

// end is where the next piece may begin.
func (h pieceHead) end() int64 { return h.from + h.sealed }

// write writes the head in front of its part.
func (h pieceHead) write(file io.WriterAt) error {
	b := append(pieceMark[:], 0, 0, 0, 0, 0, 0, 0, 0)
	binary.LittleEndian.PutUint64(b[8:], uint64(h.sealed))
	_, err := file.WriteAt(b, h.from-pieceHeadSize)
	return err
}

// bound is what a piece is tied to: its place, and the first piece of its upload.
func bound(h pieceHead, before []seal.Salt) []byte {
	if !h.piece {
		return nil
	}
	b := binary.LittleEndian.AppendUint64(nil, uint64(h.at))
	if len(before) > 0 {
		b = append(b, before[0][:]...)
	}
	return b
}
