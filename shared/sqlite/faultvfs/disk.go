// Package faultvfs is a disk for tests that can lose its power, fill up and
// fail. It stands in for the operating system's files under SQLite and remembers,
// beside what was written, what was synced: only that survives a power cut, which
// killing a process can not show, since the page cache outlives it.
//
// A Disk may be used by any number of connections.
package faultvfs

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ncruces/go-sqlite3/vfs"
)

// Disk is a registered VFS over the operating system's.
type Disk struct {
	name string
	base vfs.VFSFilename

	mu     sync.Mutex
	images map[string]*image // by path
	fail   func(Op) error
	syncs  int
}

// Op is what a connection does to a file.
type Op string

// The operations that can be made to fail.
const (
	Read     Op = "read"
	Write    Op = "write"
	Truncate Op = "truncate"
	Sync     Op = "sync"
)

var disks atomic.Int64

// New registers a disk for a test. Databases on it must be closed by cleanups
// that the test adds later.
func New(tb testing.TB) *Disk {
	tb.Helper()
	base, ok := vfs.Find("os").(vfs.VFSFilename)
	if !ok {
		tb.Fatal("the operating system's VFS opens no named files")
	}
	d := &Disk{name: fmt.Sprintf("fault%d", disks.Add(1)), base: base, images: make(map[string]*image)}
	vfs.Register(d.name, d)
	tb.Cleanup(func() { vfs.Unregister(d.name) })
	return d
}

// Name is what to open a database with.
func (d *Disk) Name() string { return d.name }

// Fail has fn decide from now on which operations fail, and how; nil heals the
// disk. fn must return codes of SQLite, or errors that it understands.
func (d *Disk) Fail(fn func(Op) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fail = fn
}

// Syncs returns how often a file was synced.
func (d *Disk) Syncs() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.syncs
}

// Cut writes to the folder to what a power cut at this instant would leave. Of
// what was written since the last sync nothing is left; with random, any of its
// sectors may be, as a real disk has it.
func (d *Disk) Cut(to string, random *rand.Rand) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for path, img := range d.images {
		if !img.exists {
			continue
		}
		if err := os.WriteFile(filepath.Join(to, filepath.Base(path)), img.afterCut(random), 0o600); err != nil {
			return fmt.Errorf("cut power: %w", err)
		}
	}
	return nil
}

// Open is called for temporary files only.
func (d *Disk) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	return d.base.Open(name, flags)
}

// OpenFilename opens a file of a database.
func (d *Disk) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, flags, err := d.base.OpenFilename(name, flags)
	if err != nil || name == nil {
		return f, flags, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	img := d.images[name.String()]
	if img == nil {
		// What was there before the disk was is taken as synced.
		data, err := os.ReadFile(name.String())
		if err != nil {
			return nil, flags, errors.Join(err, f.Close())
		}
		img = &image{synced: data, exists: len(data) > 0}
		d.images[name.String()] = img
	}
	return &file{File: f, disk: d, image: img}, flags, nil
}

// Delete removes a file.
func (d *Disk) Delete(name string, syncDir bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.images, name)
	return d.base.Delete(name, syncDir)
}

// Access asks whether a file is there.
func (d *Disk) Access(name string, flags vfs.AccessFlag) (bool, error) {
	return d.base.Access(name, flags)
}

// FullPathname makes a name absolute.
func (d *Disk) FullPathname(name string) (string, error) { return d.base.FullPathname(name) }
