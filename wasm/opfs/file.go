package opfs

import (
	"io"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
)

// file is one file of a pool. SQLite uses one at a time, under its path.
type file struct {
	handle        Handle
	path          string // "" while it is free
	open          bool
	deleteOnClose bool
	isLog         bool // the write-ahead log of a database

	behind behind
}

// rename empties the file and gives it a path, on disk: "" frees it. A header
// that is cut off in between is a free file, and so is an old one of no content.
func (f *file) rename(path string) error {
	sector, err := header(path)
	if err != nil {
		return sqlite3.CANTOPEN_FULLPATH
	}
	f.path = "" // until it is certain
	f.behind.drop()
	if err := f.handle.Truncate(0); err != nil {
		return err
	}
	if n, err := f.handle.WriteAt(sector, 0); err != nil || n < len(sector) {
		return shortOr(err)
	}
	if err := f.handle.Flush(); err != nil {
		return err
	}
	f.path = path
	return nil
}

// emptyIfFree frees the content of a file that has no path.
func (f *file) emptyIfFree() error {
	size, err := f.handle.Size()
	if err != nil || f.path != "" || size <= sectorBytes {
		return err
	}
	return f.rename("")
}

// shortOr is why less was written than asked for: without an error the quota is.
func shortOr(err error) error {
	if err == nil {
		return ErrQuota
	}
	return err
}

// Close ends SQLite's use; the handle stays open.
func (f *file) Close() error {
	f.open = false
	if f.deleteOnClose {
		return code(f.rename(""), sqlite3.IOERR_DELETE)
	}
	return code(f.handOver(), sqlite3.IOERR_WRITE)
}

// ReadAt reads content, io.EOF at its end.
func (f *file) ReadAt(p []byte, off int64) (int, error) {
	if f.behind.read(p, off) {
		return len(p), nil
	}
	// Also what lies between the handle's end and what it has not got is to be read.
	if len(f.behind.bytes) > 0 && off+int64(len(p)) > f.behind.at {
		if err := f.handOver(); err != nil {
			return 0, code(err, sqlite3.IOERR_READ)
		}
	}
	n, err := f.handle.ReadAt(p, off+sectorBytes)
	if err == nil && n < len(p) {
		return n, io.EOF
	}
	return n, code(err, sqlite3.IOERR_READ)
}

// WriteAt takes all of p or fails. The handle gets it with the next Sync at the
// latest, which then fails if there is no room for it.
func (f *file) WriteAt(p []byte, off int64) (int, error) {
	if f.behind.add(p, off) {
		return len(p), nil
	}
	if err := f.handOver(); err != nil {
		return 0, code(err, sqlite3.IOERR_WRITE)
	}
	if f.behind.add(p, off) {
		return len(p), nil
	}
	return len(p), code(f.write(p, off), sqlite3.IOERR_WRITE)
}

// handOver gives the handle what it has not got. What it does not take is lost:
// SQLite hears of it and undoes its transaction.
func (f *file) handOver() error {
	if len(f.behind.bytes) == 0 {
		return nil
	}
	defer f.behind.drop()
	if f.isLog && f.grows() && f.write(f.behind.padded(), f.behind.at) == nil {
		return nil
	}
	return f.write(f.behind.bytes, f.behind.at)
}

// grows reports whether the handle's file becomes longer by what it has not got.
func (f *file) grows() bool {
	size, err := f.handle.Size()
	return err == nil && f.behind.end() > size-sectorBytes
}

func (f *file) write(p []byte, off int64) error {
	n, err := f.handle.WriteAt(p, off+sectorBytes)
	if err == nil && n < len(p) {
		err = ErrQuota
	}
	return err
}

// Truncate cuts or extends the content.
func (f *file) Truncate(size int64) error {
	err := f.handOver()
	if err == nil {
		err = f.handle.Truncate(size + sectorBytes)
	}
	return code(err, sqlite3.IOERR_TRUNCATE)
}

// Sync puts all that was written on disk.
func (f *file) Sync(vfs.SyncFlag) error {
	err := f.handOver()
	if err == nil {
		err = f.handle.Flush()
	}
	return code(err, sqlite3.IOERR_FSYNC)
}

// Size is that of the content.
func (f *file) Size() (int64, error) {
	size, err := f.handle.Size()
	size = max(size-sectorBytes, 0)
	if len(f.behind.bytes) > 0 {
		size = max(size, f.behind.end())
	}
	return size, code(err, sqlite3.IOERR_FSTAT)
}

// Lock always succeeds: nobody else has the handles.
func (f *file) Lock(vfs.LockLevel) error { return nil }

// Unlock is the other half of Lock.
func (f *file) Unlock(vfs.LockLevel) error { return nil }

// CheckReservedLock says that nobody else writes.
func (f *file) CheckReservedLock() (bool, error) { return false, nil }

// SectorSize is what SQLite takes to be written together.
func (f *file) SectorSize() int { return sectorBytes }

// DeviceCharacteristics claims no more than what holds in every browser. Other
// claims were tried: with them power cuts corrupt rollback journals.
func (f *file) DeviceCharacteristics() vfs.DeviceCharacteristic {
	return vfs.IOCAP_UNDELETABLE_WHEN_OPEN
}
