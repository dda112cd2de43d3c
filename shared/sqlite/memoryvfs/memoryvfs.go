// Package memoryvfs holds databases in memory, with all that files can do: WAL and
// exclusive connections, as the browser's replica has them, and a database that is
// there again when it is opened again. It is for a browser that gives no files,
// and for tests, which have none under js/wasm either.
//
// Databases of one name share a file; it serves one connection at a time.
package memoryvfs

import (
	"io"
	"sync"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
)

// Name is what to open a database with.
const Name = "memory"

func init() { vfs.Register(Name, &files{byName: make(map[string]*file)}) }

type files struct {
	mu     sync.Mutex
	byName map[string]*file
}

func (v *files) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	f := v.byName[name]
	if f == nil {
		if flags&vfs.OPEN_CREATE == 0 {
			return nil, flags, sqlite3.CANTOPEN
		}
		f = &file{}
		v.byName[name] = f
	}
	return f, flags, nil
}

func (v *files) Delete(name string, _ bool) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.byName, name)
	return nil
}

func (v *files) Access(name string, _ vfs.AccessFlag) (bool, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.byName[name] != nil, nil
}

func (v *files) FullPathname(name string) (string, error) { return name, nil }

type file struct{ data []byte }

func (f *file) Close() error { return nil }

func (f *file) ReadAt(p []byte, off int64) (int, error) {
	if off >= int64(len(f.data)) {
		return 0, io.EOF
	}
	n := copy(p, f.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *file) WriteAt(p []byte, off int64) (int, error) {
	if grow := off + int64(len(p)) - int64(len(f.data)); grow > 0 {
		f.data = append(f.data, make([]byte, grow)...)
	}
	return copy(f.data[off:], p), nil
}

func (f *file) Truncate(size int64) error {
	f.data = append(f.data[:min(size, int64(len(f.data)))], make([]byte, max(0, size-int64(len(f.data))))...)
	return nil
}

func (f *file) Sync(vfs.SyncFlag) error          { return nil }
func (f *file) Size() (int64, error)             { return int64(len(f.data)), nil }
func (f *file) Lock(vfs.LockLevel) error         { return nil }
func (f *file) Unlock(vfs.LockLevel) error       { return nil }
func (f *file) CheckReservedLock() (bool, error) { return false, nil }
func (f *file) SectorSize() int                  { return 4096 }
func (f *file) DeviceCharacteristics() vfs.DeviceCharacteristic {
	return vfs.IOCAP_UNDELETABLE_WHEN_OPEN
}
