package cache_test

import (
	"fmt"
	"testing"

	"github.com/ncruces/go-sqlite3/vfs/memdb"

	"ret/shared/sqlite"
	"ret/shared/workspace"
)

var databases int

// newPath names a database in memory that outlives its connections.
func newPath(t testing.TB) string {
	t.Helper()
	databases++
	path := fmt.Sprintf("/workspace%d.db", databases)
	memdb.Create(path, nil)
	t.Cleanup(func() { memdb.Delete(path) })
	return path
}

// openWorkspace opens it as the browser does: one connection, no shared memory.
func openWorkspace(t testing.TB, path string) *workspace.Workspace {
	t.Helper()
	w, err := workspace.Open(path, workspace.Options{SQLite: sqlite.Config{VFS: "memdb", Exclusive: true}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}
