//go:build !ret_unsealed

package seal

import (
	"crypto/hkdf"
	"crypto/sha256"
	"io"

	sio "github.com/secure-io/sio-go"
)

// tagSize is by how much a chunk is longer than its content.
const tagSize = 16

// partCipher encrypts and decrypts one part.
type partCipher struct{ stream *sio.Stream }

// cipher is the one of the part with a salt.
func (k *Key) cipher(salt Salt) (c partCipher, err error) {
	err = k.Use(func(secret []byte) error {
		key, err := hkdf.Key(sha256.New, secret, salt[:], "ret part", KeySize)
		if err != nil {
			return err
		}
		defer clear(key)
		aead, err := newAEAD(key)
		if err == nil {
			c.stream = sio.NewStream(aead, Chunk)
		}
		return err
	})
	return c, err
}

// writer encrypts to w, which its Close does not close.
func (c partCipher) writer(w io.Writer, bound []byte) io.WriteCloser {
	// In a struct of its own, or sio would close what it writes to.
	return c.stream.EncryptWriter(struct{ io.Writer }{w}, make([]byte, c.stream.NonceSize()), bound)
}

// reader decrypts what a writer wrote.
func (c partCipher) reader(r io.ReaderAt, bound []byte) io.ReaderAt {
	return c.stream.DecryptReaderAt(r, make([]byte, c.stream.NonceSize()), bound)
}
