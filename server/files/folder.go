package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/google/uuid"

	"ret/shared/fault"
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
	space    *Space
	partials *partials
}

// Space is the room that the folder's blobs may take.
func (f *Folder) Space() *Space { return f.space }

// Close lets go of the folder; it removes nothing.
func (f *Folder) Close() error { return f.root.Close() }

// CreateInput begins a blob for an upload.
func (f *Folder) CreateInput() (*Blob, error) { return f.create(input) }

// CreateTable begins a blob for a table.
func (f *Folder) CreateTable() (*Blob, error) { return f.create(output) }

func (f *Folder) create(area string) (*Blob, error) {
	name := path.Join(area, uuid.Must(uuid.NewV7()).String())
	file, err := f.root.OpenFile(name+partSuffix, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create blob: %w", classify(err))
	}
	return &Blob{root: f.root, space: f.space, name: name, part: name + partSuffix, file: file}, nil
}

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

// Open opens a complete blob for reading.
func (f *Folder) Open(blob string) (*os.File, error) {
	file, err := f.root.Open(blob)
	if err != nil {
		return nil, fmt.Errorf("open blob: %w", classify(err))
	}
	return file, nil
}

// OpenWhole opens a complete blob for reading, or fails with Damaged if it has not
// the size that is known of it.
func (f *Folder) OpenWhole(blob string, size int64) (*os.File, error) {
	file, err := f.Open(blob)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && info.Size() != size {
		err = ErrDamaged
	}
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("open blob: %w", err)
	}
	return file, nil
}

// ErrDamaged says that a blob is not what was stored under its name.
var ErrDamaged = fault.New(fault.Damaged, "What is stored of this is not what was stored: the server's disk has lost some of it. Upload the file again, or tell whoever runs this server.")

// Remove unlinks blobs; those that are gone already do not matter.
func (f *Folder) Remove(blobs ...string) error {
	f.space.settled(blobs)
	var errs []error
	for _, blob := range blobs {
		if err := f.root.Remove(blob); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Sweep removes what a crash left: unfinished blobs, scratch files, and blobs
// that keep does not know. It is called before anything else uses the folder.
func (f *Folder) Sweep(keep func(blob string) bool) error {
	var errs []error
	for _, area := range []string{input, output, extracted} {
		entries, err := fs.ReadDir(f.root.FS(), area)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, e := range entries {
			name := path.Join(area, e.Name())
			if area == extracted || strings.HasSuffix(name, partSuffix) || !keep(name) {
				errs = append(errs, f.Remove(name))
			}
		}
	}
	return errors.Join(errs...)
}
