package replica_test

import (
	"testing"

	"github.com/ncruces/go-sqlite3/vfs"

	"ret/shared/replica"
	"ret/shared/sqlite"
	"ret/shared/sqlite/memoryvfs"
	"ret/shared/workspace"
)

// damage makes tables of the replica point to a page that holds none.
func (p *pair) damage(tables ...string) {
	p.Helper()
	check(p, p.r.Close())
	db := must(sqlite.Open(p.path, inMemory))(p)
	check(p, db.Write(p.Context(), func(c *sqlite.Conn) error {
		if _, err := c.Exec(`PRAGMA writable_schema = on`); err != nil {
			return err
		}
		for _, table := range tables {
			if n, err := c.Exec(`UPDATE sqlite_schema SET rootpage = 2 WHERE name = ?`, table); err != nil || n != 1 {
				p.Fatalf("%s: %d, %v", table, n, err)
			}
		}
		return nil
	}))
	check(p, db.Close())
}

// rescue opens the replica again.
func (p *pair) rescue() {
	p.Helper()
	r, damage, err := replica.OpenOrRescue(p.Context(), p.path, inMemory, func() error {
		files := vfs.Find(memoryvfs.Name)
		_ = files.Delete(p.path+"-wal", false) // if there is one
		return files.Delete(p.path, false)
	})
	if p.r = r; err != nil || damage == nil {
		p.Fatalf("damage %v, %v", damage, err)
	}
}

// A damaged replica is begun anew with the outbox that it had: what waits is done, once.
func TestDamagedReplicaKeepsItsOutbox(t *testing.T) {
	p := newPair(t)
	p.ask(workspace.MutationFileDelete, id(p.file.ID))
	p.ask(workspace.MutationJobRetry, id(p.failed.ID))
	answers := p.send() // which do not arrive
	p.ask(workspace.MutationEntryDelete, map[string]string{"key": "key"})
	p.damage("files")
	p.rescue()
	if n := p.waiting(); n != 3 {
		t.Fatalf("%d wait", n)
	}
	if anew := p.greet(); !anew {
		t.Error("it did not begin anew")
	}
	p.catchUp()
	p.answer(answers)
	p.answer(p.send())
	p.catchUp()
	p.same()
	if rejected := must(p.r.Rejected(t.Context(), 10))(t); len(rejected) != 0 || p.waiting() != 0 {
		t.Errorf("rejected: %+v, %d wait", rejected, p.waiting())
	}
}

// What cannot be read of it is said.
func TestLostOutboxIsSaid(t *testing.T) {
	p := newPair(t)
	p.ask(workspace.MutationFileDelete, id(p.file.ID))
	p.damage("files", "outbox")
	p.rescue()
	p.greet()
	p.catchUp()
	if rejected := must(p.r.Rejected(t.Context(), 10))(t); len(rejected) != 1 || rejected[0].Detail == "" {
		t.Errorf("it is said: %+v", rejected)
	}
}
