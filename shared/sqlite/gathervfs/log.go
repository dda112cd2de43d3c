package gathervfs

import (
	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

const (
	block = 4096 // what is encrypted together below

	// most is how much is gathered before it is handed on all the same.
	most = 256 << 10

	// What a log is made of: a head, then frames.
	headBytes  = 32
	frameBytes = 24 + 4096
)

// log is a write-ahead log as one connection has it open. Only one connection of a
// database writes at a time; what it has gathered all of them find, and may hand on.
type log struct {
	vfs.File
	*shared
	leave func() // says that the connection has closed it
}

// WriteAt implements vfs.File.
func (l *log) WriteAt(p []byte, at int64) (int, error) {
	l.content.Lock()
	defer l.content.Unlock()
	if at != l.gatheredEnd() || len(l.gathered)+len(p) > most {
		if err := l.handOn(); err != nil {
			return 0, err
		}
	}
	if at != l.gatheredEnd() {
		l.from, l.gathered, l.owed = at, l.gathered[:0], 0
	}
	l.gathered, l.pending = append(l.gathered, p...), true
	return len(p), nil
}

// gatheredEnd is where what follows would be written.
func (s *shared) gatheredEnd() int64 { return s.from + int64(len(s.gathered)) }

// handOn writes what is gathered, and keeps the beginning of the last block: what
// follows is then written with it, and nothing has to be read for that. Of what could not
// be written the end of the last commit is kept, for another try; the rest is forgotten, as
// SQLite undoes the transaction. The file is locked.
func (l *log) handOn() error {
	if !l.pending {
		return nil
	}
	_, err := l.File.WriteAt(l.gathered, l.from)
	l.memory.written(l.shared, l.gathered, l.from, err == nil)
	if err != nil {
		if l.owed <= l.from {
			l.dropGathered()
		} else {
			l.gathered = l.gathered[:min(int64(len(l.gathered)), l.owed-l.from)]
		}
		return err
	}
	if keep := l.gatheredEnd() / block * block; keep > l.from {
		l.gathered = append(l.gathered[:0], l.gathered[keep-l.from:]...)
		l.from = keep
	}
	l.pending, l.owed = false, 0
	return nil
}

// dropGathered keeps nothing of what was written.
func (s *shared) dropGathered() { s.from, s.gathered, s.pending, s.owed = 0, s.gathered[:0], false, 0 }

// ReadAt implements vfs.File.
func (l *log) ReadAt(p []byte, at int64) (int, error) {
	l.content.RLock()
	if l.gatheredHas(p, at) {
		n := copy(p, l.gathered[at-l.from:])
		l.content.RUnlock()
		return n, nil
	}
	if !l.pending || at+int64(len(p)) <= l.from {
		defer l.content.RUnlock()
		if l.memory.read(l.shared, p, at) {
			return len(p), nil
		}
		return l.File.ReadAt(p, at)
	}
	l.content.RUnlock()
	l.content.Lock()
	defer l.content.Unlock()
	if err := l.handOn(); err != nil {
		return 0, err
	}
	return l.File.ReadAt(p, at)
}

// gatheredHas reports whether all of what p is to be filled with is gathered.
func (s *shared) gatheredHas(p []byte, at int64) bool {
	return at >= s.from && at+int64(len(p)) <= s.gatheredEnd()
}

// Sync implements vfs.File.
func (l *log) Sync(flags vfs.SyncFlag) error {
	if err := l.handOnNow(); err != nil {
		return err
	}
	l.content.Lock()
	l.owed = 0
	if rest := (l.gatheredEnd() - headBytes) % frameBytes; rest > 0 {
		l.owed = l.gatheredEnd() - rest + frameBytes
	}
	l.content.Unlock()
	return l.File.Sync(flags)
}

func (l *log) handOnNow() error {
	l.content.Lock()
	defer l.content.Unlock()
	return l.handOn()
}

// Truncate implements vfs.File.
func (l *log) Truncate(size int64) error {
	l.content.Lock()
	defer l.content.Unlock()
	if err := l.handOn(); err != nil {
		return err
	}
	l.dropGathered()
	l.memory.forget(l.shared)
	return l.File.Truncate(size)
}

// Size implements vfs.File.
func (l *log) Size() (int64, error) {
	if err := l.handOnNow(); err != nil {
		return 0, err
	}
	return l.File.Size()
}

// Close implements vfs.File. What is gathered then is what fills a block up after a commit, which others may
// read, or belongs to no transaction.
func (l *log) Close() error {
	err := l.handOnNow()
	l.leave()
	if closeErr := l.File.Close(); err == nil {
		err = closeErr
	}
	return err
}

// SizeHint implements vfs.FileSizeHint.
func (l *log) SizeHint(size int64) error {
	vfsutil.WrapSizeHint(l.File, size)
	return nil
}
