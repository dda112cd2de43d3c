// Package gathervfs is a VFS of SQLite between it and one that encrypts in blocks of 4
// KiB: it has each block encrypted once, and decrypted seldom.
//
// SQLite writes a log's frame as a head of 24 bytes and then a page, so that beneath it
// each block would be encrypted and decrypted some three times. Here what follows each other
// is gathered until it is synced or cut off, as SQLite does with all of it at a commit, or does not follow.
//
// And of what was written and read it remembers blocks in clear, in memory alone: those that were used last, of all
// databases together. So a checkpoint need not decrypt the log, nor each connection
// what another one has read.
//
// A log is synced at each commit (synchronous=full), before other connections are told
// of it. Where SQLite fills the last block up with a frame, the rest of that frame follows the
// sync: it lies in memory until the next commit, where connections of this process find it. After a crash nobody misses
// it, since the frame is the one before it once more.
package gathervfs

import (
	"sync"

	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

// Wrap gathers what is written to the logs of databases over base, and remembers so many
// blocks of 4 KiB of logs and databases.
func Wrap(base vfs.VFS, remembered int) vfs.VFS {
	return &gather{VFS: base, files: make(map[string]*shared), memory: newMemory(remembered)}
}

type gather struct {
	vfs.VFS
	memory *memory

	mu    sync.Mutex
	files map[string]*shared // databases and logs that are open, by name
}

// shared is what the connections to one file have in common.
type shared struct {
	// content is held for writing while something of the file changes: the block in which one
	// commit ends and the next begins is written again as a whole, so whoever reads the first
	// one meanwhile would find half of each.
	content sync.RWMutex
	memory  *memory

	// What was written to a log and follows each other.
	from     int64 // where gathered begins
	gathered []byte
	pending  bool // gathered holds more than what was handed on of its last block

	// owed is where the frame ends in the midst of which SQLite has synced: what is gathered
	// before it belongs to a commit that others know of.
	owed int64

	key   string // a hash of the one that the connections have given; see database.Pragma
	users int    // connections; gather's mutex is held
}

// OpenFilename opens a file of a database.
func (g *gather) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, flags, err := vfsutil.WrapOpenFilename(g.VFS, name, flags)
	if err != nil || flags&(vfs.OPEN_WAL|vfs.OPEN_MAIN_DB) == 0 {
		return f, flags, err
	}
	path := name.String()
	s, leave := g.use(path), func() { g.leave(path) }
	if flags&vfs.OPEN_WAL != 0 {
		return &log{File: f, shared: s, leave: leave}, flags, nil
	}
	return &database{File: f, shared: s, leave: leave}, flags, nil
}

func (g *gather) use(name string) *shared {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.files[name]
	if s == nil {
		s = &shared{memory: g.memory}
		g.files[name] = s
	}
	s.users++
	return s
}

func (g *gather) leave(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.files[name]
	if s.users > 1 {
		s.users--
		return
	}
	g.memory.forget(s)
	delete(g.files, name)
}
