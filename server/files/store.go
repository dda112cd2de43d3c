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

	"ret/server/keys"
	"ret/shared/seal"
)

const (
	sessionsDir = "sessions"
	trashDir    = "trash"
)

// Store is the folder of all sessions, and the trash beside it.
type Store struct {
	root   *os.Root
	dir    string
	keys   *keys.Master
	disk   *disk
	trash  *Trash
	chunks *chunks
	sync   func(root *os.Root, dirs ...string) error
}

// HasSessions reports whether the runtime folder holds any, whose keys a master key
// has wrapped.
func HasSessions(runtimeRoot string) (bool, error) {
	entries, err := os.ReadDir(filepath.Join(runtimeRoot, sessionsDir))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	for _, e := range entries {
		if _, err := os.Stat(filepath.Join(runtimeRoot, sessionsDir, e.Name(), keyName)); err == nil {
			return true, nil
		}
	}
	return false, err
}

// OpenStore opens or creates the store below the runtime folder, whose sessions'
// keys master wraps, and begins to empty the trash that an earlier run left. log is
// told what cannot be unlinked.
func OpenStore(runtimeRoot string, master *keys.Master, log *slog.Logger) (*Store, error) {
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
	s := &Store{root: root, dir: runtimeRoot, keys: master, disk: &disk{space: spaceBelow(runtimeRoot)}, trash: newTrash(root, log), chunks: newChunks(chunksInMemory), sync: syncDirs}
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

// Open opens a session's folder, or makes it with its key where there is none. id is a
// session's id, never a client's text. ErrNoKey if it is there without its key.
//
// What the folder is to hold makes it a whole one: see Folder.CheckDatabase.
func (s *Store) Open(id string) (*Folder, error) {
	base := path.Join(sessionsDir, id)
	err := s.root.Mkdir(base, 0o700)
	made := err == nil
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("create session folder: %w", classify(err))
	}
	root, err := s.root.OpenRoot(base)
	if err != nil {
		return nil, fmt.Errorf("open session folder: %w", err)
	}
	f, err := s.openFolder(root, id, made)
	if err != nil {
		_ = root.Close()
		return nil, err
	}
	f.dir = filepath.Join(s.dir, filepath.FromSlash(base))
	return f, nil
}

func (s *Store) openFolder(root *os.Root, id string, made bool) (*Folder, error) {
	key, err := s.keyOf(root, id, made)
	if err != nil {
		return nil, err
	}
	for _, dir := range []string{input, output, extracted, index, partial} {
		if err := root.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("create session folder: %w", classify(err))
		}
	}
	space := newSpace(s.disk)
	list, err := listPartials(root, key, space)
	if err != nil {
		return nil, err
	}
	f := &Folder{root: root, key: key, space: space, partials: list, chunks: s.chunks}
	f.shelf, f.indexes = newShelf(f, ShelfBytes), newShelf(f, IndexBytes)
	return f, nil
}

// keyOf reads a folder's key, or makes it where the folder was made just now, or was
// made by a run that ended before it had its key.
func (s *Store) keyOf(root *os.Root, id string, made bool) (*seal.Key, error) {
	if !made {
		entries, err := fs.ReadDir(root.FS(), ".")
		if err != nil {
			return nil, fmt.Errorf("open session folder: %w", classify(err))
		}
		made = len(entries) == 0
	}
	if made {
		return s.makeKey(root, id)
	}
	return s.readKey(root, id)
}

// Remove destroys a session's key and takes its folder out of reach at once, for good
// when it returns, and unlinks it soon. A folder that is not there is no error. It
// reports whether the session has no key any more.
func (s *Store) Remove(id string) (keyDestroyed bool, err error) {
	keyDestroyed, err = s.destroyKey(id)
	if err != nil {
		return false, err
	}
	err = s.root.Rename(path.Join(sessionsDir, id), path.Join(trashDir, uuid.NewString()))
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil // it is gone, or never was
	}
	if err == nil {
		err = s.sync(s.root, sessionsDir, trashDir)
	}
	if err != nil {
		return keyDestroyed, fmt.Errorf("remove session folder: %w", classify(err))
	}
	s.trash.kick()
	return keyDestroyed, nil
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
