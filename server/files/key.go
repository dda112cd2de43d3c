package files

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"ret/server/keys"
	"ret/shared/fault"
	"ret/shared/seal"
)

// keyName is the file with a session's wrapped key. It is written once, and then
// overwritten in place: a key must not lie in anything that keeps versions.
const keyName = "key"

// ErrNoKey says that a session's folder is there without a key that opens it: the
// key was lost, or an earlier version of RET stored the session in clear.
var ErrNoKey = fault.New(fault.Damaged, "What this session holds cannot be read: its key is missing or damaged. Nothing was deleted. Tell whoever runs this server; or sign out, which erases the rest.")

// makeKey makes the key of a new session's folder, durable when it returns.
func (s *Store) makeKey(root *os.Root, id string) (*seal.Key, error) {
	key := seal.NewKey()
	file, err := root.OpenFile(keyName, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make key: %w", classify(err))
	}
	err = key.Use(func(secret []byte) error { return s.writeKey(file, id, secret) })
	if err = errors.Join(err, file.Close()); err == nil {
		err = syncDirs(root, ".")
	}
	if err != nil {
		return nil, fmt.Errorf("make key: %w", classify(err))
	}
	return key, nil
}

// writeKey writes a key and, as long as the master key was exchanged meanwhile, writes
// it again: whoever exchanges it may have looked before the file was there.
func (s *Store) writeKey(file *os.File, id string, secret []byte) error {
	for {
		wrapped, err := s.keys.Wrap(id, secret)
		if err != nil {
			return err
		}
		if _, err := file.WriteAt(wrapped, 0); err != nil {
			return err
		}
		if err := file.Sync(); err != nil {
			return err
		}
		if current, err := s.keys.Current(wrapped); current || err != nil {
			return err
		}
	}
}

// readKey reads the key of a session's folder. ErrNoKey if there is none.
func (s *Store) readKey(root *os.Root, id string) (*seal.Key, error) {
	wrapped, err := root.ReadFile(keyName)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, ErrNoKey
	case err != nil:
		return nil, fmt.Errorf("read key: %w", classify(err))
	}
	key, err := s.keys.Unwrap(id, wrapped)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", errors.Join(ErrNoKey, err))
	}
	return key, nil
}

// destroyKey overwrites a session's key where it lies and reports whether there is
// none when it returns, durably: it is so only after the sync. The file itself goes
// with its folder.
func (s *Store) destroyKey(id string) (destroyed bool, err error) {
	file, err := s.root.OpenFile(path.Join(sessionsDir, id, keyName), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil // it never had one
	}
	if err != nil {
		return false, fmt.Errorf("destroy key: %w", classify(err))
	}
	defer func() { _ = file.Close() }()
	if err := lock(file); err != nil { // a rotation may be about to write
		return false, fmt.Errorf("destroy key: %w", classify(err))
	}
	noise := make([]byte, keys.WrappedSize)
	for {
		_, _ = rand.Read(noise) // never fails
		if keys.Destroyed(noise) {
			break
		}
	}
	if _, err := file.WriteAt(noise, 0); err != nil {
		return false, fmt.Errorf("destroy key: %w", classify(err))
	}
	if err := file.Sync(); err != nil {
		return false, fmt.Errorf("destroy key: %w", classify(err))
	}
	return true, nil
}

// CheckKeys says whether the master key is the one that has wrapped the keys of the
// sessions that are there. If it opens one of them it is: what it does not open is
// damaged, which is told when that session is opened.
func (s *Store) CheckKeys() error {
	ids, err := s.Sessions()
	if err != nil {
		return err
	}
	other := false
	for _, id := range ids {
		wrapped, err := s.root.ReadFile(path.Join(sessionsDir, id, keyName))
		if err != nil || keys.Destroyed(wrapped) {
			continue // it is told when it is opened, or erased
		}
		key, err := s.keys.Unwrap(id, wrapped)
		if err == nil {
			key.Destroy()
			return nil
		}
		other = other || errors.Is(err, keys.ErrOther)
	}
	if other {
		return fault.New(fault.Unavailable, "The master key in %s (RET_MASTER_KEY_FILE) is not the one that the stored sessions were encrypted with. Put that one back; or, if it is lost, remove the runtime folder's sessions, which nobody can read any more.", s.keys.File())
	}
	return nil
}

// Keyed reports whether a session's folder has a key, whole or destroyed. One that
// has none was stored in clear by an earlier version of RET.
func (s *Store) Keyed(id string) (bool, error) {
	_, err := s.root.Stat(path.Join(sessionsDir, id, keyName))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Overwrite overwrites all files of a session's folder in place, for one that was
// stored in clear: unlinking alone would leave what they hold on the disk.
func (s *Store) Overwrite(id string) error {
	return fs.WalkDir(s.root.FS(), path.Join(sessionsDir, id), func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		return s.overwriteFile(name)
	})
}

func (s *Store) overwriteFile(name string) error {
	file, err := s.root.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return classify(err)
	}
	info, err := file.Stat()
	if err == nil {
		_, err = io.CopyN(file, rand.Reader, info.Size())
	}
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("overwrite: %w", classify(err))
	}
	return nil
}

// Rewrap wraps the keys of all sessions below the runtime folder anew, in place, and
// returns how many those were. It may run beside a server.
func Rewrap(runtimeRoot string, rotation keys.Rotation) (n int, err error) {
	entries, err := os.ReadDir(filepath.Join(runtimeRoot, sessionsDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, classify(err)
	}
	for _, e := range entries {
		done, err := rewrap(filepath.Join(runtimeRoot, sessionsDir, e.Name(), keyName), e.Name(), rotation)
		if err != nil {
			return n, fmt.Errorf("wrap the key of session %s anew: %w", e.Name(), classify(err))
		}
		if done {
			n++
		}
	}
	return n, nil
}

// rewrap overwrites a wrapped key where it lies: it is smaller than a disk's sector,
// so that it is the old one or the new one after a power cut.
func rewrap(name, session string, rotation keys.Rotation) (done bool, err error) {
	file, err := os.OpenFile(name, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := lock(file); err != nil { // what is destroyed meanwhile must stay so
		return false, err
	}
	wrapped := make([]byte, keys.WrappedSize)
	if _, err := io.ReadFull(file, wrapped); err != nil || keys.Destroyed(wrapped) {
		return false, nil // the session is being erased
	}
	again, needed, err := rotation.Rewrap(session, wrapped)
	if err != nil || !needed {
		return false, err
	}
	if _, err := file.WriteAt(again, 0); err != nil {
		return false, err
	}
	return true, file.Sync()
}
