package files

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"path/filepath"

	"github.com/google/uuid"
)

const (
	sessionsDir = "sessions"
	trashDir    = "trash"
)

// Store is the folder of all sessions, and the trash beside it.
type Store struct {
	root  *os.Root
	dir   string
	disk  *disk
	trash *Trash
	sync  func(root *os.Root, dirs ...string) error
}

// OpenStore opens or creates the store below the runtime folder and begins to
// empty the trash that an earlier run left. log is told what cannot be unlinked.
func OpenStore(runtimeRoot string, log *slog.Logger) (*Store, error) {
	root, err := os.OpenRoot(runtimeRoot)
	if err != nil {
		return nil, fmt.Errorf("open runtime folder: %w", err)
	}
	for _, dir := range []string{sessionsDir, trashDir} {
		if err := root.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			_ = root.Close()
			return nil, fmt.Errorf("create store: %w", classify(err))
		}
	}
	s := &Store{root: root, dir: runtimeRoot, disk: &disk{space: spaceBelow(runtimeRoot)}, trash: newTrash(root, log), sync: syncDirs}
	go s.trash.run()
	s.trash.kick()
	return s, nil
}

// UnlinkFailures counts the rounds in which something could not be unlinked.
func (s *Store) UnlinkFailures() int64 { return s.trash.failures.Load() }

// Close empties the trash once more.
func (s *Store) Close() error {
	s.trash.close()
	return s.root.Close()
}

// Open opens a session's folder, making what is missing. id is a session's id,
// never a client's text.
//
// What the folder is to hold makes it a whole one: see Folder.CheckDatabase.
func (s *Store) Open(id string) (*Folder, error) {
	base := path.Join(sessionsDir, id)
	for _, dir := range []string{"", input, output, extracted, index, partial} {
		if err := s.root.Mkdir(path.Join(base, dir), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("create session folder: %w", classify(err))
		}
	}
	root, err := s.root.OpenRoot(base)
	if err != nil {
		return nil, fmt.Errorf("open session folder: %w", err)
	}
	space := newSpace(s.disk)
	list, err := listPartials(root, space)
	if err != nil {
		_ = root.Close()
		return nil, err
	}
	return &Folder{root: root, dir: filepath.Join(s.dir, filepath.FromSlash(base)), space: space, partials: list}, nil
}

// Remove takes a session's folder out of reach at once, for good when it returns,
// and unlinks it soon. A folder that is not there is no error.
func (s *Store) Remove(id string) error {
	err := s.root.Rename(path.Join(sessionsDir, id), path.Join(trashDir, uuid.NewString()))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = s.sync(s.root, sessionsDir, trashDir)
	}
	if err != nil {
		return fmt.Errorf("remove session folder: %w", classify(err))
	}
	s.trash.kick()
	return nil
}

// Has reports whether a session has a folder.
func (s *Store) Has(id string) (bool, error) {
	_, err := s.root.Stat(path.Join(sessionsDir, id))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Sessions lists the ids that have a folder.
func (s *Store) Sessions() ([]string, error) {
	entries, err := fs.ReadDir(s.root.FS(), sessionsDir)
	if err != nil {
		return nil, fmt.Errorf("list session folders: %w", err)
	}
	ids := make([]string, 0, len(entries))
	for _, e := range entries {
		ids = append(ids, e.Name())
	}
	return ids, nil
}
