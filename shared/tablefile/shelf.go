package tablefile

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/hex"
	"io"
	"math"
)

// Shelf keeps views where there is more room than in memory: the numbers of their rows,
// four bytes each. It may lose what it keeps, which is made anew then. It is used
// concurrently, but never for one key at the same time.
type Shelf interface {
	// Room is how many bytes it keeps at most: what is more is never kept.
	Room() int64

	// Keep keeps what write writes, or nothing of it.
	Keep(key string, write func(io.Writer) error) error

	// Kept opens what is kept under a key, or returns nil.
	Kept(key string) (Kept, error)
}

// Kept is what a shelf keeps, open for reading.
type Kept interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// shelved are a view's numbers on a shelf.
type shelved struct{ Kept }

const numberBytes = 4

func (s shelved) Len() int64 { return s.Size() / numberBytes }

func (s shelved) from(place, n int64) ([]uint32, error) {
	stored := make([]byte, n*numberBytes)
	if got, err := s.ReadAt(stored, place*numberBytes); got < len(stored) {
		return nil, damaged(err)
	}
	rows := make([]uint32, n)
	for i := range rows {
		rows[i] = binary.LittleEndian.Uint32(stored[i*numberBytes:])
	}
	return rows, nil
}

// numberWriter writes numbers as they come.
type numberWriter struct {
	to     *bufio.Writer
	number [numberBytes]byte
}

func newNumberWriter(w io.Writer) *numberWriter {
	return &numberWriter{to: bufio.NewWriterSize(w, 64<<10)}
}

// write keeps its error for flush.
func (w *numberWriter) write(row uint32) {
	binary.LittleEndian.PutUint32(w.number[:], row)
	_, _ = w.to.Write(w.number[:])
}

// keepOn puts a view that is in memory on a shelf as well. If that fails, it is in
// memory nevertheless.
func (v *View) keepOn(shelf Shelf, key viewKey) {
	_ = shelf.Keep(key.text(), func(w io.Writer) error {
		numbers := newNumberWriter(w)
		for _, row := range v.rows {
			numbers.write(row)
		}
		return numbers.to.Flush()
	})
}

// makeOn makes a view straight onto a shelf, which is not asked for all its rows at
// once. kept is false where the shelf would not take it.
func (t *Table) makeOn(ctx context.Context, shelf Shelf, key viewKey, asked question) (kept bool, err error) {
	shelfErr := shelf.Keep(key.text(), func(w io.Writer) error {
		numbers := newNumberWriter(w)
		if _, err = t.choose(ctx, asked, math.MaxInt64, numbers.write); err != nil {
			return err
		}
		return numbers.to.Flush()
	})
	return shelfErr == nil, err
}

func (k viewKey) text() string { return hex.EncodeToString(k[:]) }
