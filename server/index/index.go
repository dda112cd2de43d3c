package index

import (
	"context"
	"sync"

	"ret/server/files"
	"ret/shared/search"
	"ret/shared/tablefile"
	"ret/shared/workspace"
)

// Index searches the tables of one session. It may be used concurrently.
type Index struct {
	workspace *workspace.Workspace
	folder    *files.Folder

	mu     sync.Mutex
	tables []workspace.SearchedTable
	seq    int64 // of the change up to which tables are known; 0: not at all
}

// New makes the index of a session; it is used as long as both are open.
func New(w *workspace.Workspace, f *files.Folder) *Index {
	return &Index{workspace: w, folder: f}
}

// Find answers a question over all tables of the session, as search.Find does.
func (x *Index) Find(ctx context.Context, q search.Question) (search.Answer, error) {
	list, err := x.known(ctx)
	if err != nil {
		return search.Answer{}, err
	}
	tables := make([]search.Table, len(list))
	for i := range list {
		tables[i] = x.scanned(&list[i])
	}
	return search.Find(ctx, tables, q)
}

// known are the session's tables, the newest first.
func (x *Index) known(ctx context.Context) ([]workspace.SearchedTable, error) {
	now, err := x.workspace.Cursor(ctx)
	if err != nil {
		return nil, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.seq == now.Seq && x.seq != 0 {
		return x.tables, nil
	}
	tables, seq, err := x.workspace.SearchedTables(ctx)
	if err != nil {
		return nil, err
	}
	x.tables, x.seq = tables, seq
	return tables, nil
}

// scanned is a table all of whose rows are looked at.
func (x *Index) scanned(t *workspace.SearchedTable) search.Table {
	return search.Table{ID: t.ID, N: t.N, Columns: t.Columns, Rows: func(ctx context.Context, from int64, f func(int64, [][]byte) error) error {
		stored, content, err := x.open(t)
		if err != nil {
			return err
		}
		defer content.Close()
		return stored.Range(ctx, from, t.Rows, f)
	}}
}

// open opens a table as it is stored; the caller closes its content.
func (x *Index) open(t *workspace.SearchedTable) (*tablefile.Table, *files.Content, error) {
	var index tablefile.Index
	if err := index.UnmarshalBinary(t.RowIndex); err != nil {
		return nil, nil, err
	}
	content, err := x.folder.OpenWhole(t.Blob, index.Bytes)
	if err != nil {
		return nil, nil, err
	}
	stored, err := tablefile.Open(content, index)
	if err != nil {
		_ = content.Close()
		return nil, nil, err
	}
	return stored, content, nil
}
