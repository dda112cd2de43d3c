package work

import (
	"fmt"

	"ret/server/files"
	"ret/server/httpapi/chain"
	"ret/server/workspaces"
	"ret/shared/tablefile"
	"ret/shared/workspace"
)

// viewBytes is what the order of sorted and filtered tables may take in memory: four
// bytes a row, 16 million rows in all.
const viewBytes = 64 << 20

// ReadRows reads a page of a table's rows, sorted or filtered as the query says.
func (s *Server) ReadRows(c *chain.Call, table *workspace.Table, query tablefile.Query) (tablefile.Page, error) {
	stored, content, err := OpenTable(c.Open, table)
	if err != nil {
		return tablefile.Page{}, err
	}
	defer content.Close()
	return s.views.Page(c.R.Context(), table.ID+" "+table.Blob, stored, query)
}

// OpenTable opens a stored table; the caller closes its content.
func OpenTable(open *workspaces.Open, table *workspace.Table) (*tablefile.Table, *files.Content, error) {
	var index tablefile.Index
	if err := index.UnmarshalBinary(table.RowIndex); err != nil {
		return nil, nil, err
	}
	content, err := open.Folder.OpenWhole(table.Blob, index.Bytes)
	if err != nil {
		return nil, nil, err
	}
	stored, err := tablefile.Open(content, index)
	if err != nil {
		_ = content.Close()
		return nil, nil, fmt.Errorf("open table: %w", err)
	}
	return stored, content, nil
}
