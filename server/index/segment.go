package index

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"

	"ret/server/files"
	"ret/shared/seal"
	"ret/shared/search"
)

// segment is a part of the index: chunks that follow each other on the session's shelf.
// It is never changed.
type segment struct {
	name   string // on the shelf
	chunks []chunk
	tables map[string][]run // by id, in the order of their rows
	rows   int64
}

// chunk is where a chunk lies in its segment: its start, and where its buckets, and at last
// the places of its rows, begin behind that.
type chunk struct {
	at     int64
	begins []uint32
}

// run are rows of a table that follow each other in a chunk.
type run struct {
	chunk int
	from  int   // which of the chunk's rows is the first
	first int64 // its row in the table
	place int64 // where it begins in the table
	rows  int
}

// lookup holds a question against segments. It is used by one goroutine.
type lookup struct {
	shelf *files.Shelf
	ways  [][]uint32 // the grams of which a row must have all, of one of the ways

	opened map[*segment]*files.Content
	sets   map[place]*rowSet
	bytes  []byte // that were read last
}

// place is a chunk of a segment.
type place struct {
	segment *segment
	chunk   int
}

// lookupGrams is how many grams of one way are looked up at most: what more of them leave
// out is not worth it.
const lookupGrams = 24

func newLookup(shelf *files.Shelf, q search.Query) *lookup {
	l := &lookup{shelf: shelf, opened: make(map[*segment]*files.Content), sets: make(map[place]*rowSet)}
	for _, pieces := range q.Narrow() {
		l.ways = append(l.ways, gramsOf(pieces))
	}
	return l
}

// gramsOf are those of texts, each once; of very many some, from all over.
func gramsOf(pieces []string) []uint32 {
	seen := make(map[uint32]bool)
	var all []uint32
	for _, text := range pieces {
		for i := 0; i+3 <= len(text); i++ {
			gram := gramOf(text[i], text[i+1], text[i+2])
			if !seen[gram] {
				seen[gram] = true
				all = append(all, gram)
			}
		}
	}
	if len(all) <= lookupGrams {
		return all
	}
	var some []uint32
	for i := range lookupGrams {
		some = append(some, all[i*len(all)/lookupGrams])
	}
	return some
}

func (l *lookup) close() {
	for _, content := range l.opened {
		_ = content.Close()
	}
}

// useless reports whether the index leaves out nothing.
func (l *lookup) useless() bool {
	for _, grams := range l.ways {
		if len(grams) == 0 {
			return true
		}
	}
	return false
}

// rows gives the rows of a table, from one on, among which all are that fit, and where
// each begins. What fails ends them, and is told by the error that it points at.
func (l *lookup) rows(ctx context.Context, s *segment, table string, from int64, failed *error) iter.Seq2[int64, int64] {
	return func(yield func(row, place int64) bool) {
		for _, r := range s.tables[table] {
			if r.first+int64(r.rows) <= from {
				continue
			}
			set, err := l.set(ctx, place{s, r.chunk})
			if err != nil {
				*failed = err
				return
			}
			at := r.from + int(max(0, from-r.first))
			for at = set.next(at); at < r.from+r.rows; at = set.next(at + 1) {
				begins, err := l.begins(place{s, r.chunk}, at)
				if err != nil {
					*failed = err
					return
				}
				if !yield(r.first+int64(at-r.from), r.place+begins) {
					return
				}
			}
		}
	}
}

// begins is where a row of a chunk begins, seen from the first of its table there.
func (l *lookup) begins(p place, row int) (int64, error) {
	c := p.segment.chunks[p.chunk]
	b, err := l.read(p, int64(c.begins[buckets])+int64(row)*placeBytes, placeBytes)
	if err != nil {
		return 0, err
	}
	return int64(binary.LittleEndian.Uint32(b)), nil
}

// set is which rows of a chunk may fit.
func (l *lookup) set(ctx context.Context, p place) (*rowSet, error) {
	if set := l.sets[p]; set != nil {
		return set, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	all := new(rowSet)
	for _, grams := range l.ways {
		set, err := l.way(p, grams)
		if err != nil {
			return nil, err
		}
		all.unite(set)
	}
	l.sets[p] = all
	return all, nil
}

// way is which rows of a chunk have all grams.
func (l *lookup) way(p place, grams []uint32) (*rowSet, error) {
	set := new(rowSet)
	if len(grams) == 0 {
		set.fill()
		return set, nil
	}
	for i, gram := range grams {
		bucket, err := l.bucketOf(p, gram)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			if err := findList(bucket, gram, set); err != nil {
				return nil, err
			}
			continue
		}
		var other rowSet
		if err := findList(bucket, gram, &other); err != nil {
			return nil, err
		}
		if !set.intersect(&other) {
			break
		}
	}
	return set, nil
}

// bucketOf reads the bucket of a gram. It holds until the next read.
func (l *lookup) bucketOf(p place, gram uint32) ([]byte, error) {
	begins := p.segment.chunks[p.chunk].begins
	begin, end := begins[gram/bucketSize], begins[gram/bucketSize+1]
	return l.read(p, int64(begin), int(end-begin))
}

// read reads so many bytes at a place of a chunk. They hold until the next read.
func (l *lookup) read(p place, at int64, n int) ([]byte, error) {
	content, err := l.open(p.segment)
	if err != nil {
		return nil, err
	}
	if cap(l.bytes) < n {
		l.bytes = make([]byte, n*2)
	}
	b := l.bytes[:n]
	if n == 0 {
		return nil, nil
	}
	if _, err := content.ReadAt(b, p.segment.chunks[p.chunk].at+at); err != nil && err != io.EOF {
		return nil, unreadable(err)
	}
	return b, nil
}

// open opens a segment, once.
func (l *lookup) open(s *segment) (*files.Content, error) {
	if content := l.opened[s]; content != nil {
		return content, nil
	}
	content, err := l.shelf.Kept("", s.name)
	if err != nil {
		return nil, err
	}
	if content == nil {
		return nil, errBroken
	}
	l.opened[s] = content
	return content, nil
}

// unreadable is errBroken, unless the session has ended.
func unreadable(err error) error {
	if errors.Is(err, seal.ErrDestroyed) {
		return err
	}
	return fmt.Errorf("%w: %w", errBroken, err)
}
