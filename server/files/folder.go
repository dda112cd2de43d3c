package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"ret/shared/seal"
)

// The folders of a session.
const (
	input     = "input"
	output    = "output"
	extracted = "extracted"
	index     = "index"
)

const partSuffix = ".part"

// Folder is one session's folder. Close it when done.
type Folder struct {
	root     *os.Root
	dir      string
	key      *seal.Key
	space    *Space
	partials *partials
	chunks   *chunks
	shelf    *Shelf
	indexes  *Shelf
}

// Space is the room that the folder's blobs may take.
func (f *Folder) Space() *Space { return f.space }

// Close lets go of the folder and its key; it removes nothing.
func (f *Folder) Close() error {
	f.Revoke()
	return f.root.Close()
}

// Revoke forgets the key: whoever still reads or writes content of the folder fails
// with seal.ErrDestroyed from now on. It may be called at any time.
func (f *Folder) Revoke() {
	f.key.Destroy()
	f.chunks.forget(f.key)
}

// Derive makes a key of the session's for what the name says.
func (f *Folder) Derive(name string) ([]byte, error) { return f.key.Derive(name) }

// CreateInput begins a blob for an upload.
func (f *Folder) CreateInput() (*Blob, error) { return f.create(input) }

// CreateTable begins a blob for a table.
func (f *Folder) CreateTable() (*Blob, error) { return f.create(output) }

// create begins a blob, whose name says with what salt it is sealed.
func (f *Folder) create(area string) (*Blob, error) {
	b := &Blob{root: f.root, space: f.space}
	sealed, err := newSealedWriter(f.key, writerFunc(func(p []byte) (int, error) { return b.file.Write(p) }), nil)
	if err != nil {
		return nil, fmt.Errorf("create blob: %w", err)
	}
	b.sealed, b.name = sealed, path.Join(area, seal.ID(sealed.Salt()))
	b.part = b.name + partSuffix
	if b.file, err = f.root.OpenFile(b.part, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600); err != nil {
		return nil, fmt.Errorf("create blob: %w", classify(err))
	}
	return b, nil
}

type writerFunc func([]byte) (int, error)

func (w writerFunc) Write(p []byte) (int, error) { return w(p) }

// SyncInputs makes durable that the uploads' blobs are there which were committed
// before.
func (f *Folder) SyncInputs() error { return syncDirs(f.root, input, partial) }

// SyncTables does so for tables' blobs.
func (f *Folder) SyncTables() error { return syncDirs(f.root, output) }

// syncDirs syncs folders: which names are in them.
func syncDirs(root *os.Root, dirs ...string) error {
	for _, dir := range dirs {
		d, err := root.Open(dir)
		if err == nil {
			err = errors.Join(d.Sync(), d.Close())
		}
		if err != nil {
			return fmt.Errorf("sync folder: %w", classify(err))
		}
	}
	return nil
}

// Recorded says that a committed transaction's rows refer to blobs, which are the
// rows' from then on.
func (f *Folder) Recorded(blobs ...string) { f.space.settled(blobs) }

// Remove unlinks blobs, and what the shelf keeps of them; those that are gone already do
// not matter.
func (f *Folder) Remove(blobs ...string) error {
	f.space.settled(blobs)
	f.shelf.Forget(blobs...)
	f.indexes.Forget(blobs...)
	var errs []error
	for _, blob := range blobs {
		if err := f.root.Remove(blob); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Sweep removes what an earlier run left: unfinished blobs, scratch files, what was on
// the shelf, and blobs that keep does not know. It is called before anything else uses the folder.
func (f *Folder) Sweep(keep func(blob string) bool) error {
	var errs []error
	for _, area := range []string{input, output, extracted, index} {
		entries, err := fs.ReadDir(f.root.FS(), area)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, e := range entries {
			name := path.Join(area, e.Name())
			if area == extracted || area == index || strings.HasSuffix(name, partSuffix) || !keep(name) {
				errs = append(errs, f.Remove(name))
			}
		}
	}
	return errors.Join(errs...)
}
