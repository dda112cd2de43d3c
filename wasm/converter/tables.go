package converter

import (
	"bufio"
	"fmt"
	"io"

	"ret/shared/replica"
	"ret/shared/seal"
)

// tablesBuffer is how much is gathered before the file gets it.
const tablesBuffer = 1 << 20

// Tables keeps the tables of a conversion in one sealed part, as their pieces come,
// and knows where each lies in its content.
type Tables struct {
	buffer  *bufio.Writer
	sealed  *seal.Writer
	written int64
	extents map[int32][]replica.Extent
}

// NewTables begins a part that goes to w.
func NewTables(w io.Writer, key *seal.Key) (*Tables, error) {
	buffer := bufio.NewWriterSize(w, tablesBuffer)
	sealed, err := key.NewWriter(buffer, nil)
	if err != nil {
		return nil, fmt.Errorf("begin tables: %w", err)
	}
	return &Tables{buffer: buffer, sealed: sealed, extents: make(map[int32][]replica.Extent)}, nil
}

// Write appends to a table. Its errors are the writer's.
func (t *Tables) Write(table int32, p []byte) error {
	if _, err := t.sealed.Write(p); err != nil {
		return err
	}
	parts, length := t.extents[table], int64(len(p))
	if last := len(parts) - 1; last >= 0 && parts[last].Offset+parts[last].Length == t.written {
		parts[last].Length += length
	} else {
		parts = append(parts, replica.Extent{Offset: t.written, Length: length})
	}
	t.extents[table] = parts
	t.written += length
	return nil
}

// Drop forgets a table; its bytes stay, of no use.
func (t *Tables) Drop(table int32) { delete(t.extents, table) }

// Place says where a table lies, once: nothing is kept of it afterwards.
func (t *Tables) Place(table int32) []replica.Extent {
	parts := t.extents[table]
	delete(t.extents, table)
	return parts
}

// Close writes the part's end, without which nothing of it can be read.
func (t *Tables) Close() error {
	if err := t.sealed.Close(); err != nil {
		return err
	}
	return t.buffer.Flush()
}
