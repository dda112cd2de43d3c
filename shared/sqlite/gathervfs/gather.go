// Package gathervfs is a VFS of SQLite that hands a write-ahead log on in few large
// writes. SQLite writes a log's frame as a head of 24 bytes and then a page, so that
// beneath it a VFS that encrypts in blocks of 4 KiB would encrypt and decrypt each block
// some three times. Here what follows each other is gathered until it is synced, read
// or cut off, as SQLite does with all of it at a commit.
//
// A log is synced at each commit (synchronous=full), before other connections are told
// of it: what is gathered is nobody else's yet. With another setting they would read
// what is not there. One thing follows the sync of a commit: where SQLite fills the last
// block up with a frame, the rest of that frame, which is not gathered.
package gathervfs

import (
	"sync"

	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

// Wrap gathers what is written to the logs of databases over base.
func Wrap(base vfs.VFS) vfs.VFS { return &gather{VFS: base, blocks: make(map[string]*blocks)} }

type gather struct {
	vfs.VFS

	mu     sync.Mutex
	blocks map[string]*blocks // of the logs that are open, by name
}

// blocks is held for writing while blocks of a log are written, and for reading while
// they are read: the block in which one commit ends and the next begins is written again
// as a whole, so whoever reads the first one meanwhile would find half of each.
type blocks struct {
	sync.RWMutex
	users int // connections; gather's mutex is held
}

// OpenFilename opens a file of a database.
func (g *gather) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, flags, err := vfsutil.WrapOpenFilename(g.VFS, name, flags)
	if err != nil || flags&vfs.OPEN_WAL == 0 {
		return f, flags, err
	}
	path := name.String()
	return &log{File: f, blocks: g.use(path), leave: func() { g.leave(path) }}, flags, nil
}

func (g *gather) use(name string) *blocks {
	g.mu.Lock()
	defer g.mu.Unlock()
	b := g.blocks[name]
	if b == nil {
		b = &blocks{}
		g.blocks[name] = b
	}
	b.users++
	return b
}

func (g *gather) leave(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if b := g.blocks[name]; b.users > 1 {
		b.users--
		return
	}
	delete(g.blocks, name)
}

const (
	block = 4096 // what is encrypted together below

	// most is how much is gathered before it is handed on all the same.
	most = 256 << 10
)

// log is a write-ahead log as one connection has it open. Only one connection of a
// database writes.
type log struct {
	vfs.File
	blocks *blocks
	leave  func() // says that the connection has closed it

	from     int64 // where gathered begins
	gathered []byte
	pending  bool // gathered holds more than what was handed on of its last block
	through  int  // how many writes are handed on at once
}

// afterSync is in how many writes the rest of a frame may come, in the midst of which
// SQLite has synced: that of its head, and its page.
const afterSync = 2

// WriteAt implements vfs.File.
func (l *log) WriteAt(p []byte, at int64) (int, error) {
	if at != l.from+int64(len(l.gathered)) || len(l.gathered)+len(p) > most {
		if err := l.handOn(); err != nil {
			return 0, err
		}
	}
	if at != l.from+int64(len(l.gathered)) {
		l.from, l.gathered = at, l.gathered[:0]
	}
	l.gathered, l.pending = append(l.gathered, p...), true
	if l.through > 0 {
		l.through--
		if err := l.handOn(); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// handOn writes what is gathered, and keeps the beginning of the last block: what
// follows is then written with it, and nothing has to be read for that. What could not
// be written is forgotten, as SQLite undoes the transaction.
func (l *log) handOn() error {
	if !l.pending {
		return nil
	}
	l.blocks.Lock()
	_, err := l.File.WriteAt(l.gathered, l.from)
	l.blocks.Unlock()
	if err != nil {
		l.forget()
		return err
	}
	end := l.from + int64(len(l.gathered))
	if keep := end / block * block; keep > l.from {
		l.gathered = append(l.gathered[:0], l.gathered[keep-l.from:]...)
		l.from = keep
	}
	l.pending = false
	return nil
}

// forget keeps nothing of what was written.
func (l *log) forget() { l.from, l.gathered, l.pending = 0, l.gathered[:0], false }

// ReadAt implements vfs.File.
func (l *log) ReadAt(p []byte, at int64) (int, error) {
	if err := l.handOn(); err != nil {
		return 0, err
	}
	l.blocks.RLock()
	defer l.blocks.RUnlock()
	return l.File.ReadAt(p, at)
}

// Sync implements vfs.File.
func (l *log) Sync(flags vfs.SyncFlag) error {
	if err := l.handOn(); err != nil {
		return err
	}
	l.through = afterSync
	return l.File.Sync(flags)
}

// Truncate implements vfs.File.
func (l *log) Truncate(size int64) error {
	if err := l.handOn(); err != nil {
		return err
	}
	l.forget()
	return l.File.Truncate(size)
}

// Size implements vfs.File.
func (l *log) Size() (int64, error) {
	if err := l.handOn(); err != nil {
		return 0, err
	}
	return l.File.Size()
}

// Close implements vfs.File. What was not synced belongs to no transaction.
func (l *log) Close() error {
	l.forget()
	l.leave()
	return l.File.Close()
}

// SizeHint implements vfs.FileSizeHint.
func (l *log) SizeHint(size int64) error {
	vfsutil.WrapSizeHint(l.File, size)
	return nil
}
