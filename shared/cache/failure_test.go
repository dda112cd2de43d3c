//go:build !js

package cache_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"

	"ret/shared/cache"
	"ret/shared/fault"
	"ret/shared/sqlite"
	"ret/shared/sqlite/faultvfs"
	"ret/shared/workspace"
)

// failures are ways in which a disk can let SQLite down.
var failures = map[string]func(faultvfs.Op) error{
	"full":      only(sqlite3.FULL, faultvfs.Write),
	"read-only": only(sqlite3.READONLY, faultvfs.Write, faultvfs.Truncate),
	"no write":  only(sqlite3.IOERR_WRITE, faultvfs.Write),
	"no sync":   only(sqlite3.IOERR_FSYNC, faultvfs.Sync),
	"no read":   only(sqlite3.IOERR_READ, faultvfs.Read),
	"nothing":   only(sqlite3.IOERR, faultvfs.Read, faultvfs.Write, faultvfs.Sync, faultvfs.Truncate),
}

func only(err error, ops ...faultvfs.Op) func(faultvfs.Op) error {
	return func(op faultvfs.Op) error {
		for _, o := range ops {
			if op == o {
				return err
			}
		}
		return nil
	}
}

func TestLikeTheModelOnABadDisk(t *testing.T) {
	for name, failure := range failures {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			disk := faultvfs.New(t)
			path := newPath(t)
			var last *workspace.Workspace
			open := func() cache.Store {
				last = openOn(t, path, sqlite.Config{VFS: disk.Name()})
				return last.Entries()
			}
			r := start(t, 11, cache.Limits{Entries: 20, Bytes: 1 << 20}, 0, open, func() { _ = last.Close() })
			r.fail = func(broken bool) {
				disk.Fail(nil)
				if broken {
					disk.Fail(failure)
				}
			}
			r.drive()
		})
	}
}

func TestFullDiskIsSaidOnceAndHealed(t *testing.T) {
	disk := faultvfs.New(t)
	w := openOn(t, newPath(t), sqlite.Config{VFS: disk.Name()})
	var log heard
	c := cache.New(cache.NewMemory(roomy), w.Entries(), cache.Options{Log: log.hear})
	defer c.Close()
	set(t, c, "kept", "old")
	stats(t, c)

	disk.Fail(failures["full"])
	for i := range 20 {
		if err := c.Set(t.Context(), "kept", []byte("new"), 0); !fault.Is(err, fault.NoSpace) {
			t.Fatalf("a set on a full disk gave %v", err)
		}
		if err := c.Delete(t.Context(), fmt.Sprint(i)); !fault.Is(err, fault.NoSpace) {
			t.Fatalf("a delete on a full disk gave %v", err)
		}
	}
	want(t, c, "kept", "old")
	if all := log.all(); len(all) != 1 {
		t.Fatalf("the log heard %d times: %v", len(all), all)
	}

	disk.Fail(nil)
	set(t, c, "kept", "new")
	want(t, c, "kept", "new")
	disk.Fail(failures["full"])
	_ = c.Set(t.Context(), "kept", nil, 0)
	if n := len(log.all()); n != 2 {
		t.Errorf("after it had healed the log heard of the next failure %d times", n-1)
	}
	disk.Fail(nil)
}

func TestLostWriteBehindIsAMissAndLogged(t *testing.T) {
	disk := faultvfs.New(t)
	w := openOn(t, newPath(t), sqlite.Config{VFS: disk.Name()})
	logged := make(chan error, 10)
	c := cache.New(cache.NewMemory(roomy), w.Entries(), cache.Options{Log: func(err error) { logged <- err }})
	defer c.Close()
	disk.Fail(failures["full"])
	if err := c.SetBehind("key", []byte("1"), 0); err != nil {
		t.Fatal(err)
	}
	if err := <-logged; !fault.Is(err, fault.NoSpace) {
		t.Errorf("the log heard %v", err)
	}
	disk.Fail(nil)
	stats(t, c)
	wantNone(t, c, "key")
}

func TestDamagedDatabaseIsAMiss(t *testing.T) {
	path := newPath(t)
	w := openOn(t, path, sqlite.Config{})
	c := cache.New(cache.NewMemory(none), w.Entries(), cache.Options{})
	const entries = 2000 // most of the file, of which the second half is spoilt
	for i := range entries {
		if err := c.SetBehind(fmt.Sprint(i), make([]byte, 500), 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	spoil(t, path)
	var log heard
	broken := cache.New(cache.NewMemory(none), openOn(t, path, sqlite.Config{}).Entries(), cache.Options{Log: log.hear})
	defer broken.Close()
	misses := 0
	for i := range entries {
		if _, ok := broken.Get(t.Context(), fmt.Sprint(i)); !ok {
			misses++
		}
	}
	if misses == 0 || len(log.all()) == 0 {
		t.Errorf("%d misses, the log heard %v", misses, log.all())
	}
}

// spoil overwrites the second half of a file, which leaves the schema whole.
func spoil(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(data) / 2; i < len(data); i++ {
		data[i] = 0xA5
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestFileShrinksWhenEntriesExpire(t *testing.T) {
	clock := newTestClock()
	path := newPath(t)
	w := openOn(t, path, sqlite.Config{})
	c := cache.New(cache.NewMemory(none), w.Entries(), cache.Options{TTL: time.Minute, Now: clock.Now})
	defer c.Close()
	for i := range 120 {
		if err := c.SetBehind(fmt.Sprint(i), make([]byte, 100_000), 0); err != nil {
			t.Fatal(err)
		}
	}
	full := bytesOf(t, path, c)
	clock.advance(time.Minute)
	if err := c.Sweep(); err != nil {
		t.Fatal(err)
	}
	if left := bytesOf(t, path, c); full < 10<<20 || left > full/4 {
		t.Errorf("the file had %d bytes and now has %d", full, left)
	}
}

// bytesOf is the size of the database with its log.
func bytesOf(t *testing.T, path string, c *cache.Cache) (n int64) {
	t.Helper()
	stats(t, c)
	for _, name := range []string{path, path + "-wal"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		n += info.Size()
	}
	return n
}
