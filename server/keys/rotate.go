package keys

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"

	"ret/shared/fault"
)

// Rotation exchanges the master key: the new one lies beside the old one until
// everything is wrapped by it. A server beside it finds both.
type Rotation struct{ *Master }

// Rotate begins a rotation, or goes on with one that was cut off.
func Rotate(file string) (Rotation, error) {
	if _, err := Open(file, false); err != nil {
		return Rotation{}, err
	}
	if err := makeFile(file + nextSuffix); err != nil {
		return Rotation{}, fault.Wrap(fault.Unavailable, err, "The new master key cannot be made beside %s: %s", file, reason(err))
	}
	m, err := Open(file, false)
	return Rotation{m}, err
}

// Rewrap returns a session's key wrapped by the new master key; not needed if it is so
// already.
func (r Rotation) Rewrap(session string, wrapped []byte) (again []byte, needed bool, err error) {
	if current, err := r.Current(wrapped); current || err != nil {
		return wrapped, false, err
	}
	key, err := r.Unwrap(session, wrapped)
	if err != nil {
		return nil, false, err
	}
	defer key.Destroy()
	err = key.Use(func(secret []byte) error {
		again, err = r.Wrap(session, secret)
		return err
	})
	return again, true, err
}

// Finish overwrites the old master key and puts the new one in its place.
func (r Rotation) Finish() error {
	next := r.file + nextSuffix
	if err := overwrite(r.file, next); err != nil {
		return fault.Wrap(fault.Unavailable, err, "The old master key in %s could not be overwritten, and is still there beside the new one: %s Rotate again.", r.file, reason(err))
	}
	return nil
}

// overwrite fills a file with noise where it lies and then gives its name to another.
// A crash between the two leaves a file that is no key; the other is then the key.
func overwrite(file, by string) error {
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		noise := make([]byte, info.Size())
		_, _ = rand.Read(noise) // never fails
		_, err = f.WriteAt(noise, 0)
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(by, file); err != nil {
		return err
	}
	return syncDir(filepath.Dir(file))
}
