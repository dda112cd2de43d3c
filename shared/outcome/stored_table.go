package outcome

import (
	"bufio"
	"io"

	"ret/shared/convert"
	"ret/shared/tablefile"
	"ret/shared/workspace"
	"ret/shared/xmltable"
)

// StoredTable is a table that is written as it is to be stored. For one goroutine.
type StoredTable struct {
	Spec xmltable.Table

	buffer  *bufio.Writer
	rows    *tablefile.Writer
	index   tablefile.Index
	encoded []byte
}

// NewStoredTable begins a table that goes to w in pieces of about so many bytes.
func NewStoredTable(w io.Writer, pieceBytes int, spec xmltable.Table) *StoredTable {
	buffer := bufio.NewWriterSize(w, pieceBytes)
	return &StoredTable{Spec: spec, buffer: buffer, rows: tablefile.NewWriter(buffer, spec.Columns)}
}

// Row takes the next row, whose cells are copied.
func (t *StoredTable) Row(cells [][]byte) error { return t.rows.Row(cells) }

// Fork returns a StoredTable for rows that Join takes later; nothing else may be done
// with it. It may be called concurrently.
func (t *StoredTable) Fork() *StoredTable { return &StoredTable{rows: t.rows.Fork()} }

// Join appends the rows of a fork, which is then empty.
func (t *StoredTable) Join(fork *StoredTable) error { return t.rows.Join(fork.rows) }

// Close hands the rest to the writer. What it held is let go: many finished tables may
// wait for an earlier one.
func (t *StoredTable) Close() (err error) {
	if t.index, err = t.rows.Close(); err != nil {
		return err
	}
	if t.encoded, err = t.index.MarshalBinary(); err != nil {
		return err
	}
	err = t.buffer.Flush()
	t.rows, t.buffer = nil, nil
	return err
}

// documentTable is what a document is called with its records taken out.
const documentTable = "_document"

// StoredTables are the tables of a result, with how large each is and where its rows
// begin. What they are stored as is for whoever did it to say.
func (j Job) StoredTables(r convert.Result, stored []*StoredTable) []*workspace.Table {
	specs := make([]xmltable.Table, len(stored))
	for i, t := range stored {
		specs[i] = t.Spec
	}
	list := j.Tables(r, specs)
	for i, t := range stored {
		list[i].Rows, list[i].Bytes, list[i].RowIndex = t.index.Rows, t.index.Bytes, t.encoded
		if specs[i].Parent < 0 {
			list[i].Origins = convert.OriginsOf(r.Origins, i, specs[i].Name == documentTable)
		}
	}
	return list
}
