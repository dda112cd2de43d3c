package opfs_test

import (
	"testing"

	"ret/shared/sqlite"
	"ret/wasm/opfs"
)

// A browser without private files has a replica for as long as its worker lives.
func TestMemoryHoldsADatabase(t *testing.T) {
	handles := opfs.Memory(4)
	db := mustOpen(t, handles)
	for n := range 50 {
		if err := insert(db, n); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	var rows int
	err := mustOpen(t, handles).Read(t.Context(), func(c *sqlite.Conn) error {
		return c.QueryRow("SELECT count(*) FROM items", nil, &rows)
	})
	if err != nil || rows != 100 {
		t.Errorf("%d rows of 100 are there, %v", rows, err)
	}
}
