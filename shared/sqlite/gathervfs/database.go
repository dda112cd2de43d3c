package gathervfs

import (
	"crypto/sha256"
	"strings"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

// database is a database's file as one connection has it open.
type database struct {
	vfs.File
	*shared
	leave func()

	opened bool // has its key
}

// ReadAt implements vfs.File.
func (d *database) ReadAt(p []byte, at int64) (int, error) {
	d.content.RLock()
	defer d.content.RUnlock()
	if d.opened && d.memory.read(d.shared, p, at) {
		return len(p), nil
	}
	n, err := d.File.ReadAt(p, at)
	if d.opened && err == nil && n == block && at%block == 0 {
		d.memory.keep(d.shared, p, at)
	}
	return n, err
}

// WriteAt implements vfs.File.
func (d *database) WriteAt(p []byte, at int64) (int, error) {
	d.content.Lock()
	defer d.content.Unlock()
	n, err := d.File.WriteAt(p, at)
	d.memory.written(d.shared, p, at, err == nil && d.opened)
	return n, err
}

// Truncate implements vfs.File.
func (d *database) Truncate(size int64) error {
	d.content.Lock()
	defer d.content.Unlock()
	d.memory.forget(d.shared)
	return d.File.Truncate(size)
}

// Close implements vfs.File.
func (d *database) Close() error {
	d.leave()
	return d.File.Close()
}

// Pragma implements vfs.FilePragma: by it the file below is told its key. While others
// have the file open by one key it is not opened by another, which must not find what is remembered.
func (d *database) Pragma(name, value string) (string, error) {
	if !strings.HasSuffix(name, "key") {
		return vfsutil.WrapPragma(d.File, name, value)
	}
	if !d.sameKey(name + value) {
		return "", sqlite3.IOERR_BADKEY
	}
	answer, err := vfsutil.WrapPragma(d.File, name, value)
	d.opened = d.opened || err == nil
	return answer, err
}

// sameKey reports whether a key is the first that a connection has given.
func (s *shared) sameKey(key string) bool {
	sum := sha256.Sum256([]byte(key))
	s.content.Lock()
	defer s.content.Unlock()
	if s.key == "" {
		s.key = string(sum[:])
	}
	return s.key == string(sum[:])
}

// What the file below can do besides.

// Unwrap implements vfs.FileUnwrap.
func (d *database) Unwrap() vfs.File { return d.File }

// SharedMemory implements vfs.FileSharedMemory.
func (d *database) SharedMemory() vfs.SharedMemory { return vfsutil.WrapSharedMemory(d.File) }

// LockState implements vfs.FileLockState.
func (d *database) LockState() vfs.LockLevel { return vfsutil.WrapLockState(d.File) }

// HasMoved implements vfs.FileHasMoved.
func (d *database) HasMoved() (bool, error) { return vfsutil.WrapHasMoved(d.File) }

// ChunkSize implements vfs.FileChunkSize.
func (d *database) ChunkSize(size int) { vfsutil.WrapChunkSize(d.File, size) }

// SizeHint implements vfs.FileSizeHint.
func (d *database) SizeHint(size int64) error { return vfsutil.WrapSizeHint(d.File, size) }
