//go:build !js

package seal

import (
	"crypto/aes"
	"crypto/cipher"
)

// mark is what every part begins with; it says the cipher.
var mark = [8]byte{'R', 'E', 'T', 's', 'e', 'a', 'l', '1'}

// newAEAD is AES-256-GCM, which processors have instructions for.
func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
