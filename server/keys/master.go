// Package keys keeps the server's own keys: the master key, which wraps each
// session's, and the key that signs receipts. They lie in two files side by side,
// outside the runtime folder, so that a copy of that folder alone reads as noise.
//
// A key is never made over old data: where sessions are wrapped by a master key that
// is not there, or by another, the server does not start and says so.
package keys

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"

	"ret/shared/fault"
	"ret/shared/seal"
)

// ErrOther says that a session's key was wrapped by another master key.
var ErrOther = errors.New("wrapped by another master key")

// Master wraps and unwraps sessions' keys. It may be used concurrently.
//
// A wrapped key is the mark, the master key's id, a nonce and the key sealed by
// XChaCha20-Poly1305 with the session's id, so that one session's cannot be given to
// another: WrappedSize bytes, always, so that it can be overwritten in place.
type Master struct {
	file string

	mu   sync.RWMutex
	keys []master // the one that wraps first; while keys are rotated, the next one too
}

// master is one master key, ready for use.
type master struct {
	id   [idSize]byte
	aead cipher.AEAD
}

const (
	idSize = 8

	// WrappedSize is the length of a wrapped key in bytes.
	WrappedSize = len(wrapMark) + idSize + chacha20poly1305.NonceSizeX + seal.KeySize + chacha20poly1305.Overhead

	filePrefix = "ret-master-key-1:"
	nextSuffix = ".next" // of the file in which a rotation leaves its new key
)

var wrapMark = [8]byte{'R', 'E', 'T', 'k', 'e', 'y', '0', '1'}

// Open reads the master key, or makes one where there is none and mayMake says that
// nothing is wrapped yet. What is wrong is told in a sentence that names the file.
func Open(file string, mayMake bool) (*Master, error) {
	if file == "" {
		return nil, fault.New(fault.Invalid, "No file for the master key is known, as this user has no configuration folder. Name one by RET_MASTER_KEY_FILE, outside the runtime folder.")
	}
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) && mayMake {
		if err := makeFile(file); err != nil {
			return nil, fault.Wrap(fault.Unavailable, err, "The master key cannot be made in %s (RET_MASTER_KEY_FILE): %s", file, reason(err))
		}
	}
	m := &Master{file: file}
	if err := m.load(); err != nil {
		return nil, err
	}
	return m, nil
}

// load reads the file, and that of a rotation under way.
func (m *Master) load() error {
	current, err := readFile(m.file)
	next, nextErr := readFile(m.file + nextSuffix)
	if err != nil && nextErr == nil { // a rotation was cut off after all was wrapped anew
		err = os.Rename(m.file+nextSuffix, m.file)
		current, nextErr = next, fs.ErrNotExist
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.Unavailable, "The master key is missing: %s (RET_MASTER_KEY_FILE) is not there, but sessions are stored that only it can open. Put it back; or, if it is lost, remove the runtime folder's sessions, which nobody can read any more.", m.file)
	}
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "The master key in %s (RET_MASTER_KEY_FILE) cannot be read: %s", m.file, reason(err))
	}
	list := []master{current}
	if nextErr == nil {
		list = append([]master{next}, list...) // what is wrapped from now on is by the new one
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keys = list
	return nil
}

// File is where the key lies.
func (m *Master) File() string { return m.file }

// Wrap seals a session's key by the master key as it is now: another process may have
// exchanged it.
func (m *Master) Wrap(session string, secret []byte) ([]byte, error) {
	if err := m.load(); err != nil {
		return nil, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.keys[0].wrap(session, secret), nil
}

// Current reports whether a key is wrapped by the master key as it is now. Who has
// written one asks again: an exchange that began meanwhile may not have seen it.
func (m *Master) Current(wrapped []byte) (bool, error) {
	if err := m.load(); err != nil {
		return false, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.keys[0].wrapped(wrapped), nil
}

// Unwrap opens a session's key. ErrOther if the master key is another one, and
// seal.ErrDamaged if it is not what was wrapped for this session.
func (m *Master) Unwrap(session string, wrapped []byte) (*seal.Key, error) {
	key, err := m.unwrap(session, wrapped)
	if errors.Is(err, ErrOther) && m.load() == nil { // rotated since
		key, err = m.unwrap(session, wrapped)
	}
	return key, err
}

func (m *Master) unwrap(session string, wrapped []byte) (*seal.Key, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if len(wrapped) != WrappedSize || [8]byte(wrapped) != wrapMark {
		return nil, seal.ErrDamaged
	}
	for _, k := range m.keys {
		if k.wrapped(wrapped) {
			return k.unwrap(session, wrapped)
		}
	}
	return nil, ErrOther
}

func (k master) wrap(session string, secret []byte) []byte {
	out := append(append(make([]byte, 0, WrappedSize), wrapMark[:]...), k.id[:]...)
	nonce := make([]byte, chacha20poly1305.NonceSizeX)
	_, _ = rand.Read(nonce) // never fails
	return k.aead.Seal(append(out, nonce...), nonce, secret, []byte(session))
}

// wrapped reports whether it was this one that wrapped a key.
func (k master) wrapped(by []byte) bool {
	return len(by) == WrappedSize && [idSize]byte(by[len(wrapMark):]) == k.id
}

func (k master) unwrap(session string, wrapped []byte) (*seal.Key, error) {
	rest := wrapped[len(wrapMark)+idSize:]
	secret, err := k.aead.Open(nil, rest[:chacha20poly1305.NonceSizeX], rest[chacha20poly1305.NonceSizeX:], []byte(session))
	if err != nil {
		return nil, seal.ErrDamaged
	}
	defer clear(secret)
	return seal.KeyOf([seal.KeySize]byte(secret)), nil
}

// Destroyed reports whether what stands where a wrapped key was is none any more.
func Destroyed(wrapped []byte) bool {
	return len(wrapped) != WrappedSize || [8]byte(wrapped) != wrapMark
}

// newMaster derives what a master key is used for.
func newMaster(secret []byte) (k master, err error) {
	id, err := hkdf.Key(sha256.New, secret, nil, "ret master id", idSize)
	if err != nil {
		return k, err
	}
	key, err := hkdf.Key(sha256.New, secret, nil, "ret master wrap", chacha20poly1305.KeySize)
	if err != nil {
		return k, err
	}
	defer clear(key)
	k.id = [idSize]byte(id)
	k.aead, err = chacha20poly1305.NewX(key)
	return k, err
}

// readFile reads a key file, which nobody but its owner may read.
func readFile(file string) (k master, err error) {
	info, err := os.Stat(file)
	if err != nil {
		return k, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return k, errors.New("others may read it; take that right away (chmod 600)")
	}
	secret, err := readEncoded(file, filePrefix, seal.KeySize)
	if err != nil {
		return k, err
	}
	defer clear(secret)
	return newMaster(secret)
}

// makeFile makes a key and gives it its name only when it is whole and on disk; if
// another process was quicker, its key is the one.
func makeFile(file string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	secret := make([]byte, seal.KeySize)
	_, _ = rand.Read(secret) // never fails
	defer clear(secret)
	return writeOnce(file, []byte(filePrefix+base64.RawStdEncoding.EncodeToString(secret)+"\n"))
}

// writeOnce makes a file that only its owner may read, unless it is there.
func writeOnce(file string, content []byte) (err error) {
	defer clear(content)
	temp, err := os.CreateTemp(filepath.Dir(file), ".key-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(temp.Name())) }()
	_, err = temp.Write(content)
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	if err := os.Link(temp.Name(), file); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(filepath.Dir(file))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// reason is what is wrong with a file, without its path, which the sentence has.
func reason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return fmt.Sprintf("%v.", path.Err)
	}
	return fmt.Sprintf("%v.", err)
}
