//go:build ret_unsealed

package seal

import "io"

// What is built with ret_unsealed encrypts nothing. It is what the benchmark of
// encryption is held against, and nothing else: no product is built so.

const tagSize = 0

type partCipher struct{}

func (k *Key) cipher(Salt) (c partCipher, err error) {
	return c, k.Use(func([]byte) error { return nil })
}

func (partCipher) writer(w io.Writer, _ []byte) io.WriteCloser { return unsealed{w} }

func (partCipher) reader(r io.ReaderAt, _ []byte) io.ReaderAt { return r }

type unsealed struct{ io.Writer }

func (unsealed) Close() error { return nil }
