package meaning

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// A table's vectors are stored as the number of their dimensions, then for each row what
// its numbers are to be multiplied by and the numbers, a byte each. A row without words
// has zero for both.
const headBytes = 4

func putHead(w io.Writer, dimensions int) error {
	var head [headBytes]byte
	binary.LittleEndian.PutUint32(head[:], uint32(dimensions))
	_, err := w.Write(head[:])
	return err
}

// appendVector appends a vector of length 1 as it is stored.
func appendVector(to []byte, v []float32) []byte {
	length, largest := 0.0, float32(0)
	for _, x := range v {
		length += float64(x) * float64(x)
		largest = max(largest, x, -x)
	}
	length = math.Sqrt(length)
	if length == 0 {
		return append(to, make([]byte, 4+len(v))...)
	}
	step := largest / 127
	to = binary.LittleEndian.AppendUint32(to, math.Float32bits(step/float32(length)))
	for _, x := range v {
		to = append(to, byte(int8(math.Round(float64(x/step)))))
	}
	return to
}

// question is a vector that rows are compared with.
type question struct {
	numbers []int32 // as rows have them
	scale   float32
}

func newQuestion(v []float32) (q question, ok bool) {
	stored := appendVector(nil, v)
	q.scale = math.Float32frombits(binary.LittleEndian.Uint32(stored))
	for _, b := range stored[4:] {
		q.numbers = append(q.numbers, int32(int8(b)))
	}
	return q, q.scale > 0
}

// like is how near a stored row is: the cosine.
func (q question) like(row []byte) float32 {
	var sum int32
	for i, b := range row[4:] {
		sum += int32(int8(b)) * q.numbers[i]
	}
	return float32(sum) * q.scale * math.Float32frombits(binary.LittleEndian.Uint32(row))
}

// blockRows is how many rows are read at once.
const blockRows = 256

var errOtherLength = errors.New("vectors of another length")

// compare calls take with each row's likeness.
func (q question) compare(stored io.ReaderAt, size int64, take func(row int64, like float32)) error {
	var head [headBytes]byte
	if _, err := stored.ReadAt(head[:], 0); err != nil && err != io.EOF {
		return fmt.Errorf("read vectors: %w", err)
	}
	if int(binary.LittleEndian.Uint32(head[:])) != len(q.numbers) {
		return errOtherLength
	}
	each := int64(4 + len(q.numbers))
	block := make([]byte, blockRows*each)
	row := int64(0)
	for at := int64(headBytes); at < size; at += int64(len(block)) {
		part := block[:min(int64(len(block)), (size-at)/each*each)]
		if len(part) == 0 {
			break
		}
		if n, err := stored.ReadAt(part, at); n < len(part) {
			return fmt.Errorf("read vectors: %w", err)
		}
		for ; len(part) > 0; part = part[each:] {
			take(row, q.like(part[:each]))
			row++
		}
	}
	return nil
}
