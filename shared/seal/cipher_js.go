package seal

import (
	"crypto/cipher"

	"golang.org/x/crypto/chacha20poly1305"
)

// mark is what every part begins with; it says the cipher.
var mark = [8]byte{'R', 'E', 'T', 's', 'e', 'a', 'l', '2'}

// newAEAD is ChaCha20-Poly1305: in a browser's module, which has no instructions for
// AES, it is five times as fast as AES-GCM.
func newAEAD(key []byte) (cipher.AEAD, error) { return chacha20poly1305.New(key) }
