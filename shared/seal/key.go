// Package seal encrypts what a session stores, so that destroying its key erases it
// all at once, wherever copies of it lie.
//
// A session has one Key of 256 random bits. From it each sealed part has a key of
// its own (HKDF-SHA256 over a random salt), so no nonce is ever used twice under one,
// and a database has one by a name. A part is a header with the salt and then the
// content in chunks of Chunk bytes, each encrypted by AES-256-GCM (in the browser's
// module by ChaCha20-Poly1305) in the STREAM
// construction (Hoang, Reyhanitabar, Rogaway, Vizár: "Online Authenticated-Encryption
// and its Nonce-Reuse Misuse-Resistance", 2015), which github.com/secure-io/sio-go
// implements: any place can be read by itself, and what was changed, reordered or cut
// off is noticed when it is read.
package seal

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"sync"

	"ret/shared/fault"
)

// KeySize is the length of a key in bytes.
const KeySize = 32

// ErrDestroyed says that the key is no more: the session has ended.
var ErrDestroyed = fault.New(fault.SignedOut, "This session has ended. Please sign in again.")

// Key is a session's key. All who read or write what it seals ask it, so that
// nothing goes on once it is destroyed. It may be used concurrently.
type Key struct {
	mu        sync.RWMutex
	secret    [KeySize]byte
	destroyed bool
}

// NewKey makes a random key.
func NewKey() *Key {
	k := new(Key)
	_, _ = rand.Read(k.secret[:]) // never fails
	return k
}

// KeyOf is a key that was made before. The caller's copy is the caller's to overwrite.
func KeyOf(secret [KeySize]byte) *Key { return &Key{secret: secret} }

// Use calls fn with the key's bytes, which are valid until it returns, or fails with
// ErrDestroyed.
func (k *Key) Use(fn func(secret []byte) error) error {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.destroyed {
		return ErrDestroyed
	}
	return fn(k.secret[:])
}

// Destroy overwrites the key in memory. From then on nothing can be sealed or opened
// with it, by parts that are open neither. It waits for calls under way, of which
// each is one chunk's. Destroying again does nothing.
func (k *Key) Destroy() {
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.secret[:])
	k.destroyed = true
}

// Derive makes a key for what the name says.
func (k *Key) Derive(name string) (derived []byte, err error) {
	err = k.Use(func(secret []byte) error {
		derived, err = hkdf.Key(sha256.New, secret, nil, "ret "+name, KeySize)
		return err
	})
	return derived, err
}

// living calls fn unless the key is destroyed, and has Destroy wait for it.
func (k *Key) living(fn func() (int, error)) (int, error) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.destroyed {
		return 0, ErrDestroyed
	}
	return fn()
}
