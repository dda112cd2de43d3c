package opfs

import (
	"fmt"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

// Pool is a file system of as many files as it has handles. It is a vfs.VFS, to
// be given a name by vfs.Register.
type Pool struct{ files []*file }

// NewPool reads the headers of the handles' files, and empties those that are
// free: a power cut may have left content of a file that was being deleted.
func NewPool(handles []Handle) (*Pool, error) {
	p := &Pool{}
	sector := make([]byte, sectorBytes)
	for _, h := range handles {
		n, err := h.ReadAt(sector, 0)
		if err != nil {
			return nil, fmt.Errorf("read header: %w", err)
		}
		f := &file{handle: &sized{Handle: h}, path: pathOf(sector[:n])}
		if err := f.emptyIfFree(); err != nil {
			return nil, fmt.Errorf("empty free file: %w", err)
		}
		p.files = append(p.files, f)
	}
	return p, nil
}

// Open opens a file, making it if it must.
func (p *Pool) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	if name == "" {
		// Temporary files: temp_store=memory leaves few of them.
		return &vfsutil.SliceFile{}, flags | vfs.OPEN_MEMORY, nil
	}
	f := p.find(name)
	if f == nil {
		if flags&vfs.OPEN_CREATE == 0 {
			return nil, flags, sqlite3.CANTOPEN
		}
		var err error
		if f, err = p.create(name); err != nil {
			return nil, flags, err
		}
	}
	if f.open {
		return nil, flags, sqlite3.CANTOPEN
	}
	f.open = true
	f.isLog = flags&vfs.OPEN_WAL != 0
	f.deleteOnClose = flags&vfs.OPEN_DELETEONCLOSE != 0
	return f, flags, nil
}

// create gives a free file its path, on disk.
func (p *Pool) create(name string) (*file, error) {
	f := p.find("")
	if f == nil {
		return nil, sqlite3.FULL
	}
	return f, code(f.rename(name), sqlite3.IOERR_WRITE)
}

// find returns the file of a path, or nil; "" finds a free one.
func (p *Pool) find(path string) *file {
	for _, f := range p.files {
		if f.path == path {
			return f
		}
	}
	return nil
}

// Delete frees a file. It is on disk when Delete returns, whatever syncDir says.
func (p *Pool) Delete(name string, _ bool) error {
	f := p.find(name)
	if f == nil {
		return sqlite3.IOERR_DELETE_NOENT
	}
	if f.open {
		return sqlite3.IOERR_DELETE
	}
	return code(f.rename(""), sqlite3.IOERR_DELETE)
}

// Access reports whether a file is there; all that are may be read and written.
func (p *Pool) Access(name string, _ vfs.AccessFlag) (bool, error) {
	return p.find(name) != nil, nil
}

// FullPathname returns the name as it is: there are no folders.
func (p *Pool) FullPathname(name string) (string, error) {
	if len(name) > MaxPathBytes {
		return "", sqlite3.CANTOPEN_FULLPATH
	}
	return name, nil
}

// Bytes is what the pool's files hold, their headers left out.
func (p *Pool) Bytes() (total int64) {
	for _, f := range p.files {
		if size, err := f.Size(); err == nil && f.path != "" {
			total += size
		}
	}
	return total
}
