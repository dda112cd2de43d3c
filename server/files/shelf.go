package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"ret/shared/seal"
)

// ShelfBytes is what a session's shelf holds at most: the row numbers of 33 million
// rows, in any number of views.
const ShelfBytes = 128 << 20

// IndexBytes is what the index of a session may take: that of about 8 GiB of tables.
const IndexBytes = 8 << 30

// Shelf is what was worked out of a session's tables and can be worked out again. It
// lies in index, sealed with the session's key as all else there, and does not count
// against the session's limit: what was used least recently goes first. What is on it
// is known to this process alone: an opened session begins with an empty one. It may be
// used concurrently.
type Shelf struct {
	folder *Folder
	budget int64

	mu    sync.Mutex
	kept  *simplelru.LRU[shelfKey, shelved]
	bytes int64
}

// shelfKey names a thing on the shelf: the blob that it was made of, and which it is.
type shelfKey struct{ blob, key string }

type shelved struct {
	name  string // on disk
	bytes int64
}

func newShelf(f *Folder, budget int64) *Shelf {
	kept, _ := simplelru.NewLRU[shelfKey, shelved](1<<30, nil) // fails on sizes below 1 only
	return &Shelf{folder: f, budget: budget, kept: kept}
}

// Room is how much the shelf holds at most.
func (s *Shelf) Room() int64 { return s.budget }

// Shelf is the folder's.
func (f *Folder) Shelf() *Shelf { return f.shelf }

// IndexShelf is another one, for the index by which tables are searched: it would push
// all else off.
func (f *Folder) IndexShelf() *Shelf { return f.indexes }

// Bytes is how much the shelf holds.
func (s *Shelf) Bytes() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bytes
}

// Drop lets go of one thing.
func (s *Shelf) Drop(blob, key string) {
	s.forget(func(k shelfKey) bool { return k == shelfKey{blob, key} })
}

// Keep keeps what write writes, as something that was made of a blob, or nothing of it.
func (s *Shelf) Keep(blob, key string, write func(io.Writer) error) error {
	made, err := s.write(write)
	if err != nil {
		return fmt.Errorf("keep on shelf: %w", err)
	}
	var gone []string
	s.mu.Lock()
	if before, ok := s.kept.Peek(shelfKey{blob, key}); ok {
		gone = append(gone, before.name)
		s.bytes -= before.bytes
	}
	s.kept.Add(shelfKey{blob, key}, made)
	s.bytes += made.bytes
	for s.bytes > s.budget {
		_, oldest, ok := s.kept.RemoveOldest()
		if !ok {
			break
		}
		gone = append(gone, oldest.name)
		s.bytes -= oldest.bytes
	}
	s.mu.Unlock()
	return s.unlink(gone)
}

// Kept opens what is kept, or returns nil where nothing is, or it cannot be read.
func (s *Shelf) Kept(blob, key string) (*Content, error) {
	s.mu.Lock()
	it, ok := s.kept.Get(shelfKey{blob, key})
	s.mu.Unlock()
	if !ok {
		return nil, nil
	}
	content, err := s.folder.OpenWhole(it.name, it.bytes)
	if errors.Is(err, seal.ErrDestroyed) {
		return nil, err
	}
	if err != nil {
		s.forget(func(k shelfKey) bool { return k == shelfKey{blob, key} })
		return nil, nil
	}
	return content, nil
}

// Forget lets go of what was made of blobs.
func (s *Shelf) Forget(blobs ...string) {
	gone := make(map[string]bool, len(blobs))
	for _, blob := range blobs {
		gone[blob] = true
	}
	s.forget(func(k shelfKey) bool { return gone[k.blob] })
}

func (s *Shelf) forget(which func(shelfKey) bool) {
	var gone []string
	s.mu.Lock()
	for _, key := range s.kept.Keys() {
		if it, ok := s.kept.Peek(key); ok && which(key) {
			s.kept.Remove(key)
			s.bytes -= it.bytes
			gone = append(gone, it.name)
		}
	}
	s.mu.Unlock()
	_ = s.unlink(gone) // Sweep does it otherwise
}

// write writes a file whose name nobody knows yet. It is not synced: a crash takes the
// shelf along anyway.
func (s *Shelf) write(write func(io.Writer) error) (made shelved, err error) {
	f := s.folder
	var file *os.File
	disk := writerFunc(func(p []byte) (int, error) {
		if err := f.space.disk.take(int64(len(p))); err != nil {
			return 0, err
		}
		n, err := file.Write(p)
		return n, classify(err)
	})
	sealed, err := newSealedWriter(f.key, disk, nil)
	if err != nil {
		return made, err
	}
	made.name = path.Join(index, seal.ID(sealed.Salt()))
	if file, err = f.root.OpenFile(made.name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err != nil {
		return made, classify(err)
	}
	counted := &countingWriter{to: sealed}
	err = write(counted)
	if err == nil {
		err = sealed.Close()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		_ = s.unlink([]string{made.name})
		return made, err
	}
	made.bytes = counted.n
	return made, nil
}

func (s *Shelf) unlink(names []string) error {
	var errs []error
	for _, name := range names {
		if err := s.folder.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, classify(err))
		}
	}
	return errors.Join(errs...)
}
