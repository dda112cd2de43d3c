//go:build !js

package cache_test

import (
	"path/filepath"
	"testing"

	"ret/shared/sqlite"
	"ret/shared/workspace"
)

func newPath(t testing.TB) string { return filepath.Join(t.TempDir(), "workspace.db") }

func openWorkspace(t testing.TB, path string) *workspace.Workspace {
	t.Helper()
	return openOn(t, path, sqlite.Config{})
}

func openOn(t testing.TB, path string, cfg sqlite.Config) *workspace.Workspace {
	t.Helper()
	w, err := workspace.Open(path, workspace.Options{SQLite: cfg})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}
