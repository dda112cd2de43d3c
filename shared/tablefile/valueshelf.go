package tablefile

import (
	"encoding/binary"
	"encoding/json"
	"io"
	"strconv"
)

// A column's values lie on a shelf in blocks, each a JSON list, so that those at a place
// are read without the others. Behind them stands where each block ends, and in the last
// eight bytes how long that is.
const valuesOfBlock = 1000

// valueBlocks is what stands behind the blocks.
type valueBlocks struct {
	Values   int     `json:"values"`
	Distinct int64   `json:"distinct"`
	Ends     []int64 `json:"ends"`
}

func (c columnValues) write(w io.Writer) error {
	blocks := valueBlocks{Values: len(c), Distinct: c.distinct()}
	at := int64(0)
	for rest := c; len(rest) > 0; {
		n := min(valuesOfBlock, len(rest))
		text, err := appendValues(nil, rest[:n])
		if err != nil {
			return err
		}
		if _, err := w.Write(text); err != nil {
			return err
		}
		at += int64(len(text))
		blocks.Ends = append(blocks.Ends, at)
		rest = rest[n:]
	}
	text, err := json.Marshal(blocks)
	if err != nil {
		return err
	}
	_, err = w.Write(binary.LittleEndian.AppendUint64(text, uint64(len(text))))
	return err
}

// appendValues writes values as encoding/json does, which looks at each field anew.
func appendValues(to []byte, values []ColumnValue) ([]byte, error) {
	to = append(to, '[')
	for i, v := range values {
		if i > 0 {
			to = append(to, ',')
		}
		text, err := json.Marshal(v.Value)
		if err != nil {
			return nil, err
		}
		to = append(append(to, `{"value":`...), text...)
		to = append(strconv.AppendInt(append(to, `,"count":`...), v.Count, 10), '}')
	}
	return append(to, ']'), nil
}

// shelvedValues reads values from a place on, if they are on the shelf, which may be nil.
// What cannot be read is not there.
func shelvedValues(shelf Shelf, key viewKey, offset, limit int) (found ColumnValues, ok bool) {
	if shelf == nil {
		return found, false
	}
	kept, err := shelf.Kept(key.text())
	if err != nil || kept == nil {
		return found, false
	}
	defer kept.Close()
	blocks, err := readBlocks(kept)
	if err != nil {
		return found, false
	}
	first := min(max(offset, 0), blocks.Values)
	last := first + min(max(limit, 0), blocks.Values-first)
	var items []ColumnValue
	for block := first / valuesOfBlock; block*valuesOfBlock < last; block++ {
		part, err := blocks.read(kept, block)
		if err != nil {
			return found, false
		}
		from := block * valuesOfBlock
		items = append(items, part[max(first-from, 0):min(last-from, len(part))]...)
	}
	return valuesPage(items, last, blocks.Values, blocks.Distinct), true
}

func readBlocks(kept Kept) (blocks valueBlocks, err error) {
	var length [8]byte
	size := kept.Size()
	if n, err := kept.ReadAt(length[:], size-8); n < len(length) {
		return blocks, damaged(err)
	}
	n := int64(binary.LittleEndian.Uint64(length[:]))
	if n < 0 || n > size-8 {
		return blocks, errDamaged
	}
	return blocks, json.NewDecoder(io.NewSectionReader(kept, size-8-n, n)).Decode(&blocks)
}

func (b valueBlocks) read(kept Kept, block int) (items []ColumnValue, err error) {
	if block >= len(b.Ends) {
		return nil, errDamaged
	}
	begin := int64(0)
	if block > 0 {
		begin = b.Ends[block-1]
	}
	err = json.NewDecoder(io.NewSectionReader(kept, begin, b.Ends[block]-begin)).Decode(&items)
	return items, err
}
