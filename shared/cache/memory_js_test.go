package cache_test

import (
	"io"
	"sync"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
)

func init() { vfs.Register("memory", &memoryVFS{files: make(map[string]*memoryFile)}) }

// memoryVFS holds files in memory, since there are no others where the tests run
// under js. It serves one connection at a time, as the browser's does.
type memoryVFS struct {
	mu    sync.Mutex
	files map[string]*memoryFile
}

func (v *memoryVFS) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	f := v.files[name]
	if f == nil {
		if flags&vfs.OPEN_CREATE == 0 {
			return nil, flags, sqlite3.CANTOPEN
		}
		f = &memoryFile{}
		v.files[name] = f
	}
	return f, flags, nil
}

func (v *memoryVFS) Delete(name string, _ bool) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.files, name)
	return nil
}

func (v *memoryVFS) Access(name string, _ vfs.AccessFlag) (bool, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.files[name] != nil, nil
}

func (v *memoryVFS) FullPathname(name string) (string, error) { return name, nil }

type memoryFile struct{ data []byte }

func (f *memoryFile) Close() error { return nil }

func (f *memoryFile) ReadAt(p []byte, off int64) (int, error) {
	if off >= int64(len(f.data)) {
		return 0, io.EOF
	}
	n := copy(p, f.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *memoryFile) WriteAt(p []byte, off int64) (int, error) {
	if grow := off + int64(len(p)) - int64(len(f.data)); grow > 0 {
		f.data = append(f.data, make([]byte, grow)...)
	}
	return copy(f.data[off:], p), nil
}

func (f *memoryFile) Truncate(size int64) error {
	f.data = append(f.data[:min(size, int64(len(f.data)))], make([]byte, max(0, size-int64(len(f.data))))...)
	return nil
}

func (f *memoryFile) Sync(vfs.SyncFlag) error          { return nil }
func (f *memoryFile) Size() (int64, error)             { return int64(len(f.data)), nil }
func (f *memoryFile) Lock(vfs.LockLevel) error         { return nil }
func (f *memoryFile) Unlock(vfs.LockLevel) error       { return nil }
func (f *memoryFile) CheckReservedLock() (bool, error) { return false, nil }
func (f *memoryFile) SectorSize() int                  { return 4096 }
func (f *memoryFile) DeviceCharacteristics() vfs.DeviceCharacteristic {
	return vfs.IOCAP_UNDELETABLE_WHEN_OPEN
}
