package cache_test

import (
	"fmt"
	"testing"

	"ret/shared/sqlite"
	"ret/shared/sqlite/memoryvfs"
	"ret/shared/workspace"
)

var databases int

func newPath(testing.TB) string {
	databases++
	return fmt.Sprintf("/workspace%d.db", databases)
}

// openWorkspace opens it as the browser does: one connection, no shared memory.
func openWorkspace(t testing.TB, path string) *workspace.Workspace {
	t.Helper()
	w, err := workspace.Open(path, workspace.Options{SQLite: sqlite.Config{VFS: memoryvfs.Name, Exclusive: true}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}
